//! How a session ends.

use super::io::Transmit;
use super::lanes::Lanes;
use super::session::{ClientSession, Timer};
use super::state::{Attempt, Channel, Exit, Link, State};
use crate::engineio::error::{CloseReason, Violation};
use crate::engineio::handshake::Open;
use crate::engineio::ids::WsId;
use crate::engineio::revision::Revision;
use crate::engineio::session::queue::Queue;
use crate::engineio::session::{Event, Writer};

impl ClientSession {
    pub(super) fn fail(&mut self, violation: Violation) {
        self.end(CloseReason::TransportError(violation));
    }

    /// Gives up all that is in use, and closes. A session that was leaving anyway closes for the reason it had.
    pub(super) fn end(&mut self, reason: CloseReason) {
        self.end_without(None, reason);
    }

    /// Closes after a WebSocket that is gone already.
    //= EIO4-CL-07
    pub(super) fn end_without(&mut self, gone: Option<WsId>, reason: CloseReason) {
        let (lanes, ws, reason, open) = match core::mem::replace(&mut self.state, State::Closed) {
            State::Connecting(Attempt::Polling(lanes)) => (Some(lanes), None, reason, None),
            State::Connecting(Attempt::WebSocket(ws)) => (None, Some(ws), reason, None),
            State::Open(Link { channel, open }) => match channel {
                Channel::Polling(lanes) => (Some(lanes), None, reason, Some(open)),
                Channel::Probing { lanes, candidate } => (Some(lanes), Some(candidate.ws()), reason, Some(open)),
                Channel::WebSocket(ws) => (None, Some(ws), reason, Some(open)),
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
        self.timers.cancel_all();
        self.queue = Queue::default();
        match open {
            // What arrived before comes before.
            Some(open) if !self.inbox.is_empty() => self.state = State::Closing { open, exit: Exit::Gone(reason) },
            _ => {
                let _ = self.inbox.clear();
                //= EIO4-CL-11
                self.emit(Event::Closed(reason));
            }
        }
    }

    /// Begins to leave an open session.
    //= EIO4-CL-06
    pub(super) fn leave(&mut self, open: Open, channel: Channel) {
        for timer in [Timer::Idle, Timer::Stall] {
            self.timers.cancel(timer);
        }
        // As long as something is left to say, the server has to know that somebody says it.
        if self.config.revision == Revision::V3 && !self.timers.is_armed(Timer::Ping) {
            self.arm(Timer::Ping, open.ping_interval);
        }
        //= EIO4-CL-09
        let _ = self.inbox.clear();
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
        self.state = State::Closing { open, exit };
    }

    /// A WebSocket that has no room for what is left to say is not waited for without end.
    pub(super) fn watch_farewell(&mut self) {
        if self.writer == Writer::Full && !self.timers.is_armed(Timer::Close) {
            self.arm(Timer::Close, self.config.close_timeout);
        }
    }

    fn drain(&mut self, lanes: Lanes) -> Exit {
        self.arm(Timer::Close, self.config.close_timeout);
        Exit::Draining(lanes)
    }
}
