//! What both roles of a session have in common.

use super::encoded::Encoded;
use super::error::{CloseReason, SendError};
use crate::frame::Frame;
use crate::machine::Machine;
use crate::time::Timestamp;

/// What a session tells the layer above it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The session exists; the first event.
    Opened,
    /// The session moved from polling to a WebSocket.
    Upgraded,
    /// The peer sent a message.
    Message(Frame),
    /// There is room again after a [`SendError::QueueFull`].
    Writable,
    /// The session is over; the last event, emitted once.
    //= EIO4-CL-11
    Closed(CloseReason),
}

/// The verbs of a session, whichever role it plays.
///
/// Sealed: the sessions of this crate implement it.
pub trait Session: Machine<Event = Event> + sealed::Sealed {
    /// Queues a message, or a group that stays together on the wire.
    ///
    /// Bytes are written when [`poll_output`](Machine::poll_output) runs, so all that is sent in one turn leaves in
    /// one polling payload.
    ///
    /// # Errors
    ///
    /// [`SendError`]; nothing of the group is queued then.
    fn send(&mut self, messages: &Encoded) -> Result<(), SendError>;

    /// Ends the session after what is queued was sent; [`Event::Closed`] follows when that is done.
    fn close(&mut self, now: Timestamp);
}

pub(super) mod sealed {
    use crate::time::Timestamp;

    pub trait Sealed {
        /// The latest time that the session was told.
        fn now(&self) -> Timestamp;
    }
}
