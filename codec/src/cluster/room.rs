//! The rooms that messages name.

use alloc::borrow::Cow;

use crate::socketio::Value;
use crate::socketio::hub::Room;
use crate::socketio::value::integer_text;

/// What a message calls a room.
///
/// A room of a hub has a text for a name. A program in JavaScript may use a number just as well, and there 42 and "42" are
/// two rooms. So a message keeps what it was given: nothing here turns one into the other, and a number is written as one.
/// A hub that has no rooms with numbers has no members in them, as it should be.
///
/// ```
/// use sio_codec::cluster::RoomKey;
///
/// assert_eq!(RoomKey::from("red").name().unwrap().as_str(), "red");
/// assert_eq!(RoomKey::Number(42).name(), None);
/// assert_ne!(RoomKey::Number(42), RoomKey::from("42"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RoomKey {
    /// A room with a name, and the room of a socket, which is named by its id.
    Name(Room),
    /// A room that a program in JavaScript calls by a whole number.
    Number(i64),
    /// Anything else that a program handed over by mistake, such as `null` for a variable without a value. Nobody is in
    /// it, but it counts: a message for this room alone is not one for everyone.
    Other(Value),
}

impl RoomKey {
    /// The room of a hub that is meant, if any can be.
    #[must_use]
    pub const fn name(&self) -> Option<&Room> {
        if let Self::Name(room) = self { Some(room) } else { None }
    }

    /// What stands for it in the name of a channel. Only rooms that someone can be in have channels.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Name(room) => Some(Cow::Borrowed(room.as_str())),
            Self::Number(number) => Some(Cow::Owned(integer_text(*number))),
            Self::Other(_) => None,
        }
    }
}

impl<T: Into<Room>> From<T> for RoomKey {
    fn from(room: T) -> Self {
        Self::Name(room.into())
    }
}
