//! The sessions of a recording.

use std::collections::BTreeSet;
use std::fmt;

use sio_codec::engineio::Revision;
use sio_codec::socketio::Parser;
use sio_codec::{Frame, Text};

use super::Explained;
use super::page::Page;
use super::reader::Reader;
use crate::capture::{Body, Conversation, Exchange, Joined, Log, Payloads, Sighting, Way, What};
use crate::replay::{Packet, shorten, visible};
use crate::trace::{self, Side};

/// Explains one session of a recording, with the time since the recording began and the side that spoke.
///
/// Faults do not end the explanation: what follows is read as if nothing was pending.
///
/// ```
/// use siospec::capture::{Log, har};
/// use siospec::explain::{Explained, session};
/// use sio_codec::socketio::Parser;
///
/// let file = br#"{"log":{"entries":[{
///   "startedDateTime":"2026-11-27T11:29:23.930Z",
///   "request":{"method":"GET","url":"ws://localhost/socket.io/?EIO=4&transport=websocket&sid=A"},
///   "response":{"status":101},
///   "_webSocketMessages":[{"type":"send","time":1795778963.94,"opcode":2,"data":"AQI="}]
/// }]}}"#;
/// let mut log = Log::default();
/// har(file)?.into_iter().for_each(|sighting| log.see(sighting));
/// let Explained::Faulty(words) = session(Parser::Json, &log.conversations()[0]) else { panic!("no fault") };
/// assert!(words.contains("attachment that no packet announced"), "{words}");
/// # Ok::<(), siospec::capture::HarError>(())
/// ```
pub fn session(parser: Parser, conversation: &Conversation) -> Explained {
    let mut page = Page::default();
    page.line(0, format_args!("{}", heading(conversation)));
    let payloads = Payloads::of(&conversation.sightings);
    let health = Speech::of(parser, conversation, payloads).explain(&mut page, &conversation.sightings);
    explained(page, health)
}

/// Explains what belongs to no session, and says what the whole recording lacks.
pub fn rest(parser: Parser, log: &Log) -> Explained {
    let mut page = Page::default();
    let mut health = Health::Sound;
    let strays: Vec<_> = log.strays().cloned().collect();
    if !strays.is_empty() {
        page.line(0, format_args!("of no session"));
        let payloads = Payloads::of(&strays);
        health = Speech::new(parser, Revision::V4, payloads).explain(&mut page, &strays);
    }
    if log.is_full() {
        page.line(0, format_args!("the recording is longer than 64 MiB, and its end is left out"));
    }
    if !log.has_websocket() {
        page.line(0, format_args!("the recording has no WebSocket; some tools leave them out"));
    }
    explained(page, health)
}

/// The name of a session, for a heading.
#[must_use]
pub fn heading(conversation: &Conversation) -> String {
    match conversation.sid.as_str() {
        "" => "a session whose sid is not in the recording".to_owned(),
        sid => format!("session {}", visible(sid)),
    }
}

/// Explains a session while it goes on, as [`session`] does afterwards.
#[derive(Debug, Default)]
pub struct Narrator(Option<Speech>);

impl Narrator {
    /// Explains what was seen next: one or more lines. `parser` is that of the session's packets, once it is known.
    pub fn tell(&mut self, parser: Option<Parser>, sighting: &Sighting) -> String {
        let payloads = Payloads::of([sighting]);
        let revision = || revision(payloads.framing(sighting.exchange).revision);
        let speech = self.0.get_or_insert_with(|| Speech::new(Parser::Json, revision(), Payloads::default()));
        speech.payloads.see(sighting);
        if let Some(parser) = parser.filter(|parser| *parser != speech.parser) {
            // Nothing of Socket.IO was read before.
            speech.parser = parser;
            (speech.client, speech.server) =
                (Reader::new(speech.revision, parser), Reader::new(speech.revision, parser));
        }
        let mut page = Page::default();
        speech.sighting(&mut page, sighting);
        page.text()
    }
}

fn explained(page: Page, health: Health) -> Explained {
    match health {
        Health::Sound => Explained::Sound(page.text()),
        Health::Faulty => Explained::Faulty(page.text()),
    }
}

/// Whether a fault was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Sound,
    Faulty,
}

const fn revision(of_trace: trace::Revision) -> Revision {
    match of_trace {
        trace::Revision::Three => Revision::V3,
        trace::Revision::Four => Revision::V4,
    }
}

/// What the two sides of a session say.
#[derive(Debug)]
struct Speech {
    parser: Parser,
    revision: Revision,
    payloads: Payloads,
    client: Reader,
    server: Reader,
    /// Their answers are no packets.
    posts: BTreeSet<Exchange>,
    /// It is not known what carried their packets.
    logged: BTreeSet<Exchange>,
    health: Health,
}

impl Speech {
    fn new(parser: Parser, revision: Revision, payloads: Payloads) -> Self {
        let reader = || Reader::new(revision, parser);
        Self {
            parser,
            revision,
            payloads,
            client: reader(),
            server: reader(),
            posts: BTreeSet::new(),
            logged: BTreeSet::new(),
            health: Health::Sound,
        }
    }

    fn of(parser: Parser, conversation: &Conversation, payloads: Payloads) -> Self {
        let first = conversation.sightings.first().map(|sighting| payloads.framing(sighting.exchange).revision);
        Self::new(parser, revision(first.unwrap_or_default()), payloads)
    }

    fn explain(mut self, page: &mut Page, sightings: &[Sighting]) -> Health {
        for sighting in sightings {
            self.sighting(page, sighting);
        }
        self.client.finish(page);
        self.server.finish(page);
        self.health
    }

    fn sighting(&mut self, page: &mut Page, sighting: &Sighting) {
        let at = sighting.at.as_secs_f64();
        let mut note = |words: fmt::Arguments<'_>| page.line(0, format_args!("{at:>9.3} s  {words}"));
        match &sighting.what {
            What::Request { method, target, body, .. } => {
                note(format_args!("{method:<4} C ->  {}{}", visible(target), unreadable(body)));
                if matches!(body, Body::Unreadable(_)) {
                    self.client.cut(page);
                }
                if method == "POST" {
                    self.posts.insert(sighting.exchange);
                }
                self.payload(page, &Heading { at, on: "POST", side: Side::Client }, sighting);
            }
            What::Answer { status: 200, body, .. } if !self.posts.contains(&sighting.exchange) && !body.is_empty() => {
                self.payload(page, &Heading { at, on: "GET", side: Side::Server }, sighting);
            }
            What::Answer { status, body, .. } => {
                let text = shorten(body.text().unwrap_or_default());
                note(format_args!("HTTP <- S  {status} {text}{}", unreadable(body)));
                if matches!(body, Body::Unreadable(_)) && !self.posts.contains(&sighting.exchange) {
                    self.server.cut(page);
                }
            }
            What::Open { target, .. } => note(format_args!("ws   C ->  open {}", visible(target))),
            What::Opened => note(format_args!("ws   <- S  opened")),
            What::Joined(Joined { way: Way::WebSocket, .. }) => {}
            What::Joined(Joined { way: Way::Any, .. }) => {
                self.logged.insert(sighting.exchange);
            }
            What::Hidden(side, words) => {
                let heading = Heading { at, on: self.carrier(sighting.exchange), side: *side };
                self.reader(*side).unrecorded(page, &heading, words);
            }
            What::Close(side, code) => {
                let code = code.map_or_else(String::new, |code| format!(" {code}"));
                note(format_args!("ws   {}  Close{code}", arrow(*side)));
            }
            What::Unreadable(side, why) => {
                note(format_args!("     {}  {}", arrow(*side), visible(why)));
                self.reader(*side).hidden(page);
            }
            What::End(side) => note(format_args!("     {}  ends the connection", arrow(*side))),
            What::Text(side, text) => {
                let on = self.carrier(sighting.exchange);
                self.read(page, &Heading { at, on, side: *side }, Frame::Text(Text::from(text.clone())));
            }
            What::Binary(side, bytes) => {
                let on = self.carrier(sighting.exchange);
                self.read(page, &Heading { at, on, side: *side }, Frame::Binary(bytes.clone().into()));
            }
        }
    }

    fn payload(&mut self, page: &mut Page, heading: &Heading, sighting: &Sighting) {
        for packet in self.payloads.packets(sighting) {
            let frame = match packet {
                Packet::Text(text) => Frame::Text(Text::from(text)),
                Packet::Binary(bytes) => Frame::Binary(bytes),
            };
            self.read(page, heading, frame);
        }
    }

    fn read(&mut self, page: &mut Page, heading: &Heading, frame: Frame) {
        if self.reader(heading.side).read(page, heading, frame.clone()).is_err() {
            self.reader(heading.side).resume(page, &frame);
            self.health = Health::Faulty;
        }
    }

    fn carrier(&self, exchange: Exchange) -> &'static str {
        if self.logged.contains(&exchange) { "log" } else { "ws" }
    }

    fn reader(&mut self, side: Side) -> &mut Reader {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

/// Why a body cannot be shown; nothing if it can.
fn unreadable(body: &Body) -> String {
    match body {
        Body::Whole(_) => String::new(),
        Body::Unreadable(why) => format!("  ({why})"),
    }
}

/// When, on what and by whom something was said.
struct Heading {
    at: f64,
    on: &'static str,
    side: Side,
}

impl fmt::Display for Heading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9.3} s  {:<4} {}", self.at, self.on, arrow(self.side))
    }
}

const fn arrow(side: Side) -> &'static str {
    match side {
        Side::Client => "C ->",
        Side::Server => "<- S",
    }
}
