//! The bytes of a message: JSON or MessagePack.

use alloc::string::String;

use bytes::Bytes;
use serde::Serialize;

use super::error::{DecodeError, Undecodable};
use crate::socketio::msgpack::{self, Library};
use crate::socketio::{Value, json};
use crate::{Limits, Text};

/// Reads a message whose first byte tells what it is: `{` for JSON, anything else for MessagePack.
pub(super) fn read(message: Bytes, limits: &Limits) -> Result<Value, DecodeError> {
    if message.first() == Some(&b'{') { read_json(message, limits) } else { read_msgpack(&message, limits) }
}

/// Reads a message that is MessagePack. Both libraries read the same; what older ones wrote is taken as well.
pub(super) fn read_msgpack(message: &Bytes, limits: &Limits) -> Result<Value, DecodeError> {
    check_len(message, limits)?;
    Ok(msgpack::read_message(Library::Notepack3, message)?)
}

fn read_json(message: Bytes, limits: &Limits) -> Result<Value, DecodeError> {
    check_len(&message, limits)?;
    let invalid = |fault: crate::InvalidUtf8| DecodeError::undecodable(Undecodable::InvalidUtf8, fault.offset);
    Ok(json::read(&Text::try_from(message).map_err(invalid)?)?)
}

pub(super) fn check_len(message: &[u8], limits: &Limits) -> Result<(), DecodeError> {
    if message.len() <= limits.max_bus_message {
        return Ok(());
    }
    Err(DecodeError::undecodable(Undecodable::TooLong, limits.max_bus_message))
}

/// Writes JSON. What is binary becomes what Node's buffers are in JSON, which nobody turns back.
pub(super) fn write_json<T: Serialize>(message: &T) -> String {
    let mut text = String::new();
    let written = json::write_value(&mut text, message);
    debug_assert!(written.is_ok(), "a value without limits");
    text
}

/// Writes MessagePack as `library` does.
pub(super) fn write_msgpack<T: Serialize>(library: Library, message: &T) -> Bytes {
    Bytes::from(msgpack::write_as(library, message))
}
