//! The messages that a WebSocket's task has not taken yet.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::task::{Context, Poll, Waker};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engineio::line::Outlet;
use crate::frame::Frame;

/// How many messages wait in an outbox. The others wait in the session, which counts them.
const ROOM: usize = 16;

/// Where the messages of a [`Conversation`](super::Conversation) are put.
///
/// A part of [`server::Table`](super::super::server::Table), whose program does nothing with it. The example of
/// [`server::Shared`](super::super::server::Shared) has one unseen.
#[derive(Debug)]
pub struct Outbox(Frames);

/// The other half.
#[derive(Clone, Debug)]
pub(in crate::engineio) struct Frames(Arc<Mutex<State>>);

#[derive(Debug)]
enum State {
    Open {
        waiting: VecDeque<Frame>,
        waker: Option<Waker>,
    },
    /// Nothing comes any more behind these.
    Ending(VecDeque<Frame>),
    /// Nobody takes anything.
    Lost,
}

/// A message, and whether there was no room behind it.
pub(super) struct Taken {
    pub(super) frame: Frame,
    pub(super) was_full: bool,
}

impl Outbox {
    pub(in crate::engineio) fn new() -> (Self, Frames) {
        let frames = Frames(Arc::new(Mutex::new(State::Open { waiting: VecDeque::new(), waker: None })));
        (Self(frames.clone()), frames)
    }
}

impl Outlet for Outbox {
    fn has_room(&self) -> bool {
        match &*self.0.lock() {
            State::Open { waiting, .. } => waiting.len() < ROOM,
            State::Ending(_) | State::Lost => true,
        }
    }

    fn send(&mut self, frame: Frame) {
        // It is lost if the WebSocket is, which is reported when its halves are dropped.
        if let State::Open { waiting, waker } = &mut *self.0.lock() {
            waiting.push_back(frame);
            waker.take().into_iter().for_each(Waker::wake);
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if let State::Open { waiting, waker } = &mut *state {
            let (waiting, waker) = (core::mem::take(waiting), waker.take());
            *state = State::Ending(waiting);
            drop(state);
            waker.into_iter().for_each(Waker::wake);
        }
    }
}

impl Frames {
    pub(super) fn poll_next(&self, context: &Context<'_>) -> Poll<Option<Taken>> {
        let mut state = self.lock();
        match (state.next(), &mut *state) {
            (None, State::Open { waker, .. }) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
            (next, _) => Poll::Ready(next),
        }
    }

    /// The next one, if it is there already.
    #[cfg(feature = "futures")]
    pub(super) fn next(&self) -> Option<Taken> {
        self.lock().next()
    }

    pub(super) fn lose(&self) {
        *self.lock() = State::Lost;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> Option<Taken> {
        match self {
            Self::Open { waiting, .. } => {
                let was_full = waiting.len() >= ROOM;
                waiting.pop_front().map(|frame| Taken { frame, was_full })
            }
            Self::Ending(waiting) => waiting.pop_front().map(|frame| Taken { frame, was_full: false }),
            Self::Lost => None,
        }
    }
}
