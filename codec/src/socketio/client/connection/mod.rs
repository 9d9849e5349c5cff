//! The connection machine: a client's namespaces, events and acknowledgements, over one session after the other.
//!
//! What arrives is in `connection/receive.rs`, what the application does in `connection/verbs.rs`, and what comes and
//! goes with the server's consent in `connection/joining.rs`.

mod joining;
mod receive;
mod verbs;

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::buffer::Load;
use super::config::Config;
use super::event::{EmitId, Event};
use super::membership::{Membership, Stage};
use crate::engineio::{self, CloseReason, Encoded, SendError};
use crate::limits::Limits;
use crate::machine::{Machine, Output};
use crate::socketio::ack_id::AckId;
use crate::socketio::layer::{DisconnectReason, Door, Layer, Pending, Transmit, Violation, sealed};
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{Decoder, Packet, encode};
use crate::time::Timestamp;

/// A client's connection. The [module](super) has its diagram, timers and faults.
///
/// It outlives the sessions it stands on: after [`engineio::Event::Closed`] it waits for the next
/// [`engineio::Event::Opened`], and keeps what was emitted meanwhile. On a [`Peer`](crate::socketio::Peer) it has one
/// session; a [`Client`](super::Client) sees to the next one.
///
/// ```
/// use sio_codec::engineio::{self, CloseReason};
/// use sio_codec::socketio::client::{Auth, Config, Connection, Event};
/// use sio_codec::socketio::{Args, DisconnectReason, Namespace, Transmit};
/// use sio_codec::{Frame, Machine, Output, Timestamp};
///
/// let (now, chat) = (Timestamp::ZERO, Namespace::new("/chat")?);
/// let mut connection = Connection::new(Config::default());
/// connection.connect(&chat, Auth::None)?;
/// connection.emit(&chat, "early", &Args::empty())?;
/// connection.handle(now, engineio::Event::Opened);
/// assert_eq!(connection.poll_output(), Some(Output::Event(Event::Opened)));
/// let Some(Output::Transmit(Transmit::Send(messages))) = connection.poll_output() else { unreachable!() };
/// assert_eq!(messages.frames().next(), Some(Frame::from("40/chat,")));
///
/// connection.handle(now, engineio::Event::Message(Frame::from(r#"0/chat,{"sid":"x"}"#)));
/// let connected = Event::Connected { namespace: chat.clone(), sid: Some("x".into()), recovered: false };
/// assert_eq!(connection.poll_output(), Some(Output::Event(connected)));
/// let Some(Output::Transmit(Transmit::Send(messages))) = connection.poll_output() else { unreachable!() };
/// assert_eq!(messages.frames().next(), Some(Frame::from(r#"42/chat,["early"]"#)));
///
/// // The session ends, and the next one is used to ask again.
/// connection.handle(now, engineio::Event::Closed(CloseReason::PingTimeout));
/// let reason = DisconnectReason::Engine(CloseReason::PingTimeout);
/// let lost = Event::Disconnected { namespace: chat.clone(), reason };
/// assert_eq!(connection.poll_output(), Some(Output::Event(lost)));
/// assert_eq!(connection.poll_output(), Some(Output::Event(Event::Closed(reason))));
/// connection.handle(now, engineio::Event::Opened);
/// assert_eq!(connection.poll_output(), Some(Output::Event(Event::Opened)));
/// let Some(Output::Transmit(Transmit::Send(messages))) = connection.poll_output() else { unreachable!() };
/// assert_eq!(messages.frames().next(), Some(Frame::from("40/chat,")));
///
/// // The client leaves; the session is for nothing then.
/// connection.disconnect(&chat)?;
/// assert_eq!(connection.poll_output(), Some(Output::Transmit(Transmit::Close)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Connection {
    config: Config,
    now: Timestamp,
    limits: Arc<Limits>,
    link: Link,
    decoder: Decoder,
    /// In the order in which they were asked for.
    memberships: Vec<Membership>,
    /// Namespaces that the client left before the server had answered.
    unanswered: Vec<Namespace>,
    pending: Pending,
    /// How often the client was let into a namespace.
    welcomes: u64,
    /// Where new memberships begin to count their acknowledgements: an answer to an earlier one is no answer to these.
    first_ack: u64,
    door: Door<Event>,
}

/// The session below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// There is none, or it is not open yet.
    Down,
    /// Protocol 4: the server has yet to let the client into the main namespace, and before that into no other.
    Opened,
    /// Protocol 4: the same as `Admitted`, and the client is in the main namespace without having wanted it yet.
    Welcomed,
    /// Namespaces are asked for.
    Admitted,
    /// It was told to close and has not reported yet that it is.
    Closing(DisconnectReason),
}

impl Link {
    const fn is_open(self) -> bool {
        matches!(self, Self::Opened | Self::Welcomed | Self::Admitted)
    }

    /// Whether what was sent is still to leave: yes, unless the session ends for a fault.
    const fn flushes(self) -> bool {
        self.is_open() || matches!(self, Self::Closing(DisconnectReason::Engine(CloseReason::ForcedClose)))
    }
}

impl Connection {
    /// A connection on a session that is about to open.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let limits = Arc::default();
        Self {
            decoder: decoder(&config, &limits),
            config,
            now: Timestamp::ZERO,
            limits,
            link: Link::Down,
            memberships: Vec::new(),
            unanswered: Vec::new(),
            pending: Pending::default(),
            welcomes: 0,
            first_ack: 0,
            door: Door::new(),
        }
    }

    /// The same connection with other limits. On a [`Peer`](crate::socketio::Peer) or in a [`Client`](super::Client) it has
    /// those of its sessions.
    #[must_use]
    pub fn with_limits(mut self, limits: impl Into<Arc<Limits>>) -> Self {
        sealed::Sealed::set_limits(&mut self, limits.into());
        self
    }

    /// The namespaces that the client is in, in the order in which it asked for them.
    pub fn namespaces(&self) -> impl Iterator<Item = &Namespace> {
        self.memberships.iter().filter(|membership| membership.is_connected()).map(|membership| &membership.namespace)
    }

    /// Whether the client is in a namespace, or wants to be in one as soon as it can.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.memberships.iter().any(Membership::is_active)
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
            engineio::Event::Closed(reason) => self.on_closed(reason),
            // What was emitted meanwhile follows what was held, when that has left.
            engineio::Event::Writable => drop(self.door.release()),
            engineio::Event::Upgraded => {}
        }
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        while let Some((namespace, id)) = self.pending.expire(self.now) {
            self.on_ack_timeout(&namespace, id);
        }
    }

    fn poll_output(&mut self) -> Option<Output<Transmit, Event>> {
        for at in 0..self.memberships.len() {
            self.send_kept(at);
        }
        let memberships = &self.memberships;
        let kept = || memberships.iter().map(Membership::load).fold(Load::default(), Load::plus).weight();
        if self.door.relieved(kept, &self.limits) {
            self.event(Event::Writable);
        }
        self.door.poll(&self.limits)
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.pending.next_deadline()
    }

    fn wants_input(&self) -> bool {
        self.door.has_room_for_reactions(&self.limits)
    }
}

impl Layer for Connection {}

impl sealed::Sealed for Connection {
    fn set_limits(&mut self, limits: Arc<Limits>) {
        self.decoder = decoder(&self.config, &limits);
        self.limits = limits;
    }

    fn is_quiet(&self) -> bool {
        self.door.is_quiet()
    }

    /// What the session has no room for is kept until it has. That it cannot carry something is a fault.
    fn not_sent(&mut self, messages: Encoded, error: SendError) {
        match (self.link, error) {
            (_, SendError::QueueFull) if self.link.flushes() => self.door.hold(messages),
            (Link::Down | Link::Closing(_), _) | (_, SendError::Closed) => {}
            (Link::Opened | Link::Welcomed | Link::Admitted, error) => {
                self.close_with(DisconnectReason::Violation(Violation::Unsendable(error)));
            }
        }
    }
}

/// How sessions end.
impl Connection {
    /// Leaves every namespace, for as long as the session takes to end, and has it closed.
    fn close_with(&mut self, reason: DisconnectReason) {
        if self.link.is_open() {
            self.link = Link::Closing(reason);
            if !self.link.flushes() {
                self.door.forget_transmits();
            }
            self.lose_all(reason);
            self.door.transmit(Transmit::Close);
        }
    }

    /// A session that is for nothing is closed.
    //= SIO5-CON-19
    //= SIO5-DIS-05
    fn close_if_inactive(&mut self) {
        if self.is_active() {
            return;
        }
        match self.link {
            // If it is about to open, it need not.
            Link::Down => self.door.transmit(Transmit::Close),
            Link::Opened | Link::Welcomed | Link::Admitted => {
                self.close_with(DisconnectReason::Engine(CloseReason::ForcedClose))
            }
            Link::Closing(_) => {}
        }
    }

    fn on_closed(&mut self, reason: CloseReason) {
        let reason = match core::mem::replace(&mut self.link, Link::Down) {
            Link::Closing(first) => first,
            Link::Down => DisconnectReason::Engine(reason),
            Link::Opened | Link::Welcomed | Link::Admitted => {
                let reason = DisconnectReason::Engine(reason);
                self.lose_all(reason);
                reason
            }
        };
        // What it had no room for will not be sent by another.
        self.door.forget_transmits();
        self.unanswered.clear();
        //= SIO5-ATT-16
        self.decoder = decoder(&self.config, &self.limits);
        self.event(Event::Closed(reason));
    }

    /// Sends what was kept back for a namespace that the client is in now, as far as there is room.
    fn send_kept(&mut self, at: usize) {
        while self.door.takes_events(&self.limits)
            && let Some(membership) = self.memberships.get_mut(at).filter(|membership| membership.is_connected())
            && let Some(waiting) = membership.buffer.pop()
        {
            self.transmit(waiting.messages);
        }
    }

    /// All that are active will be asked for again.
    //= SIO5-CON-25
    fn lose_all(&mut self, reason: DisconnectReason) {
        for at in 0..self.memberships.len() {
            if self.memberships.get(at).is_some_and(Membership::is_active) {
                self.lose(at, Stage::Wanted, reason);
            }
        }
    }

    /// Ends a membership for now: what is in flight will not be acknowledged. What was kept back waits on.
    //= SIO5-ACK-10
    fn lose(&mut self, at: usize, next: Stage, reason: DisconnectReason) {
        let Some(membership) = self.memberships.get_mut(at) else { return };
        if !matches!(core::mem::replace(&mut membership.stage, next), Stage::Connected { .. }) {
            return;
        }
        let namespace = membership.namespace.clone();
        self.door.event(Event::Disconnected { namespace: namespace.clone(), reason });
        let kept: BTreeSet<_> = membership.buffer.iter().filter_map(|waiting| waiting.ack).collect();
        for id in self.pending.of(&namespace).into_iter().filter(|id| !kept.contains(id)) {
            self.pending.settle(&namespace, id);
            if self.config.retries == 0 {
                self.event(Event::AckLost { namespace: namespace.clone(), id: EmitId(id.value()) });
            }
        }
        if let Some(id) = self.fail_attempt(at) {
            self.event(Event::AckLost { namespace, id });
        }
    }

    fn event(&mut self, event: Event) {
        self.door.event(event);
    }

    fn transmit(&mut self, messages: Encoded) {
        self.door.transmit(Transmit::Send(messages));
    }

    /// Sends a packet without arguments, which every parser can write.
    fn control(&mut self, packet: &Packet) {
        if let Ok(messages) = packet.encode_with(self.config.parser) {
            self.transmit(messages);
        }
    }

    fn position(&self, namespace: &Namespace) -> Option<usize> {
        self.memberships.iter().position(|membership| membership.namespace == *namespace)
    }
}

/// What is sent until it is acknowledged.
impl Connection {
    /// Sends the first one that waits, if none is in flight.
    //= SIO5-CLI-08
    fn attempt(&mut self, at: usize) {
        let Some(membership) = self.memberships.get_mut(at).filter(|membership| membership.is_connected()) else {
            return;
        };
        if membership.queue.first().is_none_or(|first| first.in_flight.is_some()) {
            return;
        }
        let Some(id) = membership.draw_ack() else { return };
        let namespace = membership.namespace.clone();
        let Some(first) = membership.queue.first_mut() else { return };
        first.tries = first.tries.saturating_add(1);
        first.in_flight = Some(id);
        let timeout = first.timeout.or(self.config.ack_timeout);
        let messages = encode::event(self.config.parser, &namespace, first.name.as_str(), &first.args, Some(id));
        self.pending.insert(namespace, id, timeout.map(|timeout| self.now.saturating_add(timeout)));
        if let Ok(messages) = messages {
            self.transmit(messages);
        }
    }

    /// The one in flight, if there is one, was sent in vain. If that was its last try it is discarded, and the name is
    /// returned under which the application waits for it.
    fn fail_attempt(&mut self, at: usize) -> Option<EmitId> {
        let queue = &mut self.memberships.get_mut(at)?.queue;
        let first = queue.first_mut()?;
        first.in_flight.take()?;
        if first.tries <= self.config.retries { None } else { queue.pop()?.id }
    }

    fn on_ack_timeout(&mut self, namespace: &Namespace, id: AckId) {
        let Some(at) = self.position(namespace) else { return };
        if self.config.retries == 0 {
            //= SIO5-ACK-09
            //= SIO5-CLI-11
            if let Some(membership) = self.memberships.get_mut(at) {
                membership.buffer.remove(|waiting| waiting.ack == Some(id));
            }
            self.event(Event::AckTimedOut { namespace: namespace.clone(), id: EmitId(id.value()) });
            return;
        }
        if let Some(id) = self.fail_attempt(at) {
            self.event(Event::AckTimedOut { namespace: namespace.clone(), id });
        }
        self.attempt(at);
    }
}

fn decoder(config: &Config, limits: &Limits) -> Decoder {
    Decoder::new(limits).with_protocol(config.protocol).with_parser(config.parser)
}
