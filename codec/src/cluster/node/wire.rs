//! The adapter of one namespace: which channel a message goes to, and what one that came says.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use super::command::{Channel, Command, CommandId};
use super::config::Adapter;
use crate::Text;
use crate::cluster::bus::{Publish, Subscription};
use crate::cluster::error::{DecodeError, EncodeError};
use crate::cluster::id::{Sender, Uid};
use crate::cluster::message::{Envelope, Message};
use crate::cluster::streams::PubSub;
use crate::cluster::{classic, sharded, streams};
use crate::engineio::Sid;
use crate::socketio::Namespace;
use crate::socketio::hub::Room;

/// Reads and writes the messages of one namespace.
#[derive(Debug)]
pub(super) enum Wire {
    Classic(classic::Codec),
    Sharded(sharded::Codec),
    Streams(streams::Codec, PubSub),
}

/// A message as it goes to the bus.
#[derive(Debug)]
pub(super) enum Outgoing {
    Publish { channel: Channel, message: Bytes },
    Append { stream: Text, max_len: u64, entry: streams::Entry },
}

/// What came, as far as it can be told without reading it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Addressed<'c> {
    /// To one room alone.
    Room(&'c str),
    /// To more.
    Wider,
    /// To another namespace.
    Elsewhere,
}

impl Wire {
    pub(super) fn new(adapter: &Adapter, namespace: &Namespace) -> Self {
        let namespace = namespace.clone();
        match adapter {
            Adapter::Classic(config) => Self::Classic(classic::Codec::new(config.clone(), namespace)),
            Adapter::Sharded(config) => Self::Sharded(sharded::Codec::new(config.clone(), namespace)),
            Adapter::Streams(config) => Self::Streams(streams::Codec::new(config.clone(), namespace), config.pub_sub),
        }
    }

    /// What a server listens to from the start.
    pub(super) fn subscriptions(&self, uid: &Uid) -> Vec<Channel> {
        match self {
            Self::Classic(codec) => channels(codec.subscriptions(uid)),
            Self::Sharded(codec) => channels(codec.subscriptions(uid)),
            Self::Streams(codec, _) => channels(codec.subscriptions(uid)),
        }
    }

    /// Where servers are counted.
    pub(super) fn counted(&self) -> Channel {
        let name = match self {
            Self::Classic(codec) => codec.counted_channel(),
            Self::Sharded(codec) => codec.counted_channel(),
            Self::Streams(codec, _) => codec.counted_channel(),
        };
        self.channel(name)
    }

    /// The channel of a room that has one.
    pub(super) fn room(&self, room: &Room) -> Option<Channel> {
        let Self::Sharded(codec) = self else { return None };
        channels(codec.room_subscription(room)).pop()
    }

    /// The stream that the namespace is in.
    pub(super) const fn stream(&self) -> Option<&Text> {
        if let Self::Streams(codec, _) = self { Some(codec.stream()) } else { None }
    }

    /// Where the session of a client is stored.
    pub(super) fn session_key(&self, pid: &Sid) -> Option<Text> {
        if let Self::Streams(codec, _) = self { Some(codec.session_key(pid)) } else { None }
    }

    /// The channel of a member's own room, if it has one.
    pub(super) fn own_room(&self, sid: &Sid) -> Option<Channel> {
        let Self::Sharded(codec) = self else { return None };
        channels(codec.socket_subscription(sid)).pop()
    }

    pub(super) fn addressed<'c>(&self, channel: &'c str) -> Addressed<'c> {
        let Self::Classic(codec) = self else { return Addressed::Wider };
        match codec.route(channel) {
            Some(classic::Route::Broadcast { room: Some(room) }) => Addressed::Room(room),
            Some(_) => Addressed::Wider,
            None => Addressed::Elsewhere,
        }
    }

    /// Reads what came on a channel; `None` if it is not this namespace's.
    pub(super) fn read(&self, channel: &str, message: Bytes) -> Result<Option<Envelope>, DecodeError> {
        match self {
            Self::Classic(codec) => codec.route(channel).map(|route| codec.decode(route, message)).transpose(),
            Self::Sharded(codec) => codec.decode(message).map(Some),
            Self::Streams(codec, _) => codec.decode(message).map(Some),
        }
    }

    /// Reads an entry of a stream.
    pub(super) fn read_entry(&self, entry: streams::Entry) -> Result<Option<Envelope>, DecodeError> {
        let Self::Streams(codec, _) = self else { return Ok(None) };
        codec.decode_entry(entry).map(Some)
    }

    /// Writes a message of the server `uid`, for the server `to` if it is an answer.
    pub(super) fn write(&self, uid: &Uid, to: &Sender, message: &Message) -> Result<Outgoing, EncodeError> {
        let me = Sender::Node(uid.clone());
        match (self, message.is_response()) {
            (Self::Classic(codec), true) => Ok(self.published(codec.respond(to, message)?)),
            (Self::Classic(codec), false) => Ok(self.published(codec.publish(&me, message)?)),
            (Self::Sharded(codec), true) => Ok(self.published(codec.respond(&me, to, message)?)),
            (Self::Sharded(codec), false) => Ok(self.published(codec.publish(&me, message)?)),
            (Self::Streams(codec, _), true) => Ok(self.published(codec.respond(&me, to, message)?)),
            (Self::Streams(codec, _), false) => match codec.publish(&me, message)? {
                streams::Outgoing::Publish(publish) => Ok(self.published(publish)),
                streams::Outgoing::Add { stream, max_len, entry } => Ok(Outgoing::Append { stream, max_len, entry }),
            },
        }
    }

    fn published(&self, Publish { channel, payload }: Publish) -> Outgoing {
        Outgoing::Publish { channel: self.channel(&channel), message: payload }
    }

    fn channel(&self, name: &Text) -> Channel {
        match self {
            Self::Sharded(_) | Self::Streams(_, PubSub::Sharded) => Channel::Sharded(owned(name)),
            Self::Classic(_) | Self::Streams(_, PubSub::Plain) => Channel::Plain(owned(name)),
        }
    }
}

impl Outgoing {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Publish { channel, message } => channel.name().len().saturating_add(message.len()),
            Self::Append { entry, .. } => {
                entry.fields().map(|(name, value)| name.len().saturating_add(value.len())).sum()
            }
        }
    }

    pub(super) fn command(self, id: CommandId) -> Command {
        match self {
            Self::Publish { channel, message } => Command::Publish { id, channel, message },
            Self::Append { stream, max_len, entry } => Command::Append { id, stream, max_len, entry },
        }
    }
}

fn channels(subscriptions: impl IntoIterator<Item = Subscription>) -> Vec<Channel> {
    let mut channels = Vec::new();
    for subscription in subscriptions {
        match subscription {
            Subscription::Pattern(pattern) => channels.push(Channel::Pattern(owned(&pattern))),
            Subscription::Channels(names) => channels.extend(names.iter().map(|name| Channel::Plain(owned(name)))),
            Subscription::Shard(name) => channels.push(Channel::Sharded(owned(&name))),
        }
    }
    channels
}

fn owned(text: &Text) -> String {
    String::from(text.as_str())
}
