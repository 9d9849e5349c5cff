//! Deadlines, named by an enum and kept in a table.

use core::fmt::Debug;
use core::num::NonZeroU64;

use crate::time::Timestamp;

/// The names of one machine's timers. [`timers!`] implements it.
pub(crate) trait Name: Copy + Sized + 'static {
    /// All names, in the order in which simultaneous timers fire.
    const ALL: &'static [Self];
    /// A table with nothing armed.
    const EMPTY: Self::Table;
    /// One slot for each name.
    type Table: Clone + Debug + AsRef<[Slot]>;

    fn slot(self, table: &Self::Table) -> &Slot;
    fn slot_mut(self, table: &mut Self::Table) -> &mut Slot;
}

/// One optional deadline for each name of `T`.
#[derive(Clone, Debug)]
pub(crate) struct Timers<T: Name>(T::Table);

/// A deadline, or none, in the space of one: as the time that is left until the end of time, which is never zero. One at
/// the very end is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(Option<NonZeroU64>);

impl Slot {
    pub(crate) const EMPTY: Self = Self(None);

    const fn new(at: Timestamp) -> Self {
        Self(NonZeroU64::new(!at.as_micros()))
    }

    /// Whether the deadline, if there is one, is after `now`: fewer steps than to compare the deadlines.
    fn is_after(self, now: Timestamp) -> bool {
        self.0.map_or(0, NonZeroU64::get) < !now.as_micros()
    }

    fn deadline(self) -> Option<Timestamp> {
        self.0.map(|left| Timestamp::from_micros(!left.get()))
    }
}

impl<T: Name> Timers<T> {
    pub(crate) const fn new() -> Self {
        Self(T::EMPTY)
    }

    pub(crate) fn arm(&mut self, name: T, at: Timestamp) {
        *name.slot_mut(&mut self.0) = Slot::new(at);
    }

    pub(crate) fn cancel(&mut self, name: T) {
        *name.slot_mut(&mut self.0) = Slot::EMPTY;
    }

    pub(crate) fn cancel_all(&mut self) {
        self.0 = T::EMPTY;
    }

    pub(crate) fn is_armed(&self, name: T) -> bool {
        *name.slot(&self.0) != Slot::EMPTY
    }

    pub(crate) fn deadline(&self, name: T) -> Option<Timestamp> {
        name.slot(&self.0).deadline()
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.0.as_ref().iter().filter_map(|slot| slot.deadline()).min()
    }

    /// Disarms and names the earliest timer that is due at `now`.
    pub(crate) fn expire(&mut self, now: Timestamp) -> Option<(T, Timestamp)> {
        if self.0.as_ref().iter().all(|slot| slot.is_after(now)) {
            return None;
        }
        let due = T::ALL.iter().filter_map(|&name| Some((name, name.slot(&self.0).deadline()?)));
        let (name, at) = due.min_by_key(|&(_, at)| at).filter(|&(_, at)| at <= now)?;
        self.cancel(name);
        Some((name, at))
    }
}

/// Declares the timers of one machine.
macro_rules! timers {
    ($(#[$meta:meta])* $vis:vis $name:ident { $($(#[$doc:meta])* $timer:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name { $($(#[$doc])* $timer),+ }

        // Taking the table apart gives each name its slot; no index is needed.
        #[expect(non_snake_case, reason = "each slot has the name of its timer")]
        impl crate::timers::Name for $name {
            const ALL: &'static [Self] = &[$(Self::$timer),+];
            const EMPTY: Self::Table = [crate::timers::Slot::EMPTY; Self::ALL.len()];
            type Table = [crate::timers::Slot; <Self as crate::timers::Name>::ALL.len()];

            fn slot(self, table: &Self::Table) -> &crate::timers::Slot {
                let [$($timer),+] = table;
                match self { $(Self::$timer => $timer),+ }
            }

            fn slot_mut(self, table: &mut Self::Table) -> &mut crate::timers::Slot {
                let [$($timer),+] = table;
                match self { $(Self::$timer => $timer),+ }
            }
        }
    };
}
pub(crate) use timers;

#[cfg(test)]
mod tests {
    use super::*;

    timers!(Timer { First, Second });

    #[test]
    fn the_earliest_due_timer_fires_first_and_once() {
        let mut timers = Timers::<Timer>::new();
        timers.arm(Timer::First, Timestamp::from_millis(2));
        timers.arm(Timer::Second, Timestamp::from_millis(1));
        assert_eq!(timers.next(), Some(Timestamp::from_millis(1)));
        assert_eq!(timers.expire(Timestamp::ZERO), None);
        let late = Timestamp::from_millis(9);
        assert_eq!(timers.expire(late), Some((Timer::Second, Timestamp::from_millis(1))));
        assert_eq!(timers.expire(late), Some((Timer::First, Timestamp::from_millis(2))));
        assert_eq!(timers.expire(late), None);
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn the_epoch_is_a_deadline_and_the_end_of_time_is_none() {
        let mut timers = Timers::<Timer>::new();
        timers.arm(Timer::First, Timestamp::from_micros(u64::MAX));
        assert_eq!((timers.is_armed(Timer::First), timers.next()), (false, None));
        timers.arm(Timer::Second, Timestamp::ZERO);
        assert_eq!(timers.expire(Timestamp::ZERO), Some((Timer::Second, Timestamp::ZERO)));
    }
}
