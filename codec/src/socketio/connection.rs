//! The connection machine: namespaces, events and acknowledgements of one client, on the server's side.
//!
//! It stands on an Engine.IO session: the session's events are its inputs, and what it wants to transmit are the
//! session's verbs. [`Peer`](super::Peer) glues the two together.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

use super::ack::{Pending, Reply};
use super::args::Args;
use super::decoder::Decoder;
use super::encode;
use super::error::{DisconnectReason, EmitError, Violation};
use super::json::Json;
use super::namespace::Namespace;
use super::packet::{AckId, Packet, PacketKind, RESERVED_NAMES};
use crate::engineio::{self, Encoded, Sid};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::machine::{Machine, Output};
use crate::text::Text;
use crate::time::Timestamp;
use crate::timers::{Timers, timers};

timers!(
    Timer,
    TIMERS {
        /// No namespace was joined yet.
        Connect,
    }
);

/// How a server wants its connections.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Time that a client has to join its first namespace. Default 45 s, as in the reference.
    pub connect_timeout: Duration,
    /// What one connection may cost.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(45), limits: Limits::default() }
    }
}

impl Config {
    /// Replaces [`connect_timeout`](Self#structfield.connect_timeout).
    #[must_use]
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Replaces [`limits`](Self#structfield.limits).
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// One client's connection, on the server's side. The [module](super) has its diagram, timers and faults.
#[derive(Debug)]
pub struct Connection {
    config: Config,
    now: Timestamp,
    state: State,
    decoder: Decoder,
    timers: Timers<TIMERS>,
    pending: Pending,
    next_ack: u64,
    next_turn: u64,
    outputs: VecDeque<Output<Transmit, Event>>,
}

#[derive(Debug)]
enum State {
    Open(BTreeMap<Namespace, Membership>),
    /// The session was told to close and has not reported yet that it is.
    Closing(DisconnectReason),
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Membership {
    /// The application has not answered the CONNECT yet.
    Asking,
    Joined {
        /// The place in the order of joining.
        turn: u64,
    },
}

/// What the connection tells the application.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The client asks to join a namespace: answer with [`Connection::accept`] or [`Connection::refuse`].
    ConnectRequested {
        /// The namespace.
        namespace: Namespace,
        /// What the client sent with it, an object.
        auth: Option<Json>,
    },
    /// An event arrived.
    Received {
        /// The namespace.
        namespace: Namespace,
        /// The event's name.
        name: Text,
        /// Its arguments.
        args: Args,
        /// The right to acknowledge it, if the client wants that.
        reply: Option<Reply>,
    },
    /// The client acknowledged an event.
    Acked {
        /// The namespace.
        namespace: Namespace,
        /// What [`Connection::emit_with_ack`] returned.
        id: AckId,
        /// What the client answered.
        args: Args,
    },
    /// The client did not acknowledge an event in time; should it still do so, that is ignored.
    AckTimedOut {
        /// The namespace.
        namespace: Namespace,
        /// What [`Connection::emit_with_ack`] returned.
        id: AckId,
    },
    /// The client is no longer in a namespace.
    //= SRV-DISC-01
    Disconnected {
        /// The namespace.
        namespace: Namespace,
        /// Why.
        reason: DisconnectReason,
    },
    /// The connection is over; the last event, emitted once.
    Closed(DisconnectReason),
}

/// What the connection asks of the session below it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a program that ignores a command is broken")]
pub enum Transmit {
    /// Send these messages, together.
    Send(Encoded),
    /// Close the session.
    Close,
}

impl Connection {
    /// A connection on a session that is about to open.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            decoder: Decoder::new(&config.limits),
            config,
            now: Timestamp::ZERO,
            state: State::Open(BTreeMap::new()),
            timers: Timers::new(),
            pending: Pending::default(),
            next_ack: 0,
            next_turn: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Lets the client into the namespace it asked for, under the id `sid`.
    ///
    /// The id is public: it must not be the Engine.IO sid, nor derived from it.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotAsking`] if the client does not wait for an answer there, [`EmitError::Closed`].
    //= SIO5-CON-02
    //= SIO5-CON-03
    //= SIO5-CON-08
    //= SIO5-CON-26
    pub fn accept(&mut self, namespace: &Namespace, sid: &Sid) -> Result<(), EmitError> {
        let turn = self.next_turn;
        *self.asking(namespace)? = Membership::Joined { turn };
        self.next_turn += 1;
        self.timers.cancel(Timer::Connect);
        let payload = Json::encode(&BTreeMap::from([("sid", sid.as_str())])).ok();
        self.transmit(encode::control('0', namespace, payload.as_ref()));
        Ok(())
    }

    /// Turns the client away from the namespace it asked for; the connection stays open.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotAsking`] if the client does not wait for an answer there, [`EmitError::Closed`].
    //= SIO5-CON-04
    //= SIO5-CON-06
    pub fn refuse(&mut self, namespace: &Namespace, message: &str, data: Option<&Json>) -> Result<(), EmitError> {
        self.asking(namespace)?;
        if let State::Open(namespaces) = &mut self.state {
            namespaces.remove(namespace);
        }
        self.transmit(encode::control('4', namespace, Some(&Json::refusal(message, data))));
        Ok(())
    }

    /// Turns the client away from a namespace that does not exist, in the words that clients know.
    ///
    /// # Errors
    ///
    /// As [`refuse`](Self::refuse).
    //= SIO5-CON-05
    //= SRV-NSP-03
    pub fn refuse_unknown(&mut self, namespace: &Namespace) -> Result<(), EmitError> {
        self.refuse(namespace, "Invalid namespace", None)
    }

    /// Sends an event.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`], [`EmitError::ReservedName`], [`EmitError::Closed`].
    //= SIO5-EVT-02
    pub fn emit(&mut self, namespace: &Namespace, name: &str, args: &Args) -> Result<(), EmitError> {
        self.emittable(namespace, name)?;
        self.transmit(encode::event(namespace, name, args, None));
        Ok(())
    }

    /// Sends an event that the client is to acknowledge within `timeout`.
    ///
    /// Either [`Event::Acked`] or [`Event::AckTimedOut`] follows with the id that is returned, unless the client
    /// leaves the namespace before.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit), and [`EmitError::TooManyAcks`].
    //= SIO5-ACK-06
    //= SIO5-ACK-08
    //= SIO5-ACK-09
    pub fn emit_with_ack(
        &mut self,
        now: Timestamp,
        namespace: &Namespace,
        name: &str,
        args: &Args,
        timeout: Duration,
    ) -> Result<AckId, EmitError> {
        self.handle_timeout(now);
        self.emittable(namespace, name)?;
        if self.pending.len() >= self.config.limits.max_pending_acks {
            return Err(EmitError::TooManyAcks);
        }
        let id = AckId::new(self.next_ack).ok_or(EmitError::TooManyAcks)?;
        // Odd ids are left to broadcasts, which draw theirs elsewhere.
        self.next_ack += 2;
        self.pending.insert(namespace.clone(), id, self.now.saturating_add(timeout));
        self.transmit(encode::event(namespace, name, args, Some(id)));
        Ok(id)
    }

    /// Acknowledges an event.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`] if the client has left the namespace since, [`EmitError::Closed`].
    //= SIO5-ACK-01
    pub fn acknowledge(&mut self, reply: Reply, args: &Args) -> Result<(), EmitError> {
        self.joined(&reply.namespace)?;
        self.transmit(encode::acknowledgement(&reply.namespace, reply.id, args));
        Ok(())
    }

    /// Makes the client leave one namespace; the connection and its other namespaces go on.
    ///
    /// # Errors
    ///
    /// [`EmitError::NotJoined`], [`EmitError::Closed`].
    //= SIO5-DIS-01
    //= SIO5-DIS-02
    //= SIO5-DIS-03
    pub fn disconnect(&mut self, namespace: &Namespace) -> Result<(), EmitError> {
        self.joined(namespace)?;
        self.transmit(encode::control('1', namespace, None));
        self.leave(namespace, DisconnectReason::ServerNamespace);
        Ok(())
    }

    /// Makes the client leave every namespace and closes the connection.
    //= SIO5-DIS-04
    pub fn close(&mut self) {
        let State::Open(namespaces) = &self.state else { return };
        let farewells: Vec<_> =
            joined(namespaces).into_iter().map(|namespace| encode::control('1', namespace, None)).collect();
        for farewell in farewells {
            self.transmit(farewell);
        }
        self.close_with(DisconnectReason::ServerNamespace);
    }

    /// The namespaces that the client is in, in the order of joining.
    pub fn namespaces(&self) -> impl Iterator<Item = &Namespace> {
        let open = match &self.state {
            State::Open(namespaces) => Some(namespaces),
            State::Closing(_) | State::Closed => None,
        };
        open.into_iter().flat_map(joined)
    }
}

impl Machine for Connection {
    type Input = engineio::Event;
    type Transmit = Transmit;
    type Event = Event;

    fn handle(&mut self, now: Timestamp, input: engineio::Event) {
        self.handle_timeout(now);
        match input {
            //= SIO5-CON-13
            engineio::Event::Opened => {
                self.timers.arm(Timer::Connect, self.now.saturating_add(self.config.connect_timeout));
            }
            engineio::Event::Message(message) => self.on_message(message),
            engineio::Event::Closed(reason) => self.on_closed(DisconnectReason::Engine(reason)),
            engineio::Event::Upgraded | engineio::Event::Writable => {}
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
            self.event(Event::AckTimedOut { namespace, id });
        }
    }

    fn poll_output(&mut self) -> Option<Output<Transmit, Event>> {
        self.outputs.pop_front()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        [self.timers.next(), self.pending.next_deadline()].into_iter().flatten().min()
    }
}

impl Connection {
    fn on_message(&mut self, message: Frame) {
        if !matches!(self.state, State::Open(_)) {
            return;
        }
        match self.decoder.push(message) {
            Ok(Some(packet)) => self.on_packet(packet),
            Ok(None) => {}
            //= SIO5-ERR-01
            //= SIO5-ERR-02
            Err(error) => self.close_with(DisconnectReason::InvalidPacket(error.kind)),
        }
    }

    fn on_packet(&mut self, Packet { namespace, kind }: Packet) {
        let State::Open(namespaces) = &mut self.state else { return };
        let membership = namespaces.get(&namespace).copied();
        match (kind, membership) {
            (PacketKind::Connect { payload }, None) => self.on_connect(namespace, payload),
            //= SIO5-CON-11
            //= SIO5-CON-22
            (PacketKind::Connect { .. }, Some(_)) => self.violate(Violation::ConnectTwice),
            //= SIO5-CON-12
            (PacketKind::ConnectError { .. }, _) => self.violate(Violation::ConnectError),
            //= SIO5-CON-09
            //= SIO5-CON-10
            (_, None | Some(Membership::Asking)) => self.violate(Violation::NotJoined),
            (PacketKind::Disconnect, Some(Membership::Joined { .. })) => {
                self.leave(&namespace, DisconnectReason::ClientNamespace);
            }
            //= SIO5-EVT-01
            //= SIO5-EVT-03
            (PacketKind::Event { name, args, ack }, Some(Membership::Joined { .. })) => {
                let reply = ack.map(|id| Reply { namespace: namespace.clone(), id });
                self.event(Event::Received { namespace, name, args, reply });
            }
            (PacketKind::Ack { id, args }, Some(Membership::Joined { .. })) => {
                if let Some(id) = id.filter(|id| self.pending.settle(&namespace, *id)) {
                    self.event(Event::Acked { namespace, id, args });
                }
            }
        }
    }

    //= SIO5-CON-07
    //= SIO5-CON-14
    fn on_connect(&mut self, namespace: Namespace, auth: Option<Json>) {
        let State::Open(namespaces) = &mut self.state else { return };
        if namespaces.len() >= self.config.limits.max_namespaces {
            self.violate(Violation::TooManyNamespaces);
            return;
        }
        namespaces.insert(namespace.clone(), Membership::Asking);
        self.event(Event::ConnectRequested { namespace, auth });
    }

    fn violate(&mut self, violation: Violation) {
        self.close_with(DisconnectReason::Violation(violation));
    }

    fn leave(&mut self, namespace: &Namespace, reason: DisconnectReason) {
        if let State::Open(namespaces) = &mut self.state {
            namespaces.remove(namespace);
        }
        self.pending.leave(namespace);
        self.event(Event::Disconnected { namespace: namespace.clone(), reason });
    }

    /// Ends every membership and has the session closed.
    pub(super) fn close_with(&mut self, reason: DisconnectReason) {
        if matches!(self.state, State::Open(_)) {
            self.disconnect_all(reason);
            self.state = State::Closing(reason);
            self.outputs.push_back(Output::Transmit(Transmit::Close));
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
        self.event(Event::Closed(reason));
    }

    //= SIO5-ATT-16
    //= SIO5-CON-24
    //= SIO5-DIS-09
    //= SRV-DISC-02
    fn disconnect_all(&mut self, reason: DisconnectReason) {
        let State::Open(namespaces) = core::mem::replace(&mut self.state, State::Closed) else { return };
        self.timers.cancel_all();
        self.pending.clear();
        self.decoder = Decoder::new(&self.config.limits);
        for namespace in joined(&namespaces) {
            self.event(Event::Disconnected { namespace: namespace.clone(), reason });
        }
    }

    fn asking(&mut self, namespace: &Namespace) -> Result<&mut Membership, EmitError> {
        let State::Open(namespaces) = &mut self.state else { return Err(EmitError::Closed) };
        match namespaces.get_mut(namespace) {
            Some(membership @ Membership::Asking) => Ok(membership),
            Some(Membership::Joined { .. }) | None => Err(EmitError::NotAsking),
        }
    }

    fn joined(&self, namespace: &Namespace) -> Result<(), EmitError> {
        let State::Open(namespaces) = &self.state else { return Err(EmitError::Closed) };
        match namespaces.get(namespace) {
            Some(Membership::Joined { .. }) => Ok(()),
            Some(Membership::Asking) | None => Err(EmitError::NotJoined),
        }
    }

    fn emittable(&self, namespace: &Namespace, name: &str) -> Result<(), EmitError> {
        if RESERVED_NAMES.contains(&name) {
            return Err(EmitError::ReservedName);
        }
        self.joined(namespace)
    }

    fn transmit(&mut self, messages: Encoded) {
        self.outputs.push_back(Output::Transmit(Transmit::Send(messages)));
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}

/// In the order of joining, which clients may rely on.
fn joined(namespaces: &BTreeMap<Namespace, Membership>) -> Vec<&Namespace> {
    let turn = |(namespace, membership)| match membership {
        &Membership::Joined { turn } => Some((turn, namespace)),
        Membership::Asking => None,
    };
    let mut joined: Vec<_> = namespaces.iter().filter_map(turn).collect();
    joined.sort_unstable();
    joined.into_iter().map(|(_, namespace)| namespace).collect()
}

#[cfg(test)]
mod tests;
