//! What the sessions of both roles share.

pub(super) mod encoded;
pub(super) mod inbox;
pub(super) mod queue;
pub(super) mod skeleton;

use self::encoded::Encoded;
use super::error::{CloseReason, SendError};
use crate::frame::Frame;
use crate::machine::{Machine, Output};
use crate::outputs::Outputs;
use crate::time::Timestamp;

/// What a session tells the layer above it.
///
/// The examples of a [whole session](super::server#a-whole-session) have each of them but `Writable`, which [`SendError::QueueFull`] asks for.
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
///
/// The example of a [whole session](super::server#a-whole-session) sends with it, that of
/// [`send_volatile`](Self::send_volatile) drops what cannot leave.
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

    /// Sends a message, or a group that stays together on the wire, if it can leave at once; otherwise drops it.
    ///
    /// For what is stale by the time a slow peer could read it: positions, progress. The result is whether it was taken; `false` means that it was dropped: because nothing can carry it right now (over polling, no
    /// GET is parked on a server, or a POST is in flight on a client), because something waits already, because the session
    /// is not open or no longer, or because the transport cannot carry it at all ([`SendError::Separator`],
    /// [`SendError::TooLarge`]).
    ///
    /// ```
    /// use sio_codec::engineio::server::{Carrier, Config, Input, RequestId, Route, Router};
    /// use sio_codec::engineio::{Encoded, RequestHead, Revision, Session, Sid};
    /// use sio_codec::{Machine, Timestamp};
    ///
    /// # let head = RequestHead {
    /// #     method: "GET", query: "EIO=4&transport=polling", content_type: None, origin: None, wants_websocket: false,
    /// # };
    /// # let Ok(Route::Handshake(handshake)) = Router::new(Config::default())?.route(&head) else { unreachable!() };
    /// let now = Timestamp::ZERO;
    /// let mut session = handshake.accept(now, Sid::from_entropy([7; 15]), Carrier::Request(RequestId(1)));
    /// while session.poll_output().is_some() {}
    ///
    /// let position = Encoded::text("12,7");
    /// assert!(!session.send_volatile(&position), "the handshake is answered, and no other GET is there yet");
    /// session.handle(now, Input::Poll { id: RequestId(2), revision: Some(Revision::V4) });
    /// assert!(session.send_volatile(&position));
    /// # Ok::<(), sio_codec::engineio::ConfigError>(())
    /// ```
    fn send_volatile(&mut self, messages: &Encoded) -> bool;

    /// Ends the session after what is queued was sent; [`Event::Closed`] follows when that is done.
    fn close(&mut self, now: Timestamp);
}

impl<T> Outputs<Output<T, Event>> {
    /// Takes out the message that comes next; `None` if something else does.
    pub(super) fn take_message(&mut self) -> Option<Frame> {
        if !matches!(self.front(), Some(Output::Event(Event::Message(_)))) {
            return None;
        }
        match self.pop() {
            Some(Output::Event(Event::Message(message))) => Some(message),
            _ => None,
        }
    }
}

/// Whether the WebSocket takes messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Writer {
    #[default]
    Ready,
    /// It has no room, and the program will say when it has.
    Full,
}

/// What a session heard or said lately, apart from what opens and closes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lately {
    /// Nothing but heartbeats, or nothing at all.
    Heartbeats,
    /// Messages, since the last heartbeat.
    Messages,
}

/// Whether the layer above takes messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Intake {
    #[default]
    Open,
    /// Not now: there is no room for what they may cause.
    Shut,
}

pub(crate) mod sealed {
    use alloc::sync::Arc;

    use super::{Encoded, Intake, SendError};
    use crate::engineio::revision::Revision;
    use crate::frame::Frame;
    use crate::limits::Limits;
    use crate::time::Timestamp;

    pub trait Sealed {
        /// The latest time that the session was told.
        fn now(&self) -> Timestamp;

        /// What the session may cost.
        fn limits(&self) -> &Arc<Limits>;

        /// What the session speaks.
        fn revision(&self) -> Revision;

        /// The next message, if nothing else is to be taken out before, and there is room for what it may cause.
        fn take_message(&mut self) -> Option<Frame>;

        /// As [`Session::send`](super::Session::send), for messages that nobody else needs: those that are not taken come
        /// back.
        fn offer(&mut self, messages: Encoded) -> Result<(), (Encoded, SendError)>;

        /// Whether nothing but a heartbeat happened lately, so that the layer above may rest, too.
        fn is_resting(&self) -> bool;

        /// The layer above takes messages, or does not for the moment.
        fn set_intake(&mut self, intake: Intake);
    }
}
