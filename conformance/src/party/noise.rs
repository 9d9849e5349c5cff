//! Measures the delays of this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long each sleep of the meter is.
const TICK: Duration = Duration::from_millis(10);

/// The measured delay is halved after this many ticks: about two seconds.
const MEMORY: u32 = 200;

/// A meter of how late short sleeps end: the part of a delay that is not caused by the server.
#[derive(Clone, Debug, Default)]
pub struct Noise(Arc<AtomicU64>);

impl Noise {
    /// The largest delay of the last seconds.
    #[must_use]
    pub fn recent(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }

    /// Measures while it is polled.
    pub async fn measure(self) {
        let mut since = 0;
        loop {
            let before = Instant::now();
            tokio::time::sleep(TICK).await;
            let overrun = before.elapsed().saturating_sub(TICK);
            let micros = u64::try_from(overrun.as_micros()).unwrap_or(u64::MAX);
            since += 1;
            if micros >= self.0.load(Ordering::Relaxed) {
                self.0.store(micros, Ordering::Relaxed);
                since = 0;
            } else if since >= MEMORY {
                self.0.store(self.0.load(Ordering::Relaxed) / 2, Ordering::Relaxed);
                since = 0;
            }
        }
    }
}
