//! How much a server may send that nobody asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// So many frames may arrive on a WebSocket without the client doing anything but answer pings. The longest trace asks for
/// twenty thousand packets, and never for more than fifty messages on one WebSocket.
const MAX_FRAMES: u32 = 10_000;

/// They may carry so much, in bytes.
const MAX_BYTES: usize = 64 << 20;

/// Counts what the client does, over all requests and WebSockets of a conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct Deeds(Arc<AtomicU64>);

impl Deeds {
    /// Notes that the client has done something that a server may answer.
    pub(super) fn note(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts what arrives on one WebSocket since the client last did something.
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

    /// Counts a frame that carries so many bytes.
    ///
    /// # Errors
    ///
    /// In words: that is too many of them.
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
