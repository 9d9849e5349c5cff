//! Packets that wait to be sent, in the form a framed transport of revision 4 carries them.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "a quarter of a number is not more than the number")
)]

use alloc::collections::VecDeque;

use bytes::Bytes;

use crate::engineio::packet::{Packet, Parts};
use crate::engineio::payload::{Encoder, Format};
use crate::engineio::revision::{BinaryForm, Revision};
use crate::engineio::session::encoded::Encoded;
use crate::frame::Frame;
use crate::limits::{HANDLE, Limits};
use crate::outputs::{give_all_back, give_back, make_room};
use crate::text::Text;

/// The outgoing queue of one session. [`Limits`] says how its room is divided.
#[derive(Debug, Default)]
pub(in crate::engineio) struct Queue {
    frames: VecDeque<Frame>,
    /// Of the frames, with their handles.
    bytes: usize,
    /// How many packets of the heartbeat are in front of the messages.
    beats: u32,
    pressure: Pressure,
}

/// How many pongs may overtake the messages that wait. The last one also answers the pings that get no pong.
const MAX_BEATS: u32 = 16;

/// Whether a message was refused since the queue was last empty.
#[derive(Debug, Default)]
enum Pressure {
    #[default]
    Low,
    Refused,
}

impl Queue {
    /// Up to how many bytes may wait when the program sends without a message to react to.
    pub(in crate::engineio) const fn own_share(limits: &Limits) -> usize {
        limits.max_queued_bytes.div_ceil(2)
    }

    /// Up to how many bytes the program may queue in direct reaction to a message that is being handed on: one group of any
    /// size, and some more.
    pub(in crate::engineio) fn reaction_share(&self, limits: &Limits) -> usize {
        let some = (limits.max_queued_bytes / 16).max(1);
        self.bytes.saturating_add(some).max(Self::own_share(limits))
    }

    /// Queues a group of messages, all or none, if no more than `share` bytes wait; gives back what is not taken.
    //= SIO5-ATT-04
    pub(in crate::engineio) fn push_group(&mut self, group: Encoded, share: usize) -> Result<(), Encoded> {
        // Alone it is taken whatever its size, or a caller who waits for room would wait for ever.
        if self.bytes >= share && !self.frames.is_empty() {
            self.pressure = Pressure::Refused;
            return Err(group);
        }
        let (first, attachments) = group.into_parts();
        self.push(first);
        for bytes in attachments.iter().flat_map(|all| all.iter()) {
            self.push(Frame::Binary(bytes.clone()));
        }
        Ok(())
    }

    /// Queues the answer to a ping. A client that pings without reading is answered once more when the queue is full,
    /// and then no more: that answer is for all of its pings.
    //= SRV-LIM-01
    pub(in crate::engineio) fn push_pong(&mut self, data: Text, limits: &Limits) {
        if self.bytes < limits.max_queued_bytes {
            self.push(Packet::Pong(data).to_frame(Revision::V4));
        } else if !self.frames.back().is_some_and(is_pong) {
            self.push(Packet::Pong(Text::new()).to_frame(Revision::V4));
        }
    }

    /// Queues a packet of the heartbeat before all that waits, on a framed transport: a peer with much to read, or a slow
    /// line, is not to be taken for a lost one. Messages keep their order, and to them a heartbeat means nothing.
    pub(in crate::engineio) fn push_beat(&mut self, beat: Frame) {
        self.bytes = self.bytes.saturating_add(cost(&beat));
        let at = usize::try_from(self.beats).unwrap_or(usize::MAX).min(self.frames.len());
        self.frames.insert(at, beat);
        self.beats = self.beats.saturating_add(1);
    }

    /// Whether a packet of the heartbeat waits.
    pub(in crate::engineio) const fn has_beats(&self) -> bool {
        self.beats > 0
    }

    /// Queues the answer to a ping before all that waits.
    //= SRV-LIM-01
    pub(in crate::engineio) fn push_pong_first(&mut self, data: Text, limits: &Limits) {
        if self.beats == 0 || (self.beats < MAX_BEATS && self.bytes < limits.max_queued_bytes) {
            let data = if self.bytes < limits.max_queued_bytes { data } else { Text::new() };
            self.push_beat(Packet::Pong(data).to_frame(Revision::V4));
        }
    }

    /// Whether there is room for what another message may cause.
    pub(in crate::engineio) const fn has_room_for_reactions(&self, limits: &Limits) -> bool {
        self.bytes < limits.max_queued_bytes - limits.max_queued_bytes / 4
    }

    /// Queues a packet of the session itself: there is one ping at a time, and one farewell.
    pub(in crate::engineio) fn push(&mut self, frame: Frame) {
        self.bytes = self.bytes.saturating_add(cost(&frame));
        make_room(&mut self.frames);
        self.frames.push_back(frame);
    }

    /// Takes out the oldest packet, for a framed transport.
    pub(in crate::engineio) fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes = self.bytes.saturating_sub(cost(&frame));
        self.beats = self.beats.saturating_sub(1);
        give_back(&mut self.frames);
        Some(frame)
    }

    /// Gives the room back that nothing waits in: most sessions have nothing to say most of the time.
    pub(in crate::engineio) fn rest(&mut self) {
        give_all_back(&mut self.frames);
    }

    /// Takes out as much as fits a body of `max_len` bytes; a packet that fits none goes alone.
    //= EIO4-LIM-01
    pub(in crate::engineio) fn take_body(&mut self, format: Format, max_len: usize) -> Option<Bytes> {
        let mut payload = Encoder::new(format);
        while let Some(frame) = self.frames.front() {
            // The first one can only be kept out by a separator, which does not happen: it is refused when it is sent,
            // as long as the session is on polling, and no session goes back to polling.
            if payload.push(Parts::of_frame(frame)).is_err() && !payload.is_empty() {
                break;
            }
            payload = payload.with_max_len(max_len);
            let _ = self.pop();
        }
        payload.finish().map(Bytes::from)
    }

    /// Whether a binary message waits.
    pub(in crate::engineio) fn has_binary(&self) -> bool {
        self.frames.iter().any(|frame| matches!(frame, Frame::Binary(_)))
    }

    pub(in crate::engineio) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// True once, when the queue has drained after a refused `send`.
    pub(in crate::engineio) fn relieved(&mut self) -> bool {
        let relieved = self.frames.is_empty() && matches!(self.pressure, Pressure::Refused);
        if relieved {
            self.pressure = Pressure::Low;
        }
        relieved
    }
}

/// A queued packet as one message of a WebSocket.
//= EIO3-WS-01: One packet per message
pub(in crate::engineio) fn write_message(revision: Revision, form: BinaryForm, packet: Frame) -> Frame {
    //= EIO3-HS-08: no length prefix
    if matches!(packet, Frame::Text(_)) {
        return packet;
    }
    let packet = Packet::Message(packet);
    match form {
        BinaryForm::Native => packet.to_frame(revision),
        //= EIO3-WS-02: send binary as text
        //= EIO4-PKT-15: needed when `b64` is in use
        BinaryForm::Base64 => Frame::Text(packet.to_text(revision)),
    }
}

fn cost(frame: &Frame) -> usize {
    frame.len().saturating_add(HANDLE)
}

fn is_pong(packet: &Frame) -> bool {
    matches!(packet, Frame::Text(text) if text.as_bytes().first() == Some(&b'3'))
}
