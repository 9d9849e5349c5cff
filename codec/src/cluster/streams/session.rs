//! What is remembered of a client that lost its connection.

use alloc::vec::Vec;

use bytes::Bytes;
use serde::Serialize;

use super::entry::{decode_base64, encode_base64};
use crate::Limits;
use crate::cluster::error::{DecodeError, Violation};
use crate::cluster::form;
use crate::cluster::read;
use crate::cluster::room::RoomKey;
use crate::cluster::write::Rooms;
use crate::engineio::Sid;
use crate::socketio::Value;
use crate::socketio::msgpack::Library;

/// A client that lost its connection, as any server of the cluster finds it under
/// [`Codec::session_key`](super::Codec::session_key) when it comes back.
///
/// ```
/// use sio_codec::Limits;
/// use sio_codec::cluster::streams::Session;
/// use sio_codec::engineio::Sid;
///
/// let session = Session::new(&Sid::from_entropy([1; 15]), &Sid::from_entropy([2; 15]));
/// assert_eq!(Session::decode(&session.encode(), &Limits::default())?, session);
/// # Ok::<(), sio_codec::cluster::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Session {
    /// Its public id.
    pub sid: Sid,
    /// Its private id.
    pub pid: Sid,
    /// The rooms that it was in, its own included.
    pub rooms: Vec<RoomKey>,
    /// What the program attached to it.
    pub data: Value,
}

impl Session {
    /// A client in its own room, to which nothing is attached.
    #[must_use]
    pub fn new(sid: &Sid, pid: &Sid) -> Self {
        let data = Value::Object(crate::socketio::Object::default());
        Self { sid: sid.clone(), pid: pid.clone(), rooms: Vec::from([RoomKey::from(sid)]), data }
    }

    /// The value for Redis: MessagePack in base64.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let Self { sid, pid, rooms, data } = self;
        let written = Written { sid: sid.as_str(), pid: pid.as_str(), rooms: Rooms(rooms), data };
        encode_base64(&form::write_msgpack(Library::MsgPackJs, &written))
    }

    /// Reads a value of Redis.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] for what no server stores.
    pub fn decode(value: &[u8], limits: &Limits) -> Result<Self, DecodeError> {
        form::check_len(value, limits)?;
        let value = form::read_msgpack(&decode_base64(value)?, limits)?;
        let [sid, pid, rooms, data] = read::members(value, ["sid", "pid", "rooms", "data"]).ok_or(Violation::Shape)?;
        let (sid, pid) = (read::sid("sid", sid)?, read::sid("pid", pid)?);
        Ok(Self { sid, pid, rooms: read::rooms(rooms, limits)?, data: read::answer(data) })
    }
}

#[derive(Serialize)]
struct Written<'m> {
    sid: &'m str,
    pid: &'m str,
    rooms: Rooms<'m>,
    data: &'m Value,
}
