//! The names of members and rooms.

use alloc::string::String;
use alloc::sync::Arc;
use core::borrow::Borrow;
use core::fmt;

use crate::engineio::Sid;

/// One client in one namespace. Ids are never used twice, and a later one came later.
///
/// [`Hub::add`](super::Hub::add) returns it; the example of a [whole life](super#a-whole-life) shows what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a number, for tables of the program's")]
pub struct MemberId(pub u64);

/// The name of a room. Cloning shares it.
///
/// Whatever takes a room takes text as well, and the [`Sid`] of a member, whose own room has that name.
///
/// ```
/// use sio_codec::engineio::Sid;
/// use sio_codec::socketio::hub::Room;
///
/// let sid = Sid::from_entropy([7; 15]);
/// assert_eq!(Room::from(&sid).as_str(), sid.as_str());
/// assert_eq!(Room::from("red"), Room::from(String::from("red")));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Room(Arc<str>);

impl Room {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Room {
    fn from(name: &str) -> Self {
        Self(Arc::from(name))
    }
}

impl From<String> for Room {
    fn from(name: String) -> Self {
        Self(Arc::from(name))
    }
}

impl From<&Sid> for Room {
    /// The room that a member is in from the start. Shares the text.
    fn from(sid: &Sid) -> Self {
        Self(Arc::clone(sid.shared()))
    }
}

impl From<Sid> for Room {
    fn from(sid: Sid) -> Self {
        Self::from(&sid)
    }
}

impl From<&Self> for Room {
    fn from(room: &Self) -> Self {
        room.clone()
    }
}

impl Borrow<str> for Room {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Room({self})")
    }
}
