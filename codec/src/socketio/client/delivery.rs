//! The two ways to deliver a namespace's events: plain, or with retries.
//!
//! | | [`Plain`] | [`Retrying`] |
//! |---|---|---|
//! | each event is sent | once | until the server acknowledges it, or too often |
//! | without [`Connected`](super::Event::Connected), or room in the session | it waits here | it waits here |
//! | in flight | any number of events | one |
//! | the [`EmitId`] is | the id that the event has on the wire | a separate number: each try has another id on the wire |
//! | a lost session | loses what is in flight | is a try that failed |

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::buffer::{Buffer, Load};
use super::config::Retries;
use super::event::EmitId;
use crate::engineio::Encoded;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::Args;
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{Packet, PacketKind};
use crate::text::Text;

/// The events of one namespace that wait to be sent, or to be sent again.
#[derive(Debug)]
pub(super) enum Outbox {
    Plain(Plain),
    Retrying(Retrying),
}

impl Outbox {
    /// The application's names for events begin with `first`, unless they are the ids on the wire.
    pub(super) fn new(retries: Option<Retries>, first: EmitId) -> Self {
        retries.map_or_else(|| Self::Plain(Plain::default()), |retries| Self::Retrying(Retrying::new(retries, first)))
    }

    /// The first name that no event has had, where it is not the id on the wire.
    pub(super) const fn next_emit(&self) -> Option<EmitId> {
        match self {
            Self::Plain(_) => None,
            Self::Retrying(retrying) => Some(retrying.next_id),
        }
    }

    /// The weight of the events that wait.
    pub(super) const fn load(&self) -> Load {
        match self {
            Self::Plain(plain) => plain.waiting.load(),
            Self::Retrying(retrying) => retrying.queue.load(),
        }
    }

    /// How many queued events the application waits for, besides those that have an id on the wire already.
    pub(super) fn awaited(&self) -> usize {
        match self {
            Self::Plain(_) => 0,
            Self::Retrying(retrying) => retrying.queue.iter().filter(|event| event.id.is_some()).count(),
        }
    }

    /// The server acknowledged an event. Returns the application's name for it, if the application waits for that.
    pub(super) fn acknowledged(&mut self, id: AckId) -> Option<EmitId> {
        match self {
            Self::Plain(_) => Some(EmitId::of_plain(id)),
            Self::Retrying(retrying) => retrying.queue.pop()?.id,
        }
    }

    /// The server did not acknowledge an event in time. Returns the application's name for it, if the application waits
    /// for the acknowledgement and no other try is left.
    pub(super) fn timed_out(&mut self, id: AckId) -> Option<EmitId> {
        match self {
            //= SIO5-ACK-09: on expiry forget the id
            //= SIO5-CLI-11
            Self::Plain(plain) => {
                plain.waiting.remove(|event| event.ack == Some(id));
                Some(EmitId::of_plain(id))
            }
            Self::Retrying(retrying) => retrying.fail(),
        }
    }

    /// The session ended in which an event was sent. Returns the same as [`timed_out`](Self::timed_out).
    pub(super) fn lost(&mut self, id: AckId) -> Option<EmitId> {
        match self {
            Self::Plain(_) => Some(EmitId::of_plain(id)),
            Self::Retrying(retrying) => retrying.fail(),
        }
    }

    /// The id of the first event that has one and was not sent. All ids of events that were sent are smaller.
    pub(super) fn first_unsent(&self) -> Option<AckId> {
        match self {
            Self::Plain(plain) => plain.waiting.iter().find_map(|event| event.ack),
            Self::Retrying(_) => None,
        }
    }

    /// Ends the delivery. Returns the names of the events that the application still waits for.
    pub(super) fn into_awaited(self) -> Vec<EmitId> {
        match self {
            Self::Plain(plain) => plain.waiting.iter().filter_map(|event| event.ack).map(EmitId::of_plain).collect(),
            Self::Retrying(retrying) => retrying.queue.iter().filter_map(|event| event.id).collect(),
        }
    }
}

/// Events that are sent once. Those that cannot be sent yet wait here.
#[derive(Debug, Default)]
pub(super) struct Plain {
    waiting: Buffer<Unsent>,
}

/// An event that was emitted before it could be sent.
#[derive(Debug)]
struct Unsent {
    messages: Encoded,
    ack: Option<AckId>,
}

impl Plain {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn push(&mut self, messages: Encoded, ack: Option<AckId>, load: Load) {
        self.waiting.push(Unsent { messages, ack }, load);
    }

    /// Takes out the event that is to be sent next.
    pub(super) fn pop(&mut self) -> Option<Encoded> {
        self.waiting.pop().map(|event| event.messages)
    }
}

/// Events that are sent one at a time, each until it is acknowledged. The first one may be in flight.
#[derive(Debug)]
pub(super) struct Retrying {
    retries: Retries,
    queue: Buffer<Attempted>,
    next_id: EmitId,
}

/// An event that is sent until it is acknowledged.
#[derive(Debug)]
pub(super) struct Attempted {
    /// `None` if the application does not wait for the acknowledgement.
    id: Option<EmitId>,
    name: Text,
    args: Args,
    timeout: Duration,
    /// How often it was sent.
    tries: u32,
    /// The id it was last sent with, if that try has not failed yet.
    in_flight: Option<AckId>,
}

impl Retrying {
    fn new(retries: Retries, first: EmitId) -> Self {
        Self { retries, queue: Buffer::default(), next_id: first }
    }

    /// Queues an event whose acknowledgement only ends its tries.
    pub(super) fn push(&mut self, name: &str, args: Args, load: Load) {
        self.push_as(None, name, args, self.retries.timeout, load);
    }

    /// Queues an event that the application waits for; each try has `timeout`.
    pub(super) fn push_awaited(&mut self, name: &str, args: Args, timeout: Option<Duration>, load: Load) -> EmitId {
        let id = self.next_id;
        self.next_id = EmitId(id.0.saturating_add(1));
        self.push_as(Some(id), name, args, timeout.unwrap_or(self.retries.timeout), load);
        id
    }

    fn push_as(&mut self, id: Option<EmitId>, name: &str, args: Args, timeout: Duration, load: Load) {
        let name = Text::from(String::from(name));
        self.queue.push(Attempted { id, name, args, timeout, tries: 0, in_flight: None }, load);
    }

    /// The event that is to be sent next; `None` while one is in flight.
    pub(super) fn next(&mut self) -> Option<&mut Attempted> {
        self.queue.first_mut().filter(|event| event.in_flight.is_none())
    }

    /// The try in flight failed. If it was the event's last one, the event is discarded, and the name is returned under
    /// which the application waits for it.
    fn fail(&mut self) -> Option<EmitId> {
        let first = self.queue.first_mut()?;
        first.in_flight.take()?;
        if first.tries <= self.retries.times { None } else { self.queue.pop()?.id }
    }
}

impl Attempted {
    /// Begins a try: what is to be sent with this id, and how long the server has to acknowledge it.
    //= SIO5-CLI-08
    pub(super) fn attempt(&mut self, namespace: &Namespace, id: AckId) -> (Encoded, Duration) {
        self.tries = self.tries.saturating_add(1);
        self.in_flight = Some(id);
        let kind = PacketKind::Event { name: self.name.clone(), args: self.args.clone(), ack: Some(id) };
        (Packet { namespace: namespace.clone(), kind }.encode(), self.timeout)
    }
}

impl EmitId {
    /// The name of a plain event: its id on the wire.
    pub(super) const fn of_plain(id: AckId) -> Self {
        Self(id.value())
    }
}
