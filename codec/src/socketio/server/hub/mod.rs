//! Namespaces and rooms: who is where, and who a broadcast is for.
//!
//! A hub knows members, not connections. It says who gets what, and the program, which keeps the connections wherever it
//! likes, has them deliver it: the program also decides what to do with a client that reads too slowly.
//!
//! ```text
//!    connection                        hub                        connections
//!   ┌──────────────┐  accepted   ┌──────────────────┐
//!   │ Disconnected │────────────▶│ add      remove  │
//!   │              │             │ join     leave   │  Deliver   ┌─────────┐
//!   │ Received     │────────────▶│ broadcast ───────┼──────────▶│ deliver │ one for each member
//!   │              │             │                  │            └─────────┘
//!   │ BroadcastAcked ───────────▶│ acknowledge      │
//!   └──────────────┘             └────────┬─────────┘
//!                                         ▼
//!                         Joined, Left, ..., Settled, Forgotten
//! ```
//!
//! # One member's life
//!
//! | the connection | the program | the hub says |
//! |---|---|---|
//! | [`ConnectRequested`](crate::socketio::Event::ConnectRequested) | [`accept`](crate::socketio::Connection::accept), then [`add`](Hub::add) | `RoomCreated` and `Joined`: the room of its own id |
//! | [`Received`](crate::socketio::Event::Received) | [`join`](Hub::join), [`broadcast`](Hub::broadcast), ... | `Joined`, `Deliver`, ... |
//! | [`Disconnected`](crate::socketio::Event::Disconnected) | whatever it does while the rooms can still be [read](Hub::rooms_of), then [`remove`](Hub::remove) | `Left` and `RoomDeleted` |
//!
//! That is the reference's `disconnecting`, before `remove`, and its `disconnect`, after.
//!
//! Dynamic namespaces need no preparation: the program decides about each
//! [`ConnectRequested`](crate::socketio::Event::ConnectRequested), first by the names that it knows, then by its patterns or
//! predicates in their order, and if none of them accepts the client, with
//! [`refuse_unknown`](crate::socketio::Connection::refuse_unknown). The namespace is there when its first member is added; what
//! becomes of it when the last one leaves is a matter of [`Children`].
//!
//! # Timers
//!
//! | timer | armed | default | on expiry |
//! |---|---|---|---|
//! | answers | [`broadcast_with_ack`](Hub::broadcast_with_ack) | the caller's | [`Event::Settled`], with those that are missing |
//! | recovery | a member that can come back is removed | 2 min | [`Event::Forgotten`] |
//!
//! # Faults
//!
//! | what goes wrong | effect |
//! |---|---|
//! | a client answers without a question, twice, or too late | ignored, by its connection already |
//! | a client claims a place that it never had, or that is gone | it is new: [`recover`](Hub::recover) gives `None` |
//! | a member does not answer a broadcast, or leaves | it is among the missing |
//! | a delivery for a member that is gone | the program passes it over |
//! | [`RoomError`], [`EmitError`](crate::socketio::EmitError) | the caller's mistakes; nothing happens |
//!
//! # Memory
//!
//! At most about
//!
//! ```text
//!   members * (400 + max_rooms_per_member * 200 + names of rooms)   who is where, if no two share a room
//! + max_pending_acks * 250 + max_answer_bytes                       answers that are waited for
//! + what Recovery says
//! ```
//!
//! bytes, and for each broadcast until it is taken out: its messages, once, and 8 bytes for each receiver. A broadcast that
//! waits for answers takes 8 bytes more for each receiver, and about 150 for each answer; 192 are counted from the start.
//!
//! # Time
//!
//! Nothing that members choose costs more than in proportion to it. Apart from a factor for the logarithm of what there
//! is:
//!
//! | what | takes as long as there are |
//! |---|---|
//! | [`add`](Hub::add), [`join`](Hub::join), [`leave`](Hub::leave), an answer | nothing else |
//! | [`remove`](Hub::remove) | rooms that the member is in, and broadcasts that wait for it before anybody else |
//! | [`broadcast`](Hub::broadcast), [`fetch`](Hub::fetch), ... | members of the rooms that are meant; for each room that is not, its members, or those that were meant if they are fewer |
//! | [`recover`](Hub::recover) | events in the log, with the rooms that they were for |
//! | a broadcast, until it is settled | receivers, in all |
//!
//! # A whole life
//!
//! ```
//! use sio_codec::engineio::{self, Sid};
//! use sio_codec::socketio::hub::{self, Event, Hub, Target, Transmit};
//! use sio_codec::socketio::{self, Connection, DisconnectReason, Namespace};
//! use sio_codec::{Frame, Machine, Output, Timestamp};
//!
//! let (now, root) = (Timestamp::ZERO, Namespace::root());
//! let mut hub = Hub::new(hub::Config::default());
//! hub.declare(&root);
//!
//! // Two clients are let in.
//! let mut clients = Vec::new();
//! for seed in [1, 2] {
//!     let mut connection = Connection::new(socketio::Config::default());
//!     connection.handle(now, engineio::Event::Opened);
//!     connection.handle(now, engineio::Event::Message(Frame::from("0")));
//!     let sid = Sid::from_entropy([seed; 15]);
//!     connection.accept(&root, &sid)?;
//!     let member = hub.add(&root, &sid);
//!     while connection.poll_output().is_some() {}
//!     clients.push((member, sid, connection));
//! }
//! while hub.poll_output().is_some() {}
//! let (ann, bob) = (clients[0].0, clients[1].0);
//!
//! // Both join a room, and the one says something to the other.
//! for member in [ann, bob] {
//!     hub.join(member, "red")?;
//! }
//! let joined = |member| Event::Joined { namespace: root.clone(), room: "red".into(), member };
//! let created = Event::RoomCreated { namespace: root.clone(), room: "red".into() };
//! for event in [created, joined(ann), joined(bob)] {
//!     assert_eq!(hub.poll_output(), Some(Output::Event(event)));
//! }
//! let others = Target::everyone(&root).to("red").except(&clients[0].1);
//! assert_eq!(hub.broadcast(now, &others, "hello", ("from Ann",))?, 1);
//! let Some(Output::Transmit(Transmit::Deliver { member, broadcast })) = hub.poll_output() else { unreachable!() };
//! assert_eq!((member, hub.poll_output()), (bob, None));
//! let connection = &mut clients[1].2;
//! connection.deliver(now, &broadcast)?;
//! let Some(Output::Transmit(socketio::Transmit::Send(messages))) = connection.poll_output() else { unreachable!() };
//! assert_eq!(messages.frames().next(), Some(Frame::from(r#"42["hello","from Ann"]"#)));
//!
//! // Both are asked something; one answers, the other goes.
//! let everyone = Target::everyone(&root);
//! let timeout = core::time::Duration::from_secs(5);
//! let (id, receivers) = hub.broadcast_with_ack(now, &everyone, "ready?", (), timeout)?;
//! assert_eq!((id.value(), receivers), (1, 2));
//! while let Some(Output::Transmit(Transmit::Deliver { member, broadcast })) = hub.poll_output() {
//!     let (_, _, connection) = clients.iter_mut().find(|(id, ..)| *id == member).unwrap();
//!     connection.deliver(now, &broadcast)?;
//!     let Some(Output::Transmit(socketio::Transmit::Send(messages))) = connection.poll_output() else { unreachable!() };
//!     assert_eq!(messages.frames().next(), Some(Frame::from(r#"421["ready?"]"#)));
//! }
//! let connection = &mut clients[0].2;
//! connection.handle(now, engineio::Event::Message(Frame::from("31[true]")));
//! let Some(Output::Event(socketio::Event::BroadcastAcked { id, args, .. })) = connection.poll_output() else {
//!     unreachable!()
//! };
//! hub.acknowledge(now, ann, id, &args);
//! assert_eq!(hub.poll_output(), None, "Bob is waited for");
//! hub.remove(now, bob, DisconnectReason::ClientNamespace);
//! let outputs: Vec<_> = std::iter::from_fn(|| hub.poll_output()).collect();
//! let room = |name: &str| name.into();
//! let left = |name| Output::Event(Event::Left { namespace: root.clone(), room: room(name), member: bob });
//! let deleted = |name| Output::Event(Event::RoomDeleted { namespace: root.clone(), room: room(name) });
//! let settled = Output::Event(Event::Settled { id, answers: vec![(ann, args)], missing: vec![bob] });
//! let own = clients[1].1.as_str();
//! assert_eq!(outputs, [left(own), deleted(own), left("red"), settled]);
//! assert_eq!(hub.next_deadline(), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answers;
mod broadcast;
mod config;
mod event;
mod member_rooms;
mod membership;
mod recovery;
mod room;
mod rooms;
mod speaking;
mod target;

use alloc::collections::BTreeSet;
use alloc::vec;
use core::convert::Infallible;

use self::answers::{Answers, Settled};
pub use self::broadcast::Broadcast;
pub use self::config::{Children, Config};
pub use self::event::{Event, RoomError, Transmit};
#[cfg(feature = "cluster")]
pub(crate) use self::recovery::Claim;
use self::recovery::Log;
pub use self::recovery::{Recovered, Recovery};
pub use self::room::{MemberId, Room};
use self::rooms::Index;
pub use self::target::Target;
use crate::machine::{Machine, Output};
use crate::outputs::Outputs;
use crate::socketio::namespace::Namespace;
use crate::time::Timestamp;

/// The members of a server's namespaces. The [module](self) has its diagram, timers and faults.
///
/// The module's example is a [whole life](self#a-whole-life).
#[derive(Debug)]
pub struct Hub {
    config: Config,
    now: Timestamp,
    index: Index,
    /// Namespaces that stay when they are empty.
    declared: BTreeSet<Namespace>,
    answers: Answers,
    log: Option<Log>,
    next_member: u64,
    next_ack: u64,
    outputs: Outputs<Queued>,
}

/// One verb's consequences, one output each.
#[derive(Debug)]
enum Queued {
    Deliver { broadcast: Broadcast, receivers: vec::IntoIter<MemberId> },
    Disconnect { members: vec::IntoIter<MemberId>, close: bool },
    Event(Event),
}

impl Hub {
    /// A hub without members.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            now: Timestamp::ZERO,
            index: Index::default(),
            declared: BTreeSet::new(),
            answers: Answers::new(config.max_answer_bytes),
            log: config.recovery.clone().map(Log::new),
            next_member: 0,
            next_ack: 1,
            outputs: Outputs::new(),
            config,
        }
    }
}

impl Machine for Hub {
    /// What happens to a hub is said by its verbs.
    type Input = Infallible;
    type Transmit = Transmit;
    type Event = Event;

    fn handle(&mut self, _now: Timestamp, input: Infallible) {
        match input {}
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        while let Some(settled) = self.answers.expire(self.now) {
            self.settled(settled);
        }
        while let Some(member) = self.log.as_mut().and_then(|log| log.expire(self.now)) {
            self.event(Event::Forgotten { member });
        }
    }

    fn poll_output(&mut self) -> Option<Output<Transmit, Event>> {
        loop {
            match self.outputs.front_mut()? {
                Queued::Deliver { broadcast, receivers } => {
                    if let Some(member) = receivers.next() {
                        let broadcast = broadcast.clone();
                        return Some(Output::Transmit(Transmit::Deliver { member, broadcast }));
                    }
                }
                Queued::Disconnect { members, close } => {
                    if let Some(member) = members.next() {
                        return Some(Output::Transmit(Transmit::Disconnect { member, close: *close }));
                    }
                }
                Queued::Event(_) => {
                    let Some(Queued::Event(event)) = self.outputs.pop() else { return None };
                    return Some(Output::Event(event));
                }
            }
            self.outputs.pop();
        }
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        [self.answers.next_deadline(), self.log.as_ref().and_then(Log::next_deadline)].into_iter().flatten().min()
    }
}

#[cfg(feature = "cluster")]
impl Hub {
    /// Whether nothing waits to be taken out.
    pub(crate) fn is_quiet(&self) -> bool {
        self.outputs.is_empty()
    }

    /// Has one member leave the namespace, or close its connection.
    pub(crate) fn disconnect(&mut self, member: MemberId, close: bool) {
        self.outputs.push(Queued::Disconnect { members: vec![member].into_iter(), close });
    }
}

impl Hub {
    fn settled(&mut self, Settled { id, answers, missing }: Settled) {
        self.event(Event::Settled { id, answers, missing });
    }

    fn event(&mut self, event: Event) {
        self.outputs.push(Queued::Event(event));
    }
}

#[cfg(test)]
mod tests;
