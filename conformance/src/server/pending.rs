//! A request that its session has not answered yet.

use std::sync::Arc;

use sio_codec::engineio::server::{Answer, Gone, Input, Reply, RequestId};
use tokio::sync::oneshot;

use super::session::Session;

/// What a request waits for. If it is dropped before the answer came, because hyper dropped the future that waits, the session
/// is told that the client has gone.
#[derive(Debug)]
pub(super) struct Pending {
    id: RequestId,
    session: Arc<Session>,
    answer: oneshot::Receiver<Answer>,
}

/// What the session answers through.
#[derive(Debug)]
pub(super) struct Waiting(oneshot::Sender<Answer>);

impl Waiting {
    /// One that nothing waits for yet.
    pub(super) fn channel() -> (Self, oneshot::Receiver<Answer>) {
        let (reply, answer) = oneshot::channel();
        (Self(reply), answer)
    }
}

impl Reply for Waiting {
    fn answer(self, answer: Answer) -> Result<(), Gone> {
        self.0.send(answer).map_err(|_| Gone)
    }
}

impl Pending {
    pub(super) const fn new(id: RequestId, session: Arc<Session>, answer: oneshot::Receiver<Answer>) -> Self {
        Self { id, session, answer }
    }

    pub(super) const fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// The session's answer; `None` if it ended without one. It comes once.
    pub(super) async fn answer(&mut self) -> Option<Answer> {
        (&mut self.answer).await.ok()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.answer.is_terminated() {
            self.session.handle(Input::Aborted { id: self.id });
        }
    }
}
