//! The timer of a session's task.

use std::future::pending;
use std::pin::Pin;
use std::time::Duration;

use sio_codec::{Clock, Timestamp};
use tokio::time::{Instant, Sleep, sleep};

/// Rings at a deadline that is set again and again.
///
/// A session's deadline hardly ever comes: with the next heartbeat it moves away. So the runtime's timer is not moved with it.
/// It stays where it was, and moves when it has run out, or to an earlier deadline.
#[derive(Debug)]
pub(super) struct Alarm {
    clock: Clock,
    due: Option<Timestamp>,
    /// When the timer runs out; it does not run without this.
    set: Option<Timestamp>,
    timer: Pin<Box<Sleep>>,
}

impl Alarm {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, due: None, set: None, timer: Box::pin(sleep(Duration::MAX)) }
    }

    /// Rings then, or never.
    pub(super) fn set(&mut self, due: Option<Timestamp>) {
        self.due = due;
        if let Some(due) = due
            && self.set.is_none_or(|set| due < set)
        {
            self.wind(due);
        }
    }

    /// Waits until it rings.
    pub(super) async fn ring(&mut self) {
        let Some(due) = self.due else { return pending().await };
        loop {
            self.timer.as_mut().await;
            self.set = None;
            if due <= self.clock.now() {
                return;
            }
            self.wind(due);
        }
    }

    fn wind(&mut self, due: Timestamp) {
        self.timer.as_mut().reset(Instant::now() + self.clock.until(Some(due)));
        self.set = Some(due);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(10);

    async fn rings(alarm: &mut Alarm) -> bool {
        tokio::time::timeout(MOMENT, alarm.ring()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn it_rings_at_the_deadline_that_was_set_last() {
        let clock = Clock::start();
        let mut alarm = Alarm::new(clock);
        assert!(!rings(&mut alarm).await, "there is none");
        let (soon, late) = (clock.now(), clock.now().saturating_add(100 * MOMENT));
        alarm.set(Some(late));
        assert!(!rings(&mut alarm).await);
        alarm.set(Some(soon));
        assert!(rings(&mut alarm).await, "it moved to an earlier one");
        alarm.set(Some(soon));
        alarm.set(Some(late));
        assert!(!rings(&mut alarm).await, "it moved to a later one");
        alarm.set(None);
        assert!(!rings(&mut alarm).await, "it was taken away");
        alarm.set(Some(clock.now()));
        assert!(rings(&mut alarm).await, "it was given back");
    }
}
