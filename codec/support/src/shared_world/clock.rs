//! Time that passes when the world says so.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use sio_codec::{Clock, Timestamp};

thread_local! {
    static NOW: Cell<Timestamp> = const { Cell::new(Timestamp::ZERO) };
}

/// A clock, and the timers that go by it. A thread has one at a time.
#[derive(Clone, Default)]
pub(super) struct Timers(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    /// Who sleeps, by the end of the sleep.
    sleepers: BTreeMap<(Timestamp, u64), Waker>,
    begun: u64,
}

impl Timers {
    pub(super) fn start() -> Self {
        NOW.set(Timestamp::from_millis(5_000));
        Self::default()
    }

    pub(super) const fn clock() -> Clock {
        Clock::of(|| NOW.get())
    }

    pub(super) fn now(&self) -> Timestamp {
        NOW.get()
    }

    pub(super) fn sleep(&self, time: Duration) -> Sleep {
        let mut inner = self.0.borrow_mut();
        inner.begun += 1;
        let key = (NOW.get().saturating_add(time), inner.begun);
        Sleep { timers: self.clone(), key }
    }

    /// The end of the first sleep.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.0.borrow().sleepers.first_key_value().map(|((at, _), _)| *at).filter(|at| at.as_micros() < u64::MAX)
    }

    /// Time passes, and wakes who has slept enough.
    pub(super) fn pass(&self, until: Timestamp) {
        NOW.set(until.max(NOW.get()));
        let later = self.0.borrow_mut().sleepers.split_off(&(until.saturating_add(Duration::from_micros(1)), 0));
        let over = std::mem::replace(&mut self.0.borrow_mut().sleepers, later);
        over.into_values().for_each(Waker::wake);
    }
}

/// Ends when the time has come.
pub(super) struct Sleep {
    timers: Timers,
    key: (Timestamp, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if NOW.get() >= self.key.0 {
            return Poll::Ready(());
        }
        self.timers.0.borrow_mut().sleepers.insert(self.key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.timers.0.borrow_mut().sleepers.remove(&self.key);
    }
}
