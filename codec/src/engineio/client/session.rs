//! The session machine: its states, its timers, and how it ends.
//!
//! Every transition of the state is in this file, in `polling.rs` or in `websocket.rs`, which apply the inputs of the
//! transport they are named after. Requests and messages are written when `poll_output` runs, so all that the application
//! sends in one turn leaves together; unless another input comes first, which finds the session as if everything had been
//! taken out before.

use alloc::collections::VecDeque;
use alloc::string::{String, ToString as _};
use core::time::Duration;

use super::config::{Config, Transports};
use super::lanes::Lanes;
use super::{Body, Input, Transmit};
use crate::engineio::encoded::Encoded;
use crate::engineio::error::{CloseReason, SendError, Violation};
use crate::engineio::handshake::Open;
use crate::engineio::ids::{RequestId, WsId};
use crate::engineio::packet::{Packet, Parts};
use crate::engineio::payload::{Format, has_separator};
use crate::engineio::queue::{Queue, write_message};
use crate::engineio::request::RequestQuery;
use crate::engineio::revision::{BinaryForm, Revision, Transport};
use crate::engineio::session::{Event, Session, sealed};
use crate::engineio::sid::Sid;
use crate::machine::{Machine, Output};
use crate::text::Text;
use crate::time::Timestamp;
use crate::timers::{Timers, timers};

timers!(Timer, TIMERS { Connect, Ping, Idle, Close });

/// One session, on the client's side. The [module](super) has its diagram, timers and faults.
#[derive(Debug)]
pub struct ClientSession {
    pub(super) config: Config,
    now: Timestamp,
    pub(super) state: State,
    timers: Timers<TIMERS>,
    queue: Queue,
    outputs: VecDeque<Output<Transmit, Event>>,
    /// The last name that was given to a request or a WebSocket.
    last_id: u64,
}

#[derive(Debug)]
pub(super) enum State {
    /// The open packet is awaited.
    Connecting(Attempt),
    Open(Link),
    /// The end is decided; what was said before it is still being delivered.
    Closing {
        open: Open,
        exit: Exit,
    },
    Closed,
}

/// What the open packet is expected from.
#[derive(Debug)]
pub(super) enum Attempt {
    Polling(Lanes),
    WebSocket(WsId),
}

#[derive(Debug)]
pub(super) struct Link {
    pub(super) open: Open,
    pub(super) channel: Channel,
}

/// Where packets travel.
#[derive(Debug)]
pub(super) enum Channel {
    Polling(Lanes),
    Probing { lanes: Lanes, candidate: Candidate },
    WebSocket(WsId),
}

/// A WebSocket that may take the session over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Candidate {
    /// It is being established.
    Connecting(WsId),
    /// The probe was sent on it.
    Probed(WsId),
    /// The probe was answered: polling pauses, and when nothing is in flight any more, the session moves.
    Ready(WsId),
}

impl Candidate {
    pub(super) const fn ws(self) -> WsId {
        match self {
            Self::Connecting(ws) | Self::Probed(ws) | Self::Ready(ws) => ws,
        }
    }
}

/// How a session leaves.
#[derive(Debug)]
pub(super) enum Exit {
    WebSocket(WsId),
    /// What is queued goes out, one POST after the other.
    Draining(Lanes),
    /// The close packet is on its way.
    Leaving(Lanes),
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
            config,
            now,
            state: State::Closed,
            timers: Timers::new(),
            queue: Queue::default(),
            outputs: VecDeque::new(),
            last_id,
        };
        let attempt = match session.config.transports {
            Transports::PollingThenUpgrade | Transports::PollingOnly => Attempt::Polling(Lanes::default()),
            Transports::WebSocketOnly | Transports::WebSocketThenPolling => {
                Attempt::WebSocket(session.connect_websocket())
            }
        };
        session.state = State::Connecting(attempt);
        session.poll();
        session.arm(Timer::Connect, session.config.connect_timeout);
        session
    }

    /// The session's id, which the server gives; `None` before it did, and after the end.
    #[must_use]
    pub const fn sid(&self) -> Option<&Sid> {
        match &self.state {
            State::Open(Link { open, .. }) | State::Closing { open, .. } => Some(&open.sid),
            State::Connecting(_) | State::Closed => None,
        }
    }

    /// The transport that carries packets now.
    #[must_use]
    pub const fn transport(&self) -> Option<Transport> {
        match &self.state {
            State::Open(link) => Some(link.channel.transport()),
            State::Closing { exit: Exit::WebSocket(_), .. } => Some(Transport::WebSocket),
            State::Closing { exit: Exit::Draining(_) | Exit::Leaving(_), .. } => Some(Transport::Polling),
            State::Connecting(_) | State::Closed => None,
        }
    }

    /// Whether the session is over: [`Event::Closed`] was emitted.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }
}

impl Channel {
    const fn transport(&self) -> Transport {
        match self {
            Self::Polling(_) | Self::Probing { .. } => Transport::Polling,
            Self::WebSocket(_) => Transport::WebSocket,
        }
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
            Input::WsClosed { ws } => self.on_ws_closed(ws),
        }
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        if now > self.now {
            // A ping in an answer that was not dispatched yet may be just what a timer waits for.
            self.settle();
            self.now = now;
        }
        while let Some((timer, _)) = self.timers.expire(self.now) {
            self.on_timer(timer);
        }
    }

    fn poll_output(&mut self) -> Option<Output<Transmit, Event>> {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return Some(output);
            }
            if !self.dispatch() && !self.flush() {
                return None;
            }
        }
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.timers.next()
    }
}

impl Session for ClientSession {
    fn send(&mut self, messages: &Encoded) -> Result<(), SendError> {
        let (open, transport) = match &self.state {
            State::Connecting(_) => return Err(SendError::NotOpen),
            State::Open(Link { open, channel }) => (open, channel.transport()),
            State::Closing { open, exit: Exit::WebSocket(_) } => (open, Transport::WebSocket),
            State::Closing { open, exit: Exit::Draining(_) } => (open, Transport::Polling),
            State::Closing { exit: Exit::Leaving(_), .. } | State::Closed => return Err(SendError::Closed),
        };
        for frame in messages.frames() {
            self.check(&Parts::of_frame(&frame), transport, open.max_payload)?;
        }
        self.queue.push_group(messages, &self.config.limits)
    }

    fn send_volatile(&mut self, messages: &Encoded) -> bool {
        let can_leave = match &self.state {
            State::Open(Link { channel: Channel::WebSocket(_), .. }) => true,
            State::Open(Link { channel: Channel::Polling(lanes) | Channel::Probing { lanes, .. }, .. }) => {
                lanes.may_post()
            }
            State::Connecting(_) | State::Closing { .. } | State::Closed => false,
        };
        can_leave && self.queue.is_empty() && self.send(messages).is_ok()
    }

    fn close(&mut self, now: Timestamp) {
        self.handle_timeout(now);
        match core::mem::replace(&mut self.state, State::Closed) {
            State::Connecting(attempt) => {
                self.state = State::Connecting(attempt);
                self.end(CloseReason::ForcedClose);
            }
            State::Open(Link { open, channel }) => self.leave(open, channel),
            state => self.state = state,
        }
    }
}

impl sealed::Sealed for ClientSession {
    fn now(&self) -> Timestamp {
        self.now
    }
}

impl ClientSession {
    fn on_timer(&mut self, timer: Timer) {
        match timer {
            //= EIO4-HS-18
            Timer::Connect => self.end(CloseReason::ConnectTimeout),
            //= EIO3-HB-01
            Timer::Ping => {
                self.queue.push(Packet::Ping(Text::new()).to_frame(Revision::V4));
                self.watch_silence(|open| open.ping_timeout);
            }
            //= EIO4-HB-05
            //= EIO3-HB-05
            Timer::Idle => self.end(CloseReason::PingTimeout),
            Timer::Close => self.end(CloseReason::ForcedClose),
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
                self.queue.push_pong(Text::new(), &self.config.limits);
                self.watch_heartbeat();
            }
            Packet::Pong(_) if revision == Revision::V3 => self.schedule_ping(),
            //= EIO4-UP-20
            Packet::Close if self.is_pausing() => {}
            //= EIO4-CL-02
            Packet::Close => self.end(CloseReason::TransportClose),
            //= EIO4-HS-19
            //= EIO4-WS-18
            Packet::Open(_) | Packet::Ping(_) | Packet::Pong(_) | Packet::Upgrade | Packet::Noop => {}
        }
    }

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
        let state = core::mem::replace(&mut self.state, State::Closed);
        let (lanes, ws, reason) = match state {
            State::Connecting(Attempt::Polling(lanes)) => (Some(lanes), None, reason),
            State::Connecting(Attempt::WebSocket(ws)) => (None, Some(ws), reason),
            State::Open(Link { channel, .. }) => match channel {
                Channel::Polling(lanes) => (Some(lanes), None, reason),
                Channel::Probing { lanes, candidate } => (Some(lanes), Some(candidate.ws()), reason),
                Channel::WebSocket(ws) => (None, Some(ws), reason),
            },
            State::Closing { exit: Exit::WebSocket(ws), .. } => (None, Some(ws), CloseReason::ForcedClose),
            State::Closing { exit: Exit::Draining(lanes) | Exit::Leaving(lanes), .. } => {
                (Some(lanes), None, CloseReason::ForcedClose)
            }
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
        //= EIO4-CL-11
        self.emit(Event::Closed(reason));
    }

    /// Begins to leave an open session.
    //= EIO4-CL-06
    fn leave(&mut self, open: Open, channel: Channel) {
        self.timers.cancel_all();
        let exit = match channel {
            Channel::WebSocket(ws) => Exit::WebSocket(ws),
            Channel::Polling(lanes) => self.drain(lanes),
            //= EIO4-CL-10
            Channel::Probing { lanes, candidate } => {
                self.transmit(Transmit::WsClose { ws: candidate.ws() });
                self.drain(lanes)
            }
        };
        self.state = State::Closing { open, exit };
    }

    //= EIO4-CL-09
    fn drain(&mut self, mut lanes: Lanes) -> Exit {
        lanes.abandon_dispatch();
        self.arm(Timer::Close, self.config.close_timeout);
        Exit::Draining(lanes)
    }

    /// Produces all that was put off, so that inputs mean the same whether outputs are taken out between them or not.
    fn settle(&mut self) {
        while self.dispatch() || self.flush() {}
    }

    /// Hands on the next packet of an answer that has arrived; `false` if there is none.
    //= EIO4-HS-12
    fn dispatch(&mut self) -> bool {
        match self.lanes().and_then(Lanes::dispatch) {
            None => return false,
            Some(Ok(packet)) => match &mut self.state {
                State::Connecting(Attempt::Polling(lanes)) => {
                    let channel = Channel::Polling(core::mem::take(lanes));
                    self.on_first_packet(packet, channel);
                }
                _ => self.on_packet(packet),
            },
            Some(Err(error)) => self.end(CloseReason::ParseError(error.kind)),
        }
        true
    }

    /// Whether the session only waits for its last requests before it moves to the WebSocket.
    const fn is_pausing(&self) -> bool {
        matches!(self.state, State::Open(Link { channel: Channel::Probing { candidate: Candidate::Ready(_), .. }, .. }))
    }

    /// Produces the next output that was put off until now; `false` if there is none.
    fn flush(&mut self) -> bool {
        match &self.state {
            State::Open(Link { channel, .. }) => match channel {
                Channel::WebSocket(ws) => self.flush_websocket(*ws) || self.relieve(),
                Channel::Probing { lanes, candidate: Candidate::Ready(ws) } => {
                    //= EIO4-UP-05
                    //= EIO4-UP-08
                    let ready = lanes.are_idle();
                    if ready {
                        self.take_over(*ws);
                    }
                    ready
                }
                Channel::Polling(_) | Channel::Probing { .. } => self.post() || self.relieve() || self.poll(),
            },
            State::Closing { exit: Exit::WebSocket(ws), .. } => {
                if !self.flush_websocket(*ws) {
                    self.end(CloseReason::ForcedClose);
                }
                true
            }
            State::Closing { exit: Exit::Draining(_), .. } => self.post() || self.say_goodbye(),
            State::Closing { exit: Exit::Leaving(lanes), .. } => {
                let left = lanes.may_post();
                if left {
                    self.end(CloseReason::ForcedClose);
                }
                left
            }
            State::Connecting(Attempt::Polling(lanes)) if lanes.may_poll() => {
                self.fail(Violation::NotOpen);
                true
            }
            State::Connecting(_) | State::Closed => false,
        }
    }

    fn flush_websocket(&mut self, ws: WsId) -> bool {
        let Some(packet) = self.queue.pop() else { return false };
        let frame = write_message(self.config.revision, self.config.binary, packet);
        self.transmit(Transmit::WsSend { ws, frame });
        true
    }

    fn relieve(&mut self) -> bool {
        let relieved = self.queue.relieved();
        if relieved {
            self.emit(Event::Writable);
        }
        relieved
    }

    /// Sends what fits one POST of what is queued; `false` if there is nothing, or a POST is in flight.
    //= EIO4-POST-03
    fn post(&mut self) -> bool {
        let (State::Open(Link { open, channel: Channel::Polling(lanes) | Channel::Probing { lanes, .. } })
        | State::Closing { open, exit: Exit::Draining(lanes) }) = &self.state
        else {
            return false;
        };
        if !lanes.may_post() {
            return false;
        }
        let (revision, takes_binary) = (self.config.revision, self.config.binary == BinaryForm::Native);
        let format = Format::for_packets(revision, self.queue.has_binary(), takes_binary);
        //= EIO4-HS-14
        let bytes = self.queue.take_body(format, open.max_payload.unwrap_or(usize::MAX));
        let Some(bytes) = bytes else { return false };
        let id = self.request(Some(Body { format, bytes }));
        if let Some(lanes) = self.lanes() {
            lanes.post(id);
        }
        true
    }

    /// Sends the next GET; `false` if one is in flight.
    //= EIO4-GET-05
    //= EIO4-GET-08
    pub(super) fn poll(&mut self) -> bool {
        if !self.lanes().is_some_and(|lanes| lanes.may_poll()) {
            return false;
        }
        let id = self.request(None);
        if let Some(lanes) = self.lanes() {
            lanes.poll(id);
        }
        true
    }

    /// Sends the close packet, as soon as no POST is in flight.
    //= EIO4-CL-04
    fn say_goodbye(&mut self) -> bool {
        if !self.lanes().is_some_and(|lanes| lanes.may_post()) {
            return false;
        }
        self.queue.push(Packet::Close.to_frame(Revision::V4));
        let posted = self.post();
        if let State::Closing { exit, .. } = &mut self.state
            && let Exit::Draining(lanes) = exit
        {
            *exit = Exit::Leaving(core::mem::take(lanes));
        }
        posted
    }

    pub(super) fn lanes(&mut self) -> Option<&mut Lanes> {
        match &mut self.state {
            State::Connecting(Attempt::Polling(lanes))
            | State::Open(Link { channel: Channel::Polling(lanes) | Channel::Probing { lanes, .. }, .. })
            | State::Closing { exit: Exit::Draining(lanes) | Exit::Leaving(lanes), .. } => Some(lanes),
            _ => None,
        }
    }

    /// Whether the server would take a message.
    //= EIO4-LIM-02
    fn check(&self, message: &Parts<'_>, transport: Transport, max_payload: Option<usize>) -> Result<(), SendError> {
        let (revision, binary) = (self.config.revision, self.config.binary);
        let len = match (transport, revision, binary) {
            (Transport::WebSocket, _, BinaryForm::Native) => message.frame_len(revision),
            (Transport::WebSocket, _, BinaryForm::Base64) => message.text_len(revision),
            (_, Revision::V4, _) if has_separator(message) => return Err(SendError::Separator),
            (_, Revision::V4, _) => Format::V4.element_len(*message),
            // The larger one of the two forms that a text can get.
            (_, Revision::V3, BinaryForm::Native) => Format::V3Binary.element_len(*message),
            (_, Revision::V3, BinaryForm::Base64) => Format::V3Text.element_len(*message),
        };
        if max_payload.is_some_and(|max| len > max) { Err(SendError::TooLarge) } else { Ok(()) }
    }

    fn request(&mut self, body: Option<Body>) -> RequestId {
        let id = RequestId(self.fresh_id());
        let query = self.query(Transport::Polling);
        self.transmit(Transmit::Request { id, query, body });
        id
    }

    //= EIO4-UP-01
    pub(super) fn connect_websocket(&mut self) -> WsId {
        let ws = WsId(self.fresh_id());
        let query = self.query(Transport::WebSocket);
        self.transmit(Transmit::WsConnect { ws, query });
        ws
    }

    //= EIO4-URL-01
    //= EIO4-URL-02
    //= EIO4-WS-16
    fn query(&self, transport: Transport) -> String {
        let mut query = RequestQuery::new(self.config.revision, transport);
        for (name, value) in &self.config.parameters {
            query = query.with_parameter(name, value);
        }
        if let Some(sid) = self.sid() {
            query = query.with_sid(sid);
        }
        //= EIO3-CLI-01
        if self.config.binary == BinaryForm::Base64 {
            query = query.without_binary();
        }
        query.to_string()
    }

    const fn fresh_id(&mut self) -> u64 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    /// Waits for the server's next sign of life: a ping, or in revision 3 any packet.
    fn watch_heartbeat(&mut self) {
        self.watch_silence(|open| open.ping_interval.saturating_add(open.ping_timeout));
    }

    fn watch_silence(&mut self, patience: impl FnOnce(&Open) -> Duration) {
        if let State::Open(Link { open, .. }) = &self.state {
            let patience = patience(open);
            self.arm(Timer::Idle, patience);
        }
    }

    /// Revision 3: the client pings.
    fn schedule_ping(&mut self) {
        if let (State::Open(Link { open, .. }), Revision::V3) = (&self.state, self.config.revision) {
            let interval = open.ping_interval;
            self.arm(Timer::Ping, interval);
        }
    }

    pub(super) fn transmit(&mut self, transmit: Transmit) {
        self.outputs.push_back(Output::Transmit(transmit));
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    fn arm(&mut self, timer: Timer, after: Duration) {
        self.timers.arm(timer, self.now.saturating_add(after));
    }
}
