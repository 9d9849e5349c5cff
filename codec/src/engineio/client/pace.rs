//! How fast a session goes: no faster than its server reads.
//!
//! Messages are handed on one by one, and only while there is room for what they may cause; the next GET is sent when the
//! last message of an answer was handed on. While the server is not listened to, its silence is not held against it. But
//! something of what waits for it must leave within each ping timeout, or it has stopped reading.

use super::session::{ClientSession, Timer};
use super::state::{Attempt, Channel, Exit, Link, State};
use crate::engineio::error::{CloseReason, Violation};
use crate::engineio::packet::Packet;
use crate::engineio::revision::Revision;
use crate::engineio::session::Intake;
use crate::engineio::session::inbox::Arrival;
use crate::frame::Frame;
use crate::machine::Machine as _;

impl ClientSession {
    /// Whether the server is not listened to for the moment: there is no room for what its messages may cause.
    pub(super) fn is_held_back(&self) -> bool {
        matches!(self.state, State::Open(_))
            && (self.intake == Intake::Shut || !self.queue.has_room_for_reactions(&self.config.limits))
    }

    /// Lets the next thing that arrived have its effect; `false` if there is none, or it is a message that has to be
    /// handed on first.
    //= EIO4-HS-12
    pub(super) fn advance(&mut self) -> bool {
        let Some(arrival) = self.inbox.next() else { return false };
        match arrival {
            Arrival::Packet(packet) => self.on_arrival(packet),
            Arrival::Frame(frame) => {
                if let Some(packet) = self.read(frame) {
                    self.on_arrival(packet);
                }
            }
            Arrival::Done(()) => {}
            Arrival::Fault((), error) => self.end_at_once(CloseReason::ParseError(error.kind)),
        }
        true
    }

    /// The next message for the application, if there is one, and room for its answers.
    pub(super) fn next_message(&mut self) -> Option<Frame> {
        if self.is_held_back() { None } else { self.inbox.take_message() }
    }

    /// A WebSocket message of the session's arrived.
    pub(super) fn receive(&mut self, frame: Frame) {
        if self.inbox.is_empty() && self.outputs.is_empty() && !self.is_held_back() {
            // Nothing is in its way, as nearly always.
            if let Some(packet) = self.read(frame) {
                self.on_packet(packet);
            }
        } else if self.inbox.bytes() < self.config.limits.max_payload {
            self.inbox.push_frame(frame);
        } else {
            self.fail(Violation::Overrun);
        }
    }

    /// The packet in a message, if it is one; otherwise the session ends.
    //= EIO4-WS-19
    pub(super) fn read(&mut self, frame: Frame) -> Option<Packet> {
        if frame.len() > self.config.limits.max_payload {
            self.end_at_once(CloseReason::TransportError(Violation::PayloadTooLarge));
            return None;
        }
        match Packet::parse(self.config.revision, frame) {
            Ok(packet) => Some(packet),
            Err(error) => {
                self.end_at_once(CloseReason::ParseError(error.kind));
                None
            }
        }
    }

    /// Takes a packet in its turn.
    fn on_arrival(&mut self, packet: Packet) {
        match (packet, &mut self.state) {
            (packet, State::Connecting(Attempt::Polling(lanes))) => {
                let channel = Channel::Polling(core::mem::take(lanes));
                self.on_first_packet(packet, channel);
            }
            (Packet::Message(message), State::Open(_) | State::Closing { exit: Exit::Gone(_), .. }) => {
                self.inbox.hold(message);
            }
            (packet, State::Open(_)) => {
                let ends = packet == Packet::Close;
                self.on_packet(packet);
                if ends && !matches!(self.state, State::Open(_)) {
                    let _ = self.inbox.clear();
                }
            }
            (packet, State::Closing { .. }) => self.on_late(packet),
            (_, State::Connecting(_) | State::Closed) => {}
        }
    }

    /// Takes a packet of a session that leaves: as long as something is left to say, the server has to know that somebody
    /// says it.
    //= EIO4-CL-09
    pub(super) fn on_late(&mut self, packet: Packet) {
        let speaks = matches!(self.state, State::Closing { exit: Exit::WebSocket(_) | Exit::Draining(_), .. });
        match packet {
            Packet::Ping(_) if speaks && self.config.revision == Revision::V4 => self.answer_ping(),
            Packet::Pong(_) if speaks && self.config.revision == Revision::V3 => {
                if let Some(interval) = self.state.open().map(|open| open.ping_interval) {
                    self.arm(Timer::Ping, interval);
                }
            }
            Packet::Close => self.end(CloseReason::ForcedClose),
            _ => {}
        }
    }

    /// Ends the session for something that arrived: what is behind that does not count.
    fn end_at_once(&mut self, reason: CloseReason) {
        let _ = self.inbox.clear();
        self.end(reason);
    }

    /// Notes whether the server is listened to: as long as it is not, something must leave within each ping timeout.
    pub(super) fn watch_pace(&mut self) {
        match (self.is_held_back(), self.timers.is_armed(Timer::Stall)) {
            (true, false) => self.await_reader(),
            (false, true) => {
                self.timers.cancel(Timer::Stall);
                // What the server has to say may have waited for that.
                self.watch_heartbeat();
            }
            (true, true) | (false, false) => {}
        }
    }

    /// Something was taken out, to be written.
    pub(super) fn note_left(&mut self) {
        if self.timers.is_armed(Timer::Stall) {
            self.await_reader();
        }
    }

    /// Nothing was heard of the server for too long.
    //= EIO4-HB-05
    //= EIO3-HB-05
    pub(super) fn on_silence(&mut self) {
        if self.wants_input() {
            self.end(CloseReason::PingTimeout);
        } else {
            // Nobody listened.
            self.watch_heartbeat();
            self.watch_pace();
        }
    }

    fn await_reader(&mut self) {
        if let State::Open(Link { open, .. }) = &self.state {
            let timeout = open.ping_timeout;
            self.arm(Timer::Stall, timeout);
        }
    }
}
