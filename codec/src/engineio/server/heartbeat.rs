//! The heartbeat: which side pings, and how long it waits.
//!
//! ```text
//! revision 4                                  revision 3
//!
//!  server          client                      server          client
//!    │ ── 2 ──────────▶ │  after an interval      │ ◀────────── 2 ── │  after an interval
//!    │ ◀────────── 3 ── │  within the timeout     │ ── 3 ──────────▶ │  at once
//! ```
//!
//! Unlike in the reference, an upgrade does not stop the heartbeat.

use super::closing::Ending;
use super::session::{ServerSession, Timer};
use super::state::{Channel, State};
use crate::engineio::error::{CloseReason, Violation};
use crate::engineio::packet::Packet;
use crate::engineio::revision::{Revision, Transport};
use crate::engineio::session::Lately;
use crate::engineio::session::skeleton::Role as _;
use crate::frame::Frame;
use crate::machine::Machine as _;
use crate::text::Text;
use crate::time::Timestamp;

/// Where a ping of revision 4 is.
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
    /// Starts the wait for the next beat: when the session opens, and when the client did its part.
    //= EIO3-HB-04: without a ping
    //= EIO3-HS-06
    //= EIO4-HB-01: after `pingInterval` of an open session
    pub(super) fn await_beat(&mut self) {
        let (interval, timeout) = self.heartbeat();
        match self.revision() {
            Revision::V4 => self.arm(Timer::Ping, interval),
            Revision::V3 => self.arm(Timer::Silence, interval.saturating_add(timeout)),
        }
    }

    /// Pings the client.
    //= EIO3-HB-03: Never send a ping
    //= EIO4-HB-01: after `pingInterval` of an open session
    //= EIO4-HB-11: as an ordinary packet
    pub(super) fn send_ping(&mut self) {
        let ping = Packet::Ping(Text::new()).to_frame(Revision::V4);
        match self.transport() {
            Some(Transport::WebSocket) => self.common.queue.push_beat(ping),
            // In its order: the next answer takes everything along.
            _ => self.common.queue.push(ping),
        }
        self.watch_pace();
        self.ping = Ping::Queued;
        self.await_pong();
    }

    /// The session closes, but a client on a WebSocket may have much to read before it learns of that, and expects its
    /// heartbeat. `ping` is when the next one was due. The pongs do not matter any more.
    pub(super) fn go_on_beating(&mut self, ping: Option<Timestamp>) {
        let waits =
            matches!(&self.state, State::Closing { channel: Channel::WebSocket(_), ending, .. } if ending.waits());
        if waits && self.revision() == Revision::V4 {
            match ping {
                Some(at) => self.common.timers.arm(Timer::Ping, at),
                None => self.arm(Timer::Ping, self.config.ping_interval),
            }
        }
    }

    /// Pings a client that has not read everything before the end.
    pub(super) fn send_late_ping(&mut self) {
        if !self.common.queue.has_beats() {
            self.common.queue.push_beat(Packet::Ping(Text::new()).to_frame(Revision::V4));
        }
        self.go_on_beating(None);
    }

    /// Starts the wait for a pong. It starts anew with whatever leaves before the ping, and when the ping leaves.
    pub(super) fn await_pong(&mut self) {
        let (_, timeout) = self.heartbeat();
        self.arm(Timer::Pong, timeout);
    }

    /// Starts the wait for a pong anew: a message arrived, and the pong may be behind it.
    //= EIO4-HB-14
    pub(super) fn note_life(&mut self) {
        if self.ping != Ping::None {
            self.await_pong();
        }
    }

    /// Starts the waits anew: the client is listened to again, and its packets may have waited for that.
    pub(super) fn renew_heartbeat(&mut self) {
        if self.disarm(Timer::Pong) {
            self.await_pong();
        }
        if self.disarm(Timer::Silence) {
            self.await_beat();
        }
    }

    /// The client was silent for too long.
    //= EIO3-HB-04: without a ping
    //= EIO4-HB-04: no pong arrives within `pingTimeout`
    //= EIO4-HB-12: end the GET
    pub(super) fn on_silence(&mut self, timer: Timer) {
        if !self.wants_input() {
            // The client was not listened to, so its silence means nothing.
            if timer == Timer::Pong {
                self.await_pong()
            } else {
                self.await_beat()
            }
            self.watch_pace();
        } else if self.ping == Ping::Queued && self.transport() == Some(Transport::WebSocket) {
            self.fail(Violation::SlowReader);
        } else {
            self.end(CloseReason::PingTimeout, Ending::Abrupt);
        }
    }

    pub(super) fn on_ping(&mut self, data: Text) {
        match self.revision() {
            //= EIO4-HB-07
            Revision::V4 => self.fail(Violation::HeartbeatDirection),
            //= EIO3-HB-02
            //= EIO3-HB-07
            Revision::V3 => {
                self.common.lately = Lately::Heartbeats;
                self.push_pong(data);
                self.await_beat();
            }
        }
    }

    /// Unrequested pongs are ignored; in revision 3 all are.
    //= EIO3-HB-08
    //= EIO4-HB-08: a pong with any data
    //= EIO4-HB-09: an unsolicited pong
    pub(super) fn on_pong(&mut self) {
        if self.disarm(Timer::Pong) {
            self.ping = Ping::None;
            self.common.lately = Lately::Heartbeats;
            //= EIO4-HB-10: Schedule the next ping
            self.await_beat();
        }
    }

    /// A packet was taken out, to be written.
    pub(super) fn note_left(&mut self, packet: &Frame) {
        self.note_reading();
        if self.ping == Ping::Queued {
            self.await_pong();
            if matches!(packet, Frame::Text(text) if text.as_bytes() == b"2") {
                self.ping = Ping::Left;
            }
        }
    }

    /// All that waited was taken out, to be written.
    pub(super) fn note_all_left(&mut self) {
        self.note_reading();
        if self.ping == Ping::Queued {
            self.await_pong();
            self.ping = Ping::Left;
        }
    }

    /// The client read nothing for a whole ping timeout.
    pub(super) fn on_stall(&mut self) {
        let on_websocket = matches!(&self.state, State::Open(Channel::WebSocket(_)));
        // A client that sends no GET is silent, and silence is a ping timeout.
        let reason = match self.transport() {
            Some(Transport::WebSocket) if on_websocket => CloseReason::TransportError(Violation::SlowReader),
            _ => CloseReason::PingTimeout,
        };
        self.end(reason, Ending::Abrupt);
    }
}
