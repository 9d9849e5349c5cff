//! A socket as other servers see it.

use alloc::vec::Vec;

use super::room::RoomKey;
use crate::engineio::Sid;
use crate::socketio::{Object, Value};

/// One socket of a server, in its answer to [`FetchSockets`](super::Message::FetchSockets).
///
/// ```
/// use sio_codec::cluster::SocketDescriptor;
/// use sio_codec::engineio::Sid;
///
/// let id = Sid::from_entropy([7; 15]);
/// let socket = SocketDescriptor::new(&id);
/// assert_eq!(socket.rooms[0].name().unwrap().as_str(), id.as_str());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SocketDescriptor {
    /// The id of the socket.
    pub id: Sid,
    /// What the server knows of its connection. Servers of Node.js write `headers`, `time`, `address`, `xdomain`, `secure`,
    /// `issued` (milliseconds since 1970), `url`, `query` and `auth`, and read any or none of them.
    pub handshake: Object,
    /// The rooms that it is in, its own included.
    pub rooms: Vec<RoomKey>,
    /// What the program attached to it. The classic adapter writes it as JSON, so that binary values do not survive.
    pub data: Value,
}

impl SocketDescriptor {
    /// A socket in its own room, of whose connection nothing is said. The program's data is an empty object, as in the
    /// reference.
    #[must_use]
    pub fn new(id: &Sid) -> Self {
        Self {
            id: id.clone(),
            handshake: Object::default(),
            rooms: Vec::from([RoomKey::from(id)]),
            data: Value::Object(Object::default()),
        }
    }
}
