//! What a mutant knows about its client, and what it can do besides changing a packet.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use sio_codec::engineio::client::{Input, Transmit};
use sio_codec::engineio::{BodyFormat, Query, RequestId, WsId};
use sio_codec::{Frame, Timestamp};

use super::super::script::Wish;
use crate::mutants::payload::{UNDECODABLE, text_of, to_text};
use crate::mutants::socketio::Packet;

/// The past of a client, as far as mutants need it.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) now: Timestamp,
    pub(super) line: Line,
    /// The number of open packets that were received.
    pub(super) sessions: u32,
    /// The sid of the first session.
    pub(super) first_sid: String,
    /// The GET and the POST that wait for their answers.
    pub(super) get: Option<RequestId>,
    pub(super) post: Option<RequestId>,
    /// The namespaces of this session that were joined.
    pub(super) joined: BTreeSet<String>,
    /// The namespaces that the application has left.
    pub(super) left: BTreeSet<String>,
    /// Whether a namespace was ever joined.
    pub(super) was_joined: bool,
    /// Namespaces and ids of all events of the client that asked for an acknowledgement.
    pub(super) was_asked: BTreeSet<(String, String)>,
    /// Namespaces and ids of the client's events that wait for their acknowledgements.
    pub(super) asked: BTreeSet<(String, String)>,
    /// Whether an open packet came, and its session was not closed since.
    pub(super) is_open: bool,
    /// The query of the last GET that named a session.
    pub(super) poll_query: Option<String>,
    /// Whether the packet that is received comes from a WebSocket.
    pub(super) is_from_websocket: bool,
    /// For the mutant.
    pub(super) last_post: Option<Transmit>,
    /// For the mutant.
    pub(super) noted: Option<Value>,
    /// For the mutant.
    pub(super) is_marked: bool,
    /// For the mutant.
    pub(super) tally: u32,
    /// For the mutant.
    pub(super) kept: Vec<Frame>,
    pub(super) injected: VecDeque<Input>,
    pub(super) ready: VecDeque<Transmit>,
    pub(super) later: Vec<(Timestamp, Transmit)>,
    pub(super) told: VecDeque<Value>,
    forged: u64,
}

/// Where the packets of a session go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// No session is open.
    Down,
    Polling,
    /// A WebSocket is probed.
    Probing(WsId),
    /// The probe was answered.
    Pausing(WsId),
    WebSocket(WsId),
}

/// Requests with these numbers are made by mutants; the client does not wait for their answers.
const FORGED: u64 = 1 << 40;

impl Past {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            now,
            line: Line::Down,
            sessions: 0,
            first_sid: String::new(),
            get: None,
            post: None,
            joined: BTreeSet::new(),
            left: BTreeSet::new(),
            was_joined: false,
            was_asked: BTreeSet::new(),
            asked: BTreeSet::new(),
            is_open: false,
            poll_query: None,
            is_from_websocket: false,
            last_post: None,
            noted: None,
            is_marked: false,
            tally: 0,
            kept: Vec::new(),
            injected: VecDeque::new(),
            ready: VecDeque::new(),
            later: Vec::new(),
            told: VecDeque::new(),
            forged: FORGED,
        }
    }

    /// Whether this is the first time that the mutant asks.
    pub(super) const fn first(&mut self) -> bool {
        self.tally += 1;
        self.tally == 1
    }

    /// Whether the packets go by requests.
    pub(super) const fn is_polling(&self) -> bool {
        matches!(self.line, Line::Polling | Line::Probing(_) | Line::Pausing(_))
    }

    /// A number for a request that the client does not know.
    pub(super) const fn forge(&mut self) -> RequestId {
        self.forged += 1;
        RequestId(self.forged)
    }

    /// Ends the session.
    pub(super) fn end(&mut self) {
        match (self.line, self.get) {
            (Line::WebSocket(ws), _) => {
                self.injected.push_back(Input::WsFrame { ws, frame: Frame::from(UNDECODABLE) });
            }
            (_, Some(id)) => {
                let (format, body) = (BodyFormat::Text, Bytes::from_static(UNDECODABLE.as_bytes()));
                self.injected.push_back(Input::Response { id, status: 200, format, body });
            }
            (_, None) => {}
        }
    }

    /// Sends a packet on the session's WebSocket, or on the one that is probed.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        if let Line::Probing(ws) | Line::Pausing(ws) | Line::WebSocket(ws) = self.line {
            self.ready.push_back(Transmit::WsSend { ws, frame: to_text(text) });
        }
    }

    /// Does something later.
    pub(super) fn delay(&mut self, delay: Duration, transmit: Transmit) {
        self.later.push((self.now.saturating_add(delay), transmit));
    }

    /// Tells the client that its POST was accepted.
    pub(super) fn accept(&mut self, id: RequestId) {
        let (format, body) = (BodyFormat::Text, Bytes::from_static(b"ok"));
        self.injected.push_back(Input::Response { id, status: 200, format, body });
    }

    /// Notes a call of the application.
    pub(super) fn note_call(&mut self, wish: &Wish) {
        if let Wish::Leave(namespace) = wish {
            self.left.insert(namespace.as_str().to_owned());
        }
    }

    pub(super) fn note_input(&mut self, input: &Input) {
        match input {
            Input::Response { id, .. } | Input::Failed { id } => {
                self.get.take_if(|get| get == id);
                self.post.take_if(|post| post == id);
            }
            Input::WsClosed { ws } => match self.line {
                Line::Probing(candidate) | Line::Pausing(candidate) if candidate == *ws => self.line = Line::Polling,
                _ => (self.line, self.is_open) = (Line::Down, false),
            },
            _ => {}
        }
    }

    pub(super) fn note_received(&mut self, packet: &Frame) {
        let text = text_of(packet);
        if text.starts_with("0{") {
            self.open(text);
        }
        if let (Line::Probing(ws), "3probe") = (self.line, text) {
            self.line = Line::Pausing(ws);
        }
        let Some(packet) = Packet::read(text) else { return };
        match packet.kind {
            '0' => {
                self.was_joined = true;
                self.joined.insert(packet.namespace.to_owned());
            }
            '1' => drop(self.joined.remove(packet.namespace)),
            '3' | '6' => drop(self.asked.remove(&(packet.namespace.to_owned(), packet.id.to_owned()))),
            _ => {}
        }
    }

    fn open(&mut self, text: &str) {
        self.sessions += 1;
        self.is_open = true;
        self.joined.clear();
        let open: Value = serde_json::from_str(&text[1..]).unwrap_or_default();
        if self.sessions == 1 {
            self.first_sid = open.get("sid").and_then(Value::as_str).unwrap_or_default().to_owned();
        }
        if self.line == Line::Down {
            self.line = Line::Polling;
        }
    }

    pub(super) fn note_output(&mut self, transmit: &Transmit) {
        match transmit {
            Transmit::Request { id, query, body: None } => {
                self.get = Some(*id);
                self.poll_query = Some(query.clone()).filter(|query| Query::new(query).value("sid").is_some());
            }
            Transmit::Request { id, body: Some(_), .. } => self.post = Some(*id),
            Transmit::WsConnect { ws, query } => {
                let is_upgrade = Query::new(query).value("sid").is_some() || self.line == Line::Polling;
                self.line = if is_upgrade { Line::Probing(*ws) } else { Line::WebSocket(*ws) };
            }
            Transmit::WsSend { ws, frame } if text_of(frame) == "5" => self.line = Line::WebSocket(*ws),
            _ => {}
        }
    }

    pub(super) fn note_sent(&mut self, packet: &Frame) {
        let Some(packet) = Packet::read(text_of(packet)) else { return };
        if packet.is_event() && !packet.id.is_empty() {
            let event = (packet.namespace.to_owned(), packet.id.to_owned());
            self.was_asked.insert(event.clone());
            self.asked.insert(event);
        }
    }
}
