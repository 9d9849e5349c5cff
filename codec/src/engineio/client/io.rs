//! What a program reports to a session, and what it does for it.

use alloc::string::String;

use bytes::Bytes;

use crate::engineio::ids::{RequestId, WsId};
use crate::engineio::payload::Format;
use crate::engineio::payload::format::BodyFormat;
use crate::frame::Frame;

/// What an HTTP and WebSocket client can report about one session.
///
/// Reports about requests and WebSockets that the session does not know, or no longer, are ignored.
///
/// ```
/// use sio_codec::engineio::client::{ClientSession, Config, Input};
/// use sio_codec::engineio::{BodyFormat, Event, RequestId};
/// use sio_codec::{Machine, Output, Timestamp};
///
/// let now = Timestamp::ZERO;
/// let mut session = ClientSession::connect(now, Config::default());
/// assert!(session.poll_output().is_some(), "its first request");
/// let open = r#"0{"sid":"S","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
/// let format = BodyFormat::of_response(Some("text/plain; charset=UTF-8"));
/// session.handle(now, Input::Response { id: RequestId(1), status: 200, format, body: open.into() });
/// assert_eq!(session.poll_output(), Some(Output::Event(Event::Opened)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// A request was answered.
    Response {
        /// The request.
        id: RequestId,
        /// The status code.
        status: u16,
        /// How the body is labelled: [`BodyFormat::of_response`].
        format: BodyFormat,
        /// The body, complete and without its content coding.
        body: Bytes,
    },
    /// A request will not be answered: no connection, or it broke, or the answer exceeds
    /// [`Limits::max_payload`](crate::Limits::max_payload).
    Failed {
        /// The request.
        id: RequestId,
    },
    /// A WebSocket is established.
    WsOpened {
        /// The WebSocket.
        ws: WsId,
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
    /// A WebSocket closed, in whatever way, or could not be established.
    WsClosed {
        /// The WebSocket.
        ws: WsId,
    },
}

/// What the HTTP and WebSocket client has to do for one session.
///
/// ```
/// use sio_codec::engineio::RequestId;
/// use sio_codec::engineio::client::{ClientSession, Config, Transmit};
/// use sio_codec::{Machine, Output, Timestamp};
///
/// let mut session = ClientSession::connect(Timestamp::ZERO, Config::default());
/// let Some(Output::Transmit(Transmit::Request { id, query, body })) = session.poll_output() else { unreachable!() };
/// assert_eq!((id, &*query, body), (RequestId(1), "EIO=4&transport=polling", None), "a GET that opens a session");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a command is broken")]
pub enum Transmit {
    //= EIO4-HDR-04 exception: headers, and with them cookies, are the program's, which has the HTTP client
    //= EIO4-HDR-06 exception: content codings are offered and decoded by the program's HTTP client
    /// Send a request to the configured path: a POST if there is a body, else a GET. It is reported by one
    /// [`Input::Response`] or [`Input::Failed`].
    Request {
        /// The request.
        id: RequestId,
        /// The query, without its `?`.
        query: String,
        /// The body of a POST.
        body: Option<Body>,
    },
    /// Give up a request that is not answered yet. Reporting it is not necessary.
    Cancel {
        /// The request.
        id: RequestId,
    },
    /// Establish a WebSocket on the configured path. It is reported by one [`Input::WsOpened`] or [`Input::WsClosed`].
    WsConnect {
        /// The WebSocket.
        ws: WsId,
        /// The query, without its `?`.
        query: String,
    },
    /// Send a message.
    WsSend {
        /// The WebSocket.
        ws: WsId,
        /// The message.
        frame: Frame,
    },
    /// Close a WebSocket, after what was sent on it before, or give up establishing it. Reporting [`Input::WsClosed`] for
    /// it is not necessary.
    WsClose {
        /// The WebSocket.
        ws: WsId,
    },
}

/// The body of a POST.
///
/// A [`Transmit::Request`] has it; the example of a [whole session](super#a-whole-session) shows one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Body {
    /// Its form, which has a `Content-Type`: [`Format::request_type`].
    pub format: Format,
    /// Its content.
    pub bytes: Bytes,
}
