//! The laws of a client that can be checked in a single life.

use std::collections::{BTreeMap, BTreeSet};

use sio_codec::Frame;
use sio_codec::engineio::client::Transmit;
use sio_codec::socketio::client::{EmitId, Event};
use sio_codec::socketio::{EmitError, Reply};

use super::life::MOST_BUFFERED;

/// Watches the inputs and outputs.
pub(crate) struct Laws {
    retries: bool,
    websockets: Vec<u64>,
    /// Sessions that were closed, and must not be used.
    closed: BTreeSet<u64>,
    /// Whether a session is open.
    open: bool,
    /// The namespaces where the client is connected.
    connected: BTreeSet<String>,
    /// Those where it was connected in this session: what it emitted there may be sent later.
    welcomed: BTreeSet<String>,
    /// What the server has not acknowledged yet.
    asked: BTreeSet<(String, EmitId)>,
    /// The largest number of packets that wait for each namespace.
    waiting: BTreeMap<String, usize>,
    /// The last event that was sent in a namespace.
    last: BTreeMap<String, u64>,
    replies: Vec<Reply>,
}

impl Laws {
    pub(crate) const fn new(retries: bool) -> Self {
        Self {
            retries,
            websockets: Vec::new(),
            closed: BTreeSet::new(),
            open: false,
            connected: BTreeSet::new(),
            welcomed: BTreeSet::new(),
            asked: BTreeSet::new(),
            waiting: BTreeMap::new(),
            last: BTreeMap::new(),
            replies: Vec::new(),
        }
    }

    pub(crate) fn newest(&self) -> Option<u64> {
        self.websockets.last().copied()
    }

    pub(crate) fn reply(&mut self) -> Option<Reply> {
        self.replies.pop()
    }

    /// L3: the number of waiting packets is bounded.
    pub(crate) fn emitted(&mut self, namespace: &str, packets: usize, result: &Result<(), EmitError>) {
        if result.is_ok() && !self.retries && !self.connected.contains(namespace) {
            *self.waiting.entry(namespace.to_owned()).or_default() += packets;
            let waiting: usize = self.waiting.values().sum();
            assert!(waiting <= MOST_BUFFERED, "L3: {:?} wait", self.waiting);
        }
    }

    /// An id is unique among those that wait.
    pub(crate) fn asks(&mut self, namespace: &str, id: EmitId) {
        assert!(self.asked.insert((namespace.to_owned(), id)), "{id:?} twice in {namespace}");
    }

    /// The client left: nothing waits there any more.
    pub(crate) fn forget(&mut self, namespace: &str) {
        self.waiting.remove(namespace);
    }

    pub(crate) fn event(&mut self, event: Event) {
        match event {
            Event::Opened => {
                assert!(!self.open, "opened twice");
                self.open = true;
            }
            Event::Closed(_) => {
                assert!(self.connected.is_empty(), "closed while in {:?}", self.connected);
                self.open = false;
                self.welcomed.clear();
            }
            Event::Connected { namespace, .. } => {
                assert!(self.open, "connected without a session");
                assert!(self.connected.insert(namespace.to_string()), "connected twice to {namespace}");
                self.welcomed.insert(namespace.to_string());
                self.waiting.remove(namespace.as_str());
            }
            Event::Disconnected { namespace, .. } => {
                assert!(self.connected.remove(namespace.as_str()), "not in {namespace}, and disconnected");
            }
            Event::Received { namespace, reply, .. } => {
                assert!(self.connected.contains(namespace.as_str()), "an event in {namespace}");
                self.replies.extend(reply);
            }
            // Each question ends once, in one of these three ways.
            Event::Acked { namespace, id, .. }
            | Event::AckTimedOut { namespace, id }
            | Event::AckLost { namespace, id } => {
                assert!(self.asked.remove(&(namespace.to_string(), id)), "nobody asked {id:?} in {namespace}");
                self.settled(namespace.as_str());
            }
            Event::AuthWanted { .. } | Event::Refused { .. } => assert!(self.open, "an answer without a session"),
            Event::Reconnecting { .. } | Event::ReconnectFailed => assert!(!self.open, "connected, and connects"),
            _ => {}
        }
    }

    /// A question that was not sent in time no longer waits.
    fn settled(&mut self, namespace: &str) {
        if let Some(waiting) = self.waiting.get_mut(namespace) {
            *waiting = waiting.saturating_sub(1);
        }
    }

    /// A client sends nothing in a namespace before it is connected there; events are sent in the order in which they
    /// were emitted.
    pub(crate) fn transmit(&mut self, transmit: &Transmit, at_once: bool) {
        match transmit {
            Transmit::WsConnect { ws, query } => {
                assert!(!query.contains("sid"), "a session of its own: {query}");
                assert!(self.newest().is_none_or(|newest| newest < ws.0), "a name of its own: {ws:?}");
                self.websockets.push(ws.0);
            }
            Transmit::WsClose { ws } => assert!(self.closed.insert(ws.0), "closed twice: {ws:?}"),
            Transmit::WsSend { ws, frame } => {
                assert!(Some(ws.0) == self.newest() && !self.closed.contains(&ws.0), "on a closed one: {ws:?}");
                if let (Frame::Text(text), true) = (frame, at_once) {
                    self.packet(text.as_str());
                }
            }
            other => panic!("a client over WebSockets asks for {other:?}"),
        }
    }

    fn packet(&mut self, text: &str) {
        // A client may leave as soon as it is connected.
        let Some(text) = text.strip_prefix('4').filter(|text| !text.starts_with(['0', '1'])) else { return };
        let path = text.find('/').filter(|at| text.find('[').is_none_or(|bracket| *at < bracket));
        let namespace = path.and_then(|at| text[at..].split(',').next()).unwrap_or("/");
        assert!(self.welcomed.contains(namespace), "{text} before the client is in {namespace}");
        let Some(name) = text.find("[\"e").map(|at| &text[at + 3..]) else { return };
        let number: u64 = name.split('"').next().and_then(|digits| digits.parse().ok()).expect("a number");
        let last = self.last.insert(namespace.to_owned(), number);
        let in_order = last.is_none_or(|last| last < number || self.retries && last == number);
        assert!(in_order, "{text} after {last:?}");
    }

    pub(crate) fn at_rest(&self) {
        assert!(self.asked.is_empty(), "never answered: {:?}", self.asked);
        assert!(self.connected.is_empty() && !self.open, "still in {:?}", self.connected);
    }
}
