//! What is seen on a connection.

use std::time::Duration;

use crate::replay::plural;
use crate::trace::{Revision, Side};

/// A request with its answer, or a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exchange {
    /// The number of the connection, from 0 in the order of the connections.
    pub connection: u32,
    /// The number of the request on this connection, from 0.
    pub request: u32,
}

/// Something that one side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The time since the recording began.
    pub at: Duration,
    /// What it is a part of.
    pub exchange: Exchange,
    /// What was said.
    pub what: What,
}

/// What was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The client sent a request, with its whole body.
    Request {
        /// The method, in capitals.
        method: String,
        /// The path and the query.
        target: String,
        /// The `User-Agent`, if there is one.
        agent: Option<String>,
        /// The `Content-Type`, if there is one.
        content_type: Option<String>,
        /// The body, empty if there is none.
        body: Body,
    },
    /// The server answered a request, with its whole body.
    Answer {
        /// The status.
        status: u16,
        /// The `Content-Type`, if there is one.
        content_type: Option<String>,
        /// The body, without transfer and content encodings.
        body: Body,
    },
    /// The client asked for a WebSocket.
    Open {
        /// The path and the query.
        target: String,
        /// The `User-Agent`, if there is one.
        agent: Option<String>,
    },
    /// The server opened the WebSocket.
    Opened,
    /// The recording goes on with messages, and does not show what they are a part of.
    Joined(Joined),
    /// A text message.
    Text(Side, String),
    /// A binary message.
    Binary(Side, Vec<u8>),
    /// A binary message, of which the recording has only this description.
    Hidden(Side, String),
    /// A Close frame with its code, if it has one.
    Close(Side, Option<u16>),
    /// What this side sent cannot be read, for this reason: a message, or all from here on. The relay carries it all the same.
    Unreadable(Side, String),
    /// This side ended the connection.
    End(Side),
}

/// Messages whose request or WebSocket is not in the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The session, if the recording names it.
    pub sid: Option<String>,
    /// The revision of Engine.IO, as the messages show it.
    pub revision: Revision,
    /// What carried the messages.
    pub way: Way,
}

/// What carried messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One WebSocket.
    WebSocket,
    /// What the transports brought: the log of a library.
    Any,
}

/// How exact the times of a recording are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// They are multiples of this; zero if they are exact.
    Ticks(Duration),
    /// There are none, or they do not say when something passed.
    Absent,
}

impl Default for Clock {
    fn default() -> Self {
        Self::Ticks(Duration::ZERO)
    }
}

/// The body of a request or an answer.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// It cannot be shown, for this reason: it is too long, it was cut, or its encoding is not known.
    Unreadable(String),
}

impl Body {
    /// A body without bytes.
    #[must_use]
    pub const fn empty() -> Self {
        Self::Whole(Vec::new())
    }

    /// The number of bytes that are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::Unreadable(_) => 0,
        }
    }

    /// Whether no bytes are kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The body as text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Whole(bytes) => str::from_utf8(bytes).ok(),
            Self::Unreadable(_) => None,
        }
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self, self.text()) {
            (_, Some(text)) => write!(f, "{text:?}"),
            (Self::Whole(bytes), None) => f.write_str(&plural(bytes.len(), "byte")),
            (Self::Unreadable(why), None) => f.write_str(why),
        }
    }
}
