//! The sharded adapter: `SPUBLISH`, in a Redis from version 7. `@socket.io/redis-adapter` 8.3.0 with
//! `createShardedAdapter`.
//!
//! With the prefix `socket.io` and the namespace `/`:
//!
//! | channel | what |
//! |---|---|
//! | `socket.io#/#` | everything that is for all servers |
//! | `socket.io#/#7003da41bd86f74c#` | answers for the server with this uid |
//! | `socket.io#/#red#` | broadcasts to the room `red` alone, for the servers that have members in it |
//!
//! A message is JSON, or MessagePack if something in it is binary; receivers look at the first byte. A channel does not tell
//! what a message is: the message does.
//!
//! Which rooms have channels of their own is a matter of the [`Mode`]. All servers of a cluster must have the same: what one
//! publishes on the channel of a room, a server without such subscriptions never hears.
//!
//! Servers are counted by the subscriptions to [`Codec::counted_channel`] (`PUBSUB SHARDNUMSUB`).
//!
//! ```
//! use sio_codec::cluster::sharded::{Codec, Config};
//! use sio_codec::cluster::{Event, Message, Options, Packet, Sender, Uid};
//! use sio_codec::socketio::Namespace;
//!
//! let codec = Codec::new(Config::default(), Namespace::root());
//! let me = Sender::Node(Uid::hex([7; 8]));
//! let packet = Packet::from(Event::new("hi", []));
//! let sent = codec.publish(&me, &Message::Broadcast { packet, options: Options::everyone().to("red") })?;
//! assert_eq!(sent.channel, "socket.io#/#red#");
//! assert_eq!(
//!     sent.payload,
//!     r#"{"type":3,"data":{"packet":{"type":2,"data":["hi"]},"opts":{"rooms":["red"],"except":[],"flags":{}}},"uid":"0707070707070707","nsp":"/"}"#,
//! );
//! assert_eq!(codec.decode(sent.payload)?.sender, me);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::format;
use alloc::sync::Arc;

use bytes::Bytes;

use super::bus::{Publish, Subscription};
use super::envelope::{self, Written, WrittenEnvelope};
use super::error::{DecodeError, EncodeError};
use super::form;
use super::id::{Sender, Uid};
use super::message::{Envelope, Message};
use super::room::RoomKey;
use super::write::Layout;
use crate::engineio::Sid;
use crate::socketio::Namespace;
use crate::socketio::hub::Room;
use crate::socketio::msgpack::Library;
use crate::{Limits, Text};

/// What the servers of a cluster agree on.
///
/// ```
/// use sio_codec::cluster::sharded::{Config, Mode};
///
/// let config = Config::default().with_channel_prefix("game").with_mode(Mode::Static);
/// assert_eq!(config.channel_prefix, "game");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// What the names of all channels begin with. Default `socket.io`, as in the reference.
    pub channel_prefix: Text,
    /// Which rooms have channels. Default [`Mode::Dynamic`], as in the reference.
    pub mode: Mode,
    /// Bounds on what is read.
    pub limits: Arc<Limits>,
}

/// Which rooms have channels of their own, the reference's `subscriptionMode`.
///
/// The example of [`Config`] has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// None.
    Static,
    /// Every room but those of single sockets, which are told by a length of 20 characters.
    #[default]
    Dynamic,
    /// Every room.
    DynamicPrivate,
}

impl Default for Config {
    fn default() -> Self {
        Self { channel_prefix: Text::from("socket.io"), mode: Mode::Dynamic, limits: Arc::default() }
    }
}

impl Config {
    /// Replaces [`channel_prefix`](Self#structfield.channel_prefix).
    #[must_use]
    pub fn with_channel_prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.channel_prefix = prefix.into();
        self
    }

    /// Replaces [`mode`](Self#structfield.mode).
    #[must_use]
    pub const fn with_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Replaces [`limits`](Self#structfield.limits).
    #[must_use]
    pub fn with_limits(mut self, limits: impl Into<Arc<Limits>>) -> Self {
        self.limits = limits.into();
        self
    }
}

/// Reads and writes the messages of one namespace.
///
/// The example of the [module](self) has one.
#[derive(Clone, Debug)]
pub struct Codec {
    config: Config,
    namespace: Namespace,
    main: Text,
}

impl Codec {
    /// The messages of this namespace.
    #[must_use]
    pub fn new(config: Config, namespace: Namespace) -> Self {
        let main = Text::from(format!("{}#{namespace}#", config.channel_prefix));
        Self { config, namespace, main }
    }

    /// What a server subscribes to when it begins, in this order, and unsubscribes from when it ends. The channels of
    /// its rooms go as well then.
    #[must_use]
    pub fn subscriptions(&self, uid: &Uid) -> [Subscription; 2] {
        [Subscription::Shard(self.main.clone()), Subscription::Shard(self.channel_of(uid.as_str()))]
    }

    /// What a server subscribes to when the first of its members enters a room, and unsubscribes from when the last one
    /// leaves. For the room that belongs to a socket ask [`socket_subscription`](Self::socket_subscription).
    #[must_use]
    pub fn room_subscription(&self, room: &Room) -> Option<Subscription> {
        let channel = || Subscription::Shard(self.channel_of(room.as_str()));
        (self.config.mode != Mode::Static).then(channel)
    }

    /// What a server subscribes to for each of its sockets.
    #[must_use]
    pub fn socket_subscription(&self, id: &Sid) -> Option<Subscription> {
        let channel = || Subscription::Shard(self.channel_of(id.as_str()));
        (self.config.mode == Mode::DynamicPrivate).then(channel)
    }

    /// The channel whose subscriptions are one for each server.
    #[must_use]
    pub const fn counted_channel(&self) -> &Text {
        &self.main
    }

    /// Reads what came on any channel. It may be for another namespace than the codec's.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] for what no server sends.
    pub fn decode(&self, payload: Bytes) -> Result<Envelope, DecodeError> {
        let limits = &self.config.limits;
        Ok(envelope::envelope(form::read(payload, limits)?, limits)?)
    }

    /// Writes a broadcast or a request.
    ///
    /// An [emitter](Sender::Emitter) sends everything to all: the reference has none for this adapter, and one that does not
    /// know the mode of the servers is heard in this way.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Unsupported`] for what only the classic adapter has, and for what an emitter would have to be
    /// answered; [`EncodeError::Unnamed`] without a sender; [`EncodeError::Response`] for answers.
    pub fn publish(&self, sender: &Sender, message: &Message) -> Result<Publish, EncodeError> {
        message.check_speaker(sender)?;
        let room = match message {
            Message::Broadcast { options, .. } if *sender != Sender::Emitter => self.channel_of_only(&options.rooms),
            _ => None,
        };
        let payload = self.write(sender, message)?;
        Ok(Publish { channel: room.unwrap_or_else(|| self.main.clone()), payload })
    }

    /// Writes an answer for the server that asked. A server that did not say who it is hears what all get.
    ///
    /// # Errors
    ///
    /// [`EncodeError::NotAResponse`] for anything else; [`EncodeError::Unsupported`] for what only the classic adapter
    /// has; [`EncodeError::Unnamed`] without a sender.
    pub fn respond(&self, sender: &Sender, to: &Sender, message: &Message) -> Result<Publish, EncodeError> {
        if !message.is_response() {
            return Err(EncodeError::NotAResponse);
        }
        let payload = self.write(sender, message)?;
        let channel = to.uid().map_or_else(|| self.main.clone(), |uid| self.channel_of(uid.as_str()));
        Ok(Publish { channel, payload })
    }

    fn write(&self, sender: &Sender, message: &Message) -> Result<Bytes, EncodeError> {
        let written = Written::new(message, Layout::Server, None)?;
        let envelope = WrittenEnvelope::new(sender, self.namespace.as_str(), written)?;
        Ok(if envelope::has_binary(message) {
            form::write_msgpack(Library::Notepack3, &envelope)
        } else {
            Bytes::from(form::write_json(&envelope))
        })
    }

    /// The channel of the only room, if it has one.
    fn channel_of_only(&self, rooms: &[RoomKey]) -> Option<Text> {
        let [room] = rooms else { return None };
        let has_channel = match (self.config.mode, room.name()) {
            (Mode::Static, _) => false,
            (Mode::Dynamic, Some(room)) => !looks_like_a_socket(room.as_str()),
            (Mode::Dynamic, None) | (Mode::DynamicPrivate, _) => true,
        };
        room.text().filter(|_| has_channel).map(|room| self.channel_of(&room))
    }

    /// A room and a server have the same form of channels.
    fn channel_of(&self, name: &str) -> Text {
        Text::from(format!("{}{name}#", self.main))
    }
}

/// By its length in JavaScript.
fn looks_like_a_socket(room: &str) -> bool {
    room.encode_utf16().count() == 20
}
