//! The messages to a session's task.

use std::task::{Context, Poll};

use sio_codec::engineio::Response;
use sio_codec::engineio::server::{Gone, Input, Reply, RequestId, SessionRequest, WsId};
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
pub(super) enum Waiting {
    Answer(oneshot::Sender<Response>),
    /// The request asks for a WebSocket: it becomes one, or is answered.
    Decision(oneshot::Sender<Result<WsId, Response>>),
}

impl Waiting {
    /// Whether the client has gone; its task is woken when it does.
    pub(super) fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Answer(reply) => reply.poll_closed(context),
            Self::Decision(decision) => decision.poll_closed(context),
        }
    }
}

impl Reply for Waiting {
    fn answer(self, response: Response) {
        match self {
            Self::Answer(reply) => drop(reply.send(response)),
            Self::Decision(decision) => drop(decision.send(Err(response))),
        }
    }

    fn accept(self, ws: WsId) -> Result<(), Gone> {
        match self {
            Self::Answer(_) => Err(Gone),
            Self::Decision(decision) => decision.send(Ok(ws)).map_err(|_| Gone),
        }
    }
}
