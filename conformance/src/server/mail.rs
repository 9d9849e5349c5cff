//! The messages to a session's task.

use sio_codec::engineio::server::{Answer, Gone, Input, Reply, RequestId, SessionRequest, WsId};
use tokio::sync::{mpsc, oneshot};

use super::websocket::Socket;

/// Where messages to a session's task are sent.
pub(super) type Mailbox = mpsc::Sender<Mail>;

/// A message to a session's task.
#[derive(Debug)]
pub(super) enum Mail {
    /// A request, and what waits for its answer.
    Request { id: RequestId, to: SessionRequest, reply: Waiting },
    /// Further input about a request.
    Input(Input),
    /// An accepted WebSocket is established; `None` if its client went away.
    Upgraded { ws: WsId, socket: Option<Box<Socket>> },
    /// The server shuts down.
    ShutDown,
}

/// What waits for the answer to a request.
#[derive(Debug)]
pub(super) struct Waiting(pub(super) oneshot::Sender<Answer>);

impl Reply for Waiting {
    fn answer(self, answer: Answer) -> Result<(), Gone> {
        self.0.send(answer).map_err(|_| Gone)
    }
}
