//! Points in time, as numbers that the program supplies.

use core::fmt;
use core::time::Duration;

/// A point in time: microseconds since an epoch that only the program knows.
///
/// The machines read no clock; a timestamp is an argument. Any monotonic source will do: [`Clock`] where `std`
/// exists, `performance.now()` in a browser, a tick counter on bare metal, a plain counter in a test.
///
/// ```
/// use core::time::Duration;
/// use sio_codec::Timestamp;
///
/// let opened = Timestamp::from_millis(300);
/// let due = opened.saturating_add(Duration::from_millis(200));
/// assert_eq!(due, Timestamp::from_micros(500_000));
/// assert_eq!(due.saturating_since(opened), Duration::from_millis(200));
/// assert_eq!(format!("{due:?}"), "0.500000s");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The program's epoch.
    pub const ZERO: Self = Self(0);

    /// A timestamp `micros` microseconds after the epoch.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// A timestamp `millis` milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The point `duration` later; the end of time if that is not representable.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(micros))
    }

    /// How long after `earlier` this is; zero if it is not later.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}s", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// A source of timestamps for programs with `std`: microseconds since the clock was started, unless it is [another](Self::of).
///
/// ```
/// use sio_codec::Clock;
///
/// let clock = Clock::start();
/// let earlier = clock.now();
/// assert!(clock.now() >= earlier);
/// ```
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug)]
pub struct Clock(Source);

#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug)]
enum Source {
    Since(std::time::Instant),
    Program(fn() -> Timestamp),
}

#[cfg(feature = "std")]
impl Clock {
    /// Starts a clock: its epoch is this moment.
    #[must_use]
    pub fn start() -> Self {
        Self(Source::Since(std::time::Instant::now()))
    }

    /// Goes by what `now` says, which never goes back: for a runtime whose time stands still in tests, such as tokio's after
    /// `pause`, and passes when the test says so.
    ///
    /// ```
    /// use std::cell::Cell;
    /// use sio_codec::{Clock, Timestamp};
    ///
    /// thread_local!(static NOW: Cell<Timestamp> = const { Cell::new(Timestamp::ZERO) });
    ///
    /// let clock = Clock::of(|| NOW.get());
    /// NOW.set(Timestamp::from_millis(300));
    /// assert_eq!(clock.now(), Timestamp::from_millis(300));
    /// ```
    #[must_use]
    pub const fn of(now: fn() -> Timestamp) -> Self {
        Self(Source::Program(now))
    }

    /// The time since the clock was started, or what the program says.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self.0 {
            Source::Since(start) => Timestamp::ZERO.saturating_add(start.elapsed()),
            Source::Program(now) => now(),
        }
    }

    /// How long to sleep until a [deadline](crate::Machine::next_deadline): no time if it has passed, and
    /// [`Duration::MAX`] if there is none. With that, the timers of tokio and smol, and the
    /// waits of std, such as that of a `Condvar`, never end.
    ///
    /// ```
    /// use core::time::Duration;
    /// use sio_codec::{Clock, Timestamp};
    ///
    /// let clock = Clock::start();
    /// assert_eq!(clock.until(None), Duration::MAX);
    /// assert_eq!(clock.until(Some(Timestamp::ZERO)), Duration::ZERO);
    /// assert!(clock.until(Some(Timestamp::from_millis(60_000))) > Duration::from_secs(50));
    /// ```
    #[must_use]
    pub fn until(&self, deadline: Option<Timestamp>) -> Duration {
        deadline.map_or(Duration::MAX, |at| at.saturating_since(self.now()))
    }
}
