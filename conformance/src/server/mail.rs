//! What a session's task hears of, and from where.

use sio_codec::engineio::server::{Input, RequestId, WsId};
use sio_codec::engineio::{BinaryForm, Response, Revision};
use tokio::sync::{mpsc, oneshot};

use super::websocket::Socket;

/// Where a session's task is told things.
pub(super) type Mailbox = mpsc::Sender<Mail>;

/// What a session's task can be told.
#[derive(Debug)]
pub(super) enum Mail {
    /// A request, and where its answer goes.
    Request { id: RequestId, input: Input, reply: oneshot::Sender<Response> },
    /// Anything more about a request.
    Input(Input),
    /// A WebSocket that wants the session, and where the decision goes.
    Upgrade {
        ws: WsId,
        revision: Option<Revision>,
        binary: BinaryForm,
        decision: oneshot::Sender<Result<(), Response>>,
    },
    /// A WebSocket that was let in is there; or it is not, because its client went away.
    Upgraded { ws: WsId, socket: Option<Box<Socket>> },
    /// The server shuts down.
    ShutDown,
}
