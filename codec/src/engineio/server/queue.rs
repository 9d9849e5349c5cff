//! Packets that wait to be sent, in the form a framed transport carries them.

use alloc::collections::VecDeque;

use bytes::Bytes;

use crate::engineio::encoded::Encoded;
use crate::engineio::error::SendError;
use crate::engineio::packet::Parts;
use crate::engineio::payload::{Encoder, Format};
use crate::frame::Frame;
use crate::limits::Limits;

/// The outgoing queue of one session.
#[derive(Debug, Default)]
pub(super) struct Queue {
    frames: VecDeque<Frame>,
    bytes: usize,
    pressure: Pressure,
}

/// Whether a caller was turned away since the queue was last emptied.
#[derive(Debug, Default)]
enum Pressure {
    #[default]
    Low,
    Refused,
}

impl Queue {
    /// Queues a group of messages, all or none.
    //= SIO5-ATT-04
    pub(super) fn push_group(&mut self, group: &Encoded, limits: &Limits) -> Result<(), SendError> {
        let full = self.bytes >= limits.max_queued_bytes
            || self.frames.len().saturating_add(group.count()) > limits.max_queued_packets;
        // Alone it is taken whatever its size, or a caller who waits for room would wait for ever.
        if full && !self.frames.is_empty() {
            self.pressure = Pressure::Refused;
            return Err(SendError::QueueFull);
        }
        for frame in group.frames() {
            self.push(frame);
        }
        Ok(())
    }

    /// Queues a packet of the session itself: there is one heartbeat at a time, and one farewell.
    pub(super) fn push(&mut self, frame: Frame) {
        self.bytes = self.bytes.saturating_add(frame.len());
        self.frames.push_back(frame);
    }

    /// Takes out the oldest packet, for a framed transport.
    pub(super) fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes = self.bytes.saturating_sub(frame.len());
        Some(frame)
    }

    /// Takes out everything, as one polling body; `None` if nothing waits.
    //= EIO4-GET-02
    //= EIO4-GET-11
    pub(super) fn take_payload(&mut self) -> Option<Bytes> {
        let mut payload = Encoder::new(Format::V4);
        while let Some(frame) = self.pop() {
            // Cannot fail: a text with a separator is refused when it is sent, as long as the session is on polling,
            // and no session goes back to polling.
            let _ = payload.push(Parts::of_frame(&frame));
        }
        payload.finish().map(Bytes::from)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether a caller that was turned away can be told to come back; said once.
    pub(super) fn relieved(&mut self) -> bool {
        let relieved = self.frames.is_empty() && matches!(self.pressure, Pressure::Refused);
        if relieved {
            self.pressure = Pressure::Low;
        }
        relieved
    }
}
