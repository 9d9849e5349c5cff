//! Who asks whether the other is still there.
//!
//! ```text
//! revision 4                                  revision 3
//!
//!  server          client                      server          client
//!    │ ── 2 ──────────▶ │  after an interval      │ ◀────────── 2 ── │  after an interval
//!    │ ◀────────── 3 ── │  within the timeout     │ ── 3 ──────────▶ │  at once
//! ```
//!
//! What the reference makes of an upgrade is not repeated here: it stops either heartbeat for good.

use super::session::{Ending, ServerSession, Timer};
use crate::engineio::error::{CloseReason, Violation};
use crate::engineio::packet::Packet;
use crate::engineio::revision::Revision;
use crate::text::Text;

impl ServerSession {
    /// Starts the wait for the next beat: when the session opens, and when the client did its part.
    //= EIO3-HB-04
    //= EIO3-HS-06
    //= EIO4-HB-01
    pub(super) fn await_beat(&mut self) {
        let (interval, timeout) = self.heartbeat();
        match self.revision() {
            Revision::V4 => self.arm(Timer::Ping, interval),
            Revision::V3 => self.arm(Timer::Silence, interval.saturating_add(timeout)),
        }
    }

    /// It is time to ping the client.
    //= EIO3-HB-03
    //= EIO4-HB-01
    //= EIO4-HB-11
    pub(super) fn send_ping(&mut self) {
        self.queue.push(Packet::Ping(Text::new()).to_frame(Revision::V4));
        let (_, timeout) = self.heartbeat();
        self.arm(Timer::Pong, timeout);
    }

    /// Nothing was heard of the client for too long.
    //= EIO3-HB-04
    //= EIO4-HB-04
    //= EIO4-HB-12
    pub(super) fn on_silence(&mut self) {
        self.end(CloseReason::PingTimeout, Ending::Abrupt);
    }

    pub(super) fn on_ping(&mut self, data: Text) {
        match self.revision() {
            //= EIO4-HB-07
            Revision::V4 => self.fail(Violation::HeartbeatDirection),
            //= EIO3-HB-02
            //= EIO3-HB-07
            Revision::V3 => {
                self.push_pong(data);
                self.await_beat();
            }
        }
    }

    /// A pong that nobody asked for changes nothing; in revision 3 nobody ever does.
    //= EIO3-HB-08
    //= EIO4-HB-08
    //= EIO4-HB-09
    //= EIO4-HB-10
    pub(super) fn on_pong(&mut self) {
        if self.disarm(Timer::Pong) {
            self.await_beat();
        }
    }
}
