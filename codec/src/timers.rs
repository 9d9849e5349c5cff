//! Deadlines, named by an enum and kept in a table.

use core::num::NonZeroU64;

use crate::time::Timestamp;

/// The names of one machine's timers. `ALL` lists them in the order in which simultaneous ones fire.
pub(crate) trait Name: Copy + 'static {
    const ALL: &'static [Self];
    fn index(self) -> usize;
}

/// One optional deadline per name; `N` is the number of names.
#[derive(Clone, Debug)]
pub(crate) struct Timers<const N: usize>([Slot; N]);

/// A deadline, or none, in the space of one: as the time that is left until the end of time, which is never zero. One at
/// the very end is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot(Option<NonZeroU64>);

impl Slot {
    const EMPTY: Self = Self(None);

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

impl<const N: usize> Timers<N> {
    pub(crate) const fn new() -> Self {
        Self([Slot::EMPTY; N])
    }

    pub(crate) fn arm(&mut self, name: impl Name, at: Timestamp) {
        if let Some(slot) = self.0.get_mut(name.index()) {
            *slot = Slot::new(at);
        }
    }

    pub(crate) fn cancel(&mut self, name: impl Name) {
        if let Some(slot) = self.0.get_mut(name.index()) {
            *slot = Slot::EMPTY;
        }
    }

    pub(crate) fn cancel_all(&mut self) {
        self.0 = [Slot::EMPTY; N];
    }

    pub(crate) fn is_armed(&self, name: impl Name) -> bool {
        self.0.get(name.index()).is_some_and(|slot| *slot != Slot::EMPTY)
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(|slot| slot.deadline()).min()
    }

    /// Disarms and names the earliest timer that is due at `now`.
    pub(crate) fn expire<T: Name>(&mut self, now: Timestamp) -> Option<(T, Timestamp)> {
        if self.0.iter().all(|slot| slot.is_after(now)) {
            return None;
        }
        let due = T::ALL.iter().filter_map(|&name| Some((name, self.0.get(name.index())?.deadline()?)));
        let (name, at) = due.min_by_key(|&(_, at)| at).filter(|&(_, at)| at <= now)?;
        self.cancel(name);
        Some((name, at))
    }
}

/// Declares the timers of one machine and the constant that sizes their table.
macro_rules! timers {
    ($(#[$meta:meta])* $vis:vis $name:ident, $count:ident { $($(#[$doc:meta])* $timer:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name { $($(#[$doc])* $timer),+ }

        impl crate::timers::Name for $name {
            const ALL: &'static [Self] = &[$(Self::$timer),+];
            fn index(self) -> usize { self as usize }
        }

        const $count: usize = <$name as crate::timers::Name>::ALL.len();
    };
}
pub(crate) use timers;

#[cfg(test)]
mod tests {
    use super::*;

    timers!(Timer, COUNT { First, Second });

    #[test]
    fn the_earliest_due_timer_fires_first_and_once() {
        let mut timers = Timers::<COUNT>::new();
        timers.arm(Timer::First, Timestamp::from_millis(2));
        timers.arm(Timer::Second, Timestamp::from_millis(1));
        assert_eq!(timers.next(), Some(Timestamp::from_millis(1)));
        assert_eq!(timers.expire::<Timer>(Timestamp::ZERO), None);
        let late = Timestamp::from_millis(9);
        assert_eq!(timers.expire(late), Some((Timer::Second, Timestamp::from_millis(1))));
        assert_eq!(timers.expire(late), Some((Timer::First, Timestamp::from_millis(2))));
        assert_eq!(timers.expire::<Timer>(late), None);
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn the_epoch_is_a_deadline_and_the_end_of_time_is_none() {
        let mut timers = Timers::<COUNT>::new();
        timers.arm(Timer::First, Timestamp::from_micros(u64::MAX));
        assert_eq!((timers.is_armed(Timer::First), timers.next()), (false, None));
        timers.arm(Timer::Second, Timestamp::ZERO);
        assert_eq!(timers.expire(Timestamp::ZERO), Some((Timer::Second, Timestamp::ZERO)));
    }
}
