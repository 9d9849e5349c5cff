//! What a node tells the application.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::cluster::error::DecodeError;
use crate::cluster::event::Event as Said;
use crate::cluster::room::RoomKey;
use crate::cluster::socket::SocketDescriptor;
use crate::names::names;
use crate::socketio::{Namespace, Value, hub};

/// A question to the cluster that waits for its answers.
///
/// The [whole life](super#a-whole-life) of a node has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a number, for tables of the program's")]
pub struct QuestionId(pub u64);

/// An event between servers that this one is to answer.
///
/// [`Node::answer`](super::Node::answer) has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a number, for tables of the program's")]
pub struct ReplyId(pub u64);

/// What a node tells the application.
///
/// The [whole life](super#a-whole-life) of a node has an example.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// Something about this node's own members.
    Local(hub::Event),
    /// A question has ended: everybody has answered, or its time is over.
    Answered {
        /// The question.
        question: QuestionId,
        /// What was answered, in the order in which it came; this node's own part is first.
        answers: Answers,
        /// Who did not answer.
        missing: Missing,
    },
    /// A client that wanted to [come back](super::Node::recover) is a member again, or is to be treated as a new one. It comes
    /// before anything that the member is to get.
    Recovery {
        /// What the node gave when it was asked.
        question: QuestionId,
        /// The member that it is now, and what it missed; `None` if it is new.
        recovered: Option<hub::Recovered>,
    },
    /// Another server says something to the servers of a namespace.
    ServerSide {
        /// The namespace.
        namespace: Namespace,
        /// What it says.
        event: Said,
        /// How to answer, if it wants an answer: with [`Node::answer`](super::Node::answer).
        reply: Option<ReplyId>,
    },
    /// A message did not reach the bus, or nobody knows whether it did: Redis is away, or there is no
    /// [room](super::Config::max_bus_bytes) for it. What it was about has happened on this node, and nowhere else; a client
    /// whose `Session` was not stored cannot come back.
    Unsent {
        /// The namespace.
        namespace: Namespace,
        /// The [name](crate::cluster::Message::name) of the message, or `Session`.
        message: &'static str,
    },
    /// Something came from the bus that is not a message, or not one that may stand there. Nothing else happened.
    Rejected {
        /// The channel, or the stream; for what cannot be read of a client that comes back, its namespace.
        channel: String,
        /// Why.
        fault: Rejection,
    },
}

/// What the cluster answered.
///
/// The [whole life](super#a-whole-life) of a node has an example.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answers {
    /// To [`Node::fetch`](super::Node::fetch): the sockets.
    Sockets(Vec<SocketDescriptor>),
    /// To [`Node::all_rooms`](super::Node::all_rooms): the rooms, each once, in no particular order.
    Rooms(Vec<RoomKey>),
    /// To [`Node::server_side_emit_with_ack`](super::Node::server_side_emit_with_ack): what each other server answered.
    Servers(Vec<Value>),
    /// To [`Node::broadcast_with_ack`](super::Node::broadcast_with_ack): the first argument of each client's acknowledgement.
    Clients(Vec<Value>),
}

/// Who did not answer in time.
///
/// ```
/// use sio_codec::cluster::node::Missing;
///
/// // Nobody has counted the servers.
/// assert!(!Missing::default().is_nobody());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Missing {
    /// Servers; `None` if nobody knows how many there are: Redis is away, or this server does not have the namespace itself.
    pub servers: Option<usize>,
    /// Clients of this server, and of those that told how many they asked.
    pub clients: usize,
}

impl Missing {
    /// Whether everybody has answered.
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        matches!(self, Self { servers: Some(0), clients: 0 })
    }
}

/// Why something from the bus is passed over.
///
/// ```
/// use sio_codec::cluster::node::Rejection;
///
/// assert_eq!(Rejection::TooManyRequests.to_string(), "too many questions wait for answers");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// It is no message of this adapter.
    Unreadable(DecodeError),
    /// An event with a name that belongs to the library, or with arguments that clients of this server cannot read.
    Unsendable,
    /// A question, while as many as [allowed](super::Config::max_requests) wait.
    TooManyRequests,
    /// Members were to enter a room who are in as many as [allowed](crate::Limits::max_rooms_per_member). All others did.
    TooManyRooms,
}

names!(Rejection: Unreadable Unsendable TooManyRequests TooManyRooms);

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::Unsendable => f.write_str("an event that clients cannot be sent"),
            Self::TooManyRequests => f.write_str("too many questions wait for answers"),
            Self::TooManyRooms => f.write_str("a member is in too many rooms to enter another one"),
        }
    }
}

impl core::error::Error for Rejection {}

/// Why a question was not asked.
///
/// ```
/// use sio_codec::cluster::node::AskError;
///
/// assert_eq!(AskError::Unsupported.to_string(), "the adapter has no such question");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AskError {
    /// [`Config::max_requests`](super::Config::max_requests) is reached.
    TooManyRequests,
    /// The adapter has no such question.
    Unsupported,
}

names!(AskError: TooManyRequests Unsupported);

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooManyRequests => "too many questions wait for answers",
            Self::Unsupported => "the adapter has no such question",
        })
    }
}

impl core::error::Error for AskError {}
