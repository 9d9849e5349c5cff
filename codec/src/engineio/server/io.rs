//! What a program reports to a session, and what it does for it.

use bytes::Bytes;

use crate::engineio::http::Response;
use crate::engineio::ids::{RequestId, WsId};
use crate::engineio::payload::format::BodyFormat;
use crate::engineio::revision::{BinaryForm, Revision};
use crate::frame::Frame;

/// What an HTTP and WebSocket server can report about one session.
///
/// Reports about requests and WebSockets that the session does not know, or no longer, are ignored: a body whose POST was
/// answered already, the end of a WebSocket that the session closed. So a program can report what it sees, and need not
/// remember what was answered. After [`Event::Closed`](crate::engineio::Event::Closed) the session has nothing more to say
/// once [`poll_output`](crate::Machine::poll_output) returned `None`, and can be dropped; requests that name it are then those
/// of an unknown session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// A GET arrived. It is answered now or later by one [`Transmit::Respond`].
    Poll {
        /// The request.
        id: RequestId,
        /// The revision that it names: [`SessionRequest::revision`](super::SessionRequest::revision).
        revision: Option<Revision>,
    },
    /// The head of a POST arrived. It is answered by one [`Transmit::Respond`], possibly before its body is here.
    Post {
        /// The request.
        id: RequestId,
        /// The revision that it names: [`SessionRequest::revision`](super::SessionRequest::revision).
        revision: Option<Revision>,
        /// How the body is labelled.
        format: BodyFormat,
    },
    /// The body of a POST is complete.
    Body {
        /// The request.
        id: RequestId,
        /// The body.
        body: Bytes,
    },
    /// The body of a POST exceeds [`Limits::max_payload`](crate::Limits::max_payload); the program stopped reading. Also for
    /// a program that cannot tell this from a client that is gone: if it is gone, nobody hears the 413, and the session ends
    /// by its heartbeat.
    BodyTooLarge {
        /// The request.
        id: RequestId,
    },
    /// The client dropped the connection of a request before it was answered. No answer follows, and the session ends. A
    /// program that cannot notice this may leave it out: what it answers then is lost, and the heartbeat ends the session.
    Aborted {
        /// The request.
        id: RequestId,
    },
    /// A WebSocket asks for the session. It is answered by one [`Transmit::WsAccept`] or [`Transmit::WsRefuse`].
    Upgrade {
        /// The WebSocket to be.
        ws: WsId,
        /// The revision that it names: [`SessionRequest::revision`](super::SessionRequest::revision).
        revision: Option<Revision>,
        /// How its client takes binary messages.
        binary: BinaryForm,
    },
    /// A WebSocket delivered a message.
    WsFrame {
        /// The WebSocket.
        ws: WsId,
        /// The message.
        frame: Frame,
    },
    /// A WebSocket has no room for another message: nothing more is to be sent on it until [`WsWritable`](Self::WsWritable).
    /// Events still come out, so that a program whose writer is stuck goes on listening, for as long as the machine
    /// [wants input](crate::Machine::wants_input).
    WsFull {
        /// The WebSocket.
        ws: WsId,
    },
    /// A WebSocket that was full has room again.
    WsWritable {
        /// The WebSocket.
        ws: WsId,
    },
    /// A WebSocket closed, in whatever way, or was never established.
    WsClosed {
        /// The WebSocket.
        ws: WsId,
    },
}

/// What the HTTP and WebSocket server has to do for one session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a command is broken")]
pub enum Transmit {
    /// Answer a request.
    Respond {
        /// The request.
        id: RequestId,
        /// The answer.
        response: Response,
    },
    /// Establish a WebSocket: answer 101. Frames for it may follow before that is done.
    WsAccept {
        /// The WebSocket.
        ws: WsId,
    },
    /// Refuse a WebSocket with this answer.
    WsRefuse {
        /// The WebSocket.
        ws: WsId,
        /// The answer.
        response: Response,
    },
    /// Send a message.
    WsSend {
        /// The WebSocket.
        ws: WsId,
        /// The message.
        frame: Frame,
    },
    /// Close a WebSocket, after what was sent on it before. Reporting [`Input::WsClosed`] for it is not necessary.
    WsClose {
        /// The WebSocket.
        ws: WsId,
    },
}
