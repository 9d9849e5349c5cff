//! The laws of a client's session that can be checked in a single life.

use std::collections::BTreeMap;

use sio_codec::engineio::client::{Input, Transmit};
use sio_codec::engineio::{Event, Transport};

use super::ops::MAX_PAYLOAD;

/// The stages of a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Connecting,
    Established,
    Over,
}

/// Watches the inputs and outputs.
#[derive(Debug, Default)]
pub(crate) struct Laws {
    /// The requests in flight, in order.
    pub(crate) polls: Vec<u64>,
    pub(crate) posts: Vec<u64>,
    pub(crate) requests: Vec<u64>,
    pub(crate) websockets: Vec<u64>,
    stages: BTreeMap<u64, Stage>,
    opened: bool,
    closed: bool,
}

impl Laws {
    pub(crate) fn input(&mut self, input: &Input) {
        match input {
            Input::Response { id, .. } | Input::Failed { id } => self.ended(id.0),
            Input::WsOpened { ws } => self.reached(ws.0, Stage::Established),
            // A message shows that it is established.
            Input::WsFrame { ws, .. } => self.reached(ws.0, Stage::Established),
            Input::WsClosed { ws } => self.reached(ws.0, Stage::Over),
            _ => {}
        }
    }

    fn ended(&mut self, id: u64) {
        self.polls.retain(|poll| *poll != id);
        self.posts.retain(|post| *post != id);
    }

    fn reached(&mut self, ws: u64, to: Stage) {
        if let Some(stage) = self.stages.get_mut(&ws).filter(|stage| **stage != Stage::Over) {
            *stage = to;
        }
    }

    /// L1: a request is aborted at most once, and only while it is in flight; nothing is sent on a WebSocket that is
    /// not there. L2: nothing follows the end. There are never two GETs or two POSTs.
    //= EIO4-GET-05
    //= EIO4-POST-03
    pub(crate) fn transmit(&mut self, transmit: &Transmit) {
        assert!(!self.closed, "L2: after the end: {transmit:?}");
        match transmit {
            Transmit::Request { id, body, .. } => {
                assert!(!self.requests.contains(&id.0), "L1: a name used twice: {transmit:?}");
                self.requests.push(id.0);
                let lane = if body.is_some() { &mut self.posts } else { &mut self.polls };
                lane.push(id.0);
                assert_eq!(lane.len(), 1, "a second request of a kind: {transmit:?}");
                let len = body.as_ref().map_or(0, |body| body.bytes.len());
                assert!(len <= MAX_PAYLOAD, "a body above the server's limit: {transmit:?}");
            }
            Transmit::Cancel { id } => {
                assert!(self.polls.contains(&id.0) || self.posts.contains(&id.0), "L1: {transmit:?}");
                self.ended(id.0);
            }
            Transmit::WsConnect { ws, .. } => {
                assert_eq!(self.stages.insert(ws.0, Stage::Connecting), None, "L1: {transmit:?}");
                self.websockets.push(ws.0);
            }
            Transmit::WsSend { ws, .. } => {
                assert_eq!(self.stages.get(&ws.0), Some(&Stage::Established), "L1: {transmit:?}");
            }
            Transmit::WsClose { ws } => {
                let stage = self.stages.insert(ws.0, Stage::Over);
                assert!(matches!(stage, Some(Stage::Connecting | Stage::Established)), "L1: {transmit:?}");
            }
        }
    }

    /// L2: the beginning comes first and once, the end last and once.
    pub(crate) fn event(&mut self, event: &Event) {
        assert!(!self.closed, "L2: {event:?} after the end");
        match event {
            Event::Opened => assert!(!core::mem::replace(&mut self.opened, true), "opened twice"),
            Event::Closed(_) => self.closed = true,
            _ => assert!(self.opened, "{event:?} before the session is open"),
        }
    }

    pub(crate) const fn is_closed(&self) -> bool {
        self.closed
    }

    /// L1: nothing is in flight when the session is over. While it is open, some request or WebSocket receives.
    //= EIO4-GET-08
    pub(crate) fn at_rest(&self, transport: Option<Transport>, closing: bool, wants_input: bool) {
        let alive = self.stages.values().filter(|stage| **stage != Stage::Over).count();
        let in_flight = self.polls.len() + self.posts.len();
        assert!(!self.closed || (in_flight, alive) == (0, 0), "L1: left behind: {self:?}");
        assert!(alive <= 1, "two WebSockets: {self:?}");
        match transport {
            Some(Transport::Polling) if !closing => assert!(in_flight + alive > 0, "nobody listens: {self:?}"),
            Some(Transport::WebSocket) => assert_eq!((in_flight, alive), (0, 1), "{self:?}"),
            _ => {}
        }
        // A client that has no room for its answers polls no more.
        if transport == Some(Transport::Polling) && alive == 0 && !closing && wants_input {
            assert_eq!(self.polls.len(), 1, "nobody polls: {self:?}");
        }
    }
}
