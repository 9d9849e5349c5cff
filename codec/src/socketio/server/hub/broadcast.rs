//! One event for many members.
//!
//! It does not know its receivers: `Index::select` in `rooms.rs` finds them when `speaking.rs` sends it.

use alloc::sync::Arc;

use super::target::Delivery;
use crate::engineio::Encoded;
use crate::socketio::ack_id::AckId;
use crate::socketio::namespace::Namespace;
use crate::time::Timestamp;

/// An event that was written once, for any number of connections: [`Connection::deliver`](crate::socketio::Connection::deliver).
///
/// Cloning shares it.
///
/// [`Transmit::Deliver`](super::Transmit::Deliver) has it; the example of a [whole life](super#a-whole-life) delivers one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broadcast(Arc<Contents>);

#[derive(Debug, PartialEq, Eq)]
struct Contents {
    namespace: Namespace,
    messages: Encoded,
    delivery: Delivery,
    answer: Option<Answer>,
}

/// What every receiver is to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::socketio) struct Answer {
    pub(in crate::socketio) id: AckId,
    /// When the wait for it ends.
    pub(in crate::socketio) deadline: Timestamp,
}

impl Broadcast {
    pub(super) fn new(namespace: Namespace, messages: Encoded, delivery: Delivery, answer: Option<Answer>) -> Self {
        Self(Arc::new(Contents { namespace, messages, delivery, answer }))
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        &self.0.namespace
    }

    /// The messages, as a session takes them.
    #[must_use]
    pub fn messages(&self) -> &Encoded {
        &self.0.messages
    }

    /// Whether it is dropped where it cannot leave at once.
    #[must_use]
    pub fn is_volatile(&self) -> bool {
        self.0.delivery == Delivery::Volatile
    }

    pub(in crate::socketio) fn answer(&self) -> Option<Answer> {
        self.0.answer
    }
}
