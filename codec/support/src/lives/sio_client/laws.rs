//! The laws of a client that can be checked in a single life.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sio_codec::Frame;
use sio_codec::engineio::client::Transmit;
use sio_codec::socketio::client::{EmitId, Event};
use sio_codec::socketio::{EmitError, Reply};

use super::life::{MOST_BUFFERED, RETRIES};
use crate::lives::player::Draining;

/// The most packets of events that a client hands out without being told anything meanwhile: what waits on a connection
/// for its namespace, for the session, and in the session.
const MOST_AT_ONCE: usize = 3 * MOST_BUFFERED;

/// Watches the inputs and outputs.
pub(crate) struct Laws {
    retries: bool,
    /// When outputs are taken.
    draining: Draining,
    websockets: Vec<u64>,
    /// Sessions that were closed, and must not be used.
    closed: BTreeSet<u64>,
    /// Whether a session is open.
    open: bool,
    /// The namespaces where the client is connected.
    connected: BTreeSet<String>,
    /// Those where it was connected in this session: what it emitted there may be sent later.
    welcomed: BTreeSet<String>,
    /// What the server has not acknowledged yet, and the numbers of these events.
    asked: BTreeMap<(String, EmitId), u64>,
    /// The events that were taken and did not leave yet.
    taken: BTreeMap<String, VecDeque<Taken>>,
    /// How often each event was sent that is sent again if need be, in a life whose outputs are taken at once, and unless its
    /// session ended.
    tries: BTreeMap<(String, u64), u32>,
    /// How many packets of events left since all outputs were taken out before.
    at_once: usize,
    /// The largest number of packets that wait for each namespace.
    waiting: BTreeMap<String, usize>,
    /// The last event that was sent in a namespace.
    last: BTreeMap<String, u64>,
    replies: Vec<Reply>,
}

/// An event that the client took from the application.
#[derive(Debug)]
struct Taken {
    number: u64,
    /// Whether it may leave or not: since then the session ended, or the application left.
    excused: bool,
}

impl Laws {
    pub(crate) const fn new(retries: bool, draining: Draining) -> Self {
        Self {
            retries,
            draining,
            websockets: Vec::new(),
            closed: BTreeSet::new(),
            open: false,
            connected: BTreeSet::new(),
            welcomed: BTreeSet::new(),
            asked: BTreeMap::new(),
            taken: BTreeMap::new(),
            tries: BTreeMap::new(),
            at_once: 0,
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
    pub(crate) fn emitted(&mut self, namespace: &str, number: u64, packets: usize, result: &Result<(), EmitError>) {
        if result.is_ok() {
            self.taken.entry(namespace.to_owned()).or_default().push_back(Taken { number, excused: false });
        }
        if self.draining == Draining::Always && result.is_ok() && self.retries {
            self.tries.insert((namespace.to_owned(), number), 0);
        }
        if self.draining.around_verbs() && result.is_ok() && !self.retries && !self.connected.contains(namespace) {
            *self.waiting.entry(namespace.to_owned()).or_default() += packets;
            let waiting: usize = self.waiting.values().sum();
            assert!(waiting <= MOST_BUFFERED, "L3: {:?} wait", self.waiting);
        }
    }

    /// An id is unique among those that wait.
    pub(crate) fn asks(&mut self, namespace: &str, number: u64, id: EmitId) {
        assert_eq!(self.asked.insert((namespace.to_owned(), id), number), None, "{id:?} twice in {namespace}");
    }

    /// The client left: nothing waits there any more.
    pub(crate) fn forget(&mut self, namespace: &str) {
        self.waiting.remove(namespace);
        self.tries.retain(|(of, _), _| of != namespace);
        self.taken.entry(namespace.to_owned()).or_default().iter_mut().for_each(|event| event.excused = true);
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
                self.tries.clear();
                self.taken.values_mut().flatten().for_each(|event| event.excused = true);
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
            Event::AckTimedOut { namespace, id } => {
                let number = self.answered(namespace.as_str(), id);
                let tries = self.tries.remove(&(namespace.to_string(), number));
                assert!(tries.is_none_or(|tries| tries == 1 + RETRIES), "e{number} is given up after {tries:?} tries");
            }
            Event::Acked { namespace, id, .. } | Event::AckLost { namespace, id } => {
                self.answered(namespace.as_str(), id);
            }
            Event::AuthWanted { .. } | Event::Refused { .. } => assert!(self.open, "an answer without a session"),
            Event::Reconnecting { .. } | Event::ReconnectFailed => assert!(!self.open, "connected, and connects"),
            _ => {}
        }
    }

    /// The number of the event that was a question. One that was not sent in time no longer waits.
    fn answered(&mut self, namespace: &str, id: EmitId) -> u64 {
        let number = self.asked.remove(&(namespace.to_owned(), id)).expect("an answer to a question");
        self.taken.entry(namespace.to_owned()).or_default().retain(|event| event.number != number);
        if let Some(waiting) = self.waiting.get_mut(namespace) {
            *waiting = waiting.saturating_sub(1);
        }
        number
    }

    /// A client sends nothing in a namespace before it is connected there; events are sent in the order in which they
    /// were emitted.
    pub(crate) fn transmit(&mut self, transmit: &Transmit) {
        match transmit {
            Transmit::WsConnect { ws, query } => {
                assert!(!query.contains("sid"), "a session of its own: {query}");
                assert!(self.newest().is_none_or(|newest| newest < ws.0), "a name of its own: {ws:?}");
                self.websockets.push(ws.0);
            }
            Transmit::WsClose { ws } => assert!(self.closed.insert(ws.0), "closed twice: {ws:?}"),
            Transmit::WsSend { ws, frame } => {
                assert!(Some(ws.0) == self.newest() && !self.closed.contains(&ws.0), "on a closed one: {ws:?}");
                if let Frame::Text(text) = frame {
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
        self.at_once += usize::from(text.contains("[\"e") || text.contains("[\"v"));
        let Some(name) = text.find("[\"e").map(|at| &text[at + 3..]) else { return };
        let number: u64 = name.split('"').next().and_then(|digits| digits.parse().ok()).expect("a number");
        if let Some(tries) = self.tries.get_mut(&(namespace.to_owned(), number)) {
            *tries += 1;
            assert!(*tries <= 1 + RETRIES, "e{number} is sent {tries} times");
        }
        let last = self.last.insert(namespace.to_owned(), number);
        let in_order = last.is_none_or(|last| last < number || self.retries && last == number);
        assert!(in_order, "{text} after {last:?}");
        let taken = self.taken.entry(namespace.to_owned()).or_default();
        while taken.front().is_some_and(|event| event.number <= number) {
            let overtaken = taken.pop_front().filter(|event| event.number < number && !event.excused);
            assert!(overtaken.is_none(), "L11: {text} leaves, and what was emitted before does not");
        }
    }

    /// All outputs were taken out. L3: they are bounded. L11: nothing is left that could leave.
    pub(crate) fn drained(&mut self) {
        let at_once = core::mem::take(&mut self.at_once);
        assert!(at_once <= MOST_AT_ONCE, "L3: {at_once} packets waited");
        if self.retries {
            return;
        }
        for namespace in self.welcomed.intersection(&self.connected) {
            let left = self.taken.get(namespace).into_iter().flatten().find(|event| !event.excused);
            assert!(left.is_none(), "L11: {left:?} did not leave {namespace}");
        }
    }

    pub(crate) fn at_rest(&self) {
        assert!(self.asked.is_empty(), "never answered: {:?}", self.asked);
        assert!(self.connected.is_empty() && !self.open, "still in {:?}", self.connected);
    }
}
