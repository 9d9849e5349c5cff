//! What was said, line by line, in the language of traces.

use std::collections::BTreeMap;
use std::time::Duration;

use sio_codec::Frame;
use sio_codec::engineio;
use sio_codec::socketio::Parser;

use super::Line;
use super::session::sender;
use crate::capture::{Body, Clock, Conversation, Exchange, Payloads, Sighting, What};
use crate::explain::explain;
use crate::replay::{Packet, hex, shorten, visible};
use crate::report::results::Mark;
use crate::trace::{Revision, Side};

/// The longest binary message that is shown whole, in bytes.
const MOST_BYTES: usize = 100;

/// A line, and where it was seen.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) at: Duration,
    pub(super) exchange: Exchange,
    pub(super) line: Line,
}

pub(super) fn said(conversation: &Conversation, parser: Option<Parser>) -> Vec<Said> {
    let payloads = Payloads::of(&conversation.sightings);
    let mut writer = Writer { conversation, parser, payloads, channels: Channels::default(), said: Vec::new() };
    conversation.sightings.iter().for_each(|sighting| writer.sighting(sighting));
    writer.said
}

/// The time of a recording that has times.
pub(super) fn millis(at: Duration, clock: Clock) -> Option<u64> {
    (clock != Clock::Absent).then(|| u64::try_from(at.as_millis()).unwrap_or(u64::MAX))
}

/// The names of requests and WebSockets.
#[derive(Debug, Default)]
struct Channels {
    names: BTreeMap<Exchange, String>,
    numbers: BTreeMap<String, usize>,
}

impl Channels {
    fn open(&mut self, exchange: Exchange, kind: &str) {
        let number = self.numbers.entry(kind.to_owned()).or_default();
        *number += 1;
        self.names.insert(exchange, format!("{kind} {number}"));
    }

    fn name(&self, exchange: Exchange) -> String {
        self.names.get(&exchange).cloned().unwrap_or_default()
    }
}

struct Writer<'a> {
    conversation: &'a Conversation,
    parser: Option<Parser>,
    payloads: Payloads,
    channels: Channels,
    said: Vec<Said>,
}

impl Writer<'_> {
    fn sighting(&mut self, sighting: &Sighting) {
        match &sighting.what {
            What::Request { method, target, body, .. } => {
                let method = visible(&method.to_lowercase());
                self.channels.open(sighting.exchange, &method);
                self.line(sighting, Some(Side::Client), format!("{method} {}", shorten(target)));
                self.body(sighting, Side::Client, body);
            }
            What::Answer { status, content_type, body } => {
                self.answer(sighting, *status, content_type.as_deref(), body)
            }
            What::Open { target, .. } => {
                self.channels.open(sighting.exchange, "ws");
                self.line(sighting, Some(Side::Client), format!("open {}", shorten(target)));
            }
            What::Opened => {
                let name = self.channels.name(sighting.exchange);
                self.line(sighting, None, format!("({name} is open)"));
            }
            What::Joined(_) => {}
            What::Text(side, text) => self.packet(sighting, *side, "text", Packet::Text(text.clone())),
            What::Binary(side, bytes) => {
                self.packet(sighting, *side, "text", Packet::Binary(bytes.clone().into()));
            }
            What::Hidden(side, words) => self.line(sighting, Some(*side), format!("binary ({})", visible(words))),
            What::Close(side, code) => {
                let code = code.map_or_else(String::new, |code| format!(" {code}"));
                self.line(sighting, Some(*side), format!("close{code}"));
            }
            What::Unreadable(side, why) => self.line(sighting, Some(*side), format!("unreadable: {}", visible(why))),
            What::End(Side::Client) => self.line(sighting, Some(Side::Client), "abort".to_owned()),
            What::End(Side::Server) => self.line(sighting, Some(Side::Server), "end".to_owned()),
        }
    }

    fn answer(&mut self, sighting: &Sighting, status: u16, content_type: Option<&str>, body: &Body) {
        let name = self.channels.name(sighting.exchange);
        let content_type = content_type.map_or_else(String::new, |media| format!(" {}", shorten(media)));
        let head = format!("{status}{content_type}");
        if status == 200 && !name.starts_with("post") {
            self.line(sighting, Some(Side::Server), head);
            return self.body(sighting, Side::Server, body);
        }
        // The answer to a POST, and a refusal, are no packets.
        let words = match body {
            Body::Whole(_) => shorten(body.text().unwrap_or("(a binary body)")),
            Body::Unreadable(why) => format!("({})", visible(why)),
        };
        self.line(sighting, Some(Side::Server), format!("{head} {words}").trim_end().to_owned());
    }

    fn body(&mut self, sighting: &Sighting, side: Side, body: &Body) {
        if let Body::Unreadable(why) = body {
            return self.line(sighting, Some(side), format!("unreadable: {}", visible(why)));
        }
        let packets = self.payloads.packets(sighting);
        if packets.is_empty() && !body.is_empty() {
            self.line(sighting, Some(side), format!("body {}", shorten(body.text().unwrap_or("(binary)"))));
        }
        for packet in packets {
            self.packet(sighting, side, "packet", packet);
        }
    }

    fn packet(&mut self, sighting: &Sighting, side: Side, verb: &str, packet: Packet) {
        let (text, is_heartbeat) = match &packet {
            Packet::Text(text) => (format!("{verb} {}", shorten(text)), text == "2" || text == "3"),
            Packet::Binary(bytes) => {
                let cut = bytes.get(..MOST_BYTES).map_or_else(String::new, |_| format!("… ({} bytes)", bytes.len()));
                let shown = bytes.get(..MOST_BYTES).unwrap_or(bytes);
                (format!("binary {}{cut}", hex(shown)), false)
            }
        };
        self.line(sighting, Some(side), text);
        let reading = self.reading(sighting.exchange, packet);
        if let Some(said) = self.said.last_mut() {
            said.line.mark = if is_heartbeat { Mark::SetAside } else { Mark::Expected };
            said.line.reading = reading;
        }
    }

    /// How a packet is read that a reader of its bytes cannot read.
    fn reading(&self, exchange: Exchange, packet: Packet) -> Option<String> {
        let Packet::Binary(bytes) = packet else { return None };
        let parser = self.parser.filter(|parser| *parser == Parser::MsgPack)?;
        let revision = match self.payloads.framing(exchange).revision {
            Revision::Three => engineio::Revision::V3,
            Revision::Four => engineio::Revision::V4,
        };
        let words = explain(revision, parser, [Frame::Binary(bytes)]).into_words();
        // The first line repeats the bytes.
        Some(words.lines().skip(1).map(|line| shorten(line.trim())).collect::<Vec<_>>().join("; "))
    }

    fn line(&mut self, sighting: &Sighting, side: Option<Side>, text: String) {
        let line = Line {
            at_ms: millis(sighting.at, self.conversation.clock),
            channel: self.channels.name(sighting.exchange),
            sender: side.map(sender),
            text,
            mark: if side.is_some() { Mark::Expected } else { Mark::SetAside },
            reading: None,
        };
        self.said.push(Said { at: sighting.at, exchange: sighting.exchange, line });
    }
}
