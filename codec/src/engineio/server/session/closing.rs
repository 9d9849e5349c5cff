//! How a session ends.
//!
//! ```text
//!            end                       flush: nothing is waited for
//!  Open ─────────────▶ Closing ─────────────────────────────────────▶ Closed
//!    │                    │           the farewell, Event::Closed        ▲
//!    └────────────────────┴──────────────────────────────────────────────┘
//!                       carrier_lost: nobody is left to be told
//! ```

use super::{Channel, ServerSession, State, Timer};
use crate::engineio::error::{CloseReason, HttpError, Violation};
use crate::engineio::packet::Packet;
use crate::engineio::queue::Queue;
use crate::engineio::revision::{Revision, Transport};
use crate::engineio::server::Transmit;
use crate::engineio::session::Event;

/// How a session takes its leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engineio::server) enum Ending {
    /// This side wants it: a client without a parked GET is waited for, so that it can be told.
    Announced,
    /// The client is at fault or gone: at once.
    Abrupt,
    /// The client said so: at once, and it need not be told.
    Requested,
}

impl ServerSession {
    pub(in crate::engineio::server) fn fail(&mut self, violation: Violation) {
        self.end(CloseReason::TransportError(violation), Ending::Abrupt);
    }

    /// Decides the end, unless it is decided already. It takes effect when the outputs before it were taken out.
    pub(in crate::engineio::server) fn end(&mut self, reason: CloseReason, ending: Ending) {
        match core::mem::replace(&mut self.state, State::Closed) {
            State::Open(channel) => {
                self.timers.cancel_all();
                if ending == Ending::Announced && channel.transport() == Transport::Polling {
                    self.arm(Timer::Close, self.config.close_timeout);
                }
                self.state = State::Closing { channel, reason, ending };
            }
            // A client that is at fault, or leaves, is not waited for any longer.
            State::Closing { channel, reason, ending: Ending::Announced } if ending != Ending::Announced => {
                self.timers.cancel_all();
                self.state = State::Closing { channel, reason, ending };
            }
            state => self.state = state,
        }
    }

    /// Says what is left to say and closes.
    //= EIO4-CL-06
    //= EIO4-CL-07
    pub(super) fn finish(&mut self) {
        let State::Closing { mut channel, reason, ending } = core::mem::replace(&mut self.state, State::Closed) else {
            return;
        };
        self.timers.cancel_all();
        if let Some(lanes) = channel.lanes() {
            //= EIO3-POLL-03
            //= EIO4-CL-01
            //= EIO4-CL-03
            //= EIO4-GET-07
            //= EIO4-PLD-05
            let farewell = if ending == Ending::Requested { Packet::Noop } else { Packet::Close };
            if let Some(id) = lanes.take_poll() {
                self.queue.push(farewell.to_frame(Revision::V4));
                self.answer_poll(id);
            }
            if let Some(id) = lanes.take_post() {
                self.respond(id, HttpError::UnknownSid.response());
            }
        }
        match channel {
            Channel::WebSocket(ws) => {
                while let Some(frame) = self.queue.pop() {
                    self.send_on(ws, frame);
                }
                self.transmit(Transmit::WsClose { ws });
            }
            //= EIO4-UP-23
            Channel::Probing { candidate, .. } => self.transmit(Transmit::WsClose { ws: candidate.ws }),
            Channel::Polling(_) => {}
        }
        self.queue = Queue::default();
        self.emit(Event::Closed(reason));
    }

    /// The session is over and its carrier gone: nothing can be said any more.
    pub(in crate::engineio::server) fn carrier_lost(&mut self) {
        let reason = match &self.state {
            State::Closed => return,
            State::Open(_) => CloseReason::TransportClose,
            State::Closing { reason, .. } => *reason,
        };
        self.state = State::Closed;
        self.timers.cancel_all();
        self.queue = Queue::default();
        self.emit(Event::Closed(reason));
    }

    /// Whether the end still waits for a GET that can be told.
    pub(super) const fn waits_to_tell(channel: &Channel, ending: Ending) -> bool {
        matches!(ending, Ending::Announced) && matches!(channel.transport(), Transport::Polling) && !channel.is_parked()
    }
}
