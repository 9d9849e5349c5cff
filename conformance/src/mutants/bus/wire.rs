//! Messages on the bus, read and written as a server's adapter does.

use bytes::Bytes;
use sio_codec::Text;
use sio_codec::cluster::node::{Adapter, Channel, Command, Input};
use sio_codec::cluster::streams::{Entry, Outgoing};
use sio_codec::cluster::{Envelope, Publish, Sender, classic, sharded, streams};
use sio_codec::socketio::Namespace;

/// The adapter of one namespace.
pub(super) enum Wire {
    Classic(classic::Codec),
    Sharded(sharded::Codec),
    Streams(streams::Codec),
}

/// A message as it goes to the bus.
pub(super) enum Written {
    Message {
        /// That of the message in whose place it is, if there is none.
        channel: Option<Text>,
        message: Bytes,
    },
    Entry {
        stream: Text,
        max_len: u64,
        entry: Entry,
    },
}

impl Wire {
    /// `None` for an adapter that is not known here.
    pub(super) fn new(adapter: &Adapter, namespace: Namespace) -> Option<Self> {
        Some(match adapter {
            Adapter::Classic(config) => Self::Classic(classic::Codec::new(config.clone(), namespace)),
            Adapter::Sharded(config) => Self::Sharded(sharded::Codec::new(config.clone(), namespace)),
            Adapter::Streams(config) => Self::Streams(streams::Codec::new(config.clone(), namespace)),
            _ => return None,
        })
    }

    /// The adapter of the namespace that a channel is named after: `socket.io-request#/chat#`.
    pub(super) fn of(adapter: &Adapter, channel: &str) -> Option<Self> {
        let namespace = Namespace::new(channel.split('#').nth(1)?).ok()?;
        Self::new(adapter, namespace)
    }

    /// `None` if it is no message.
    pub(super) fn read(&self, channel: &str, message: Bytes) -> Option<Envelope> {
        match self {
            Self::Classic(codec) => codec.decode(codec.route(channel)?, message).ok(),
            Self::Sharded(codec) => codec.decode(message).ok(),
            Self::Streams(codec) => codec.decode(message).ok(),
        }
    }

    pub(super) fn read_entry(&self, entry: Entry) -> Option<Envelope> {
        if let Self::Streams(codec) = self { codec.decode_entry(entry).ok() } else { None }
    }

    /// `None` if it is nothing that can be said.
    pub(super) fn write(&self, Envelope { sender, message, .. }: &Envelope) -> Option<Written> {
        let to = Sender::Unnamed;
        let publish = match (self, message.is_response()) {
            (Self::Classic(codec), true) => codec.respond(&to, message),
            (Self::Sharded(codec), true) => codec.respond(sender, &to, message),
            (Self::Streams(codec), true) => codec.respond(sender, &to, message),
            (Self::Classic(codec), false) => codec.publish(sender, message),
            (Self::Sharded(codec), false) => codec.publish(sender, message),
            (Self::Streams(codec), false) => match codec.publish(sender, message).ok()? {
                Outgoing::Publish(publish) => Ok(publish),
                Outgoing::Add { stream, max_len, entry } => return Some(Written::Entry { stream, max_len, entry }),
                _ => return None,
            },
        };
        let Publish { channel, payload } = publish.ok()?;
        Some(Written::Message { channel: (!message.is_response()).then_some(channel), message: payload })
    }
}

impl Written {
    /// The command that says this in place of another.
    pub(super) fn in_place_of(self, command: &Command) -> Option<Command> {
        match (self, command) {
            (Self::Message { channel, message }, Command::Publish { id, channel: before, .. }) => {
                let channel = channel.map_or_else(|| before.clone(), |channel| named(before, channel.as_str()));
                Some(Command::Publish { id: *id, channel, message })
            }
            (Self::Entry { stream, max_len, entry }, Command::Append { id, .. }) => {
                Some(Command::Append { id: *id, stream, max_len, entry })
            }
            _ => None,
        }
    }

    /// What is heard on a subscription, in place of what was on a channel.
    pub(super) fn heard(self, subscription: &Channel, before: &str) -> Option<Input> {
        let Self::Message { channel, message } = self else { return None };
        let channel = channel.map_or_else(|| before.to_owned(), |channel| channel.as_str().to_owned());
        Some(Input::Message { subscription: subscription.clone(), channel, message })
    }

    pub(super) fn into_entry(self) -> Option<Entry> {
        if let Self::Entry { entry, .. } = self { Some(entry) } else { None }
    }
}

/// A channel of the same kind with another name.
fn named(channel: &Channel, name: &str) -> Channel {
    let name = name.to_owned();
    match channel {
        Channel::Plain(_) => Channel::Plain(name),
        Channel::Pattern(_) => Channel::Pattern(name),
        Channel::Sharded(_) => Channel::Sharded(name),
    }
}
