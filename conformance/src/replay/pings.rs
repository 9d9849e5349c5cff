//! The pings of the client, which is the side that pings in revision 3.
//!
//! If the trace has pings of its own, or is about the time after which a silent client is given up, the replay sends
//! none.

use sio_codec::Timestamp;

use super::aside::Heartbeats;
use super::stage::{Replay, Stage};
use super::timer::Timer;
use super::wire::{Kind, SocketState};

impl Replay {
    /// Sends the pings that are due.
    //= EIO3-HB-01
    pub(super) fn ping(&mut self) {
        if !self.has_to_ping() {
            return;
        }
        for (sid, carrier) in self.sessions.take_due_pings(self.now) {
            match self.channels.get(&carrier).map(|wire| &wire.kind) {
                Some(Kind::Socket(socket)) if socket.state == SocketState::Open => self.send_heartbeat(&carrier),
                Some(Kind::Request(_)) => self.post_heartbeat(&carrier, sid),
                Some(Kind::Socket(_) | Kind::Raw(_)) | None => {}
            }
        }
    }

    /// When the next ping is due.
    pub(super) fn next_ping(&self) -> Option<Timestamp> {
        self.sessions.next_ping().filter(|_| self.has_to_ping())
    }

    fn has_to_ping(&self) -> bool {
        let is_over = matches!(self.stage, Stage::Done);
        !is_over && self.asides.pings == Heartbeats::SetAside && !self.is_about(Timer::Heartbeat)
    }
}
