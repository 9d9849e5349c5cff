//! The messages to a session's task.

use sio_codec::engineio::server::{Input, RequestId, WsId};
use sio_codec::engineio::{BinaryForm, Response, Revision};
use tokio::sync::{mpsc, oneshot};

use super::websocket::Socket;

/// Where messages to a session's task are sent.
pub(super) type Mailbox = mpsc::Sender<Mail>;

/// A message to a session's task.
#[derive(Debug)]
pub(super) enum Mail {
    /// A request, and where to send its answer.
    Request { id: RequestId, input: Input, reply: oneshot::Sender<Response> },
    /// Further input about a request.
    Input(Input),
    /// A WebSocket that asks for the session, and where to send the decision.
    Upgrade {
        ws: WsId,
        revision: Option<Revision>,
        binary: BinaryForm,
        decision: oneshot::Sender<Result<(), Response>>,
    },
    /// An accepted WebSocket is established; `None` if its client went away.
    Upgraded { ws: WsId, socket: Option<Box<Socket>> },
    /// The server shuts down.
    ShutDown,
}
