//! How a session ends.

use super::io::Transmit;
use super::lanes::Lanes;
use super::session::{ClientSession, Timer};
use super::state::{Attempt, Channel, Exit, Link, State};
use crate::engineio::error::CloseReason;
use crate::engineio::handshake::Open;
use crate::engineio::ids::WsId;
use crate::engineio::packet::Packet;
use crate::engineio::revision::Revision;
use crate::engineio::session::queue::Queue;
use crate::engineio::session::skeleton::Role as _;
use crate::engineio::session::{Event, Writer};

impl ClientSession {
    /// Cancels the requests, closes the WebSocket, and closes the session. If it was closing already, its reason stays.
    pub(super) fn end(&mut self, reason: CloseReason) {
        self.end_without(None, reason);
    }

    /// As [`end`](Self::end), when this WebSocket is gone already.
    //= EIO4-CL-07
    pub(super) fn end_without(&mut self, gone: Option<WsId>, reason: CloseReason) {
        let (lanes, ws, reason, handshake) = match core::mem::replace(&mut self.state, State::Closed) {
            State::Connecting(Attempt::Polling(lanes)) => (Some(lanes), None, reason, None),
            State::Connecting(Attempt::WebSocket(ws)) => (None, Some(ws), reason, None),
            State::Open(Link { channel, handshake }) => match channel {
                Channel::Polling(lanes) => (Some(lanes), None, reason, Some(handshake)),
                Channel::Probing { lanes, candidate } => (Some(lanes), Some(candidate.ws()), reason, Some(handshake)),
                Channel::WebSocket(ws) => (None, Some(ws), reason, Some(handshake)),
            },
            State::Closing { exit: Exit::WebSocket(ws), .. } => (None, Some(ws), CloseReason::ForcedClose, None),
            State::Closing { exit: Exit::Draining(lanes) | Exit::Leaving(lanes), .. } => {
                (Some(lanes), None, CloseReason::ForcedClose, None)
            }
            State::Closing { exit: Exit::Gone(reason), .. } => (None, None, reason, None),
            State::Closed => return,
        };
        for id in lanes.iter().flat_map(Lanes::in_flight) {
            self.transmit(Transmit::Cancel { id });
        }
        if let Some(ws) = ws.filter(|ws| Some(*ws) != gone) {
            self.transmit(Transmit::WsClose { ws });
        }
        self.common.timers.cancel_all();
        self.common.queue = Queue::default();
        match handshake {
            // What arrived before comes before.
            Some(handshake) if !self.common.inbox.is_empty() => {
                self.state = State::Closing { handshake, exit: Exit::Gone(reason) }
            }
            _ => {
                let _ = self.common.inbox.clear();
                //= EIO4-CL-11
                self.emit(Event::Closed(reason));
            }
        }
    }

    /// Begins to leave an open session.
    //= EIO4-CL-06
    pub(super) fn leave(&mut self, handshake: Open, channel: Channel) {
        for timer in [Timer::Idle, Timer::Stall] {
            self.common.timers.cancel(timer);
        }
        // The heartbeat goes on while messages are left to send.
        if self.config.revision == Revision::V3 && !self.common.timers.is_armed(Timer::Ping) {
            self.arm(Timer::Ping, handshake.ping_interval);
        }
        //= EIO4-CL-09
        let _ = self.common.inbox.clear();
        let exit = match channel {
            Channel::WebSocket(ws) => {
                self.watch_farewell();
                Exit::WebSocket(ws)
            }
            Channel::Polling(lanes) => self.drain(lanes),
            //= EIO4-CL-10
            Channel::Probing { lanes, candidate } => {
                self.transmit(Transmit::WsClose { ws: candidate.ws() });
                self.drain(lanes)
            }
        };
        self.state = State::Closing { handshake, exit };
    }

    /// Bounds the wait for a WebSocket that has no room for the last messages.
    pub(super) fn watch_farewell(&mut self) {
        if self.common.writer == Writer::Full && !self.common.timers.is_armed(Timer::Close) {
            self.arm(Timer::Close, self.config.close_timeout);
        }
    }

    fn drain(&mut self, lanes: Lanes) -> Exit {
        self.arm(Timer::Close, self.config.close_timeout);
        Exit::Draining(lanes)
    }

    /// Handles a packet of a session that is closing. While messages are left to send, the heartbeat goes on.
    //= EIO4-CL-09
    pub(super) fn on_late(&mut self, packet: Packet) {
        let speaks = matches!(self.state, State::Closing { exit: Exit::WebSocket(_) | Exit::Draining(_), .. });
        match packet {
            Packet::Ping(_) if speaks && self.config.revision == Revision::V4 => self.answer_ping(),
            Packet::Pong(_) if speaks && self.config.revision == Revision::V3 => {
                if let Some(interval) = self.state.handshake().map(|handshake| handshake.ping_interval) {
                    self.arm(Timer::Ping, interval);
                }
            }
            Packet::Close => self.end(CloseReason::ForcedClose),
            _ => {}
        }
    }

    /// Ends the session for something that arrived, and drops what arrived after it.
    pub(super) fn end_at_once(&mut self, reason: CloseReason) {
        let _ = self.common.inbox.clear();
        self.end(reason);
    }
}
