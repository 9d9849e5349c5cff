//! The connection machine: namespaces, events and acknowledgements of one client, on the server's side.
//!
//! It stands on an Engine.IO session: the session's events are its inputs, and what it transmits are the
//! session's verbs. [`Peer`](crate::socketio::Peer) glues the two together.

mod config;
mod event;
mod memberships;
mod receive;
mod verbs;

use alloc::sync::Arc;

pub use self::config::Config;
pub use self::event::Event;
use self::memberships::Memberships;
use crate::engineio::{self, Encoded, Revision, SendError};
use crate::limits::Limits;
use crate::machine::{Machine, Output};
use crate::socketio::args::Parser;
use crate::socketio::layer::{Dialect, DisconnectReason, Door, Layer, Pending, Transmit, Violation, drew, sealed};
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{Assembly, Packet};
use crate::time::Timestamp;
use crate::timers::{Timers, timers};

timers!(Timer {
    /// No namespace was joined yet.
    Connect,
});

/// One client's connection, on the server's side. The [module](crate::socketio) has its diagram, timers and faults.
///
/// What the client speaks is chosen here, because nothing on the wire tells. On a [`Peer`](crate::socketio::Peer) the [`Dialect`]
/// follows from the revision of the session below, unless it is said to be [`Dialect::V4`]; the [`Parser`] is agreed upon
/// beforehand.
///
/// ```
/// use sio_codec::engineio::{self, Sid};
/// use sio_codec::socketio::{Config, Connection, Dialect, Event, Namespace, Transmit};
/// use sio_codec::{Frame, Machine, Output, Timestamp};
///
/// let mut connection = Connection::new(Config::default()).with_dialect(Dialect::V4);
/// connection.handle(Timestamp::ZERO, engineio::Event::Opened);
/// let root = Namespace::root();
/// let asks = Event::ConnectRequested { namespace: root.clone(), auth: None };
/// assert_eq!(connection.poll_output(), Some(Output::Event(asks)), "without being asked, in protocol 4");
/// connection.accept(&root, &Sid::from_entropy([9; 15]))?;
/// let Some(Output::Transmit(Transmit::Send(messages))) = connection.poll_output() else { unreachable!() };
/// assert_eq!(messages.frames().next(), Some(Frame::from("40")));
/// # Ok::<(), sio_codec::socketio::EmitError>(())
/// ```
#[derive(Debug)]
pub struct Connection {
    config: Arc<Config>,
    limits: Arc<Limits>,
    dialect: Dialect,
    parser: Parser,
    now: Timestamp,
    state: State,
    assembly: Assembly,
    timers: Timers<Timer>,
    pending: Pending,
    next_ack: u64,
    door: Door<Event>,
}

#[derive(Debug)]
enum State {
    Open(Memberships),
    /// The session was told to close and has not reported yet that it is.
    Closing(DisconnectReason),
    Closed,
}

impl Connection {
    /// A connection on a session that is about to open, of protocol 5 with JSON.
    ///
    /// Connections that are given the same `Arc` share their configuration.
    #[must_use]
    pub fn new(config: impl Into<Arc<Config>>) -> Self {
        let config = config.into();
        Self {
            assembly: Assembly::default(),
            config,
            limits: Arc::default(),
            dialect: Dialect::default(),
            parser: Parser::default(),
            now: Timestamp::ZERO,
            state: State::Open(Memberships::default()),
            timers: Timers::new(),
            pending: Pending::default(),
            next_ack: 0,
            door: Door::new(),
        }
    }

    /// The same connection with other limits. On a [`Peer`](crate::socketio::Peer) it has those of its session.
    #[must_use]
    pub fn with_limits(mut self, limits: impl Into<Arc<Limits>>) -> Self {
        self.limits = limits.into();
        self
    }

    /// The same connection with a client that speaks another revision of the protocol.
    #[must_use]
    pub const fn with_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// The same connection with a client whose packets have another form.
    //= MSG-09
    //= MSG-10
    #[must_use]
    pub const fn with_parser(mut self, parser: Parser) -> Self {
        self.parser = parser;
        self
    }
}

impl Machine for Connection {
    type Input = engineio::Event;
    type Transmit = Transmit;
    type Event = Event;

    fn handle(&mut self, now: Timestamp, input: engineio::Event) {
        self.handle_timeout(now);
        match input {
            engineio::Event::Opened => self.on_opened(),
            engineio::Event::Message(message) => self.on_message(message),
            engineio::Event::Closed(reason) => self.on_closed(DisconnectReason::Engine(reason)),
            engineio::Event::Writable => drop(self.door.release()),
            engineio::Event::Upgraded => {}
        }
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        while let Some((timer, _)) = self.timers.expire(self.now) {
            match timer {
                Timer::Connect => self.close_with(DisconnectReason::Violation(Violation::ConnectTimeout)),
            }
        }
        while let Some((namespace, id)) = self.pending.expire(self.now) {
            // The hub reports broadcasts that time out.
            if !drew(id) {
                self.event(Event::AckTimedOut { namespace, id });
            }
        }
    }

    fn poll_output(&mut self) -> Option<Output<Transmit, Event>> {
        if self.door.relieved(|| 0, &self.limits) {
            self.event(Event::Writable);
        }
        self.door.poll(&self.limits)
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        [self.timers.next(), self.pending.next_deadline()].into_iter().flatten().min()
    }

    fn wants_input(&self) -> bool {
        self.door.has_room_for_reactions(&self.limits)
    }
}

impl Layer for Connection {}

impl sealed::Sealed for Connection {
    fn settle(&mut self, revision: Revision, limits: Arc<Limits>) {
        self.dialect = self.dialect.on(revision);
        self.limits = limits;
    }

    fn is_quiet(&self) -> bool {
        self.door.is_quiet()
    }

    fn rest(&mut self) {
        self.door.rest();
    }

    /// What the session has no room for is kept until it has. That it cannot carry something is a fault.
    fn not_sent(&mut self, messages: Encoded, error: SendError) {
        match error {
            SendError::QueueFull => self.door.hold(messages),
            error => self.close_with(DisconnectReason::Violation(Violation::Unsendable(error))),
        }
    }
}

impl Connection {
    fn left(&mut self, namespace: Namespace, reason: DisconnectReason) {
        self.pending.leave(&namespace);
        self.event(Event::Disconnected { namespace, reason });
    }

    /// Ends every membership and has the session closed, after what waits was sent. A client that is at fault and does not
    /// read is not waited for.
    fn close_with(&mut self, reason: DisconnectReason) {
        if matches!(self.state, State::Open(_)) {
            let at_fault = matches!(reason, DisconnectReason::InvalidPacket(_) | DisconnectReason::Violation(_));
            if at_fault && !self.door.is_free() {
                self.door.forget_transmits();
            }
            self.disconnect_all(reason);
            self.state = State::Closing(reason);
            self.door.transmit(Transmit::Close);
        }
    }

    fn on_closed(&mut self, reason: DisconnectReason) {
        let reason = match &self.state {
            State::Closed => return,
            State::Closing(first) => *first,
            State::Open(_) => {
                self.disconnect_all(reason);
                reason
            }
        };
        self.state = State::Closed;
        self.door.forget_transmits();
        self.event(Event::Closed(reason));
    }

    fn disconnect_all(&mut self, reason: DisconnectReason) {
        //= SIO5-CON-24: Not answer when the client closed while middlewares ran
        let State::Open(memberships) = core::mem::replace(&mut self.state, State::Closed) else { return };
        self.timers.cancel_all();
        self.pending.clear();
        //= SIO5-ATT-16: Discard a partially received packet
        self.assembly = Assembly::default();
        //= SIO5-DIS-09: disconnect every namespace socket of it, once
        //= SRV-DISC-02: never completed its connection
        for namespace in memberships.joined() {
            self.event(Event::Disconnected { namespace: namespace.clone(), reason });
        }
    }

    /// Sends a packet without arguments, which every parser can carry.
    fn control(&mut self, packet: &Packet) {
        self.transmit(packet.encode_with(self.parser).unwrap_or_else(|_| packet.encode()));
    }

    fn transmit(&mut self, messages: Encoded) {
        self.door.transmit(Transmit::Send(messages));
    }

    #[inline(always)]
    fn event(&mut self, event: Event) {
        self.door.event(event);
    }
}

#[cfg(test)]
mod tests;
