//! How the cases of a run are played.

/// How the cases of a run are played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// The seed of a random order. Without one, the chapters take turns.
    pub shuffle: Option<u64>,
}
