//! How the cases of a run are played.

use std::num::NonZeroU16;

use super::Terms;

/// How the cases of a run are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// How often each case is played.
    pub repeat: NonZeroU16,
    /// The seed of a random order. Without one, the chapters take turns.
    pub shuffle: Option<u64>,
    /// Whether the first case that fails the run by these terms ends it.
    pub fail_fast: Option<Terms>,
}

impl Course {
    /// The seed of each round: each has another order, and the last one that of the seed itself.
    pub(crate) fn orders(self) -> impl Iterator<Item = Option<u64>> {
        let last = self.repeat.get();
        (1..=last).map(move |round| {
            self.shuffle.map(|seed| if round == last { seed } else { seed.wrapping_add(round.into()) })
        })
    }

    /// Whether cases are played more than once, so that how often they pass is counted.
    pub(crate) const fn is_repeated(self) -> bool {
        self.repeat.get() > 1
    }
}

impl Default for Course {
    /// Each case once, in the usual order, and all of them.
    fn default() -> Self {
        Self { repeat: NonZeroU16::MIN, shuffle: None, fail_fast: None }
    }
}
