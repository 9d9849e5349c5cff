//! What a mutant knows about a session, and what it can do besides changing a packet.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sio_codec::engineio::server::{BodyFormat, Carrier, Input, RequestId, Transmit, WsId};
use sio_codec::engineio::{ContentType, HttpError, Response, Revision, jsonp};
use sio_codec::{Frame, Timestamp};

use super::framing::Framing;
use super::payload::{UNDECODABLE, text_of, to_text};
use super::shared::Shared;
use super::socketio::Packet;

/// The past of a session, as far as mutants need it.
#[derive(Debug)]
pub struct Past {
    pub(super) now: Timestamp,
    pub(super) revision: Revision,
    pub(super) shared: Arc<Shared>,
    pub(super) sid: String,
    pub(super) line: Line,
    /// The GET that is pending.
    pub(super) parked: Option<RequestId>,
    /// The POST that is being received.
    pub(super) posting: Option<RequestId>,
    /// What the last POST says that its body is.
    pub(super) posted: BodyFormat,
    /// Whether answers are scripts, and bodies are forms.
    pub(super) is_scripted: bool,
    /// Whether a ping waits for its pong.
    pub(super) pinged: bool,
    /// Whether a candidate was probed.
    pub(super) probed: bool,
    /// Whether the packet that is received came in a POST.
    pub(super) is_posted: bool,
    /// The input that the session reacts to.
    pub(super) cause: Cause,
    /// Whether a namespace was ever joined.
    pub(super) has_joined: bool,
    pub(super) joined: BTreeSet<String>,
    /// Attachments that the client still has to send.
    pub(super) awaited: usize,
    /// Ids of events that the client has not acknowledged.
    pub(super) asked: BTreeSet<String>,
    /// For the mutant.
    pub(super) tally: u32,
    /// For the mutant.
    pub(super) kept: Vec<Frame>,
    /// For the mutant.
    pub(super) held: Option<RequestId>,
    pub(super) injected: VecDeque<Input>,
    pub(super) ready: VecDeque<Transmit>,
    pub(super) later: Vec<(Timestamp, Transmit)>,
    forged: u64,
}

/// How a session begins.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// When.
    pub now: Timestamp,
    /// On which request or WebSocket.
    pub carrier: Carrier,
    /// The revision of Engine.IO that it speaks.
    pub revision: Revision,
    /// What all sessions share.
    pub shared: Arc<Shared>,
}

/// The WebSocket of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Polling,
    Candidate(WsId),
    WebSocket(WsId),
}

/// The last input of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Timer,
    Poll,
    Body,
    /// The upgrade was completed.
    Upgraded,
    WebSocket,
    Other,
}

/// Requests with these numbers are made by mutants; nobody waits for their answers.
const FORGED: u64 = 1 << 40;

pub(super) const fn is_forged(id: RequestId) -> bool {
    id.0 >= FORGED
}

impl Past {
    pub(super) fn new(begin: Beginning) -> Self {
        let Beginning { now, carrier, revision, shared } = begin;
        let (line, parked) = match carrier {
            Carrier::Request(id) => (Line::Polling, Some(id)),
            Carrier::WebSocket(ws) => (Line::WebSocket(ws), None),
        };
        Self {
            now,
            revision,
            shared,
            sid: String::new(),
            line,
            parked,
            posting: None,
            posted: BodyFormat::Text,
            is_scripted: false,
            pinged: false,
            probed: false,
            is_posted: false,
            cause: Cause::Other,
            has_joined: false,
            joined: BTreeSet::new(),
            awaited: 0,
            asked: BTreeSet::new(),
            tally: 0,
            kept: Vec::new(),
            held: None,
            injected: VecDeque::new(),
            ready: VecDeque::new(),
            later: Vec::new(),
            forged: FORGED,
        }
    }

    /// Whether this is the first time that the mutant asks.
    pub(super) const fn first(&mut self) -> bool {
        self.tally += 1;
        self.tally == 1
    }

    pub(super) const fn is_polling(&self) -> bool {
        !matches!(self.line, Line::WebSocket(_))
    }

    /// Whether the packet that is received is one of a candidate.
    pub(super) const fn is_from_a_candidate(&self) -> bool {
        self.is_upgrading() && !self.is_posted
    }

    pub(super) const fn is_upgrading(&self) -> bool {
        matches!(self.line, Line::Candidate(_))
    }

    /// Lets the session receive a packet that the client did not send.
    pub(super) fn pretend(&mut self, text: &str) {
        if let Line::WebSocket(ws) = self.line {
            self.injected.push_back(Input::WsFrame { ws, frame: to_text(text) });
            return;
        }
        let id = RequestId(self.forged);
        self.forged += 1;
        let body = self.body(BodyFormat::Text, &[to_text(text)]);
        self.injected.push_back(Input::Post { id, revision: Some(self.revision), format: BodyFormat::Text });
        self.injected.push_back(Input::Body { id, body });
    }

    /// A body that the client could send.
    pub(super) fn body(&self, format: BodyFormat, packets: &[Frame]) -> Bytes {
        let payload = Framing::of(self.revision, format).join(packets);
        match std::str::from_utf8(&payload) {
            Ok(text) if self.is_scripted => jsonp::encode_form(text).into(),
            _ => payload,
        }
    }

    /// The packets of a body of the client; `None` if there are none.
    pub(super) fn packets(&self, body: &[u8]) -> Option<Vec<Frame>> {
        let framing = Framing::of(self.revision, self.posted);
        if self.is_scripted { framing.split(jsonp::decode_form(body)?.as_bytes()) } else { framing.split(body) }
    }

    /// Ends the session.
    pub(super) fn end(&mut self) {
        self.pretend(UNDECODABLE);
    }

    /// Sends a packet on the WebSocket, or in answer to the pending GET, which the session must not know.
    pub(super) fn say(&mut self, text: &str) {
        match self.line {
            Line::WebSocket(ws) | Line::Candidate(ws) => {
                self.ready.push_back(Transmit::WsSend { ws, frame: to_text(text) });
            }
            Line::Polling => {}
        }
    }

    /// Answers a request that the session does not know.
    pub(super) fn respond(&mut self, id: RequestId, packets: &[Frame]) {
        let mut response = HttpError::UnknownSid.response();
        response.status = 200;
        response.content_type = ContentType::Payload;
        response.body = Framing::of(self.revision, BodyFormat::Text).join(packets);
        self.ready.push_back(Transmit::Respond { id, response });
    }

    /// Answers a POST that the session does not know.
    pub(super) fn accept(&mut self, id: RequestId) {
        let mut response = HttpError::UnknownSid.response();
        response.status = 200;
        response.content_type = ContentType::Ok;
        response.body = Bytes::from_static(b"ok");
        self.ready.push_back(Transmit::Respond { id, response });
    }

    /// Refuses a request that the session does not know.
    pub(super) fn refuse(&mut self, id: RequestId, response: Response) {
        self.ready.push_back(Transmit::Respond { id, response });
    }

    /// Accepts a WebSocket that the session does not know.
    pub(super) fn say_accepted(&mut self, ws: WsId) {
        self.ready.push_back(Transmit::WsAccept { ws });
    }

    /// Keeps a GET pending although the session has answered it.
    pub(super) fn park_again(&mut self, id: RequestId) {
        self.injected.push_back(Input::Poll { id, revision: Some(self.revision) });
    }

    /// Carries out an action later.
    pub(super) fn delay(&mut self, delay: Duration, transmit: Transmit) {
        self.later.push((self.now.saturating_add(delay), transmit));
    }

    pub(super) fn note_input(&mut self, input: &Input) {
        self.cause = match input {
            Input::Poll { id, .. } => {
                self.parked = Some(*id);
                Cause::Poll
            }
            Input::Post { id, format, .. } => {
                (self.posting, self.posted) = (Some(*id), *format);
                Cause::Other
            }
            Input::Body { .. } => Cause::Body,
            Input::WsFrame { ws, frame } => self.note_frame(*ws, frame),
            Input::WsClosed { ws } if self.line == Line::Candidate(*ws) => {
                (self.line, self.probed) = (Line::Polling, false);
                Cause::Other
            }
            _ => Cause::Other,
        };
    }

    fn note_frame(&mut self, ws: WsId, frame: &Frame) -> Cause {
        if self.line == Line::Candidate(ws) && text_of(frame).starts_with('5') {
            self.line = Line::WebSocket(ws);
            return Cause::Upgraded;
        }
        Cause::WebSocket
    }

    pub(super) fn note_received(&mut self, packet: &Frame) {
        let Frame::Text(text) = packet else {
            self.awaited = self.awaited.saturating_sub(1);
            return;
        };
        let text = text.as_str();
        if text.starts_with('3') {
            self.pinged = false;
        }
        let Some(packet) = Packet::read(text) else { return };
        match packet.kind {
            '1' => drop(self.joined.remove(packet.namespace)),
            '3' => drop(self.asked.remove(packet.id)),
            '5' | '6' => self.awaited = packet.attachments.parse().unwrap_or(0),
            _ => {}
        }
    }

    pub(super) fn note_sent(&mut self, packet: &Frame) {
        let text = text_of(packet);
        match text.chars().next() {
            Some('0') => self.sid = sid_of(text).unwrap_or_default().to_owned(),
            Some('2') => self.pinged = true,
            _ if text == "3probe" => self.probed = true,
            _ => {}
        }
        let Some(packet) = Packet::read(text) else { return };
        match packet.kind {
            '0' => {
                self.has_joined = true;
                self.joined.insert(packet.namespace.to_owned());
            }
            '1' => drop(self.joined.remove(packet.namespace)),
            '2' | '5' if !packet.id.is_empty() => drop(self.asked.insert(packet.id.to_owned())),
            _ => {}
        }
    }

    pub(super) fn note_output(&mut self, transmit: &Transmit) {
        match transmit {
            Transmit::Respond { id, .. } if self.parked == Some(*id) => self.parked = None,
            Transmit::Respond { id, .. } if self.posting == Some(*id) => self.posting = None,
            Transmit::WsAccept { ws } => (self.line, self.probed) = (Line::Candidate(*ws), false),
            Transmit::WsClose { ws } if self.line == Line::Candidate(*ws) => {
                (self.line, self.probed) = (Line::Polling, false);
            }
            _ => {}
        }
    }
}

/// The sid in an open packet or in the answer to a CONNECT.
pub(super) fn sid_of(text: &str) -> Option<&str> {
    text.split_once(r#""sid":""#)?.1.split('"').next()
}
