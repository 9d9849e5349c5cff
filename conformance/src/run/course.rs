//! How the cases of a run are played.

use super::Terms;

/// How the cases of a run are played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// The seed of a random order. Without one, the chapters take turns.
    pub shuffle: Option<u64>,
    /// Whether the first case that fails the run by these terms ends it.
    pub fail_fast: Option<Terms>,
}
