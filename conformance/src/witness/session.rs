//! The witness of one session.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use sio_codec::engineio::{self, PacketError, PacketErrorKind};
use sio_codec::socketio::{PacketKind, Parser};
use sio_codec::{Frame, Text};

use super::acks::Acks;
use super::bodies::binary;
use super::book::{Book, Lane, Place, Testimony, Violation};
use super::closing::Question;
use super::heartbeat::Heartbeat;
use super::namespaces::{self, Namespaces};
use super::opening::Opening;
use super::order::in_causal_order;
use super::polling::{self, Polling};
use super::speech::{self, Speech, Tongue};
use super::upgrade::Upgrade;
use crate::capture::{Conversation, Exchange, Joined, Payloads, Sighting, Way, What, query};
use crate::trace::{Revision, Side};

/// Judges a session that was recorded.
///
/// ```
/// use siospec::capture::{Log, har};
/// use siospec::witness::judge;
///
/// let file = br#"{"log":{"entries":[{
///   "startedDateTime":"2026-11-27T11:29:23.930Z",
///   "request":{"method":"GET","url":"ws://localhost/socket.io/?EIO=4&transport=websocket"},
///   "response":{"status":101},
///   "_webSocketMessages":[{"type":"receive","time":1795778963.94,"opcode":1,"data":"0{\"sid\":\"A\"}"}]
/// }]}}"#;
/// let mut log = Log::default();
/// har(file)?.into_iter().for_each(|sighting| log.see(sighting));
/// let testimony = judge(&log.conversations()[0]);
/// assert_eq!(testimony.violations[0].requirement, "EIO4-HS-02");
/// # Ok::<(), siospec::capture::HarError>(())
/// ```
#[must_use]
pub fn judge(conversation: &Conversation) -> Testimony {
    let mut witness = Witness::default();
    witness.book.clock = conversation.clock;
    in_causal_order(&conversation.sightings).into_iter().for_each(|sighting| witness.see(sighting));
    witness.finish()
}

/// Watches one session.
///
/// It is told what passes in the order of time, and says at the end which requirements were fulfilled and violated.
/// What two connections carry at nearly the same time may come in either order.
#[derive(Debug, Default)]
pub struct Witness {
    pub(super) book: Book,
    pub(super) payloads: Payloads,
    pub(super) lanes: BTreeMap<Exchange, Lane>,
    /// The GETs that ask for a session.
    pub(super) handshakes: BTreeSet<Exchange>,
    /// The WebSockets whose client asks for base64.
    base64: BTreeSet<Exchange>,
    /// How many messages each open WebSocket has brought.
    sockets: BTreeMap<Exchange, usize>,
    /// Those of which the recording has the first messages.
    followed: BTreeSet<Exchange>,
    pub(super) opening: Opening,
    heartbeat: Heartbeat,
    pub(super) upgrade: Upgrade,
    pub(super) polling: Polling,
    tongue: Tongue,
    speeches: Option<(Speech, Speech)>,
    namespaces: Namespaces,
    acks: Acks,
    path: Path,
    noted: usize,
}

/// What the path of the requests says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Path {
    /// There is no request.
    #[default]
    Unseen,
    /// The default of Engine.IO, where no Socket.IO is.
    EngineIo,
    Other,
    SocketIo,
}

impl Witness {
    /// Watches what passes next.
    pub fn see(&mut self, sighting: &Sighting) {
        self.payloads.see(sighting);
        if matches!(sighting.what, What::Request { .. } | What::Open { .. } | What::Unreadable(..)) {
            self.noted = self.noted.saturating_add(1);
        }
        let (at, exchange) = (sighting.at, sighting.exchange);
        match &sighting.what {
            What::Request { method, target, body, content_type, .. } => {
                self.target(exchange, target);
                let place = self.place(at, exchange, Side::Client, method.clone());
                self.request(place, target, content_type.as_deref(), body);
            }
            What::Answer { status, content_type, body } => {
                self.answer(at, exchange, *status, content_type.as_deref(), body);
            }
            What::Open { target, .. } => {
                self.target(exchange, target);
                self.lanes.insert(exchange, if has_sid(target) { Lane::Candidate } else { Lane::Direct });
                let place = self.place(at, exchange, Side::Client, Place::quote(target));
                polling::address(&mut self.book, &place, target);
                Upgrade::connecting(&mut self.book, &self.opening, &place);
            }
            What::Opened => {
                self.sockets.insert(exchange, 0);
                if self.book.has_beginning() {
                    self.followed.insert(exchange);
                }
            }
            What::Text(side, text) => {
                let place = self.place(at, exchange, *side, Place::quote(text));
                self.message(&place, Frame::Text(Text::from(text.clone())));
            }
            What::Binary(side, bytes) => {
                let place = self.place(at, exchange, *side, binary(bytes));
                self.message(&place, Frame::Binary(bytes.clone().into()));
            }
            What::Joined(joined) => self.joined(exchange, joined),
            What::Hidden(side, words) => {
                let place = self.place(at, exchange, *side, words.clone());
                self.hidden(&place, words);
            }
            What::Close(side, _) | What::End(side) => {
                self.ends(&self.place(at, exchange, *side, "the end of the WebSocket".to_owned()));
            }
            What::Unreadable(side, why) => self.book.gap(*side, why.clone()),
        }
    }

    /// What has broken a requirement so far, in the order in which it was noticed. More can be known at the end.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        self.book.violations()
    }

    /// The form of the session's Socket.IO packets, once one was seen.
    #[must_use]
    pub const fn parser(&self) -> Option<Parser> {
        match self.tongue {
            Tongue::Spoken(parser) => Some(parser),
            Tongue::Unheard | Tongue::Foreign => None,
        }
    }

    /// How many things are remembered to the end of the session: requests, acknowledgements, violations and the like.
    /// Each takes less than 512 bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.noted.saturating_add(self.book.violations().len())
    }

    /// Nothing more passes.
    #[must_use]
    pub fn finish(mut self) -> Testimony {
        if self.sockets.values().any(|messages| *messages == 0) {
            for side in [Side::Client, Side::Server] {
                self.book.gap(side, "a WebSocket was opened, and no message of it is in the recording");
            }
        }
        if !self.book.has_beginning() {
            self.book.unseen("the beginning of the session");
        }
        if let Some((client, server)) = &mut self.speeches {
            for speech in [client, server] {
                speech.finish(&mut self.book);
                if let Some(place) = speech.incomplete() {
                    let at = place.at.as_secs_f64();
                    self.book.unseen(format!("the attachments of the packet at {at:.3} s, which is the last"));
                }
            }
        }
        if self.polling.unanswered() > 0 {
            self.book.unseen("the answers to some requests");
        }
        if self.tongue == Tongue::Foreign {
            self.book.unseen("what the messages say: they are not of Socket.IO, or of a parser that is not known");
        }
        let parser = self.parser();
        self.namespaces.finish(&mut self.book);
        let namespaces = &self.namespaces;
        self.acks.finish(&mut self.book, |namespace| namespaces.is_resumed(namespace));
        self.book.close(parser)
    }

    fn target(&mut self, exchange: Exchange, target: &str) {
        self.book.revision = self.payloads.framing(exchange).revision;
        if query(target).split('&').any(|field| field.starts_with("b64=")) {
            self.base64.insert(exchange);
        }
        if target.contains("socket.io") {
            self.path = Path::SocketIo;
        } else if self.path == Path::Unseen {
            self.path = if target.starts_with("/engine.io/") { Path::EngineIo } else { Path::Other };
        }
    }

    fn joined(&mut self, exchange: Exchange, joined: &Joined) {
        self.book.revision = joined.revision;
        let lane = match joined.way {
            Way::WebSocket => Lane::Candidate,
            Way::Any => Lane::Unknown,
        };
        self.lanes.insert(exchange, lane);
    }

    /// A binary message whose content is not known. An attachment is one whatever it holds.
    fn hidden(&mut self, place: &Place, words: &str) {
        let speech = self.speeches.as_mut().map(|speeches| match place.side {
            Side::Client => &mut speeches.0,
            Side::Server => &mut speeches.1,
        });
        if speech.is_some_and(|speech| speech.incomplete().is_some()) {
            self.socket(place, Frame::Binary(Bytes::new()));
            self.book.unseen("the contents of some attachments");
        } else {
            self.book.gap(place.side, words.to_owned());
        }
    }

    pub(super) fn place(&self, at: Duration, exchange: Exchange, side: Side, evidence: String) -> Place {
        let lane = self.lanes.get(&exchange).copied().unwrap_or(Lane::Candidate);
        Place { at, exchange, lane, side, evidence }
    }

    /// A message of a WebSocket.
    fn message(&mut self, place: &Place, frame: Frame) {
        let begins = !self.book.has_beginning() && place.side == Side::Server && is_open(&frame);
        let is_direct = begins && place.lane == Lane::Candidate;
        if is_direct {
            self.lanes.insert(place.exchange, Lane::Direct);
        }
        let place = &Place { lane: if is_direct { Lane::Direct } else { place.lane }, ..place.clone() };
        let before = self.sockets.get(&place.exchange).copied();
        self.sockets.insert(place.exchange, before.map_or(1, |before| before.saturating_add(1)));
        let wants_base64 = self.base64.contains(&place.exchange);
        speech::frame(&mut self.book, &self.opening, place, &frame, wants_base64);
        if place.lane == Lane::Direct && place.side == Side::Server && before == Some(0) {
            self.first(place, is_open(&frame));
        }
        if before == Some(0) && place.side == Side::Client && is_probe(&frame) {
            self.followed.insert(place.exchange);
        }
        self.hear(place, frame, None);
        if self.is_current(place) {
            self.beat(place);
        }
    }

    /// A connection ends.
    fn ends(&mut self, place: &Place) {
        if self.is_current(place) {
            self.heartbeat.overdue(&mut self.book, &self.opening, place);
        }
    }

    /// Whether the pings of the session come on this WebSocket.
    fn is_current(&self, place: &Place) -> bool {
        place.lane == Lane::Direct || self.upgrade.moved_to() == Some(place.exchange)
    }

    /// Something passes where pings would.
    pub(super) fn beat(&mut self, place: &Place) {
        if place.side == Side::Server {
            self.heartbeat.speaks(&self.opening, place.at);
        }
        self.heartbeat.overdue(&mut self.book, &self.opening, place);
    }

    /// The first packet that the server sends in a session.
    //= EIO4-HS-01
    //= EIO4-HS-06
    //= EIO3-HS-01
    pub(super) fn first(&mut self, place: &Place, is_open: bool) {
        let requirement = match (self.book.revision, place.lane.is_socket()) {
            (Revision::Four, false) => "EIO4-HS-01",
            (Revision::Four, true) => "EIO4-HS-06",
            (Revision::Three, false) => "EIO3-HS-01",
            (Revision::Three, true) => "EIO3-HS-08",
        };
        if is_open {
            self.book.fulfilled(requirement, Side::Server);
        } else {
            self.book.violated(requirement, place, "the first packet of the session is not the open packet");
        }
    }

    /// One packet.
    pub(super) fn hear(&mut self, place: &Place, frame: Frame, held: Option<Duration>) {
        let revision = match self.book.revision {
            Revision::Three => engineio::Revision::V3,
            Revision::Four => engineio::Revision::V4,
        };
        let packet = match engineio::Packet::parse(revision, frame) {
            Ok(packet) => packet,
            Err(error) => return self.undecodable(place, error),
        };
        if let engineio::Packet::Open(json) = &packet
            && place.side == Side::Server
        {
            self.opening = Opening::hear(&mut self.book, place, json.as_str());
            self.heartbeat.opened(&self.opening);
            return;
        }
        match (&packet, place.lane, place.side) {
            //= EIO4-CL-01
            (engineio::Packet::Close, Lane::Post, Side::Client) => {
                self.book.must_end(Side::Server, "EIO4-CL-01", place, "the client has closed the session");
            }
            //= EIO4-CL-02
            (engineio::Packet::Close, Lane::Poll, Side::Server) if self.upgrade.is_polling() => {
                self.book.must_end(Side::Client, "EIO4-CL-02", place, "the server has closed the session");
            }
            (engineio::Packet::Close | engineio::Packet::Noop, ..) => {}
            _ => self.book.goes_on(place),
        }
        if place.lane == Lane::Candidate && self.followed.contains(&place.exchange) {
            self.upgrade.hear(&mut self.book, place, &packet);
        }
        if !matches!(packet, engineio::Packet::Pong(_) | engineio::Packet::Upgrade) {
            self.heartbeat.owed(&mut self.book, &self.opening, place);
        }
        self.heartbeat.hear(&mut self.book, &self.opening, place, &packet, held);
        if let engineio::Packet::Message(message) = packet {
            self.socket(place, message);
        }
    }

    //= EIO4-PKT-05
    //= EIO4-PKT-06
    //= EIO3-PKT-03
    fn undecodable(&mut self, place: &Place, error: PacketError) {
        let requirement = match (self.book.revision, error.kind) {
            (Revision::Four, PacketErrorKind::Empty) if matches!(place.lane, Lane::Poll | Lane::Post) => "EIO4-PLD-04",
            (Revision::Four, PacketErrorKind::Empty) => "EIO4-PKT-05",
            (Revision::Four, PacketErrorKind::Base64) => "EIO4-PKT-08",
            (Revision::Four, _) => "EIO4-PKT-06",
            (Revision::Three, PacketErrorKind::Base64) => "EIO3-PKT-02",
            (Revision::Three, _) => "EIO3-PKT-03",
        };
        self.book.violated(requirement, place, error.to_string());
    }

    /// A message of the application.
    fn socket(&mut self, place: &Place, message: Frame) {
        let revision = self.book.revision;
        if self.tongue == Tongue::Unheard {
            let is_late = !self.book.has_beginning();
            self.tongue = match self.path {
                Path::Unseen => Tongue::of_unknown(revision, &message),
                Path::EngineIo => Tongue::Foreign,
                path => Tongue::of(revision, &message, path == Path::SocketIo, is_late),
            };
        }
        let Tongue::Spoken(parser) = self.tongue else { return };
        if parser == Parser::Json && revision == Revision::Four {
            speech::head(&mut self.book, place, &message);
        }
        let speeches = self.speeches.get_or_insert_with(|| {
            let speech = || Speech::new(revision, parser);
            (speech(), speech())
        });
        let speech = match place.side {
            Side::Client => &mut speeches.0,
            Side::Server => &mut speeches.1,
        };
        let Some(packet) = speech.hear(&mut self.book, place, message) else { return };
        self.namespaces.hear(&mut self.book, self.opening.sid.as_deref(), place, &packet);
        let name = namespaces::name(revision, &packet);
        if !matches!(packet.kind, PacketKind::Event { ack: None, .. }) {
            self.noted = self.noted.saturating_add(1);
        }
        match &packet.kind {
            PacketKind::Event { ack: Some(id), .. } => {
                self.book.asks(place.side, Question::Ack(name.to_owned(), id.value()));
                self.acks.ask(&mut self.book, place, name, id.value());
            }
            PacketKind::Ack { id: Some(id), .. } => {
                self.book.answers(place, &Question::Ack(name.to_owned(), id.value()));
                self.acks.answer(place, name, id.value());
            }
            PacketKind::Connect { .. } | PacketKind::Disconnect => self.acks.restart(name),
            _ => {}
        }
    }
}

/// Whether a request belongs to a session that exists.
pub(super) fn has_sid(target: &str) -> bool {
    query(target).split('&').any(|field| field.len() > 4 && field.starts_with("sid="))
}

fn is_open(frame: &Frame) -> bool {
    matches!(frame, Frame::Text(text) if text.as_str().starts_with('0'))
}

fn is_probe(frame: &Frame) -> bool {
    matches!(frame, Frame::Text(text) if text.as_str() == "2probe")
}
