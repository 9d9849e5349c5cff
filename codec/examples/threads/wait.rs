//! Futures for threads: a wait that blocks, and a sleep. It is all that `Shared` needs of a runtime.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

thread_local! {
    /// When this thread's future wants to be asked again, even if nothing wakes it.
    static ALARM: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Waits for a future on this thread, which sleeps meanwhile.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Sleeper(thread::current())));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        match ALARM.take() {
            Some(at) => thread::park_timeout(at.saturating_duration_since(Instant::now())),
            None => thread::park(),
        }
    }
}

/// Sleeps, within [`block_on`]: the thread wakes earlier if the future has something else to do.
pub(crate) fn sleep(time: Duration) -> impl Future<Output = ()> {
    let end = Instant::now().checked_add(time);
    poll_fn(move |_| {
        if end.is_some_and(|end| end <= Instant::now()) {
            return Poll::Ready(());
        }
        let earliest = ALARM.take().into_iter().chain(end).min();
        ALARM.set(earliest);
        Poll::Pending
    })
}

struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
