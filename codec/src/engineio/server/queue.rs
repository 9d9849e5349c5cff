//! Packets that wait to be sent, in the form a framed transport of revision 4 carries them.

use alloc::collections::VecDeque;

use super::dialect::Dialect;
use crate::engineio::encoded::Encoded;
use crate::engineio::error::SendError;
use crate::engineio::http::Response;
use crate::engineio::packet::Packet;
use crate::engineio::revision::Revision;
use crate::frame::Frame;
use crate::limits::Limits;
use crate::text::Text;

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
        // Alone it is taken whatever its size, or a caller who waits for room would wait for ever.
        if !self.has_room(group.count(), limits) && !self.frames.is_empty() {
            self.pressure = Pressure::Refused;
            return Err(SendError::QueueFull);
        }
        for frame in group.frames() {
            self.push(frame);
        }
        Ok(())
    }

    /// Queues the answer to a ping. A client that pings without reading is answered once more when the queue is full,
    /// and then no more: that answer is for all of its pings.
    //= SRV-LIM-01
    pub(super) fn push_pong(&mut self, data: Text, limits: &Limits) {
        if self.has_room(1, limits) {
            self.push(Packet::Pong(data).to_frame(Revision::V4));
        } else if !self.frames.back().is_some_and(is_pong) {
            self.push(Packet::Pong(Text::new()).to_frame(Revision::V4));
        }
    }

    fn has_room(&self, packets: usize, limits: &Limits) -> bool {
        self.bytes < limits.max_queued_bytes && self.frames.len().saturating_add(packets) <= limits.max_queued_packets
    }

    /// Queues a packet of the session itself: there is one ping at a time, and one farewell.
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

    /// Takes out everything, as the answer to one GET; `None` if nothing waits.
    //= EIO4-GET-02
    //= EIO4-GET-11
    pub(super) fn take_answer(&mut self, dialect: &Dialect) -> Option<Response> {
        let answer = dialect.answer(self.frames.make_contiguous());
        self.frames.clear();
        self.bytes = 0;
        answer
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

fn is_pong(packet: &Frame) -> bool {
    matches!(packet, Frame::Text(text) if text.as_bytes().first() == Some(&b'3'))
}
