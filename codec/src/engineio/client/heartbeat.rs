//! The heartbeat, on the client's side: in revision 4 the server pings, in revision 3 the client does.

use core::time::Duration;

use super::session::{ClientSession, Timer};
use super::state::{Link, State};
use crate::engineio::error::CloseReason;
use crate::engineio::handshake::Open;
use crate::engineio::revision::Revision;
use crate::engineio::session::skeleton::Role as _;
use crate::machine::Machine as _;
use crate::text::Text;

impl ClientSession {
    pub(super) fn answer_ping(&mut self) {
        self.common.queue.push_pong_first(Text::new(), &self.config.limits);
        self.watch_pace();
    }

    /// Starts the wait for the server's next packet: a ping, or in revision 3 any packet.
    pub(super) fn watch_heartbeat(&mut self) {
        self.watch_silence(|handshake| handshake.ping_interval.saturating_add(handshake.ping_timeout));
    }

    pub(super) fn watch_silence(&mut self, patience: impl FnOnce(&Open) -> Duration) {
        if let State::Open(Link { handshake, .. }) = &self.state {
            let patience = patience(handshake);
            self.arm(Timer::Idle, patience);
        }
    }

    /// The server was silent for too long.
    //= EIO4-HB-05
    //= EIO3-HB-05
    pub(super) fn on_silence(&mut self) {
        if self.wants_input() {
            self.end(CloseReason::PingTimeout);
        } else {
            // The server was not listened to, so its silence means nothing.
            self.watch_heartbeat();
            self.watch_pace();
        }
    }

    /// Revision 3: the client pings. In revision 4 a pong means nothing.
    pub(super) fn schedule_ping(&mut self) {
        if let (State::Open(Link { handshake, .. }), Revision::V3) = (&self.state, self.config.revision) {
            let interval = handshake.ping_interval;
            self.arm(Timer::Ping, interval);
        }
    }
}
