//! A task that waits for the answer to its request.

use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::engineio::conversation::Conversation;
use crate::engineio::http::Response;
use crate::engineio::ids::{RequestId, WsId};
use crate::engineio::server::driver::{Answer, Gone, Reply};

/// A request that waits for its answer: await it.
///
/// Dropped before that, its client is taken to be gone. Of a POST, [`body`](Self::body) comes first.
///
/// [`Shared::request`](super::Shared::request) makes it, as in the example of [`Shared`](super::Shared).
#[must_use = "a request that is dropped counts as lost"]
pub struct Pending {
    asked: Arc<dyn Asked>,
    place: Place,
    /// `None` if it was refused.
    id: Option<RequestId>,
    is_post: bool,
    /// The answer if the session ends without one.
    otherwise: Option<Response>,
}

/// How a request is answered.
///
/// The example of [`Shared`](super::Shared) has the second kind.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a kind of answer is broken")]
pub enum Answered {
    /// With this. If the request asked for a WebSocket, the connection should be closed after it.
    Response(Response),
    /// With status 101: it becomes a WebSocket.
    WebSocket(Conversation),
}

/// The sessions, as a request sees them.
pub(super) trait Asked: Send + Sync {
    fn body(&self, id: RequestId, body: Bytes);

    fn body_too_large(&self, id: RequestId);

    /// Nobody waits for the answer any more.
    fn gone(&self, id: Option<RequestId>);

    fn conversation(self: Arc<Self>, ws: WsId) -> Conversation;
}

/// Where a [`Shared`](super::Shared) puts an answer.
///
/// A part of [`Table`](super::Table), whose program does nothing with it. The example of [`Shared`](super::Shared) has one unseen.
#[derive(Debug)]
pub struct Slot(Place);

#[derive(Clone, Debug)]
pub(super) struct Place(Arc<Mutex<State>>);

#[derive(Debug)]
enum State {
    Waiting(Option<Waker>),
    Answered(Answer),
    /// The session is over, or the answer was taken, or the client is gone.
    Over,
}

pub(super) fn slot() -> (Slot, Place) {
    let place = Place(Arc::new(Mutex::new(State::Waiting(None))));
    (Slot(place.clone()), place)
}

impl Place {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reply for Slot {
    fn answer(self, answer: Answer) -> Result<(), Gone> {
        let mut state = self.0.lock();
        if let State::Over = *state {
            return Err(Gone);
        }
        if let State::Waiting(Some(waker)) = core::mem::replace(&mut *state, State::Answered(answer)) {
            waker.wake();
        }
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if let State::Waiting(waker) = &mut *state {
            let waker = waker.take();
            *state = State::Over;
            drop(state);
            waker.into_iter().for_each(Waker::wake);
        }
    }
}

impl Pending {
    pub(super) fn new(
        asked: Arc<dyn Asked>,
        place: Place,
        id: Option<RequestId>,
        is_post: bool,
        otherwise: Response,
    ) -> Self {
        Self { asked, place, id, is_post, otherwise: Some(otherwise) }
    }

    /// Whether the request has a body that is to be read: it is a POST, and was not refused. A body that is not read may be left
    /// where it is if the connection is closed after the answer.
    #[must_use]
    pub const fn takes_body(&self) -> bool {
        self.is_post && self.id.is_some()
    }

    /// The body is complete.
    pub fn body(&self, body: Bytes) {
        if let Some(id) = self.id {
            self.asked.body(id, body);
        }
    }

    /// The body exceeds [`Limits::max_payload`](crate::Limits::max_payload). Also for a program that cannot tell this from a
    /// client that is gone.
    pub fn body_too_large(&self) {
        if let Some(id) = self.id {
            self.asked.body_too_large(id);
        }
    }
}

impl Future for Pending {
    type Output = Answered;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answered> {
        let this = Pin::into_inner(self);
        let mut state = this.place.lock();
        match core::mem::replace(&mut *state, State::Over) {
            State::Waiting(_) => {
                *state = State::Waiting(Some(context.waker().clone()));
                Poll::Pending
            }
            State::Answered(Answer::Response(response)) => Poll::Ready(Answered::Response(response)),
            State::Answered(Answer::WebSocket(ws)) => {
                drop(state);
                Poll::Ready(Answered::WebSocket(Arc::clone(&this.asked).conversation(ws)))
            }
            // Asked for once more than there are answers, it has none.
            State::Over => match this.otherwise.take() {
                Some(otherwise) => Poll::Ready(Answered::Response(otherwise)),
                None => Poll::Pending,
            },
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let unread = core::mem::replace(&mut *self.place.lock(), State::Over);
        if let State::Answered(Answer::WebSocket(ws)) = unread {
            // Nobody takes it.
            drop(Arc::clone(&self.asked).conversation(ws));
        }
        self.asked.gone(self.id);
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("id", &self.id).finish_non_exhaustive()
    }
}
