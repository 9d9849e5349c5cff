//! The WebSocket of a session, as a driver keeps it.

use super::ids::WsId;
use crate::frame::Frame;

/// Where the messages of a WebSocket go.
///
/// The examples of [`server::Driver`](super::server::Driver) and [`client::Driver`](super::client::Driver) implement it with a channel.
pub trait Outlet {
    /// Whether another message can be taken. One that always says `true` must bound what it keeps in another way: by
    /// waiting in [`send`](Self::send), for example.
    ///
    /// With a bounded channel it is whether that has capacity; std's cannot say, so count what its writer has not taken yet, with
    /// an `AtomicUsize`. Whenever it changes to `true`, call the driver's `poll_event`,
    /// and the messages come that had to wait. The simplest is to do so after each message that was taken out.
    fn has_room(&self) -> bool;

    /// Takes a message. It is called only while there is room, as long as the driver's `poll_event` is called after whatever
    /// happens.
    fn send(&mut self, frame: Frame);

    /// The WebSocket is to close after what was sent before, with a Close frame that has no code. Its other half need not be
    /// read any more, and nothing more of it need be reported.
    ///
    /// By default the outlet is dropped, which is enough for the sending half of a channel: its other half finds out.
    fn close(self)
    where
        Self: Sized,
    {
    }
}

/// A WebSocket that has an outlet.
#[derive(Debug)]
pub(super) struct Line<O> {
    pub(super) ws: WsId,
    pub(super) outlet: O,
    known: Room,
}

/// What the machine knows of the room on its WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Free,
    Full,
}

impl<O> Line<O> {
    pub(super) const fn new(ws: WsId, outlet: O) -> Self {
        Self { ws, outlet, known: Room::Free }
    }

    /// One that the machine takes for full so far.
    pub(super) const fn promised(ws: WsId, outlet: O) -> Self {
        Self { ws, outlet, known: Room::Full }
    }
}

impl<O: Outlet> Line<O> {
    /// What the machine is to be told of the room, if that has changed.
    pub(super) fn news(&mut self) -> Option<Room> {
        let room = if self.outlet.has_room() { Room::Free } else { Room::Full };
        let before = core::mem::replace(&mut self.known, room);
        (room != before).then_some(room)
    }
}
