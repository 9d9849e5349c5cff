//! The laws of a server's machines that can be checked in a single life.

use std::collections::BTreeMap;

use sio_codec::engineio::server::{Input, Transmit};

/// What a request or WebSocket waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Established,
    Over,
}

/// Watches the inputs and outputs.
#[derive(Debug, Default)]
pub(crate) struct Laws {
    requests: BTreeMap<u64, Stage>,
    websockets: BTreeMap<u64, Stage>,
    closed: bool,
}

impl Laws {
    /// A session that starts on a request waits to answer it.
    pub(crate) fn starts_on(&mut self, id: u64, websocket: bool) {
        if websocket {
            self.websockets.insert(id, Stage::Established);
        } else {
            self.requests.insert(id, Stage::Waiting);
        }
    }

    pub(crate) fn input(&mut self, input: &Input) {
        match input {
            Input::Poll { id, .. } | Input::Post { id, .. } => {
                self.requests.insert(id.0, Stage::Waiting);
            }
            Input::Upgrade { ws, .. } => {
                self.websockets.insert(ws.0, Stage::Waiting);
            }
            Input::Aborted { id } => {
                self.requests.insert(id.0, Stage::Over);
            }
            Input::WsClosed { ws } => {
                self.websockets.insert(ws.0, Stage::Over);
            }
            _ => {}
        }
    }

    /// L1: one answer for each request and each upgrade; nothing is sent on a WebSocket that is not there. L2: after
    /// the end, only refusals.
    pub(crate) fn transmit(&mut self, transmit: &Transmit) {
        let (table, id, from, to) = match transmit {
            Transmit::Respond { id, .. } => (&mut self.requests, id.0, Stage::Waiting, Stage::Over),
            Transmit::WsAccept { ws } => (&mut self.websockets, ws.0, Stage::Waiting, Stage::Established),
            Transmit::WsRefuse { ws, .. } => (&mut self.websockets, ws.0, Stage::Waiting, Stage::Over),
            Transmit::WsSend { ws, .. } => (&mut self.websockets, ws.0, Stage::Established, Stage::Established),
            Transmit::WsClose { ws } => (&mut self.websockets, ws.0, Stage::Established, Stage::Over),
        };
        let stage = table.insert(id, to);
        assert_eq!(stage, Some(from), "L1: {transmit:?}");
        if self.closed {
            let refusal = match transmit {
                Transmit::Respond { response, .. } | Transmit::WsRefuse { response, .. } => response.status >= 400,
                _ => false,
            };
            assert!(refusal, "L2: after the end: {transmit:?}");
        }
    }

    /// L2: the end is reported once, and nothing follows it.
    pub(crate) fn event(&mut self, closes: bool) {
        assert!(!self.closed, "L2: an event after the end");
        self.closed = closes;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// L1: nothing waits when the session is over; a WebSocket that was accepted is closed.
    pub(crate) fn at_rest(&self) {
        if self.closed {
            let open = |stage: &Stage| *stage != Stage::Over;
            assert!(!self.requests.values().any(open), "L1: unanswered: {:?}", self.requests);
            assert!(!self.websockets.values().any(open), "L1: still open: {:?}", self.websockets);
        }
    }
}
