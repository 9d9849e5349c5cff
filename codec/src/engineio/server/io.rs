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
///
/// ```
/// use sio_codec::engineio::server::{Carrier, Config, Input, RequestId, Route, Router};
/// use sio_codec::engineio::{Event, Revision, Sid};
/// use sio_codec::{Frame, Machine, Output, Timestamp};
///
/// # use sio_codec::engineio::RequestHead;
/// # let head = RequestHead {
/// #     method: "GET", query: "EIO=4&transport=polling", content_type: None, origin: None, wants_websocket: false,
/// # };
/// # let Ok(Route::Handshake(handshake)) = Router::new(Config::default())?.route(&head) else { unreachable!() };
/// let now = Timestamp::ZERO;
/// let mut session = handshake.accept(now, Sid::from_entropy([7; 15]), Carrier::Request(RequestId(1)));
/// # while session.poll_output().is_some() {}
/// // A POST with `4hello`
/// let (id, revision) = (RequestId(2), Some(Revision::V4));
/// session.handle(now, Input::Post { id, revision, format: sio_codec::engineio::BodyFormat::Text });
/// session.handle(now, Input::Body { id, body: "4hello".into() });
/// assert_eq!(session.poll_output(), Some(Output::Event(Event::Message(Frame::from("hello")))));
/// # Ok::<(), sio_codec::engineio::ConfigError>(())
/// ```
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

impl Input {
    /// What it happened to. A WebSocket has the number of its request.
    pub(super) const fn end(&self) -> RequestId {
        match self {
            Self::Poll { id, .. }
            | Self::Post { id, .. }
            | Self::Body { id, .. }
            | Self::BodyTooLarge { id }
            | Self::Aborted { id } => *id,
            Self::Upgrade { ws, .. }
            | Self::WsFrame { ws, .. }
            | Self::WsFull { ws }
            | Self::WsWritable { ws }
            | Self::WsClosed { ws } => RequestId(ws.0),
        }
    }
}

/// What the HTTP and WebSocket server has to do for one session.
///
/// ```
/// use sio_codec::engineio::server::{Carrier, Config, RequestId, Route, Router, Transmit};
/// use sio_codec::engineio::Sid;
/// use sio_codec::{Machine, Output, Timestamp};
///
/// # use sio_codec::engineio::RequestHead;
/// # let head = RequestHead {
/// #     method: "GET", query: "EIO=4&transport=polling", content_type: None, origin: None, wants_websocket: false,
/// # };
/// # let Ok(Route::Handshake(handshake)) = Router::new(Config::default())?.route(&head) else { unreachable!() };
/// let mut session = handshake.accept(Timestamp::ZERO, Sid::from_entropy([7; 15]), Carrier::Request(RequestId(1)));
/// while let Some(output) = session.poll_output() {
///     let Output::Transmit(transmit) = output else { continue };
///     match transmit {
///         Transmit::Respond { id, response } => assert_eq!((id, response.status), (RequestId(1), 200)),
///         Transmit::WsAccept { .. } | Transmit::WsRefuse { .. } => unreachable!("no WebSocket asked for the session"),
///         Transmit::WsSend { .. } | Transmit::WsClose { .. } => unreachable!("it has none"),
///     }
/// }
/// # Ok::<(), sio_codec::engineio::ConfigError>(())
/// ```
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
