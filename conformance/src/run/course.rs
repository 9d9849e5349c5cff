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

impl Default for Course {
    /// Each case once, in the usual order, and all of them.
    fn default() -> Self {
        Self { repeat: NonZeroU16::MIN, shuffle: None, fail_fast: None }
    }
}
