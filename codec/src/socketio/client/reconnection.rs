//! How long a client waits before it connects again. `machine.rs` does the waiting.

use core::time::Duration;

/// How long a client waits before each attempt to connect again, and how many it makes.
///
/// The delay doubles with each attempt, is spread by a random share in either direction, and then cut off, so that the
/// clients of a server that restarts do not come back all at once.
///
/// ```
/// use core::time::Duration;
/// use sio_codec::socketio::client::Reconnection;
///
/// let reconnection = Reconnection::default();
/// // A random number of 0.25: one eighth less, because its first digit is even.
/// let random = 1 << 62;
/// let delays = [0, 1, 2, 3].map(|attempts| reconnection.delay(attempts, random).as_millis());
/// assert_eq!(delays, [875, 1_750, 3_500, 5_000]);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq)]
pub struct Reconnection {
    /// The delay before the first attempt, in whole milliseconds. Default 1 s.
    pub delay: Duration,
    /// No delay is longer. Default 5 s.
    pub delay_max: Duration,
    /// The largest share of a delay that is added or taken away. Default 0.5; outside of 0 to 1 it counts as 0.
    pub jitter: f64,
    /// How many attempts are made for one loss; `None` for any number. Default `None`.
    pub attempts: Option<u32>,
}

impl Default for Reconnection {
    fn default() -> Self {
        Self { delay: Duration::from_secs(1), delay_max: Duration::from_secs(5), jitter: 0.5, attempts: None }
    }
}

impl Reconnection {
    /// Replaces [`delay`](Self#structfield.delay) and [`delay_max`](Self#structfield.delay_max).
    #[must_use]
    pub const fn with_delay(mut self, delay: Duration, delay_max: Duration) -> Self {
        (self.delay, self.delay_max) = (delay, delay_max);
        self
    }

    /// Replaces [`jitter`](Self#structfield.jitter).
    #[must_use]
    pub const fn with_jitter(mut self, jitter: f64) -> Self {
        self.jitter = jitter;
        self
    }

    /// Replaces [`attempts`](Self#structfield.attempts).
    #[must_use]
    pub const fn with_attempts(mut self, attempts: Option<u32>) -> Self {
        self.attempts = attempts;
        self
    }

    /// How long to wait before the next attempt, after `attempts` attempts. `random` is uniform over all its values.
    ///
    /// The cut comes after the spread, as in the reference: the longest delays are not spread upwards.
    //= SIO5-CLI-01
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "as the reference computes, in doubles")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounds down, and the values are positive"
    )]
    pub fn delay(&self, attempts: u32, random: u64) -> Duration {
        let first = u64::try_from(self.delay.as_millis()).unwrap_or(u64::MAX);
        let max = u64::try_from(self.delay_max.as_millis()).unwrap_or(u64::MAX);
        let doubled = first.saturating_mul(1_u64.checked_shl(attempts).unwrap_or(u64::MAX));
        let mut delay = doubled;
        if self.jitter > 0.0 && self.jitter <= 1.0 {
            // The upper 53 bits, which is what a double between 0 and 1 holds.
            let random = (random >> 11) as f64 / (1_u64 << 53) as f64;
            let deviation = (random * self.jitter * doubled as f64) as u64;
            let takes_away = ((random * 10.0) as u64).is_multiple_of(2);
            delay = if takes_away { doubled.saturating_sub(deviation) } else { doubled.saturating_add(deviation) };
        }
        Duration::from_millis(delay.min(max))
    }
}

/// Random numbers that follow from one: SplitMix64, which passes for uniform and is no secret.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_TO_53: f64 = 9_007_199_254_740_992.0;

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "exact")]
    fn delays(reconnection: &Reconnection, random: f64) -> [u128; 5] {
        // Few of the numbers in the table are doubles of 53 bits.
        let random = ((random * TWO_TO_53).ceil() as u64) << 11;
        [0, 1, 2, 3, 4].map(|attempts| reconnection.delay(attempts, random).as_millis())
    }

    /// The table of the protocol reference, section 3.8.
    //= SIO5-CLI-01
    #[test]
    fn the_delays_of_the_reference() {
        let table = [
            (0.0, [1_000, 2_000, 4_000, 5_000, 5_000]),
            (0.05, [975, 1_950, 3_900, 5_000, 5_000]),
            (0.15, [1_075, 2_150, 4_300, 5_000, 5_000]),
            (0.25, [875, 1_750, 3_500, 5_000, 5_000]),
            (0.5, [1_250, 2_500, 5_000, 5_000, 5_000]),
            (0.99, [1_495, 2_990, 5_000, 5_000, 5_000]),
        ];
        for (random, expected) in table {
            assert_eq!(delays(&Reconnection::default(), random), expected, "{random}");
        }
    }

    //= SIO5-CLI-01
    #[test]
    fn a_jitter_outside_of_its_range_counts_as_none() {
        for jitter in [0.0, -0.5, 1.01, f64::NAN, f64::INFINITY] {
            let reconnection = Reconnection::default().with_jitter(jitter);
            assert_eq!(delays(&reconnection, 0.99), [1_000, 2_000, 4_000, 5_000, 5_000], "{jitter}");
        }
    }

    /// The reference ends up with no delay at all after some thousand attempts.
    #[test]
    fn after_very_many_attempts_the_delay_is_the_longest() {
        for attempts in [53, 63, 64, 1_014, u32::MAX] {
            assert_eq!(Reconnection::default().delay(attempts, u64::MAX), Duration::from_secs(5), "{attempts}");
        }
        let for_ever = Reconnection::default().with_delay(Duration::MAX, Duration::MAX);
        assert_eq!(for_ever.delay(u32::MAX, 0), Duration::from_millis(u64::MAX));
    }

    /// The first numbers of the published generator for the seed 1234567.
    #[test]
    fn the_random_numbers_are_those_of_split_mix() {
        let mut random = Random::new(1_234_567);
        let numbers = [random.next(), random.next(), random.next()];
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }
}
