//! The clock of a case on sockets, and how long something is waited for.

use std::time::{Duration, Instant};

use sio_codec::{Clock, Timestamp};

use crate::party::client::subject::Patience;

/// How long the reaction to something that was sent may take.
pub(super) const REACTION: Duration = Duration::from_secs(2);

/// How long after the last line of a trace the client is watched.
const REST: Duration = Duration::from_millis(100);

/// Runs from the beginning of a case.
#[derive(Debug)]
pub(super) struct Watch {
    clock: Clock,
    started: Instant,
    /// When the client is watched no longer, once its last line was played.
    rest: Option<Instant>,
}

impl Watch {
    pub(super) fn start() -> Self {
        Self { clock: Clock::start(), started: Instant::now(), rest: None }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The same moment on the system's clock.
    pub(super) fn moment(&self, at: Timestamp) -> Instant {
        self.started + Duration::from_micros(at.as_micros())
    }

    /// Until when this is waited for.
    pub(super) fn deadline(&mut self, patience: Patience) -> Instant {
        match patience {
            Patience::Reaction => Instant::now() + REACTION,
            Patience::Rest => *self.rest.get_or_insert_with(|| Instant::now() + REST),
        }
    }
}
