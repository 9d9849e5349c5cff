//! The state of one channel: an HTTP request or a WebSocket.

use std::collections::VecDeque;

use bytes::Bytes;
use sio_codec::Timestamp;

use super::aside::{CLOSE, Heartbeats};
use super::command::{Answer, Id, Outgoing};
use super::excerpt::{lossy, shorten, shorten_hex};
use super::framing::{Framing, Packet};
use super::refusal::says_unknown;

/// One channel.
#[derive(Debug)]
pub(super) struct Wire {
    /// Its current request or connection.
    pub(super) id: Id,
    /// When the last step on it was played or seen.
    pub(super) last: Timestamp,
    pub(super) kind: Kind,
    pub(super) attention: Attention,
}

/// Whether items that arrive on a channel must be mentioned by the trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Attention {
    #[default]
    Paid,
    /// An optional line was waited for in vain. If it comes later it is late, which is not a fault.
    GivenUp,
}

#[derive(Debug)]
pub(super) enum Kind {
    Request(Box<Exchange>),
    Socket(Socket),
    /// A raw TCP connection.
    Raw(Raw),
}

/// What came back on a raw connection and was not read yet.
#[derive(Debug, Default)]
pub(super) struct Raw {
    /// The status of an HTTP answer, and when it came.
    pub(super) status: Option<(Timestamp, u16)>,
    /// When and why the connection ended.
    pub(super) end: Option<(Timestamp, String)>,
}

/// A request and what has come back.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) request: Outgoing,
    /// How the packets of the request and of its answers are joined.
    pub(super) framing: Framing,
    pub(super) posted: Posted,
    /// The answers to its polls must have this many packets in all; until then it is repeated.
    pub(super) until: usize,
    pub(super) answer: Reply,
    /// The times at which the request was sent again, after a heartbeat had taken its answer.
    pub(super) again: Vec<Timestamp>,
    /// The index of the answer in the timeline.
    pub(super) entry: Option<usize>,
}

/// What a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Posted {
    /// Among others, the packet by which the server knows that the client is there.
    Heartbeat,
    Other,
}

/// How much of an answer has arrived, and how much of it was read.
#[derive(Debug)]
pub(super) enum Reply {
    /// Not complete; has the packets so far, and the time of the next poll if it is not at once.
    Pending {
        packets: Vec<Packet>,
        again: Option<Timestamp>,
    },
    Arrived {
        at: Timestamp,
        answer: Answer,
        rest: Rest,
    },
    Lost {
        at: Timestamp,
        reason: String,
    },
    /// All of it was read.
    Spent {
        answer: Option<Answer>,
    },
}

/// The unread part of an answer.
#[derive(Debug)]
pub(super) enum Rest {
    /// All of it, beginning with the status.
    All(VecDeque<Packet>),
    /// Its body.
    Body(VecDeque<Packet>),
    /// Some packets of its body.
    Packets(VecDeque<Packet>),
}

/// A WebSocket and what has arrived on it.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) state: SocketState,
    pub(super) speech: Speech,
    pub(super) inbox: VecDeque<Received>,
}

/// Whether the client is in the middle of a message in fragments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Speech {
    #[default]
    Done,
    /// Only control frames may be sent before the last fragment. This many pongs wait for it.
    Amid { pongs: u32 },
}

/// Something that arrived, with its time and its index in the timeline.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) at: Timestamp,
    pub(super) entry: usize,
    pub(super) arrival: Arrival,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SocketState {
    Opening,
    Open,
    Over,
}

#[derive(Clone, Debug)]
pub(super) enum Arrival {
    Text(String),
    Binary(Bytes),
    Pong(Bytes),
    Refused(Answer),
    Closed(Option<u16>),
    /// The client closed the WebSocket, for this reason.
    Broken(String),
}

impl Arrival {
    /// In the syntax of a trace.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Text(text) => format!("text {}", shorten(text)),
            Self::Binary(bytes) => format!("binary {}", shorten_hex(bytes)),
            Self::Pong(bytes) => format!("pong {}", shorten_hex(bytes)),
            Self::Refused(answer) => format!("refused {} {}", answer.status, shorten(&lossy(&answer.body))),
            Self::Closed(None) => "closed".to_owned(),
            Self::Closed(Some(code)) => format!("closed {code}"),
            Self::Broken(reason) => format!("broken ({reason})"),
        }
    }

    /// Whether it is the last item.
    pub(super) const fn is_end(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Closed(_) | Self::Broken(_))
    }
}

impl Wire {
    /// What arrived and was not read, in the syntax of a trace.
    pub(super) fn unread(&self, heartbeats: Heartbeats) -> Option<String> {
        if self.attention == Attention::GivenUp {
            return None;
        }
        match &self.kind {
            Kind::Request(exchange) => exchange.unread(heartbeats),
            // Pongs that no line waits for belong to the WebSocket protocol.
            Kind::Socket(socket) => {
                let mut arrivals = socket.inbox.iter().map(|received| &received.arrival);
                arrivals.find(|arrival| !matches!(arrival, Arrival::Pong(_))).map(Arrival::describe)
            }
            Kind::Raw(_) => None,
        }
    }
}

impl Wire {
    /// Whether an unread item shows that the request, the WebSocket or its session is over.
    pub(super) fn saw_end(&self) -> bool {
        match &self.kind {
            Kind::Request(exchange) => exchange.is_end(),
            Kind::Socket(socket) => socket.inbox.iter().any(|received| received.arrival.is_end()),
            Kind::Raw(_) => false,
        }
    }

    /// When the channel's request must be repeated.
    pub(super) fn polls_again(&self) -> Option<Timestamp> {
        match &self.kind {
            Kind::Request(exchange) => match exchange.answer {
                Reply::Pending { again, .. } => again,
                Reply::Arrived { .. } | Reply::Lost { .. } | Reply::Spent { .. } => None,
            },
            Kind::Socket(_) | Kind::Raw(_) => None,
        }
    }

    /// Whether the channel's request got another answer than it was made for.
    pub(super) fn is_refused(&self) -> bool {
        match &self.kind {
            Kind::Request(exchange) => {
                matches!(&exchange.answer, Reply::Arrived { answer, .. } if answer.status != 200)
            }
            Kind::Socket(_) | Kind::Raw(_) => false,
        }
    }

    /// Whether the channel is a GET.
    pub(super) fn is_get(&self) -> bool {
        matches!(&self.kind, Kind::Request(exchange) if exchange.request.method == "GET")
    }

    /// When the request of this channel was first sent again after a ping, not counting the times before `since`.
    pub(super) fn sent_again(&self, since: Timestamp) -> Option<Timestamp> {
        match &self.kind {
            Kind::Request(exchange) => exchange.again.iter().copied().find(|again| *again >= since),
            Kind::Socket(_) | Kind::Raw(_) => None,
        }
    }

    /// When the oldest unread item arrived.
    pub(super) fn front_at(&self) -> Option<Timestamp> {
        match &self.kind {
            Kind::Request(exchange) => match &exchange.answer {
                Reply::Arrived { at, .. } | Reply::Lost { at, .. } => Some(*at),
                Reply::Pending { .. } | Reply::Spent { .. } => None,
            },
            Kind::Socket(socket) => socket.inbox.front().map(|received| received.at),
            Kind::Raw(raw) => raw.status.as_ref().map(|(at, _)| *at).or_else(|| raw.end.as_ref().map(|(at, _)| *at)),
        }
    }

    /// Whether the time of the next item is unknown: on a WebSocket, and on a GET of a session.
    pub(super) fn may_stay_silent(&self) -> bool {
        match &self.kind {
            Kind::Request(exchange) => exchange.request.method == "GET" && exchange.request.query.contains("sid="),
            Kind::Socket(_) => true,
            Kind::Raw(_) => false,
        }
    }

    /// The timeline's index of the oldest unread item.
    pub(super) fn front_entry(&self) -> Option<usize> {
        match &self.kind {
            Kind::Request(exchange) => exchange.entry,
            Kind::Socket(socket) => socket.inbox.front().map(|received| received.entry),
            Kind::Raw(_) => None,
        }
    }
}

impl Reply {
    /// Whether all packets of the answer were read.
    pub(super) fn is_read(&self) -> bool {
        matches!(self, Self::Arrived { rest: Rest::Packets(packets), .. } if packets.is_empty())
    }

    /// Any unread part, with any status.
    pub(super) fn news(&self) -> Option<String> {
        match self {
            Self::Arrived { answer, .. } => Some(describe(answer)),
            Self::Lost { reason, .. } => Some(reason.clone()),
            Self::Pending { .. } | Self::Spent { .. } => None,
        }
    }
}

impl Exchange {
    /// Whether the answer says that the session is over.
    pub(super) fn is_end(&self) -> bool {
        match &self.answer {
            Reply::Arrived { answer, .. } => {
                says_unknown(answer) || self.packets(answer).back().is_some_and(|packet| packet.text() == CLOSE)
            }
            Reply::Lost { .. } => true,
            Reply::Pending { .. } | Reply::Spent { .. } => false,
        }
    }

    fn packets(&self, answer: &Answer) -> VecDeque<Packet> {
        self.framing.packets(answer.header("content-type"), &answer.body)
    }

    /// The unread part of the answer. The body of an accepted POST does not count, since clients ignore it.
    //= EIO4-POST-06
    fn unread(&self, heartbeats: Heartbeats) -> Option<String> {
        match &self.answer {
            Reply::Arrived { answer, rest: Rest::All(_), .. } => Some(describe(answer)),
            Reply::Arrived { answer, rest: Rest::Body(_), .. }
                if self.request.method == "GET" && answer.status == 200 && !answer.body.is_empty() =>
            {
                Some(format!("body {}", shorten(&lossy(&answer.body))))
            }
            Reply::Arrived { rest: Rest::Packets(packets), .. } => packets.front().map(show),
            Reply::Lost { reason, .. } if heartbeats == Heartbeats::Expected => Some(reason.clone()),
            Reply::Arrived { .. } | Reply::Lost { .. } | Reply::Pending { .. } | Reply::Spent { .. } => None,
        }
    }
}

/// An answer in the syntax of a trace.
pub(super) fn describe(answer: &Answer) -> String {
    let content_type = answer.header("content-type").unwrap_or_default();
    format!("{} {content_type} {}", answer.status, shorten(&lossy(&answer.body)))
}

/// A packet in the syntax of a trace.
pub(super) fn show(packet: &Packet) -> String {
    match packet {
        Packet::Text(text) => format!("packet {}", shorten(text)),
        Packet::Binary(bytes) => format!("binary {}", shorten_hex(bytes)),
    }
}
