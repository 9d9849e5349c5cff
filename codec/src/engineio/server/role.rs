//! What a session of this role does at each step of the skeleton that both roles share.

use alloc::sync::Arc;

use super::closing::Ending;
use super::io::Transmit;
use super::session::{ServerSession, Timer};
use super::state::State;
use crate::engineio::error::{CloseReason, PayloadError, SendError, Violation};
use crate::engineio::http::{HttpError, Response};
use crate::engineio::ids::RequestId;
use crate::engineio::packet::Packet;
use crate::engineio::revision::{Revision, Transport};
use crate::engineio::session::Event;
use crate::engineio::session::encoded::Encoded;
use crate::engineio::session::skeleton::{Common, Role};
use crate::frame::Frame;
use crate::limits::Limits;

impl Role for ServerSession {
    type Timer = Timer;
    type Body = Option<RequestId>;

    const STALL: Timer = Timer::Stall;

    fn common(&self) -> &Common<Timer, Transmit, Self::Body> {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common<Timer, Transmit, Self::Body> {
        &mut self.common
    }

    fn limits(&self) -> &Arc<Limits> {
        &self.config.limits
    }

    fn revision(&self) -> Revision {
        self.dialect.revision()
    }

    fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    fn carrier(&self) -> Option<Transport> {
        self.transport()
    }

    fn check_sendable(&self, messages: &Encoded) -> Result<(), SendError> {
        let channel = match &self.state {
            State::Closed | State::Closing { ending: Ending::Lost, .. } => return Err(SendError::Closed),
            State::Open(channel) | State::Closing { channel, .. } => channel,
        };
        let can_carry = self.dialect.can_carry(channel.transport(), messages.first());
        if can_carry { Ok(()) } else { Err(SendError::Separator) }
    }

    fn on_timer(&mut self, timer: Timer) {
        match timer {
            Timer::Ping if self.is_open() => self.send_ping(),
            Timer::Ping => self.send_late_ping(),
            Timer::Pong | Timer::Silence => self.on_silence(timer),
            //= EIO4-UP-12
            Timer::Upgrade => self.drop_candidate(),
            Timer::Noop => self.send_noop(),
            //= EIO4-CL-05
            Timer::Close => self.finish(),
            Timer::Stall => self.on_stall(),
        }
    }

    fn on_packet(&mut self, packet: Packet) {
        if !matches!(self.state, State::Open(_)) {
            //= EIO4-CL-01
            //= EIO4-CL-09
            if packet == Packet::Close {
                self.end(CloseReason::TransportClose, Ending::Requested);
            }
            return;
        }
        match packet {
            Packet::Message(frame) => {
                self.note_life();
                self.emit(Event::Message(frame));
            }
            Packet::Ping(data) => self.on_ping(data),
            Packet::Pong(_) => self.on_pong(),
            //= EIO4-CL-01
            //= EIO4-WS-12
            Packet::Close => self.end(CloseReason::TransportClose, Ending::Requested),
            //= EIO4-WS-17
            Packet::Open(_) | Packet::Upgrade | Packet::Noop => {}
        }
    }

    // A client that ended the session, or was at fault, has said the last that counts.
    //= EIO4-POST-02: Dispatch the packets in order
    //= EIO4-POST-13: while a GET is pending
    //= EIO4-UP-09: packets that arrive by POST during the upgrade
    fn on_arrival(&mut self, packet: Packet) {
        match (packet, &self.state) {
            (
                Packet::Message(message),
                State::Open(_) | State::Closing { ending: Ending::Abrupt | Ending::Lost, .. },
            ) => {
                self.note_life();
                self.common.inbox.hold(message);
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

    //= EIO4-WS-06: Enforce `maxPayload` per message
    //= EIO4-WS-07: a message of exactly `maxPayload` bytes
    //= EIO4-LIM-05: to WebSocket messages too
    fn read(&mut self, frame: Frame) -> Option<Packet> {
        if frame.len() > self.max_payload() {
            self.fail(Violation::PayloadTooLarge);
            self.abandon_inbox();
            return None;
        }
        match self.dialect.read_message(frame) {
            Ok(packet) => Some(packet),
            //= EIO4-WS-04
            Err(error) => {
                self.end(CloseReason::ParseError(error.kind), Ending::Abrupt);
                self.abandon_inbox();
                None
            }
        }
    }

    //= EIO3-POLL-01
    fn on_body_done(&mut self, request: Option<RequestId>) {
        if let Some(id) = request {
            self.respond(id, Response::ok());
        }
    }

    //= EIO3-POLL-02
    //= EIO4-POST-05
    fn on_body_fault(&mut self, request: Option<RequestId>, error: PayloadError) {
        if let Some(id) = request {
            self.respond(id, HttpError::Undecodable.response());
        }
        self.end(CloseReason::ParseError(error.kind), Ending::Abrupt);
        self.abandon_inbox();
    }

    fn next_frame(&mut self) -> Option<Transmit> {
        self.take_frame()
    }

    fn produce(&mut self) -> bool {
        self.flush()
    }

    fn fail(&mut self, violation: Violation) {
        self.end(CloseReason::TransportError(violation), Ending::Abrupt);
    }

    fn await_reader(&mut self) {
        let (_, timeout) = self.heartbeat();
        self.arm(Timer::Stall, timeout);
    }

    fn renew_patience(&mut self) {
        self.renew_heartbeat();
    }
}
