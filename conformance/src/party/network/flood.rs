//! Limits how much a server may send without a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The largest number of frames on a WebSocket while the client does nothing but answer pings. The longest trace
/// expects twenty thousand packets, but at most fifty messages on one WebSocket.
const MAX_FRAMES: u32 = 10_000;

/// The largest number of bytes in these frames.
const MAX_BYTES: usize = 64 << 20;

/// Counts the client's actions, over all requests and WebSockets of a conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct Deeds(Arc<AtomicU64>);

impl Deeds {
    /// Records an action of the client that a server may answer.
    pub(super) fn note(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts what arrives on one WebSocket since the client's last action.
#[derive(Debug)]
pub(super) struct Flood {
    deeds: Deeds,
    answered: u64,
    frames: u32,
    bytes: usize,
}

impl Flood {
    pub(super) fn new(deeds: Deeds) -> Self {
        Self { deeds, answered: 0, frames: 0, bytes: 0 }
    }

    /// Counts a frame with `bytes` bytes.
    ///
    /// # Errors
    ///
    /// A sentence that says that it was too many.
    pub(super) fn count(&mut self, bytes: usize) -> Result<(), String> {
        let deeds = self.deeds.0.load(Ordering::Relaxed);
        if self.answered != deeds {
            (self.answered, self.frames, self.bytes) = (deeds, 0, 0);
        }
        self.frames += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        if self.frames > MAX_FRAMES {
            return Err(format!("more than {MAX_FRAMES} frames arrived unasked"));
        }
        if self.bytes > MAX_BYTES {
            return Err(format!("more than {MAX_BYTES} bytes arrived unasked"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_asked_for_has_a_bound_that_begins_anew_with_each_deed() {
        let deeds = Deeds::default();
        let mut flood = Flood::new(deeds.clone());
        for _ in 0..3 {
            deeds.note();
            assert!((0..MAX_FRAMES).all(|_| flood.count(1).is_ok()));
        }
        assert!(flood.count(1).is_err());
        deeds.note();
        assert_eq!(flood.count(MAX_BYTES), Ok(()));
        assert!(flood.count(1).is_err());
    }
}
