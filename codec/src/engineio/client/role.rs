//! What a session of this role does at each step of the skeleton that both roles share.

use alloc::sync::Arc;

use super::config::Transports;
use super::io::Transmit;
use super::session::{ClientSession, Timer};
use super::state::{Attempt, Channel, Exit, Link, State};
use crate::engineio::error::{CloseReason, PayloadError, SendError, Violation};
use crate::engineio::packet::{Packet, Parts};
use crate::engineio::revision::{Revision, Transport};
use crate::engineio::session::encoded::Encoded;
use crate::engineio::session::skeleton::{Common, Role};
use crate::engineio::session::{Event, Lately};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::text::Text;

impl Role for ClientSession {
    type Timer = Timer;
    type Body = ();

    const STALL: Timer = Timer::Stall;

    fn common(&self) -> &Common<Timer, Transmit, ()> {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common<Timer, Transmit, ()> {
        &mut self.common
    }

    fn limits(&self) -> &Arc<Limits> {
        &self.config.limits
    }

    fn revision(&self) -> Revision {
        self.config.revision
    }

    fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    fn carrier(&self) -> Option<Transport> {
        self.transport()
    }

    fn check_sendable(&self, messages: &Encoded) -> Result<(), SendError> {
        match &self.state {
            State::Connecting(_) => Err(SendError::NotOpen),
            State::Closing { exit: Exit::Leaving(_) | Exit::Gone(_), .. } | State::Closed => Err(SendError::Closed),
            State::Open(_) | State::Closing { .. } => {
                messages.frames().try_for_each(|packet| self.check(&Parts::of_frame(&packet)))
            }
        }
    }

    fn on_timer(&mut self, timer: Timer) {
        match timer {
            //= EIO4-HS-18
            Timer::Connect => match self.state {
                State::Connecting(Attempt::WebSocket(ws))
                    if self.config.transports == Transports::WebSocketThenPolling =>
                {
                    self.transmit(Transmit::WsClose { ws });
                    self.attempt_polling();
                }
                _ => self.end(CloseReason::ConnectTimeout),
            },
            //= EIO3-HB-01
            //= EIO4-HB-15
            Timer::Ping => {
                self.common.queue.push_beat(Packet::Ping(Text::new()).to_frame(Revision::V4));
                self.watch_pace();
                self.watch_silence(|handshake| handshake.ping_timeout);
            }
            Timer::Idle => self.on_silence(),
            Timer::Close => self.end(CloseReason::ForcedClose),
            Timer::Stall => self.fail(Violation::SlowReader),
        }
    }

    fn on_packet(&mut self, packet: Packet) {
        let revision = self.config.revision;
        if revision == Revision::V3 {
            self.watch_heartbeat();
        }
        match packet {
            Packet::Message(frame) => self.emit(Event::Message(frame)),
            //= EIO4-HB-02: Answer each ping
            //= EIO4-HB-03: with a bare `3`
            //= EIO4-HB-06: only pings count
            Packet::Ping(_) if revision == Revision::V4 => {
                self.common.lately = Lately::Heartbeats;
                self.answer_ping();
                self.watch_heartbeat();
            }
            Packet::Pong(_) => {
                self.common.lately = Lately::Heartbeats;
                self.schedule_ping();
            }
            //= EIO4-UP-20
            Packet::Close if self.state.is_pausing() => {}
            //= EIO4-CL-02
            Packet::Close => self.end(CloseReason::TransportClose),
            //= EIO4-HS-19
            //= EIO4-WS-18
            Packet::Open(_) | Packet::Ping(_) | Packet::Upgrade | Packet::Noop => {}
        }
    }

    //= EIO4-HS-12
    fn on_arrival(&mut self, packet: Packet) {
        match (packet, &mut self.state) {
            (packet, State::Connecting(Attempt::Polling(lanes))) => {
                let channel = Channel::Polling(core::mem::take(lanes));
                self.on_first_packet(packet, channel);
            }
            (Packet::Message(message), State::Open(_) | State::Closing { exit: Exit::Gone(_), .. }) => {
                self.common.inbox.hold(message);
            }
            (packet, State::Open(_)) => {
                let ends = packet == Packet::Close;
                self.on_packet(packet);
                if ends && !matches!(self.state, State::Open(_)) {
                    let _ = self.common.inbox.clear();
                }
            }
            (packet, State::Closing { .. }) => self.on_late(packet),
            (_, State::Connecting(_) | State::Closed) => {}
        }
    }

    //= EIO4-WS-19
    fn read(&mut self, frame: Frame) -> Option<Packet> {
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

    fn on_body_done(&mut self, (): ()) {}

    fn on_body_fault(&mut self, (): (), error: PayloadError) {
        self.end_at_once(CloseReason::ParseError(error.kind));
    }

    fn next_frame(&mut self) -> Option<Transmit> {
        self.take_frame()
    }

    fn produce(&mut self) -> bool {
        self.flush()
    }

    fn fail(&mut self, violation: Violation) {
        self.end(CloseReason::TransportError(violation));
    }

    fn await_reader(&mut self) {
        if let State::Open(Link { handshake, .. }) = &self.state {
            let timeout = handshake.ping_timeout;
            self.arm(Timer::Stall, timeout);
        }
    }

    fn renew_patience(&mut self) {
        self.watch_heartbeat();
    }
}
