//! Acknowledgements: those that are waited for, and the right to send one.
//!
//! An acknowledgement that does not come in time is noticed by `handle_timeout` in `connection/mod.rs`, for each role,
//! and reported as `Event::AckTimedOut`. Those that a broadcast waits for are in `server/hub/answers.rs`.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::socketio::ack_id::AckId;
use crate::socketio::namespace::Namespace;
use crate::time::Timestamp;

/// The right to acknowledge one event, once.
///
/// It comes with the event and is used up by [`Connection::acknowledge`](crate::socketio::Connection::acknowledge). Dropping it
/// is fine: whether an event is acknowledged is the application's decision.
///
/// ```
/// use sio_codec::engineio;
/// use sio_codec::socketio::{Config, Connection, Event, Namespace, Transmit};
/// use sio_codec::{Frame, Machine, Output, Timestamp};
///
/// # let (now, root) = (Timestamp::ZERO, Namespace::root());
/// # let mut connection = Connection::new(Config::default());
/// # connection.handle(now, engineio::Event::Opened);
/// # connection.handle(now, engineio::Event::Message(Frame::from("0")));
/// # connection.accept(&root, &engineio::Sid::from_entropy([9; 15]))?;
/// # while connection.poll_output().is_some() {}
/// // The client sends `emit("ask", callback)`.
/// connection.handle(now, engineio::Event::Message(Frame::from(r#"27["ask"]"#)));
/// let Some(Output::Event(Event::Received { reply: Some(reply), .. })) = connection.poll_output() else { unreachable!() };
/// assert_eq!(reply.id().value(), 7);
/// connection.acknowledge(reply, ("yes",))?;
/// let Some(Output::Transmit(Transmit::Send(answer))) = connection.poll_output() else { unreachable!() };
/// assert_eq!(answer.frames().next(), Some(Frame::from(r#"437["yes"]"#)));
/// # Ok::<(), sio_codec::socketio::EmitError>(())
/// ```
//= SIO5-ACK-02
//= SIO5-ACK-11
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    pub(in crate::socketio) namespace: Namespace,
    pub(in crate::socketio) id: AckId,
    /// The membership in which it came: the next one is no place for it.
    pub(in crate::socketio) membership: u64,
}

impl Reply {
    /// The id that the sender gave its event.
    #[must_use]
    pub const fn id(&self) -> AckId {
        self.id
    }
}

/// Whether an acknowledgement's id belongs to a broadcast: even ones are drawn by the connections themselves.
//= SIO5-ACK-06
pub(in crate::socketio) const fn drew(id: AckId) -> bool {
    id.value() % 2 == 1
}

/// The events that the peer has yet to acknowledge, with the deadlines of those that have one.
#[derive(Debug, Default)]
pub(in crate::socketio) struct Pending {
    deadlines: BTreeMap<(Namespace, AckId), Option<Timestamp>>,
    order: BTreeSet<(Timestamp, Namespace, AckId)>,
}

impl Pending {
    pub(in crate::socketio) fn insert(
        &mut self,
        namespace: Namespace,
        id: AckId,
        deadline: impl Into<Option<Timestamp>>,
    ) {
        let deadline = deadline.into();
        if let Some(at) = deadline {
            self.order.insert((at, namespace.clone(), id));
        }
        self.deadlines.insert((namespace, id), deadline);
    }

    /// Forgets an id; `false` if it is not waited for.
    //= SIO5-ACK-03: an unknown id
    //= SIO5-ACK-04: Forget the id when its ACK arrives
    pub(in crate::socketio) fn settle(&mut self, namespace: &Namespace, id: AckId) -> bool {
        let key = (namespace.clone(), id);
        let Some(deadline) = self.deadlines.remove(&key) else { return false };
        if let Some(at) = deadline {
            let (namespace, id) = key;
            self.order.remove(&(at, namespace, id));
        }
        true
    }

    /// Takes out the earliest one that is overdue at `now`.
    pub(in crate::socketio) fn expire(&mut self, now: Timestamp) -> Option<(Namespace, AckId)> {
        if self.order.first()?.0 > now {
            return None;
        }
        let (_, namespace, id) = self.order.pop_first()?;
        let key = (namespace, id);
        self.deadlines.remove(&key);
        Some(key)
    }

    /// What is waited for in a namespace, in the order of the ids.
    pub(in crate::socketio) fn of(&self, namespace: &Namespace) -> Vec<AckId> {
        self.deadlines.keys().filter(|(of, _)| of == namespace).map(|(_, id)| *id).collect()
    }

    /// Forgets everything of a namespace.
    pub(in crate::socketio) fn leave(&mut self, namespace: &Namespace) {
        self.deadlines.retain(|(of, _), _| of != namespace);
        self.order.retain(|(_, of, _)| of != namespace);
    }

    pub(in crate::socketio) fn clear(&mut self) {
        self.deadlines.clear();
        self.order.clear();
    }

    pub(in crate::socketio) fn len(&self) -> usize {
        self.deadlines.len()
    }

    pub(in crate::socketio) fn next_deadline(&self) -> Option<Timestamp> {
        self.order.first().map(|(deadline, _, _)| *deadline)
    }
}
