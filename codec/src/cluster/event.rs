//! What an event says.

use alloc::vec::Vec;

use crate::Text;
use crate::socketio::{AckId, Value};

/// An event with its arguments, whatever they are. What is binary stands where it is.
///
/// ```
/// use sio_codec::cluster::Event;
/// use sio_codec::socketio::Value;
///
/// let event = Event::new("photo", [Value::from("a.png")]);
/// assert_eq!((event.name.as_str(), event.args.len()), ("photo", 1));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// The name.
    pub name: Text,
    /// The arguments behind it.
    pub args: Vec<Value>,
}

impl Event {
    /// An event.
    pub fn new(name: impl Into<Text>, args: impl Into<Vec<Value>>) -> Self {
        Self { name: name.into(), args: args.into() }
    }
}

/// The packet that the recipients of a broadcast get. Each server writes it in the form that its clients read.
///
/// The example of [`Message`](super::Message) has one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Packet {
    /// What it says.
    pub event: Event,
    /// The id of the acknowledgement that the sender waits for. There is none in a broadcast with acknowledgements, for which
    /// each server counts its own; only a server that can recover connections writes one, for an event to one of its clients.
    pub ack: Option<AckId>,
}

impl From<Event> for Packet {
    /// A packet without an id.
    fn from(event: Event) -> Self {
        Self { event, ack: None }
    }
}
