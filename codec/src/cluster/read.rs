//! Reading the parts that messages of all adapters have.
//!
//! What the reference tolerates is taken: rooms, flags and handshakes that are missing. So is a nil where something may
//! be missing, although the reference takes a nil for a value in some places, to nobody's use.

use alloc::vec::Vec;
use core::time::Duration;

use super::error::Violation;
use super::event::{Event, Packet};
use super::id::{RequestId, Sender};
use super::options::{Flags, Options};
use super::room::RoomKey;
use super::socket::SocketDescriptor;
use crate::engineio::Sid;
use crate::socketio::hub::Room;
use crate::socketio::value::number_text;
use crate::socketio::{AckId, Namespace, Object, Value};
use crate::{Limits, Text};

/// The members of an object with these names, without those that are undefined; `None` if it is no object.
pub(super) fn members<const N: usize>(value: Value, names: [&str; N]) -> Option<[Option<Value>; N]> {
    let Value::Object(object) = value else { return None };
    let mut found = [const { None }; N];
    for (name, value) in object {
        if let Some(at) = names.iter().position(|known| name == **known)
            && let Some(place) = found.get_mut(at)
            && value != Value::Undefined
        {
            *place = Some(value);
        }
    }
    Some(found)
}

/// The members of an object that is a member itself.
pub(super) fn inside<const N: usize>(
    member: &'static str,
    value: Option<Value>,
    names: [&str; N],
) -> Result<[Option<Value>; N], Violation> {
    members(required(member, value)?, names).ok_or(Violation::Mistyped(member))
}

pub(super) fn required(member: &'static str, value: Option<Value>) -> Result<Value, Violation> {
    value.ok_or(Violation::Missing(member))
}

pub(super) fn array(member: &'static str, value: Value) -> Result<Vec<Value>, Violation> {
    if let Value::Array(values) = value { Ok(values) } else { Err(Violation::Mistyped(member)) }
}

/// A value without nil, which stands for nothing.
fn present(value: Option<Value>) -> Option<Value> {
    value.filter(|value| *value != Value::Null)
}

pub(super) fn sender(uid: Option<Value>) -> Result<Sender, Violation> {
    match present(uid) {
        None => Ok(Sender::Unnamed),
        Some(Value::String(uid)) => Sender::named(uid.as_str()).ok_or(Violation::Mistyped("uid")),
        Some(_) => Err(Violation::Mistyped("uid")),
    }
}

pub(super) fn request(id: Option<Value>) -> Result<RequestId, Violation> {
    optional_request(id)?.ok_or(Violation::Missing("requestId"))
}

pub(super) fn optional_request(id: Option<Value>) -> Result<Option<RequestId>, Violation> {
    match present(id) {
        None => Ok(None),
        Some(Value::String(id)) => match RequestId::from_wire(id.as_str()) {
            Some(id) => Ok(Some(id)),
            None => Err(Violation::Mistyped("requestId")),
        },
        Some(_) => Err(Violation::Mistyped("requestId")),
    }
}

/// The number of a message.
pub(super) fn kind(value: Option<Value>) -> Result<u8, Violation> {
    let Value::Integer(kind) = required("type", value)? else { return Err(Violation::Mistyped("type")) };
    u8::try_from(kind).map_err(|_| Violation::UnknownType)
}

pub(super) fn namespace(name: Value, limits: &Limits) -> Result<Namespace, Violation> {
    let Value::String(name) = name else { return Err(Violation::Mistyped("nsp")) };
    if name.len() > limits.max_namespace_len {
        return Err(Violation::NamespaceTooLong);
    }
    Ok(Namespace::from_wire(name))
}

pub(super) fn options(value: Option<Value>, limits: &Limits) -> Result<Options, Violation> {
    let [selected, except, given] = inside("opts", value, ["rooms", "except", "flags"])?;
    let options =
        Options { rooms: room_list("rooms", selected)?, except: room_list("except", except)?, flags: flags(given)? };
    if options.rooms.len().saturating_add(options.except.len()) > limits.max_bus_rooms {
        return Err(Violation::TooManyRooms);
    }
    Ok(options)
}

/// Rooms that are joined or left.
pub(super) fn rooms(value: Option<Value>, limits: &Limits) -> Result<Vec<RoomKey>, Violation> {
    optional_rooms(Some(required("rooms", value)?), limits)
}

/// Rooms that are asked for.
pub(super) fn optional_rooms(value: Option<Value>, limits: &Limits) -> Result<Vec<RoomKey>, Violation> {
    let rooms = room_list("rooms", value)?;
    if rooms.len() > limits.max_bus_rooms { Err(Violation::TooManyRooms) } else { Ok(rooms) }
}

/// The reference makes a set of what stands there, and an empty one of nothing.
pub(super) fn room_list(member: &'static str, value: Option<Value>) -> Result<Vec<RoomKey>, Violation> {
    let Some(value) = present(value) else { return Ok(Vec::new()) };
    Ok(array(member, value)?.into_iter().map(room).collect())
}

pub(super) fn room(value: Value) -> RoomKey {
    match value {
        Value::String(name) => RoomKey::Name(Room::from(name.as_str())),
        Value::Integer(number) => RoomKey::Number(number),
        Value::Float(number) => whole(number).map_or(RoomKey::Other(Value::Float(number)), RoomKey::Number),
        other => RoomKey::Other(other),
    }
}

/// In JavaScript 1.0 is no other number than 1.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "it is compared")]
fn whole(number: f64) -> Option<i64> {
    let whole = number as i64;
    (whole.unsigned_abs() < 1 << 53 && whole as f64 == number).then_some(whole)
}

fn flags(value: Option<Value>) -> Result<Flags, Violation> {
    let Some(value) = present(value) else { return Ok(Flags::default()) };
    let [volatile, compress, timeout, single] =
        inside("flags", Some(value), ["volatile", "compress", "timeout", "expectSingleResponse"])?;
    Ok(Flags {
        volatile: volatile == Some(Value::Bool(true)),
        compress: if let Some(Value::Bool(compress)) = compress { Some(compress) } else { None },
        timeout: timeout.and_then(|timeout| milliseconds(&timeout)),
        expect_single_response: single == Some(Value::Bool(true)),
    })
}

/// What is less than nothing is nothing, as for the timers of JavaScript.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a conversion that saturates")]
fn milliseconds(value: &Value) -> Option<Duration> {
    value.as_f64().filter(|number| !number.is_nan()).map(|number| Duration::from_millis(number as u64))
}

/// The packet of a broadcast, and its namespace, which not all write.
pub(super) fn packet(value: Option<Value>) -> Result<(Packet, Option<Value>), Violation> {
    let [kind, data, id, namespace] = inside("packet", value, ["type", "data", "id", "nsp"])?;
    // Old servers wrote 5 if something was binary.
    if !matches!(kind, None | Some(Value::Integer(2 | 5))) {
        return Err(Violation::NotAnEvent);
    }
    let ack = match present(id) {
        None => None,
        Some(id) => Some(ack_id(&id).ok_or(Violation::Mistyped("id"))?),
    };
    Ok((Packet { event: event("data", data)?, ack }, namespace))
}

fn ack_id(value: &Value) -> Option<AckId> {
    AckId::new(u64::try_from(value.as_i64()?).ok()?)
}

/// An event's name and arguments in one list. A name that is a number becomes the text that JavaScript makes of it.
pub(super) fn event(member: &'static str, value: Option<Value>) -> Result<Event, Violation> {
    let mut values = array(member, required(member, value)?)?.into_iter();
    let name = match values.next() {
        Some(Value::String(name)) => name,
        Some(other) => Text::from(number_text(other.as_f64().ok_or(Violation::Mistyped(member))?)),
        None => return Err(Violation::NotAnEvent),
    };
    Ok(Event { name, args: values.collect() })
}

pub(super) fn sid(member: &'static str, value: Option<Value>) -> Result<Sid, Violation> {
    match required(member, value)? {
        Value::String(id) => Ok(Sid::as_given(id.as_str())),
        _ => Err(Violation::Mistyped(member)),
    }
}

pub(super) fn close(value: Option<Value>) -> Result<bool, Violation> {
    match present(value) {
        None => Ok(false),
        Some(Value::Bool(close)) => Ok(close),
        Some(_) => Err(Violation::Mistyped("close")),
    }
}

pub(super) fn count(value: Option<Value>) -> Result<u64, Violation> {
    match required("clientCount", value)? {
        Value::Integer(count) => u64::try_from(count).map_err(|_| Violation::Mistyped("clientCount")),
        _ => Err(Violation::Mistyped("clientCount")),
    }
}

/// What a client or server answers; nothing is undefined.
pub(super) fn answer(value: Option<Value>) -> Value {
    value.unwrap_or(Value::Undefined)
}

pub(super) fn sockets(values: Vec<Value>) -> Result<Vec<SocketDescriptor>, Violation> {
    values.into_iter().map(socket).collect()
}

fn socket(value: Value) -> Result<SocketDescriptor, Violation> {
    let [id, handshake, rooms, data] = inside("sockets", Some(value), ["id", "handshake", "rooms", "data"])?;
    let handshake = match present(handshake) {
        None => Object::default(),
        Some(Value::Object(handshake)) => handshake,
        Some(_) => return Err(Violation::Mistyped("handshake")),
    };
    let id = sid("id", id)?;
    Ok(SocketDescriptor { id, handshake, rooms: room_list("rooms", rooms)?, data: answer(data) })
}
