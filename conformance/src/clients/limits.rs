//! When a run is over although cases are left.

use std::time::{Duration, Instant};

use crate::run::{CancellationToken, Left};

/// What ends a client's run early.
pub(super) struct Limits<'a> {
    pub(super) started: Instant,
    /// Cases that were not begun by then are not played.
    pub(super) max_time: Duration,
    /// Cancelled if the command is interrupted.
    pub(super) interrupt: &'a CancellationToken,
    /// Cancelled if only this run is over.
    pub(super) end: &'a CancellationToken,
}

impl Limits<'_> {
    /// Why no other case is played, if the run is over.
    pub(super) fn over(&self) -> Option<Left> {
        if self.interrupt.is_cancelled() {
            Some(Left::Interrupted)
        } else if self.end.is_cancelled() {
            Some(Left::Ended)
        } else {
            (self.started.elapsed() > self.max_time).then_some(Left::OutOfTime)
        }
    }
}
