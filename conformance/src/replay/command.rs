//! The commands that the engine emits, and the happenings that it receives.

use bytes::Bytes;

use crate::trace::Node;

/// The engine's number for one request or connection of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u32);

/// What the program must do for the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Send an HTTP request on a new connection.
    Request {
        /// The request.
        id: Id,
        /// The server.
        node: Node,
        /// What to send.
        request: Outgoing,
    },
    /// Send more of the body of a request whose length was declared.
    Part {
        /// The request.
        id: Id,
        /// The piece.
        bytes: Bytes,
    },
    /// Drop the connection of a request.
    Abort {
        /// The request.
        id: Id,
    },
    /// Open a WebSocket.
    Open {
        /// The WebSocket.
        id: Id,
        /// The server.
        node: Node,
        /// The query string.
        query: String,
        /// Further header fields.
        headers: Vec<(String, String)>,
    },
    /// Send a text message.
    Text {
        /// The WebSocket.
        id: Id,
        /// The message.
        text: String,
    },
    /// Send a binary message.
    Binary {
        /// The WebSocket.
        id: Id,
        /// The message.
        bytes: Bytes,
    },
    /// Send one raw WebSocket frame, masked; its length is computed. RFC 6455 may forbid the frame.
    Frame {
        /// The WebSocket.
        id: Id,
        /// The first byte: FIN, the three reserved bits, the opcode.
        head: u8,
        /// Its payload, before masking.
        payload: Bytes,
        /// The byte offset at which the frame is cut in two. The second part is sent 20 ms after the first, so that
        /// they travel in separate segments.
        cut: Option<usize>,
    },
    /// Send a Close frame.
    Close {
        /// The WebSocket.
        id: Id,
        /// Its code, if it has one.
        code: Option<u16>,
    },
    /// Send bytes on a new TCP connection. The results are a [`Seen::Head`], if the server answers, and then a
    /// [`Seen::Lost`].
    Raw {
        /// The connection.
        id: Id,
        /// The server.
        node: Node,
        /// The bytes.
        bytes: Bytes,
    },
}

/// An HTTP request to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The method, in capitals.
    pub method: String,
    /// The query string.
    pub query: String,
    /// Header fields in addition to those that every request has.
    pub headers: Vec<(String, String)>,
    /// The body, or its beginning.
    pub body: Bytes,
    /// A declared length, which may differ from the body's.
    pub length: Option<u64>,
}

impl Outgoing {
    /// The value of an additional header field.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let field = self.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str())
    }
}

/// Something that happened on a request or connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// The request or connection.
    pub id: Id,
    /// What happened.
    pub seen: Seen,
}

/// What can happen on a request or connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The request was answered.
    Answer(Answer),
    /// The request ended without an answer, for this reason.
    Lost(String),
    /// On a raw connection: the status in the first line of the answer.
    Head(u16),
    /// The WebSocket is open.
    Opened,
    /// The WebSocket was refused.
    Refused(Answer),
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Bytes),
    /// A pong of the WebSocket protocol, with its payload. WebSocket pings are answered and not reported.
    Pong(Bytes),
    /// The WebSocket is over; the code of the Close frame, if there was one with a code.
    Closed(Option<u16>),
    /// The client closed the WebSocket, for this reason: the server broke RFC 6455.
    Broken(String),
    /// The client closed the WebSocket, for this reason: the server sent more than the client reads.
    Flooded(String),
}

/// A complete HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header fields, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The answer to a poll whose packets came earlier.
    pub(super) fn of_early() -> Self {
        let content_type = ("content-type".to_owned(), "text/plain; charset=UTF-8".to_owned());
        Self { status: 200, headers: vec![content_type], body: Bytes::new() }
    }

    /// The value of a header field.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let field = self.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str())
    }
}
