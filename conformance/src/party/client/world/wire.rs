//! The requests and WebSockets of a client.

use std::collections::VecDeque;

use sio_codec::Frame;
use sio_codec::engineio::Query;

use super::super::script::{Aftermath, Script};
use crate::replay::{hex, shorten};

/// One request or WebSocket of the client.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) query: String,
    pub(super) kind: Kind,
    pub(super) state: State,
    /// Claimed by a line of the trace.
    pub(super) claimed: bool,
}

#[derive(Debug)]
pub(super) enum Kind {
    Get,
    Post(Vec<String>),
    /// What was sent on it and not read yet.
    Socket(VecDeque<Frame>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is open, or waits for an answer.
    Open,
    /// The client aborted it.
    GivenUp,
    /// It was answered, or closed by the server.
    Done,
}

impl Wire {
    /// The part that no line of the trace has read.
    pub(super) fn unread(&self) -> Option<String> {
        match &self.kind {
            Kind::Socket(sent) if !sent.is_empty() => Some(sent.iter().map(describe).collect::<Vec<_>>().join(", ")),
            _ if self.claimed || self.state != State::Open => None,
            Kind::Get => Some(format!("get {}", self.query)),
            Kind::Post(packets) => Some(format!("post {}", shorten(&packets.join(" ")))),
            Kind::Socket(_) => Some(format!("open {}", self.query)),
        }
    }

    /// The part that must not remain at the end of the trace.
    pub(super) fn leftover(&self, Script { ends, aftermath, .. }: &Script) -> Option<String> {
        match &self.kind {
            _ if *ends && self.state == State::Open => Some(format!("{} is still in use", self.query)),
            Kind::Socket(_) if !ends && self.state == State::GivenUp => Some(format!("{} is given up", self.query)),
            Kind::Socket(sent) if !sent.is_empty() => {
                let unexpected = !aftermath.allows(sent);
                unexpected.then(|| sent.iter().map(describe).collect::<Vec<_>>().join(", "))
            }
            Kind::Get => None,
            Kind::Post(packets) if aftermath.pong && *packets == ["3"] => None,
            Kind::Post(_) | Kind::Socket(_) => self.unread(),
        }
    }
}

impl Aftermath {
    fn allows(self, sent: &VecDeque<Frame>) -> bool {
        let due = [(self.pong, "3"), (self.upgrade, "5")].into_iter().filter(|(is_due, _)| *is_due);
        *sent == due.map(|(_, text)| Frame::from(text)).collect::<Vec<_>>()
    }
}

/// Whether two queries have the same parameters, in any order.
pub(super) fn same_query(wanted: &str, actual: &str) -> bool {
    let sorted = |query| {
        let mut pairs: Vec<_> = Query::new(query).pairs().collect();
        pairs.sort();
        pairs
    };
    sorted(wanted) == sorted(actual)
}

/// In the syntax of a trace.
pub(super) fn describe(frame: &Frame) -> String {
    match frame {
        Frame::Text(text) => format!("text {}", shorten(text.as_str())),
        Frame::Binary(bytes) => format!("binary {}", shorten(&hex(bytes))),
    }
}
