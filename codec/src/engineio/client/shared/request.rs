//! A request that a task sends for a client.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
#[cfg(feature = "http")]
use core::future::Future;
use core::future::poll_fn;
#[cfg(feature = "http")]
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::engineio::client::io::{Body, Input};
use crate::engineio::ids::RequestId;
use crate::engineio::payload::format::BodyFormat;

/// A request that is to be sent to the configured path: a POST if there is a body, else a GET.
///
/// Dropped without an answer, it has failed.
///
/// [`Step::Request`](super::Step::Request) brings it; [a whole client](crate::guide::whole_client) has an example.
#[must_use = "a request that is dropped counts as failed"]
pub struct Request {
    /// The query, without `?`.
    pub query: String,
    /// What a POST sends.
    pub body: Option<Body>,
    id: RequestId,
    answers: Arc<dyn Answers>,
    token: Token,
    answer: Option<Input>,
}

/// The client, as a request sees it.
pub(super) trait Answers: Send + Sync {
    /// A request is there.
    fn joined(&self);

    /// A request is over.
    fn answered(&self, input: Input);
}

/// Tells a task that its request is not wanted any more. The machine's own is dropped then.
pub(super) struct Token {
    state: Arc<Mutex<State>>,
    side: Side,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Machine,
    Task,
}

enum State {
    Wanted(Option<Waker>),
    GivenUp,
}

impl Request {
    pub(super) fn new(
        answers: Arc<dyn Answers>,
        id: RequestId,
        query: String,
        body: Option<Body>,
        token: Token,
    ) -> Self {
        answers.joined();
        Self { query, body, id, answers, token, answer: None }
    }

    /// It is answered. `format` is how the body is labelled, [`BodyFormat::of_response`]; the body is complete and without its
    /// content coding.
    pub fn answer(mut self, status: u16, format: BodyFormat, body: Bytes) {
        self.answer = Some(Input::Response { id: self.id, status, format, body });
    }

    /// It is answered with this, whose content coding is undone already.
    #[cfg(feature = "http")]
    pub fn answer_with(mut self, response: ::http::Response<Bytes>) {
        self.answer = Some(Input::response(self.id, response));
    }

    /// Waits for what an exchange with the server brings, and answers with that. If the exchange fails, the request has failed. If
    /// the answer is not wanted any more, the exchange is dropped.
    ///
    /// # Errors
    ///
    /// The error of the exchange. The client has heard of it already: a program needs it for its log only.
    #[cfg(feature = "http")]
    pub async fn answered_by<E>(
        self,
        exchange: impl Future<Output = Result<::http::Response<Bytes>, E>>,
    ) -> Result<(), E> {
        let mut exchange = pin!(exchange);
        let answer = poll_fn(|context| match exchange.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => self.poll_given_up(context).map(|()| None),
        });
        if let Some(answer) = answer.await.transpose()? {
            self.answer_with(answer);
        }
        Ok(())
    }

    /// Waits until the answer is not wanted any more: then drop the request. A late answer does no harm.
    pub async fn given_up(&self) {
        poll_fn(|context| self.poll_given_up(context)).await;
    }

    fn poll_given_up(&self, context: &Context<'_>) -> Poll<()> {
        match &mut *self.token.lock() {
            State::Wanted(waker) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
            State::GivenUp => Poll::Ready(()),
        }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        let input = self.answer.take().unwrap_or(Input::Failed { id: self.id });
        self.answers.answered(input);
    }
}

impl Token {
    pub(super) fn new() -> Self {
        Self { state: Arc::new(Mutex::new(State::Wanted(None))), side: Side::Machine }
    }

    /// The task's half.
    pub(super) fn watch(&self) -> Self {
        Self { state: Arc::clone(&self.state), side: Side::Task }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if self.side == Side::Machine
            && let State::Wanted(Some(waker)) = core::mem::replace(&mut *self.lock(), State::GivenUp)
        {
            waker.wake();
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { query, body, id, .. } = self;
        f.debug_struct("Request").field("id", id).field("query", query).field("body", body).finish_non_exhaustive()
    }
}
