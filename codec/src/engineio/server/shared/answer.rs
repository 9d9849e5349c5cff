//! A task that waits for the answer to its request.

use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::Shared;
use super::conversation::Conversation;
use crate::engineio::http::Response;
use crate::engineio::ids::RequestId;
use crate::engineio::server::driver::{Answer, Gone, Reply};
use crate::engineio::server::io::Input;
use crate::engineio::server::sessions::ServerMachine;

/// A request that waits for its answer: await it.
///
/// Dropped before that, its client is taken to be gone. Of a POST, [`body`](Self::body) comes first.
///
/// [`Shared::request`] makes it, as in the example there.
#[must_use = "a request that is dropped counts as lost"]
pub struct Pending<M: ServerMachine> {
    shared: Shared<M>,
    place: Place,
    /// `None` if it was refused.
    id: Option<RequestId>,
    is_post: bool,
    /// The answer if the session ends without one.
    otherwise: Option<Response>,
}

/// How a request is answered.
///
/// The example of [`Shared`] has the second kind.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a kind of answer is broken")]
pub enum Answered<M: ServerMachine> {
    /// With this. If the request asked for a WebSocket, the connection should be closed after it.
    Response(Response),
    /// With status 101: it becomes a WebSocket.
    WebSocket(Conversation<M>),
}

/// Where a [`Shared`] puts an answer.
///
/// A part of [`Table`]; a program does nothing with it.
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

impl<M: ServerMachine> Pending<M> {
    pub(super) fn new(
        shared: Shared<M>,
        place: Place,
        id: Option<RequestId>,
        is_post: bool,
        otherwise: Response,
    ) -> Self {
        Self { shared, place, id, is_post, otherwise: Some(otherwise) }
    }

    /// Whether the request has a body that is to be read: it is a POST, and was not refused.
    #[must_use]
    pub const fn takes_body(&self) -> bool {
        self.is_post && self.id.is_some()
    }

    /// The body is complete.
    pub fn body(&self, body: Bytes) {
        if let Some(id) = self.id {
            self.shared.handle(Input::Body { id, body });
        }
    }

    /// The body exceeds [`Limits::max_payload`](crate::Limits::max_payload). Also for a program that cannot tell this from a
    /// client that is gone.
    pub fn body_too_large(&self) {
        if let Some(id) = self.id {
            self.shared.handle(Input::BodyTooLarge { id });
        }
    }
}

impl<M: ServerMachine> Future for Pending<M> {
    type Output = Answered<M>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answered<M>> {
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
                Poll::Ready(Answered::WebSocket(Conversation::new(this.shared.clone(), ws)))
            }
            // Polled once more than there are answers, it has none.
            State::Over => {
                this.otherwise.take().map_or(Poll::Pending, |otherwise| Poll::Ready(Answered::Response(otherwise)))
            }
        }
    }
}

impl<M: ServerMachine> Drop for Pending<M> {
    fn drop(&mut self) {
        // If it was answered, this changes nothing; an answer that nobody took is lost.
        let unread = core::mem::replace(&mut *self.place.lock(), State::Over);
        if let State::Answered(Answer::WebSocket(ws)) = unread {
            self.shared.handle(Input::WsClosed { ws });
        }
        if let Some(id) = self.id {
            self.shared.handle(Input::Aborted { id });
        }
        self.shared.release();
    }
}

impl<M: ServerMachine> fmt::Debug for Pending<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("id", &self.id).finish_non_exhaustive()
    }
}
