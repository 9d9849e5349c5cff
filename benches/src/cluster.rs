//! Messages between servers: row u.

use bytes::Bytes;
use sio_codec::cluster::streams::Outgoing;
use sio_codec::cluster::{Event, Message, Options, Packet, Sender, Uid, classic, sharded, streams};
use sio_codec::socketio::{Args, Namespace, Value};

use crate::binary;
use crate::typed::Update;

/// A broadcast, and what an adapter puts on the bus for it.
#[derive(Clone, Debug)]
pub struct Said {
    /// The name of the row.
    pub row: String,
    /// What is said.
    pub message: Message,
    /// What is on the bus; of an entry of a stream its field `data`.
    pub payload: Bytes,
}

/// The server that says it.
#[must_use]
pub fn me() -> Sender {
    Sender::Node(Uid::hex([7; 8]))
}

/// The codecs with the reference's settings, for the main namespace.
#[must_use]
pub fn classic() -> classic::Codec {
    classic::Codec::new(classic::Config::default(), Namespace::root())
}

/// As [`classic()`].
#[must_use]
pub fn sharded() -> sharded::Codec {
    sharded::Codec::new(sharded::Config::default(), Namespace::root())
}

/// As [`classic()`].
#[must_use]
pub fn streams() -> streams::Codec {
    streams::Codec::new(streams::Config::default(), Namespace::root())
}

/// The rows of an adapter: `classic`, `sharded` or `streams`.
#[must_use]
pub fn said(adapter: &'static str) -> Vec<Said> {
    let update = Update::short().and_then(|update| Args::encode(&(update,)).ok());
    let json = update.and_then(|args| args.values().ok()).unwrap_or_default();
    let bytes = vec![Value::Binary(binary(1024))];
    let rows = [("hello", vec![Value::from("hello")]), ("event of 1 KiB", json), ("binary event of 1 KiB", bytes)];
    let rows = rows.into_iter().filter_map(|(name, args)| {
        let packet = Packet::from(Event::new("message", args));
        let message = Message::Broadcast { packet, options: Options::everyone() };
        Some(Said { row: format!("u {adapter} {name}"), payload: payload(adapter, &message)?, message })
    });
    rows.collect()
}

fn payload(adapter: &str, message: &Message) -> Option<Bytes> {
    match adapter {
        "classic" => classic().publish(&me(), message).ok().map(|publish| publish.payload),
        "sharded" => sharded().publish(&me(), message).ok().map(|publish| publish.payload),
        _ => match streams().publish(&me(), message).ok()? {
            Outgoing::Add { entry, .. } => {
                entry.fields().find(|(name, _)| *name == "data").map(|(_, data)| data.clone())
            }
            _ => None,
        },
    }
}
