//! Any bytes as a message between servers: no panic. What is read can be written, and from then on it stays the same.

use bytes::Bytes;
use sio_codec::Limits;
use sio_codec::cluster::classic::{self, Route};
use sio_codec::cluster::streams::{Entry, Outgoing};
use sio_codec::cluster::{DecodeError, Envelope, Undecodable, sharded, streams};
use sio_codec::socketio::Namespace;

/// The first byte says what the rest is: broadcast, request or answer of the classic adapter, message of the sharded one,
/// message of the streams adapter; from 5 on, the data of an entry, of the type that the byte says less 5.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    let Some((kind, message)) = data.split_first() else { return };
    let message = Bytes::copy_from_slice(message);
    match kind {
        0 => classic(Route::Broadcast { room: None }, message),
        1 => classic(Route::Request, message),
        2 => classic(Route::Response, message),
        3 => sharded(message),
        4 => published(message),
        kind => entry(kind - 5, message),
    }
}

fn limits() -> Limits {
    Limits::default().with_max_bus_message(1 << 16).with_max_bus_rooms(100).with_max_namespace_len(20)
}

fn classic(route: Route<'_>, message: Bytes) {
    let codec = classic::Codec::new(classic::Config::default().with_limits(limits()), Namespace::root());
    let write = |envelope: &Envelope| match route {
        Route::Response => codec.respond(&envelope.sender, &envelope.message).ok().map(|sent| sent.payload),
        _ => codec.publish(&envelope.sender, &envelope.message).ok().map(|sent| sent.payload),
    };
    check(|message| codec.decode(route, message), write, message);
}

fn sharded(message: Bytes) {
    let codec = sharded::Codec::new(sharded::Config::default().with_limits(limits()), Namespace::root());
    let write = |Envelope { sender, message, .. }: &Envelope| {
        let sent =
            if message.is_response() { codec.respond(sender, sender, message) } else { codec.publish(sender, message) };
        sent.ok().map(|sent| sent.payload)
    };
    check(|message| codec.decode(message), write, message);
}

fn streams() -> streams::Codec {
    streams::Codec::new(streams::Config::default().with_limits(limits()), Namespace::root())
}

fn published(message: Bytes) {
    let codec = streams();
    let write = |Envelope { sender, message, .. }: &Envelope| {
        if message.is_response() {
            return codec.respond(sender, sender, message).ok().map(|sent| sent.payload);
        }
        match codec.publish(sender, message).ok()? {
            Outgoing::Publish(sent) => Some(sent.payload),
            _ => None,
        }
    };
    check(|message| codec.decode(message), write, message);
}

fn entry(kind: u8, message: Bytes) {
    let codec = streams();
    let text = kind.to_string();
    let read = |data: Bytes| {
        let named = [("uid", "x".into()), ("nsp", "/".into()), ("type", text.clone().into()), ("data", data)];
        codec.decode_entry(Entry::new(named))
    };
    let write = |Envelope { sender, message, .. }: &Envelope| match codec.publish(sender, message).ok()? {
        Outgoing::Add { entry, .. } => entry.fields().find(|(name, _)| *name == "data").map(|(_, data)| data.clone()),
        _ => None,
    };
    check(read, write, message);
}

fn check(
    read: impl Fn(Bytes) -> Result<Envelope, DecodeError>,
    write: impl Fn(&Envelope) -> Option<Bytes>,
    message: Bytes,
) {
    let len = message.len();
    let envelope = match read(message) {
        Ok(envelope) => envelope,
        Err(DecodeError::Undecodable { offset, .. }) => return assert!(offset <= len),
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let Some(written) = write(&envelope) else { return };
    match read(written.clone()) {
        Ok(again) => assert_eq!(write(&again), Some(written)),
        // What is binary has more nesting in JSON, and takes more room.
        Err(DecodeError::Undecodable { fault: Undecodable::TooDeep | Undecodable::TooLong, .. }) => {}
        Err(error) => panic!("{error}: {written:?}"),
    }
}
