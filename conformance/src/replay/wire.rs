//! The state of one channel: an HTTP request or a WebSocket.

use std::collections::VecDeque;

use bytes::Bytes;
use sio_codec::Timestamp;

use super::aside::{CLOSE, Heartbeats};
use super::command::{Answer, Id, Outgoing};
use super::excerpt::{lossy, shorten, shorten_hex};
use super::refusal::says_unknown;

/// One channel.
#[derive(Debug)]
pub(super) struct Wire {
    /// Its present request or connection.
    pub(super) id: Id,
    /// When the last step on it was played or seen.
    pub(super) last: Timestamp,
    pub(super) kind: Kind,
    pub(super) attention: Attention,
}

/// Whether what arrives on a channel has to be accounted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Attention {
    #[default]
    Paid,
    /// A line that the trace can do without was waited for in vain. What comes after all is late, and nothing else.
    GivenUp,
}

#[derive(Debug)]
pub(super) enum Kind {
    Request(Box<Exchange>),
    Socket(Socket),
    /// Bytes on a TCP connection.
    Raw(Raw),
}

/// What came back on a connection that carries raw bytes, and was not read yet.
#[derive(Debug, Default)]
pub(super) struct Raw {
    /// The status of an HTTP answer, and when it came.
    pub(super) status: Option<(Timestamp, u16)>,
    /// When and why the connection was over.
    pub(super) end: Option<(Timestamp, String)>,
}

/// A request and what has come back.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) request: Outgoing,
    /// How many packets its answers have to carry before it is answered for good.
    pub(super) until: usize,
    pub(super) answer: Reply,
    /// When a ping or a noop had taken its answer, and it was sent again.
    pub(super) again: Option<Timestamp>,
    /// Where the timeline has the answer.
    pub(super) entry: Option<usize>,
}

/// How far an answer has come, and how far it was read.
#[derive(Debug)]
pub(super) enum Reply {
    /// Not here, or not all of it; the packets so far, and when to poll again if not at once.
    Pending {
        packets: Vec<String>,
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
    /// Nothing of it is unread.
    Spent {
        answer: Option<Answer>,
    },
}

/// What of an answer was not looked at yet.
#[derive(Debug)]
pub(super) enum Rest {
    /// Not even its status.
    All(VecDeque<String>),
    /// Its body.
    Body(VecDeque<String>),
    /// Some packets of its body.
    Packets(VecDeque<String>),
}

/// A WebSocket and what has arrived on it.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) state: SocketState,
    pub(super) speech: Speech,
    pub(super) inbox: VecDeque<Received>,
}

/// How far the client has got with a message, which may be in fragments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Speech {
    #[default]
    Done,
    /// Nothing but control frames may be sent before the last fragment. So many pongs wait for that.
    Amid { pongs: u32 },
}

/// Something that arrived, when, and where the timeline has it.
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
    /// The client had to give the WebSocket up, for this reason.
    Broken(String),
}

impl Arrival {
    /// In the words of a trace.
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

    /// Whether nothing can follow it.
    pub(super) const fn is_end(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Closed(_) | Self::Broken(_))
    }
}

impl Wire {
    /// What arrived and was not read, in the words of a trace.
    pub(super) fn unread(&self, heartbeats: Heartbeats) -> Option<String> {
        if self.attention == Attention::GivenUp {
            return None;
        }
        match &self.kind {
            Kind::Request(exchange) => exchange.unread(heartbeats),
            // Pongs that no line waits for are the WebSocket's own affair.
            Kind::Socket(socket) => {
                let mut arrivals = socket.inbox.iter().map(|received| &received.arrival);
                arrivals.find(|arrival| !matches!(arrival, Arrival::Pong(_))).map(Arrival::describe)
            }
            Kind::Raw(_) => None,
        }
    }
}

impl Wire {
    /// Whether the request, or the WebSocket, or its session was seen to be over, by something that was not read.
    pub(super) fn saw_end(&self) -> bool {
        match &self.kind {
            Kind::Request(exchange) => exchange.answer.is_end(),
            Kind::Socket(socket) => socket.inbox.iter().any(|received| received.arrival.is_end()),
            Kind::Raw(_) => false,
        }
    }

    /// When the channel's request is to be repeated.
    pub(super) fn polls_again(&self) -> Option<Timestamp> {
        match &self.kind {
            Kind::Request(exchange) => match exchange.answer {
                Reply::Pending { again, .. } => again,
                Reply::Arrived { .. } | Reply::Lost { .. } | Reply::Spent { .. } => None,
            },
            Kind::Socket(_) | Kind::Raw(_) => None,
        }
    }

    /// Whether the channel's request got an answer, and not the one it was made for.
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

    /// When the channel's request was last sent once more.
    pub(super) fn sent_again(&self) -> Option<Timestamp> {
        match &self.kind {
            Kind::Request(exchange) => exchange.again,
            Kind::Socket(_) | Kind::Raw(_) => None,
        }
    }

    /// When the oldest thing that was not read arrived.
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

    /// Whether nobody can say when something arrives: on a WebSocket, and on a GET of a session.
    pub(super) fn may_stay_silent(&self) -> bool {
        match &self.kind {
            Kind::Request(exchange) => exchange.request.method == "GET" && exchange.request.query.contains("sid="),
            Kind::Socket(_) => true,
            Kind::Raw(_) => false,
        }
    }

    /// Where the timeline has the oldest thing that was not read.
    pub(super) fn front_entry(&self) -> Option<usize> {
        match &self.kind {
            Kind::Request(exchange) => exchange.entry,
            Kind::Socket(socket) => socket.inbox.front().map(|received| received.entry),
            Kind::Raw(_) => None,
        }
    }
}

impl Reply {
    /// Whether all packets of the answer were taken out.
    pub(super) fn is_read(&self) -> bool {
        matches!(self, Self::Arrived { rest: Rest::Packets(packets), .. } if packets.is_empty())
    }

    /// Whether it says that the session is over.
    pub(super) fn is_end(&self) -> bool {
        match self {
            Self::Arrived { answer, .. } => {
                says_unknown(answer) || packets(&answer.body).back().is_some_and(|packet| packet == CLOSE)
            }
            Self::Lost { .. } => true,
            Self::Pending { .. } | Self::Spent { .. } => false,
        }
    }

    /// Anything that was not read, of whatever status.
    pub(super) fn news(&self) -> Option<String> {
        match self {
            Self::Arrived { answer, .. } => Some(describe(answer)),
            Self::Lost { reason, .. } => Some(reason.clone()),
            Self::Pending { .. } | Self::Spent { .. } => None,
        }
    }
}

impl Exchange {
    /// What of the answer was not read. The body of an accepted POST says nothing to a client, which takes any.
    //= EIO4-POST-06
    fn unread(&self, heartbeats: Heartbeats) -> Option<String> {
        match &self.answer {
            Reply::Arrived { answer, rest: Rest::All(_), .. } => Some(describe(answer)),
            Reply::Arrived { answer, rest: Rest::Body(_), .. }
                if self.request.method == "GET" && answer.status == 200 && !answer.body.is_empty() =>
            {
                Some(format!("body {}", shorten(&lossy(&answer.body))))
            }
            Reply::Arrived { rest: Rest::Packets(packets), .. } => {
                packets.front().map(|packet| format!("packet {}", shorten(packet)))
            }
            Reply::Lost { reason, .. } if heartbeats == Heartbeats::Expected => Some(reason.clone()),
            Reply::Arrived { .. } | Reply::Lost { .. } | Reply::Pending { .. } | Reply::Spent { .. } => None,
        }
    }
}

/// An answer in the words of a trace.
pub(super) fn describe(answer: &Answer) -> String {
    let content_type = answer.header("content-type").unwrap_or_default();
    format!("{} {content_type} {}", answer.status, shorten(&lossy(&answer.body)))
}

/// The packets of a polling body.
pub(super) fn packets(body: &[u8]) -> VecDeque<String> {
    lossy(body).split('\u{1e}').map(str::to_owned).collect()
}
