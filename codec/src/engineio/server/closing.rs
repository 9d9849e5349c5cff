//! How a session ends.
//!
//! ```text
//!            end                    take_leave: nothing is waited for
//!  Open ─────────────▶ Closing ─────────────────────────────────────▶ Closed
//!                         what arrived, the farewell, Event::Closed
//! ```
//!
//! On polling the farewell is sent in a separate answer: a client that reads the last messages and the farewell in one body
//! may act on the farewell first, as the reference's does.

use super::heartbeat::Ping;
use super::io::Transmit;
use super::session::{ServerSession, Timer};
use super::state::{Channel, State};
use crate::engineio::error::CloseReason;
use crate::engineio::http::{HttpError, Response};
use crate::engineio::packet::Packet;
use crate::engineio::revision::{Revision, Transport};
use crate::engineio::session::queue::Queue;
use crate::engineio::session::skeleton::Role as _;
use crate::engineio::session::{Event, Writer};

/// How a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// This side closed; the close packet can be sent at once.
    Announced,
    /// This side closed; the close packet waits for the next GET.
    Awaited,
    /// The client is at fault or silent: end at once.
    Abrupt,
    /// The client closed: end at once, without a close packet.
    Requested,
    /// The client is gone: nothing can be sent.
    Lost,
}

impl Ending {
    /// Whether this side closed, and waits until the client can take the close packet.
    pub(super) const fn waits(self) -> bool {
        matches!(self, Self::Announced | Self::Awaited)
    }
}

impl ServerSession {
    /// Decides the end, unless it is decided already. It takes effect when the outputs before it were taken out, and what
    /// arrived before it was handed on.
    pub(super) fn end(&mut self, reason: CloseReason, ending: Ending) {
        match core::mem::replace(&mut self.state, State::Closed) {
            State::Open(channel) => {
                let ping = self.common.timers.deadline(Timer::Ping);
                self.common.timers.cancel_all();
                self.ping = Ping::None;
                let ending = if ending == Ending::Announced && channel.transport() == Transport::Polling {
                    if channel.is_parked() && self.common.queue.is_empty() { ending } else { Ending::Awaited }
                } else {
                    ending
                };
                self.state = State::Closing { channel, reason, ending };
                self.watch_farewell();
                self.go_on_beating(ping);
            }
            // A client that is at fault, or leaves, is not waited for any longer.
            State::Closing { channel, reason, ending: before } if before.waits() && !ending.waits() => {
                self.common.timers.cancel_all();
                self.state = State::Closing { channel, reason, ending };
            }
            state => self.state = state,
        }
    }

    /// Sees to it that a farewell which cannot be said at once is not waited for without end.
    pub(super) fn watch_farewell(&mut self) {
        let State::Closing { channel, ending, .. } = &self.state else { return };
        let waits = ending.waits() && (channel.transport() == Transport::Polling || self.common.writer == Writer::Full);
        if waits && !self.common.timers.is_armed(Timer::Close) {
            self.arm(Timer::Close, self.config.close_timeout);
        }
    }

    /// The next step of a session whose end is decided; `false` if there is none for the moment.
    pub(super) fn take_leave(&mut self) -> bool {
        let State::Closing { channel, ending, .. } = &mut self.state else { return false };
        if !self.common.inbox.is_empty() {
            return false;
        }
        // One message after the other, so that the program can say when there is no room for more.
        if let Channel::WebSocket(ws) = channel
            && *ending != Ending::Lost
            && !self.common.queue.is_empty()
        {
            let ws = *ws;
            match self.common.writer {
                Writer::Full if ending.waits() => return false,
                Writer::Full => {}
                Writer::Ready => {
                    if let Some(packet) = self.common.queue.pop() {
                        self.send_on(ws, packet);
                    }
                    return true;
                }
            }
        }
        if *ending == Ending::Awaited && channel.transport() == Transport::Polling {
            let parked = if channel.is_parked() { channel.lanes() } else { None };
            let Some(lanes) = parked else { return false };
            //= EIO4-CL-06
            if !self.common.queue.is_empty()
                && let Some(id) = lanes.take_poll()
            {
                self.answer_poll(id);
                return true;
            }
        }
        self.finish();
        true
    }

    /// Says what is left to say and closes.
    //= EIO4-CL-06
    //= EIO4-CL-07
    pub(super) fn finish(&mut self) {
        let State::Closing { mut channel, reason, ending } = core::mem::replace(&mut self.state, State::Closed) else {
            return;
        };
        self.common.timers.cancel_all();
        if let Some(lanes) = channel.lanes() {
            let farewell: &[Packet] = match ending {
                //= EIO4-CL-01: end a pending GET
                //= EIO3-POLL-03: end the pending GET with `1:6`
                Ending::Requested => &[Packet::Noop],
                //= EIO4-CL-03: in the pending or next GET
                // As the reference, which sends something to have an answer to put it in.
                Ending::Awaited => &[Packet::Noop, Packet::Close],
                //= EIO4-GET-07: end the first GET
                Ending::Announced | Ending::Abrupt | Ending::Lost => &[Packet::Close],
            };
            if let Some(id) = lanes.take_poll() {
                farewell.iter().for_each(|packet| self.common.queue.push(packet.to_frame(Revision::V4)));
                self.answer_poll(id);
            }
            if let Some(id) = lanes.take_post() {
                self.respond(id, HttpError::UnknownSid.response());
            }
        }
        match channel {
            Channel::WebSocket(_) if ending == Ending::Lost => {}
            Channel::WebSocket(ws) => self.transmit(Transmit::WsClose { ws }),
            //= EIO4-UP-23
            Channel::Probing { candidate, .. } => self.transmit(Transmit::WsClose { ws: candidate.ws }),
            Channel::Polling(_) => {}
        }
        self.common.queue = Queue::default();
        if let Some(Some(id)) = self.common.inbox.clear() {
            self.respond(id, HttpError::UnknownSid.response());
        }
        self.emit(Event::Closed(reason));
    }

    /// The carrier is gone: nothing can be said any more. What arrived before is still handed on.
    pub(super) fn carrier_lost(&mut self) {
        self.end(CloseReason::TransportClose, Ending::Lost);
        if let State::Closing { ending, .. } = &mut self.state {
            *ending = Ending::Lost;
        }
    }

    /// Whether another packet can make a difference: a client that is waited for may say that it leaves too.
    pub(super) const fn listens(&self) -> bool {
        matches!(self.state, State::Open(_) | State::Closing { ending: Ending::Announced | Ending::Awaited, .. })
    }

    /// Leaves the rest of what arrived unread.
    pub(super) fn abandon_inbox(&mut self) {
        if let Some(Some(id)) = self.common.inbox.clear() {
            self.respond(id, Response::ok());
        }
    }
}
