//! The session machine of a client.
//!
//! | file | holds |
//! |---|---|
//! | `session.rs` | the machine, its timers, and how a session opens |
//! | `state.rs` | its states |
//! | `role.rs` | what it does at each step of the skeleton that both roles share |
//! | `polling.rs` | what happens when a request has ended |
//! | `websocket.rs` | what arrives by WebSocket, and the upgrade |
//! | `outgoing.rs` | what it sends, and when |
//! | `heartbeat.rs` | the heartbeat |
//! | `closing.rs` | how it ends |
//!
//! Requests and messages are written when `poll_output` runs, so all that the application sends in one turn leaves together.

use core::time::Duration;

use super::config::{Config, Transports};
use super::io::{Input, Transmit};
use super::lanes::Lanes;
use super::state::{Attempt, Candidate, Channel, Link, State};
use crate::engineio::error::{CloseReason, SendError, Violation};
use crate::engineio::handshake::Open;
use crate::engineio::packet::Packet;
use crate::engineio::revision::Transport;
use crate::engineio::session::encoded::Encoded;
use crate::engineio::session::skeleton::{Common, Role};
use crate::engineio::session::{Event, Session, Writer};
use crate::engineio::sid::Sid;
use crate::machine::{Machine, Output};
use crate::time::Timestamp;
use crate::timers::timers;

timers!(pub(in crate::engineio) Timer {
    Connect,
    Ping,
    Idle,
    Close,
    /// The server is not listened to until it has taken some of what waits for it.
    Stall,
});

/// One session, on the client's side. The [module](super) has its diagram, timers and faults.
///
/// The module's example is a [whole session](super#a-whole-session).
#[derive(Debug)]
pub struct ClientSession {
    pub(super) config: Config,
    pub(super) state: State,
    pub(super) common: Common<Timer, Transmit, ()>,
    /// The last name that was given to a request or a WebSocket.
    pub(super) last_id: u64,
}

impl ClientSession {
    /// Starts to connect: the first request, or the WebSocket, is among the outputs.
    #[must_use]
    pub fn connect(now: Timestamp, config: Config) -> Self {
        Self::start(now, config, 0)
    }

    /// Starts to connect again, in place of this session.
    ///
    /// Its requests and WebSockets get other names than those of this session, so that a late report about one of these
    /// is not taken for news.
    #[must_use]
    pub fn successor(&self, now: Timestamp, config: Config) -> Self {
        Self::start(self.common.now.max(now), config, self.last_id)
    }

    fn start(now: Timestamp, config: Config, last_id: u64) -> Self {
        let mut session = Self { common: Common::new(now, &config.limits), config, state: State::Closed, last_id };
        match session.config.transports {
            Transports::PollingThenUpgrade | Transports::PollingOnly => session.attempt_polling(),
            Transports::WebSocketOnly | Transports::WebSocketThenPolling => session.attempt_websocket(),
        }
        session
    }

    fn attempt_websocket(&mut self) {
        let ws = self.connect_websocket();
        self.state = State::Connecting(Attempt::WebSocket(ws));
        self.arm(Timer::Connect, self.config.connect_timeout);
    }

    pub(super) fn attempt_polling(&mut self) {
        self.state = State::Connecting(Attempt::Polling(Lanes::default()));
        self.poll();
        self.arm(Timer::Connect, self.config.connect_timeout);
    }

    /// The session's id, which the server gives; `None` before it did, and after the end.
    #[must_use]
    pub const fn sid(&self) -> Option<&Sid> {
        match self.state.handshake() {
            Some(handshake) => Some(&handshake.sid),
            None => None,
        }
    }

    /// The transport that carries packets now; `None` before the session is open, and after the end.
    #[must_use]
    pub const fn transport(&self) -> Option<Transport> {
        self.state.transport()
    }

    /// Whether the session is over: [`Event::Closed`] was emitted.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }
}

impl Machine for ClientSession {
    type Input = Input;
    type Transmit = Transmit;
    type Event = Event;

    //= EIO4-HB-16
    fn handle(&mut self, now: Timestamp, input: Input) {
        self.settle();
        self.handle_timeout(now);
        match input {
            Input::Response { id, status, format, body } => self.on_response(id, status, format, body),
            Input::Failed { id } => self.on_failed(id),
            Input::WsOpened { ws } => self.on_ws_opened(ws),
            Input::WsFrame { ws, frame } => self.on_frame(ws, frame),
            Input::WsFull { ws } => self.on_writer(ws, Writer::Full),
            Input::WsWritable { ws } => self.on_writer(ws, Writer::Ready),
            Input::WsClosed { ws } => self.on_ws_closed(ws),
        }
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.tick(now);
    }

    fn poll_output(&mut self) -> Option<Output<Transmit, Event>> {
        self.next_output()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.common.timers.next()
    }

    fn wants_input(&self) -> bool {
        self.has_room()
    }
}

impl Session for ClientSession {
    fn send(&mut self, messages: &Encoded) -> Result<(), SendError> {
        self.enqueue(messages.clone()).map_err(|(_, error)| error)
    }

    fn send_volatile(&mut self, messages: &Encoded) -> bool {
        let can_leave = match &self.state {
            State::Open(Link { channel: Channel::WebSocket(_), .. }) => self.common.writer == Writer::Ready,
            State::Open(Link { channel: Channel::Probing { candidate: Candidate::Ready(_), .. }, .. }) => false,
            State::Open(Link { channel: Channel::Polling(lanes) | Channel::Probing { lanes, .. }, .. }) => {
                lanes.may_post()
            }
            State::Connecting(_) | State::Closing { .. } | State::Closed => false,
        };
        can_leave && self.common.queue.is_empty() && self.send(messages).is_ok()
    }

    fn close(&mut self, now: Timestamp) {
        self.handle_timeout(now);
        if matches!(self.state, State::Connecting(_)) {
            self.end(CloseReason::ForcedClose);
        }
        match core::mem::replace(&mut self.state, State::Closed) {
            State::Open(Link { handshake, channel }) => self.leave(handshake, channel),
            state => self.state = state,
        }
    }
}

impl ClientSession {
    /// Opens the session, unless this is not the open packet.
    pub(super) fn on_first_packet(&mut self, packet: Packet, channel: Channel) {
        match packet {
            Packet::Open(json) => match Open::parse(json.as_str()) {
                Ok(handshake) => self.on_open(handshake, channel),
                //= EIO4-HS-16
                Err(error) => self.end(CloseReason::ParseError(error.kind)),
            },
            Packet::Close => self.end(CloseReason::TransportClose),
            _ => self.fail(Violation::NotOpen),
        }
    }

    //= EIO4-HS-13
    fn on_open(&mut self, handshake: Open, channel: Channel) {
        self.common.timers.cancel(Timer::Connect);
        //= EIO4-HS-15
        let upgrades = self.config.transports == Transports::PollingThenUpgrade
            && handshake.upgrades.contains(&Transport::WebSocket);
        self.state = State::Open(Link { handshake, channel });
        self.emit(Event::Opened);
        self.watch_heartbeat();
        self.schedule_ping();
        if upgrades {
            self.probe();
        }
    }

    /// Arms a timer, for at least one millisecond: what is armed now must not be due now, even if the server allows no time.
    pub(super) fn arm(&mut self, timer: Timer, after: Duration) {
        self.common.timers.arm(timer, self.common.now.saturating_add(after.max(Duration::from_millis(1))));
    }
}
