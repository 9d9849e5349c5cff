//! The session machine: its states and its timers.
//!
//! Every transition of the state is in this file, in `closing.rs`, or in `websocket.rs` if it is about the upgrade. Requests and messages
//! are written when `poll_output` runs, so all that the application sends in one turn leaves together. What arrives is
//! handed on as fast as its effects can leave again: `pace.rs`.

use alloc::sync::Arc;
use core::time::Duration;

use super::config::{Config, Transports};
use super::io::{Input, Transmit};
use super::lanes::Lanes;
use super::state::{Attempt, Candidate, Channel, Exit, Link, State};
use crate::engineio::error::{CloseReason, SendError, Violation};
use crate::engineio::handshake::Open;
use crate::engineio::packet::{Packet, Parts};
use crate::engineio::revision::{Revision, Transport};
use crate::engineio::session::encoded::Encoded;
use crate::engineio::session::inbox::Inbox;
use crate::engineio::session::queue::Queue;
use crate::engineio::session::{Event, Intake, Session, Writer, sealed};
use crate::engineio::sid::Sid;
use crate::frame::Frame;
use crate::limits::Limits;
use crate::machine::{Machine, Output};
use crate::outputs::Outputs;
use crate::text::Text;
use crate::time::Timestamp;
use crate::timers::{Timers, timers};

timers!(pub(super) Timer {
    Connect,
    Ping,
    Idle,
    Close,
    /// The server is not listened to until it has taken some of what waits for it.
    Stall,
});

/// One session, on the client's side. The [module](super) has its diagram, timers and faults.
#[derive(Debug)]
pub struct ClientSession {
    pub(super) config: Config,
    now: Timestamp,
    pub(super) state: State,
    pub(super) timers: Timers<Timer>,
    pub(super) queue: Queue,
    pub(super) inbox: Inbox<()>,
    pub(super) outputs: Outputs<Output<Transmit, Event>>,
    /// Up to how many bytes may be queued now: less of the program's own accord, more in reaction to a message.
    share: usize,
    pub(super) intake: Intake,
    pub(super) writer: Writer,
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
        Self::start(self.now.max(now), config, self.last_id)
    }

    fn start(now: Timestamp, config: Config, last_id: u64) -> Self {
        let mut session = Self {
            share: Queue::own_share(&config.limits),
            config,
            now,
            state: State::Closed,
            timers: Timers::new(),
            queue: Queue::default(),
            inbox: Inbox::default(),
            outputs: Outputs::new(),
            intake: Intake::Open,
            writer: Writer::Ready,
            last_id,
        };
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
        match self.state.open() {
            Some(open) => Some(&open.sid),
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
        self.share = Queue::own_share(&self.config.limits);
        if now > self.now {
            // A ping that was not looked at yet may be just what a timer waits for.
            self.settle();
            self.now = now;
        }
        while let Some((timer, _)) = self.timers.expire(self.now) {
            self.on_timer(timer);
        }
    }

    fn poll_output(&mut self) -> Option<Output<Transmit, Event>> {
        self.share = Queue::own_share(&self.config.limits);
        let output = loop {
            if let Some(output) = self.outputs.pop() {
                break Some(output);
            }
            if self.advance() {
                continue;
            }
            if let Some(message) = self.next_message() {
                break Some(Output::Event(Event::Message(message)));
            }
            if !self.flush() {
                break None;
            }
        };
        if matches!(output, Some(Output::Event(Event::Message(_)))) {
            self.share = self.queue.reaction_share(&self.config.limits);
        }
        if self.timers.is_armed(Timer::Stall) {
            self.watch_pace();
        }
        output
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.timers.next()
    }

    fn wants_input(&self) -> bool {
        self.inbox.is_empty() && !self.is_held_back()
    }
}

impl Session for ClientSession {
    fn send(&mut self, messages: &Encoded) -> Result<(), SendError> {
        match &self.state {
            State::Connecting(_) => return Err(SendError::NotOpen),
            State::Closing { exit: Exit::Leaving(_) | Exit::Gone(_), .. } | State::Closed => {
                return Err(SendError::Closed);
            }
            State::Open(_) | State::Closing { .. } => {}
        }
        for packet in messages.frames() {
            self.check(&Parts::of_frame(&packet))?;
        }
        let pushed = self.queue.push_group(messages, self.share);
        self.watch_pace();
        // There will be no room again for a session that ends.
        pushed.map_err(|full| if matches!(self.state, State::Open(_)) { full } else { SendError::Closed })
    }

    fn send_volatile(&mut self, messages: &Encoded) -> bool {
        let can_leave = match &self.state {
            State::Open(Link { channel: Channel::WebSocket(_), .. }) => self.writer == Writer::Ready,
            State::Open(Link { channel: Channel::Probing { candidate: Candidate::Ready(_), .. }, .. }) => false,
            State::Open(Link { channel: Channel::Polling(lanes) | Channel::Probing { lanes, .. }, .. }) => {
                lanes.may_post()
            }
            State::Connecting(_) | State::Closing { .. } | State::Closed => false,
        };
        can_leave && self.queue.is_empty() && self.send(messages).is_ok()
    }

    fn close(&mut self, now: Timestamp) {
        self.handle_timeout(now);
        if matches!(self.state, State::Connecting(_)) {
            self.end(CloseReason::ForcedClose);
        }
        match core::mem::replace(&mut self.state, State::Closed) {
            State::Open(Link { open, channel }) => self.leave(open, channel),
            state => self.state = state,
        }
    }
}

impl sealed::Sealed for ClientSession {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn limits(&self) -> &Arc<Limits> {
        &self.config.limits
    }

    fn take_message(&mut self) -> Option<Frame> {
        if !self.outputs.is_empty() {
            return self.outputs.take_message();
        }
        while self.advance() {}
        self.next_message()
    }

    fn set_intake(&mut self, intake: Intake) {
        if self.intake != intake {
            self.intake = intake;
            self.watch_pace();
        }
    }
}

impl ClientSession {
    fn on_timer(&mut self, timer: Timer) {
        match timer {
            //= EIO4-HS-18
            Timer::Connect => match self.state {
                State::Connecting(Attempt::WebSocket(ws))
                    if self.config.transports == Transports::WebSocketThenPolling =>
                {
                    self.transmit(Transmit::WsClose { ws });
                    self.attempt_polling();
                }
                _ => self.end(CloseReason::ConnectTimeout),
            },
            //= EIO3-HB-01
            //= EIO4-HB-15
            Timer::Ping => {
                self.queue.push_beat(Packet::Ping(Text::new()).to_frame(Revision::V4));
                self.watch_pace();
                self.watch_silence(|open| open.ping_timeout);
            }
            Timer::Idle => self.on_silence(),
            Timer::Close => self.end(CloseReason::ForcedClose),
            Timer::Stall => self.fail(Violation::SlowReader),
        }
    }

    /// Opens the session, unless this is not the open packet.
    pub(super) fn on_first_packet(&mut self, packet: Packet, channel: Channel) {
        match packet {
            Packet::Open(json) => match Open::parse(json.as_str()) {
                Ok(open) => self.open(open, channel),
                //= EIO4-HS-16
                Err(error) => self.end(CloseReason::ParseError(error.kind)),
            },
            Packet::Close => self.end(CloseReason::TransportClose),
            _ => self.fail(Violation::NotOpen),
        }
    }

    //= EIO4-HS-13
    fn open(&mut self, open: Open, channel: Channel) {
        self.timers.cancel(Timer::Connect);
        //= EIO4-HS-15
        let upgrades =
            self.config.transports == Transports::PollingThenUpgrade && open.upgrades.contains(&Transport::WebSocket);
        self.state = State::Open(Link { open, channel });
        self.emit(Event::Opened);
        self.watch_heartbeat();
        self.schedule_ping();
        if upgrades {
            self.probe();
        }
    }

    /// Handles what arrives on the established transport.
    pub(super) fn on_packet(&mut self, packet: Packet) {
        let revision = self.config.revision;
        if revision == Revision::V3 {
            self.watch_heartbeat();
        }
        match packet {
            Packet::Message(frame) => self.emit(Event::Message(frame)),
            //= EIO4-HB-02
            //= EIO4-HB-03
            //= EIO4-HB-06
            Packet::Ping(_) if revision == Revision::V4 => {
                self.answer_ping();
                self.watch_heartbeat();
            }
            Packet::Pong(_) => self.schedule_ping(),
            //= EIO4-UP-20
            Packet::Close if self.state.is_pausing() => {}
            //= EIO4-CL-02
            Packet::Close => self.end(CloseReason::TransportClose),
            //= EIO4-HS-19
            //= EIO4-WS-18
            Packet::Open(_) | Packet::Ping(_) | Packet::Upgrade | Packet::Noop => {}
        }
    }

    pub(super) fn answer_ping(&mut self) {
        self.queue.push_pong_first(Text::new(), &self.config.limits);
        self.watch_pace();
    }

    /// Sends the requests that can be sent, and lets what arrived have its effect, up to the next message.
    fn settle(&mut self) {
        while self.advance() || (self.transport() != Some(Transport::WebSocket) && self.flush()) {}
    }

    /// Waits for the server's next sign of life: a ping, or in revision 3 any packet.
    pub(super) fn watch_heartbeat(&mut self) {
        self.watch_silence(|open| open.ping_interval.saturating_add(open.ping_timeout));
    }

    fn watch_silence(&mut self, patience: impl FnOnce(&Open) -> Duration) {
        if let State::Open(Link { open, .. }) = &self.state {
            let patience = patience(open);
            self.arm(Timer::Idle, patience);
        }
    }

    /// Revision 3: the client pings. In revision 4 a pong means nothing.
    fn schedule_ping(&mut self) {
        if let (State::Open(Link { open, .. }), Revision::V3) = (&self.state, self.config.revision) {
            let interval = open.ping_interval;
            self.arm(Timer::Ping, interval);
        }
    }

    pub(super) fn transmit(&mut self, transmit: Transmit) {
        self.outputs.push(Output::Transmit(transmit));
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.outputs.push(Output::Event(event));
    }

    /// A server that allows no time at all still gets the protocol's smallest unit of it, so that what is armed now is
    /// never due now.
    pub(super) fn arm(&mut self, timer: Timer, after: Duration) {
        self.timers.arm(timer, self.now.saturating_add(after.max(Duration::from_millis(1))));
    }
}
