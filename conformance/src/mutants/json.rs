//! The payload of a Socket.IO packet as a value.

use serde_json::{Map, Value};
use sio_codec::Frame;

use super::payload::edit;
use super::socketio::Packet;

/// The packet with another payload, if a function has changed it.
pub(super) fn edit_data(packet: Frame, change: impl FnOnce(&Packet<'_>, &mut Value) -> bool) -> Vec<Frame> {
    edit(packet, |text| {
        let packet = Packet::read(text)?;
        let mut data: Value = serde_json::from_str(packet.data).ok()?;
        let is_changed = change(&packet, &mut data);
        is_changed.then(|| Packet { data: &data.to_string(), ..packet }.write())
    })
}

/// The arguments of an event with one of these names.
pub(super) fn arguments<'a>(data: &'a mut Value, names: &[&str]) -> Option<&'a mut [Value]> {
    let (name, arguments) = data.as_array_mut()?.split_first_mut()?;
    name.as_str().is_some_and(|name| names.contains(&name)).then_some(arguments)
}

/// An event of the extended contract with other receivers, if a function has changed them.
pub(super) fn edit_whom(
    packet: Frame,
    names: &[&str],
    change: impl FnOnce(&mut Map<String, Value>) -> bool,
) -> Vec<Frame> {
    edit_data(packet, |_, data| {
        let whom = arguments(data, names).and_then(<[Value]>::first_mut).and_then(Value::as_object_mut);
        whom.is_some_and(change)
    })
}

/// The rooms under a key of the receivers.
pub(super) fn rooms<'a>(whom: &'a mut Map<String, Value>, key: &str) -> Option<&'a mut Vec<Value>> {
    whom.get_mut(key)?.as_array_mut().filter(|rooms| !rooms.is_empty())
}

/// The auth payload of a CONNECT of the client with other keys, if a function has changed them.
pub(super) fn edit_auth(packet: Frame, change: impl FnOnce(&str, &mut Map<String, Value>) -> bool) -> Vec<Frame> {
    edit_data(packet, |packet, data| {
        packet.kind == '0' && data.as_object_mut().is_some_and(|auth| change(packet.namespace, auth))
    })
}
