//! What goes out of the engine and what comes in.

use bytes::Bytes;

/// The program's handle on one request or connection of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u32);

/// What the engine wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Send an HTTP request on a connection of its own.
    Request {
        /// The request.
        id: Id,
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
    /// Send one WebSocket frame as it stands, masked; its length is computed. It need not be one that RFC 6455 allows.
    Frame {
        /// The WebSocket.
        id: Id,
        /// The first byte: FIN, the three reserved bits, the opcode.
        head: u8,
        /// What it carries, before masking.
        payload: Bytes,
        /// Where the frame is cut in two, in bytes from its first. Up to there it is sent at once, the rest 20 ms later, so
        /// that the two travel in segments of their own.
        cut: Option<usize>,
    },
    /// Send a Close frame.
    Close {
        /// The WebSocket.
        id: Id,
        /// Its code, if it has one.
        code: Option<u16>,
    },
    /// Send bytes on a new TCP connection. What comes of it is a [`Seen::Head`], if the server answers, and then a
    /// [`Seen::Lost`].
    Raw {
        /// The connection.
        id: Id,
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
    /// Header fields besides the obvious ones.
    pub headers: Vec<(String, String)>,
    /// The body, or its beginning.
    pub body: Bytes,
    /// A declared length that the body need not have.
    pub length: Option<u64>,
}

/// Something that happened on a request or connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Where.
    pub id: Id,
    /// What.
    pub seen: Seen,
}

/// What can happen on a request or connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The request was answered.
    Answer(Answer),
    /// The request ended without an answer, for this reason.
    Lost(String),
    /// On a connection that carries raw bytes: the status in the first line of the answer.
    Head(u16),
    /// The WebSocket is open.
    Opened,
    /// The WebSocket was refused.
    Refused(Answer),
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Bytes),
    /// A pong of the WebSocket's own, and what it carries. WebSocket pings are answered and not shown.
    Pong(Bytes),
    /// The WebSocket is over; the code of the Close frame, if there was one with a code.
    Closed(Option<u16>),
    /// The client had to give the WebSocket up, for this reason: what came breaks RFC 6455.
    Broken(String),
    /// The client gave the WebSocket up, for this reason: more came than is read.
    Flooded(String),
}

/// An HTTP answer, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The value of a header field.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let field = self.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str())
    }
}
