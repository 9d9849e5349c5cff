//! What the sessions of a server share, although they should not.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the sessions of a server with a defect share.
#[derive(Debug, Default)]
pub struct Shared {
    begun: AtomicU64,
    notes: Mutex<BTreeMap<String, String>>,
}

impl Shared {
    /// Counts a new session; the number of those before it.
    pub fn begin(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::Relaxed)
    }

    /// For the mutant.
    pub(super) fn notes(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
