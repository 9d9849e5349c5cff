//! The requests and WebSockets of a client.

use std::collections::VecDeque;

use sio_codec::engineio::Query;
use sio_codec::{Frame, Timestamp};

use super::super::script::{Aftermath, End, Script, shown as joined};
use crate::replay::{Packet, hex, shorten};

/// One request or WebSocket of the client.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) query: String,
    pub(super) kind: Kind,
    pub(super) state: State,
    /// Claimed by a line of the trace.
    pub(super) claimed: bool,
    /// When it was started, or given up.
    pub(super) at: Timestamp,
}

#[derive(Debug)]
pub(super) enum Kind {
    Get,
    Post {
        content_type: Option<String>,
        packets: Vec<Packet>,
    },
    /// What was sent on it and not read yet.
    Socket(VecDeque<(Timestamp, Frame)>),
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
    /// Whether it belongs to a session that is open.
    pub(super) fn names_session(&self) -> bool {
        self.sid().is_some()
    }

    /// The session that it belongs to.
    pub(super) fn sid(&self) -> Option<String> {
        Query::new(&self.query).value("sid").map(Into::into)
    }

    /// The part that no line of the trace has read.
    pub(super) fn unread(&self) -> Option<String> {
        match &self.kind {
            Kind::Socket(sent) if !sent.is_empty() => Some(shown(sent)),
            _ if self.claimed || self.state != State::Open => None,
            Kind::Get => Some(format!("get {}", self.query)),
            Kind::Post { packets, .. } => Some(format!("post {}", shorten(&joined(packets, " ")))),
            Kind::Socket(_) => Some(format!("open {}", self.query)),
        }
    }

    /// The part that must not remain at the end of the trace.
    pub(super) fn leftover(&self, Script { end, aftermath, .. }: &Script) -> Option<String> {
        match &self.kind {
            _ if *end == End::Over && self.state == State::Open => Some(format!("{} is still in use", self.query)),
            Kind::Socket(_) if *end == End::Lives && self.state == State::GivenUp => {
                Some(format!("{} is given up", self.query))
            }
            // A client may say that it closes a session, even if the server should know.
            Kind::Socket(sent) if matches!(end, End::Unsaid | End::Left) && is_farewell(sent) => None,
            Kind::Socket(sent) if !sent.is_empty() => {
                let unexpected = !aftermath.allows(sent);
                unexpected.then(|| shown(sent))
            }
            // A client that starts a session at the end of a trace was expected to do nothing.
            Kind::Get if *end == End::Unsaid && !self.names_session() => self.unread(),
            Kind::Get => None,
            Kind::Post { packets, .. } if aftermath.pong && *packets == ["3"] => None,
            Kind::Post { packets, .. } if matches!(end, End::Unsaid | End::Left) && *packets == ["1"] => None,
            Kind::Post { .. } | Kind::Socket(_) => self.unread(),
        }
    }
}

fn is_farewell(sent: &VecDeque<(Timestamp, Frame)>) -> bool {
    sent.len() == 1 && sent.iter().all(|(_, frame)| *frame == Frame::from("1"))
}

impl Aftermath {
    fn allows(self, sent: &VecDeque<(Timestamp, Frame)>) -> bool {
        let due = [(self.pong, "3"), (self.upgrade, "5")].into_iter().filter(|(is_due, _)| *is_due);
        sent.iter().map(|(_, frame)| frame.clone()).eq(due.map(|(_, text)| Frame::from(text)))
    }
}

/// Whether two queries have the same parameters, in any order. A client may add some, see [`is_free`].
pub(super) fn same_query(wanted: &str, actual: &str) -> bool {
    let (wanted, actual) = (Query::new(wanted), Query::new(actual));
    let is_polling = wanted.value("transport").as_deref() == Some("polling");
    let is_own = |name: &str| !is_free(name, is_polling) || wanted.value(name).is_some();
    let mut asked: Vec<_> = wanted.pairs().collect();
    let mut pairs: Vec<_> = actual.pairs().filter(|(name, _)| is_own(name)).collect();
    asked.sort();
    pairs.sort();
    pairs == asked
}

/// Parameters that many clients add: `t` keeps answers out of caches, and `b64` asks for base64, which polling uses in
/// any case.
fn is_free(name: &str, is_polling: bool) -> bool {
    name == "t" || (name == "b64" && is_polling)
}

fn shown(sent: &VecDeque<(Timestamp, Frame)>) -> String {
    sent.iter().map(|(_, frame)| describe(frame)).collect::<Vec<_>>().join(", ")
}

/// In the syntax of a trace.
pub(super) fn describe(frame: &Frame) -> String {
    match frame {
        Frame::Text(text) => format!("text {}", shorten(text.as_str())),
        Frame::Binary(bytes) => format!("binary {}", shorten(&hex(bytes))),
    }
}
