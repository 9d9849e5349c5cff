//! The session machine of a server.
//!
//! | file | holds |
//! |---|---|
//! | `session.rs` | the machine, its timers, and how a session opens |
//! | `state.rs` | its states |
//! | `role.rs` | what it does at each step of the skeleton that both roles share |
//! | `polling.rs` | what arrives by HTTP |
//! | `websocket.rs` | what arrives by WebSocket, and the upgrade |
//! | `outgoing.rs` | what it sends, and when |
//! | `heartbeat.rs` | the heartbeat |
//! | `dialect.rs` | the form of packets, in which the revisions differ |
//! | `closing.rs` | how it ends |
//!
//! Nothing is written before `poll_output` runs, so what the application sends in reaction to an event leaves before a close
//! packet that was already decided. Only if an input comes first, requests that can be answered are answered before it is
//! handled. Messages for a WebSocket are written one by one, as the program takes them out.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::closing::Ending;
use super::config::{Config, Transports};
use super::dialect::Dialect;
use super::heartbeat::Ping;
use super::io::{Input, Transmit};
use super::lanes::Lanes;
use super::state::{Channel, State};
use crate::engineio::error::{CloseReason, SendError};
use crate::engineio::handshake::Open;
use crate::engineio::ids::{RequestId, WsId};
use crate::engineio::revision::{Revision, Transport};
use crate::engineio::session::encoded::Encoded;
use crate::engineio::session::skeleton::{Common, Role};
use crate::engineio::session::{Event, Session, Writer};
use crate::engineio::sid::Sid;
use crate::machine::{Machine, Output};
use crate::outputs::Outputs;
use crate::text::Text;
use crate::time::Timestamp;
use crate::timers::timers;

/// How long a GET stays parked on a session that is being upgraded, as in the reference.
const NOOP_DELAY: Duration = Duration::from_millis(100);

timers!(pub(in crate::engineio) Timer {
    /// Revision 4: to ping the client.
    Ping,
    /// Revision 4: to hear its pong.
    Pong,
    /// Revision 3: to hear its ping.
    Silence,
    Upgrade,
    Noop,
    Close,
    /// The client is not listened to until it has read some of what waits for it.
    Stall,
});

/// One session, on the server's side. The [module](super) has its diagram, timers and faults.
///
/// The module's example is a [whole session](super#a-whole-session).
#[derive(Debug)]
pub struct ServerSession {
    pub(super) config: Arc<Config>,
    pub(super) dialect: Dialect,
    sid: Sid,
    pub(super) state: State,
    /// The body of a POST knows the request that waits for its end.
    pub(super) common: Common<Timer, Transmit, Option<RequestId>>,
    pub(super) ping: Ping,
}

/// What a session starts on.
///
/// For [`Handshake::accept`](super::Handshake::accept); the example of [`Handshake`](super::Handshake) has a request, the [first page](crate#the-loop) a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a handshake is a request or a WebSocket")]
pub enum Carrier {
    /// Polling; the open packet answers this request.
    Request(RequestId),
    /// A WebSocket; the open packet is its first message. The program has answered 101 itself before it accepts the
    /// handshake: no [`Transmit::WsAccept`] comes for this one. A [`Driver`](super::Driver) asks for the 101 itself.
    WebSocket(WsId),
}

impl ServerSession {
    pub(super) fn start(config: Arc<Config>, dialect: Dialect, now: Timestamp, sid: Sid, carrier: Carrier) -> Self {
        let channel = match carrier {
            Carrier::Request(id) => Channel::Polling(Lanes::with_poll(id)),
            Carrier::WebSocket(ws) => Channel::WebSocket(ws),
        };
        let mut session = Self {
            common: Common::new(now, &config.limits),
            config,
            dialect,
            sid,
            state: State::Open(channel),
            ping: Ping::None,
        };
        session.common.outputs = Outputs::from(Output::Event(Event::Opened));
        //= EIO4-HS-01
        //= EIO4-HS-06
        let open = session.open_packet(carrier).to_packet();
        session.common.queue.push(open.to_frame(Revision::V4));
        session.await_beat();
        session
    }

    /// The session's id.
    #[must_use]
    pub const fn sid(&self) -> &Sid {
        &self.sid
    }

    /// The revision that the session speaks, as its handshake asked.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.dialect.revision()
    }

    /// The transport that carries packets now.
    #[must_use]
    pub const fn transport(&self) -> Option<Transport> {
        match &self.state {
            State::Open(channel) | State::Closing { channel, .. } => Some(channel.transport()),
            State::Closed => None,
        }
    }

    /// Whether the session is over: [`Event::Closed`] was emitted.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    //= EIO3-HS-02
    fn open_packet(&self, carrier: Carrier) -> Open {
        Open {
            sid: self.sid.clone(),
            upgrades: self.upgrades(carrier),
            ping_interval: self.config.ping_interval,
            ping_timeout: self.config.ping_timeout,
            max_payload: Some(self.config.limits.max_payload),
        }
    }

    //= EIO4-HS-04
    //= EIO4-HS-05
    fn upgrades(&self, carrier: Carrier) -> Vec<Transport> {
        match (carrier, self.config.transports) {
            (Carrier::Request(_), Transports::Both) => vec![Transport::WebSocket],
            _ => Vec::new(),
        }
    }
}

impl AsRef<Self> for ServerSession {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Machine for ServerSession {
    type Input = Input;
    type Transmit = Transmit;
    type Event = Event;

    fn handle(&mut self, now: Timestamp, input: Input) {
        self.settle();
        self.handle_timeout(now);
        match input {
            Input::Poll { id, revision } => self.on_poll(id, revision),
            Input::Post { id, revision, format } => self.on_post(id, revision, format),
            Input::Body { id, body } => self.on_body(id, body),
            Input::BodyTooLarge { id } => self.on_body_too_large(id),
            Input::Aborted { id } => self.on_aborted(id),
            Input::Upgrade { ws, revision, binary } => self.on_upgrade(ws, revision, binary),
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

impl Session for ServerSession {
    fn send(&mut self, messages: &Encoded) -> Result<(), SendError> {
        self.enqueue(messages.clone()).map_err(|(_, error)| error)
    }

    fn send_volatile(&mut self, messages: &Encoded) -> bool {
        self.is_writable() && self.send(messages).is_ok()
    }

    fn close(&mut self, now: Timestamp) {
        self.handle_timeout(now);
        self.end(CloseReason::ForcedClose, Ending::Announced);
    }
}

impl ServerSession {
    pub(super) fn watch_candidate(&mut self) {
        self.arm(Timer::Upgrade, self.config.upgrade_timeout);
    }

    pub(super) fn forget_candidate_timers(&mut self) {
        self.common.timers.cancel(Timer::Upgrade);
        self.common.timers.cancel(Timer::Noop);
    }

    pub(super) fn schedule_noop(&mut self) {
        if !self.common.timers.is_armed(Timer::Noop) {
            self.arm(Timer::Noop, NOOP_DELAY);
        }
    }

    pub(super) fn max_payload(&self) -> usize {
        self.config.limits.max_payload
    }

    pub(super) fn upgradable(&self) -> bool {
        self.config.transports == Transports::Both
    }

    /// Whether a request belongs to this session's revision.
    pub(super) fn speaks(&self, revision: Option<Revision>) -> bool {
        revision == Some(self.revision())
    }

    pub(super) fn push_pong(&mut self, data: Text) {
        let limits = &self.config.limits;
        match self.state {
            State::Open(Channel::WebSocket(_)) => self.common.queue.push_pong_first(data, limits),
            // In its order: the next answer takes everything along.
            _ => self.common.queue.push_pong(data, limits),
        }
        self.watch_pace();
    }

    /// The interval and the timeout.
    pub(super) fn heartbeat(&self) -> (Duration, Duration) {
        (self.config.ping_interval, self.config.ping_timeout)
    }

    pub(super) fn arm(&mut self, timer: Timer, after: Duration) {
        self.common.timers.arm(timer, self.common.now.saturating_add(after));
    }

    /// Stops a timer, and tells whether it was running.
    pub(super) fn disarm(&mut self, timer: Timer) -> bool {
        let armed = self.common.timers.is_armed(timer);
        self.common.timers.cancel(timer);
        armed
    }
}
