//! How fast a session goes: no faster than its client reads.
//!
//! ```text
//!   arrived ──▶ inbox ──▶ advance ──▶ no message: has its effect
//!                            │
//!                            └──────▶ a message ──▶ next_message ──▶ the application ──▶ queue ──▶ left
//!                                                       ▲                                 │
//!                                                       └── only while there is room ◀────┘
//! ```
//!
//! While the client is not listened to, its silence is not held against it, for its pong may be behind what waits. But
//! something of what waits for the client must leave within each ping timeout, or the reader is gone.

use super::closing::Ending;
use super::session::{ServerSession, Timer};
use super::state::{Channel, State};
use crate::engineio::error::{CloseReason, PacketError, Violation};
use crate::engineio::http::{HttpError, Response};
use crate::engineio::packet::Packet;
use crate::engineio::revision::Transport;
use crate::engineio::session::Intake;
use crate::engineio::session::inbox::Arrival;
use crate::frame::Frame;

/// How far a ping of revision 4 is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ping {
    /// None is unanswered.
    None,
    /// It waits in the queue.
    Queued,
    /// It left, and the pong is awaited.
    Left,
}

impl ServerSession {
    /// Whether the client is not listened to for the moment: there is no room for what its messages may cause.
    pub(super) fn is_held_back(&self) -> bool {
        matches!(self.state, State::Open(_))
            && (self.intake == Intake::Shut || !self.queue.has_room_for_reactions(&self.config.limits))
    }

    /// Lets the next thing that arrived have its effect; `false` if there is none, or it is a message that has to be
    /// handed on first.
    //= EIO3-POLL-01
    //= EIO3-POLL-02
    //= EIO4-POST-02
    //= EIO4-POST-05
    //= EIO4-POST-13
    //= EIO4-UP-09
    pub(super) fn advance(&mut self) -> bool {
        let Some(arrival) = self.inbox.next() else { return false };
        match arrival {
            Arrival::Packet(packet) => self.on_arrival(packet),
            Arrival::Frame(frame) => match self.read_message(frame) {
                Ok(packet) => self.on_arrival(packet),
                Err(()) => self.abandon_inbox(),
            },
            Arrival::Done(Some(id)) => self.respond(id, Response::ok()),
            Arrival::Done(None) => {}
            Arrival::Fault(id, error) => {
                if let Some(id) = id {
                    self.respond(id, HttpError::Undecodable.response());
                }
                self.end(CloseReason::ParseError(error.kind), Ending::Abrupt);
                self.abandon_inbox();
            }
        }
        true
    }

    /// The next message for the application, if there is one, and room for its answers.
    ///
    /// One at a time, so that a body of many small packets costs no more memory than itself, and so that the application's
    /// answer to a packet is queued before a bad one behind it ends the session.
    pub(super) fn next_message(&mut self) -> Option<Frame> {
        if self.is_held_back() { None } else { self.inbox.take_message() }
    }

    /// A WebSocket message of the session's arrived.
    pub(super) fn receive(&mut self, frame: Frame) {
        if self.inbox.is_empty() && self.outputs.is_empty() && !self.is_held_back() {
            // Nothing is in its way, as nearly always.
            if let Ok(packet) = self.read_message(frame) {
                self.on_packet(packet);
            }
        } else if self.inbox.bytes() < self.max_payload() {
            self.inbox.push_frame(frame);
        } else {
            self.fail(Violation::Overrun);
        }
    }

    /// Reads a WebSocket message; one that cannot be read ends the session.
    fn read_message(&mut self, frame: Frame) -> Result<Packet, ()> {
        //= EIO4-WS-06
        //= EIO4-WS-07
        //= EIO4-LIM-05
        if frame.len() > self.max_payload() {
            self.fail(Violation::PayloadTooLarge);
            return Err(());
        }
        self.dialect.read_message(frame).map_err(|PacketError { kind, .. }| {
            //= EIO4-WS-04
            self.end(CloseReason::ParseError(kind), Ending::Abrupt);
        })
    }

    /// Takes a packet in its turn. Whoever ended the session, or was at fault, has said the last that counts.
    fn on_arrival(&mut self, packet: Packet) {
        match (packet, &self.state) {
            (
                Packet::Message(message),
                State::Open(_) | State::Closing { ending: Ending::Abrupt | Ending::Lost, .. },
            ) => {
                self.note_life();
                self.inbox.hold(message);
            }
            (packet, _) => {
                let listens = self.listens();
                self.on_packet(packet);
                //= EIO4-PLD-05
                if listens && !self.listens() {
                    self.abandon_inbox();
                }
            }
        }
    }

    /// Whether another packet can make a difference: a client that is waited for may say that it leaves too.
    const fn listens(&self) -> bool {
        matches!(self.state, State::Open(_) | State::Closing { ending: Ending::Announced | Ending::Awaited, .. })
    }

    /// Leaves the rest of what arrived unread.
    fn abandon_inbox(&mut self) {
        if let Some(Some(id)) = self.inbox.clear() {
            self.respond(id, Response::ok());
        }
    }

    /// Notes whether the client is listened to: as long as it is not, something must leave within each ping timeout.
    pub(super) fn watch_pace(&mut self) {
        match (self.is_held_back(), self.timers.is_armed(Timer::Stall)) {
            (true, false) => self.await_reader(),
            (false, true) => {
                self.timers.cancel(Timer::Stall);
                self.renew_patience();
            }
            (true, true) | (false, false) => {}
        }
    }

    /// A packet was taken out, to be written.
    pub(super) fn note_left(&mut self, packet: &Frame) {
        if self.timers.is_armed(Timer::Stall) {
            self.await_reader();
        }
        if self.ping == Ping::Queued {
            self.await_pong();
            if matches!(packet, Frame::Text(text) if text.as_bytes() == b"2") {
                self.ping = Ping::Left;
            }
        }
    }

    /// All that waited was taken out, to be written.
    pub(super) fn note_all_left(&mut self) {
        if self.timers.is_armed(Timer::Stall) {
            self.await_reader();
        }
        if self.ping == Ping::Queued {
            self.await_pong();
            self.ping = Ping::Left;
        }
    }

    /// Nothing left for a whole ping timeout.
    pub(super) fn on_stall(&mut self) {
        let on_websocket = matches!(&self.state, State::Open(Channel::WebSocket(_)));
        // A client that sends no GET is silent, which has a name of its own.
        let reason = match self.transport() {
            Some(Transport::WebSocket) if on_websocket => CloseReason::TransportError(Violation::SlowReader),
            _ => CloseReason::PingTimeout,
        };
        self.end(reason, Ending::Abrupt);
    }

    fn await_reader(&mut self) {
        let (_, timeout) = self.heartbeat();
        self.arm(Timer::Stall, timeout);
    }
}
