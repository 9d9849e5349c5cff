//! The connection machine: a client's namespaces, events and acknowledgements, over one session after the other.
//!
//! | file | holds |
//! |---|---|
//! | `mod.rs` | the machine, and how sessions end |
//! | `joining.rs` | how the client gets into namespaces, and how the server makes it leave |
//! | `receive.rs` | events and acknowledgements of the server |
//! | `verbs.rs` | what the application does |
//! | `member.rs` | one namespace together with what all share |
//! | `shared.rs` | what all namespaces share |

mod joining;
mod member;
mod receive;
mod shared;
mod verbs;

use alloc::sync::Arc;
use alloc::vec::Vec;

use self::member::Member;
use self::shared::{Link, Shared};
use super::buffer::Load;
use super::config::Config;
use super::event::Event;
use super::membership::{Membership, Stage};
use crate::engineio::{self, CloseReason, Encoded, Revision, SendError};
use crate::limits::Limits;
use crate::machine::{Machine, Output};
use crate::socketio::ack_id::AckId;
use crate::socketio::layer::{DisconnectReason, Layer, Transmit, Violation, sealed};
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::Decoder;
use crate::time::Timestamp;

/// A client's connection. The [module](super) has its diagram, timers and faults.
///
/// It outlives the sessions it stands on: after [`engineio::Event::Closed`] it waits for the next
/// [`engineio::Event::Opened`], and keeps what was emitted meanwhile. On a [`Peer`](crate::socketio::Peer) it has one
/// session; a [`Client`](super::Client) sees to the next one.
///
/// ```
/// use sio_codec::engineio::{self, CloseReason, Sid};
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
/// let connected = Event::Connected { namespace: chat.clone(), sid: Sid::from_wire("x"), recovered: false };
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
/// // The client leaves; then the session is not needed.
/// connection.disconnect(&chat)?;
/// assert_eq!(connection.poll_output(), Some(Output::Transmit(Transmit::Close)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Connection {
    decoder: Decoder,
    /// In the order in which they were asked for.
    memberships: Vec<Membership>,
    shared: Shared,
}

impl Connection {
    /// A connection on a session that is about to open.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let shared = Shared::new(config);
        Self { decoder: decoder(&shared.config, &shared.limits), memberships: Vec::new(), shared }
    }

    /// The same connection with other limits. On a [`Peer`](crate::socketio::Peer) or in a [`Client`](super::Client) it has
    /// those of its sessions.
    #[must_use]
    pub fn with_limits(mut self, limits: impl Into<Arc<Limits>>) -> Self {
        self.set_limits(limits.into());
        self
    }

    /// The namespaces that the client is in, in the order in which it asked for them.
    pub fn namespaces(&self) -> impl Iterator<Item = &Namespace> {
        self.memberships.iter().filter(|membership| membership.is_connected()).map(|membership| &membership.namespace)
    }

    /// Whether the client is in a namespace, or asks for one.
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
            engineio::Event::Writable => drop(self.shared.door.release()),
            engineio::Event::Upgraded => {}
        }
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.shared.now = self.shared.now.max(now);
        while let Some((namespace, id)) = self.shared.pending.expire(self.shared.now) {
            self.on_ack_timeout(&namespace, id);
        }
    }

    fn poll_output(&mut self) -> Option<Output<Transmit, Event>> {
        self.for_each(|member| member.send_kept());
        let memberships = &self.memberships;
        if self.shared.door.relieved(|| waiting(memberships).weight(), &self.shared.limits) {
            self.shared.event(Event::Writable);
        }
        self.shared.door.poll(&self.shared.limits)
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.shared.pending.next_deadline()
    }

    fn wants_input(&self) -> bool {
        self.shared.door.has_room_for_reactions(&self.shared.limits)
    }
}

impl Layer for Connection {}

impl sealed::Sealed for Connection {
    fn settle(&mut self, _: Revision, limits: Arc<Limits>) {
        self.set_limits(limits);
    }

    fn is_quiet(&self) -> bool {
        self.shared.door.is_quiet()
    }

    fn rest(&mut self) {
        self.shared.door.rest();
    }

    /// What the session has no room for is kept until it has. That it cannot carry something is a fault.
    fn not_sent(&mut self, messages: Encoded, error: SendError) {
        match (self.shared.link, error) {
            (_, SendError::QueueFull) if self.shared.link.flushes() => self.shared.door.hold(messages),
            (Link::Down | Link::Closing(_), _) | (_, SendError::Closed) => {}
            (Link::Opened | Link::Welcomed | Link::Admitted, error) => {
                self.close_with(DisconnectReason::Violation(Violation::Unsendable(error)));
            }
        }
    }
}

/// How sessions end.
impl Connection {
    fn set_limits(&mut self, limits: Arc<Limits>) {
        self.decoder = decoder(&self.shared.config, &limits);
        self.shared.limits = limits;
    }

    /// Ends every membership, and closes the session.
    fn close_with(&mut self, reason: DisconnectReason) {
        if self.shared.link.is_open() {
            self.shared.link = Link::Closing(reason);
            if !self.shared.link.flushes() {
                self.shared.door.forget_transmits();
            }
            self.lose_all(reason);
            self.shared.door.transmit(Transmit::Close);
        }
    }

    /// Closes a session that no namespace needs.
    //= SIO5-CON-19
    //= SIO5-DIS-05
    fn close_if_inactive(&mut self) {
        if self.is_active() {
            return;
        }
        match self.shared.link {
            // If it is about to open, it need not.
            Link::Down => self.shared.door.transmit(Transmit::Close),
            Link::Opened | Link::Welcomed | Link::Admitted => {
                self.close_with(DisconnectReason::Engine(CloseReason::ForcedClose))
            }
            Link::Closing(_) => {}
        }
    }

    fn on_closed(&mut self, reason: CloseReason) {
        let reason = match core::mem::replace(&mut self.shared.link, Link::Down) {
            Link::Closing(first) => first,
            Link::Down => DisconnectReason::Engine(reason),
            Link::Opened | Link::Welcomed | Link::Admitted => {
                let reason = DisconnectReason::Engine(reason);
                self.lose_all(reason);
                reason
            }
        };
        // What it had no room for will not be sent by another.
        self.shared.door.forget_transmits();
        self.shared.unanswered.clear();
        //= SIO5-ATT-16
        self.decoder = decoder(&self.shared.config, &self.shared.limits);
        self.shared.event(Event::Closed(reason));
    }

    /// Ends every membership; those that are active will be asked for again.
    //= SIO5-CON-25
    fn lose_all(&mut self, reason: DisconnectReason) {
        self.for_each(|member| {
            if member.membership.is_active() {
                member.lose(Stage::Wanted, reason);
            }
        });
    }

    fn on_ack_timeout(&mut self, namespace: &Namespace, id: AckId) {
        let Some(mut member) = self.member(namespace) else { return };
        if let Some(id) = member.membership.outbox.timed_out(id) {
            member.shared.event(Event::AckTimedOut { namespace: namespace.clone(), id });
        }
        member.attempt();
    }
}

/// One namespace, or each.
impl Connection {
    fn member(&mut self, namespace: &Namespace) -> Option<Member<'_>> {
        let membership = self.memberships.iter_mut().find(|membership| membership.namespace == *namespace)?;
        Some(Member { membership, shared: &mut self.shared })
    }

    fn for_each(&mut self, mut act: impl FnMut(&mut Member<'_>)) {
        for membership in &mut self.memberships {
            act(&mut Member { membership, shared: &mut self.shared });
        }
    }

    /// Takes a membership out.
    fn remove(&mut self, namespace: &Namespace) -> Option<Membership> {
        let at = self.memberships.iter().position(|membership| membership.namespace == *namespace)?;
        Some(self.memberships.remove(at))
    }
}

/// What waits to be sent, in all namespaces.
fn waiting(memberships: &[Membership]) -> Load {
    memberships.iter().map(|membership| membership.outbox.load()).fold(Load::NONE, Load::plus)
}

fn decoder(config: &Config, limits: &Limits) -> Decoder {
    Decoder::new(limits).with_protocol(config.protocol).with_parser(config.parser)
}
