//! How long a connection is without a request.

use std::sync::{Mutex, PoisonError};

use tokio::time::{Instant, sleep_until};

use super::bounds;

/// Since when a connection is without a request: one begins when its head is complete, and ends with its answer.
///
/// Requests do not touch a timer: it looks, when it has run out, whether there were any.
#[derive(Debug)]
pub(super) struct Quiet {
    /// `None` during a request.
    since: Mutex<Option<Instant>>,
}

/// A request.
#[derive(Debug)]
pub(super) struct Broken<'a>(&'a Quiet);

impl Quiet {
    pub(super) fn begin() -> Self {
        Self { since: Mutex::new(Some(Instant::now())) }
    }

    /// A request begins. It ends when what is returned is dropped.
    pub(super) fn broken(&self) -> Broken<'_> {
        self.set(None);
        Broken(self)
    }

    /// Returns when the head of the next request has taken too long.
    pub(super) async fn too_long(&self) {
        loop {
            let now = Instant::now();
            let until = self.since().unwrap_or(now) + bounds::HEAD;
            if until <= now {
                return;
            }
            sleep_until(until).await;
        }
    }

    fn since(&self) -> Option<Instant> {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, since: Option<Instant>) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

impl Drop for Broken<'_> {
    fn drop(&mut self) {
        self.0.set(Some(Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_is_too_long_after_the_last_request_only() {
        let start = Instant::now();
        let quiet = Quiet::begin();
        let moment = Duration::from_secs(1);
        let requests = async {
            sleep(bounds::HEAD - moment).await;
            let request = quiet.broken();
            sleep(3 * bounds::HEAD).await;
            drop(request);
        };
        tokio::join!(requests, quiet.too_long());
        assert_eq!(start.elapsed(), 5 * bounds::HEAD - moment);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_may_have_no_request_at_all() {
        let start = Instant::now();
        Quiet::begin().too_long().await;
        assert_eq!(start.elapsed(), bounds::HEAD);
    }
}
