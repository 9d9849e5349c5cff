//! How often somebody may do something.

use std::time::Duration;

use sio_codec::Timestamp;

/// A bucket of turns: so many at once, and after that one each time the period is over.
pub(crate) struct Pace {
    burst: u32,
    period: Duration,
    /// When all turns are there again.
    full_at: Timestamp,
    refused: u32,
}

/// No turn is left.
pub(crate) struct TooFast {
    /// How long until there is one.
    pub(crate) retry_after: Duration,
}

impl Pace {
    pub(crate) const fn new(burst: u32, period: Duration) -> Self {
        Self { burst, period, full_at: Timestamp::ZERO, refused: 0 }
    }

    /// Takes a turn.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(crate) fn take(&mut self, now: Timestamp) -> Result<(), TooFast> {
        let missing = self.full_at.saturating_since(now);
        let most = self.period * (self.burst - 1);
        if missing > most {
            self.refused = self.refused.saturating_add(1);
            return Err(TooFast { retry_after: missing - most });
        }
        self.full_at = self.full_at.max(now).saturating_add(self.period);
        self.refused = 0;
        Ok(())
    }

    /// How many were refused since the last that was granted.
    pub(crate) const fn refused(&self) -> u32 {
        self.refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_taken_at_once_and_come_back_one_by_one() {
        let mut pace = Pace::new(3, Duration::from_secs(1));
        let at = Timestamp::from_millis;
        let mut wait = |millis| pace.take(at(millis)).err().map(|too_fast| too_fast.retry_after.as_millis());
        let waits = [1_000, 1_000, 1_000, 1_000, 1_500, 2_000, 2_000, 60_000, 60_000, 60_000, 60_000].map(&mut wait);
        let (turn, refused) = (None, Some);
        assert_eq!(
            waits,
            [turn, turn, turn, refused(1_000), refused(500), turn, refused(1_000), turn, turn, turn, refused(1_000)]
        );
        assert_eq!(pace.refused(), 1);
    }
}
