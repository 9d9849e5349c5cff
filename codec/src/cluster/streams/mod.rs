//! The streams adapter: `XADD` and `XREAD` for what lasts, `PUBLISH` for what does not. `@socket.io/redis-streams-adapter`
//! 0.3.1, and its emitter 0.1.1.
//!
//! | what | where | form |
//! |---|---|---|
//! | broadcasts, joining, leaving, disconnecting | the stream `socket.io` | JSON; if something is binary, MessagePack in base64 |
//! | what is answered, and events between servers | the channel `socket.io#/#` | MessagePack |
//! | answers | the channel `socket.io#/#49d2072ab28bbbe2#` of the server with this uid | MessagePack |
//!
//! A stream keeps what was said for a while: a server that lost Redis reads on where it was, and a client that comes back gets
//! what it missed. For that a server stores a [`Session`] when a client loses its connection, and every recoverable event
//! carries the [`EntryId`] of its entry. A [`Node`](super::node::Node) does so with [`Config::with_recovery`].
//!
//! All namespaces share a stream: [`Entry::namespace`] tells for which an entry is before it is decoded. A program goes on
//! behind an entry whether or not it can be decoded; a server of Node.js reads the same one over and over.
//!
//! Servers are counted by the subscriptions to [`Codec::counted_channel`] (`PUBSUB NUMSUB`, or `SHARDNUMSUB` with
//! [`PubSub::Sharded`]).
//!
//! ```
//! use sio_codec::cluster::streams::{Codec, Config, Outgoing};
//! use sio_codec::cluster::{Event, Message, Options, Packet, Sender, Uid};
//! use sio_codec::socketio::Namespace;
//!
//! let codec = Codec::new(Config::default(), Namespace::root());
//! let me = Sender::Node(Uid::hex([7; 8]));
//! let packet = Packet::from(Event::new("hi", []));
//! let hi = Message::Broadcast { packet, options: Options::everyone() };
//! let Outgoing::Add { stream, max_len, entry } = codec.publish(&me, &hi)? else { unreachable!() };
//!
//! // XADD socket.io MAXLEN ~ 10000 * uid 0707070707070707 nsp / type 3 data {...}
//! assert_eq!((stream.as_str(), max_len, entry.fields().count()), ("socket.io", 10_000, 4));
//! assert_eq!(codec.decode_entry(entry)?.message, hi);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod entry;
mod session;

use alloc::format;
use alloc::string::ToString as _;
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

pub use self::config::{Config, PubSub};
pub use self::entry::{Entry, EntryId};
pub use self::session::Session;

use self::entry::encode_base64;
use super::bus::{Publish, Subscription};
use super::envelope::{self, Written, WrittenEnvelope};
use super::error::{DecodeError, EncodeError, Undecodable};
use super::form;
use super::id::{Sender, Uid};
use super::message::{Envelope, Message};
use super::read;
use super::write::Layout;
use crate::Text;
use crate::engineio::Sid;
use crate::socketio::msgpack::Library;
use crate::socketio::{Namespace, Value};

/// A message on its way to Redis.
///
/// The example of the [module](self) has one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outgoing {
    /// To be published.
    Publish(Publish),
    /// To be added to a stream: `XADD <stream> MAXLEN ~ <max_len> * <fields>`.
    Add {
        /// Which stream.
        stream: Text,
        /// About how many entries it keeps.
        max_len: u64,
        /// The fields.
        entry: Entry,
    },
}

/// Reads and writes the messages of one namespace.
///
/// The example of the [module](self) has one.
#[derive(Clone, Debug)]
pub struct Codec {
    config: Config,
    namespace: Namespace,
    main: Text,
    stream: Text,
}

impl Codec {
    /// The messages of this namespace.
    #[must_use]
    pub fn new(config: Config, namespace: Namespace) -> Self {
        let main = Text::from(format!("{}#{namespace}#", config.channel_prefix));
        let stream = match config.stream_count.get() {
            1 => config.stream_name.clone(),
            count => Text::from(format!("{}-{}", config.stream_name, place(namespace.as_str(), count))),
        };
        Self { config, namespace, main, stream }
    }

    /// What a server subscribes to when it begins, in this order, and unsubscribes from when it ends. The reference leaves the
    /// latter to the end of its connection.
    #[must_use]
    pub fn subscriptions(&self, uid: &Uid) -> Vec<Subscription> {
        let (main, own) = (self.main.clone(), self.channel_for(uid));
        match self.config.pub_sub {
            PubSub::Plain => vec![Subscription::Channels(vec![main, own])],
            PubSub::Sharded => vec![Subscription::Shard(main), Subscription::Shard(own)],
        }
    }

    /// The channel whose subscriptions are one for each server.
    #[must_use]
    pub const fn counted_channel(&self) -> &Text {
        &self.main
    }

    /// The stream that this namespace is in.
    #[must_use]
    pub const fn stream(&self) -> &Text {
        &self.stream
    }

    /// The key that holds the [`Session`] of a client with this private id.
    #[must_use]
    pub fn session_key(&self, pid: &Sid) -> Text {
        Text::from(format!("{}{pid}", self.config.session_key_prefix))
    }

    /// Reads what came on a channel. It may be for another namespace than the codec's.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] for what no server sends.
    pub fn decode(&self, payload: Bytes) -> Result<Envelope, DecodeError> {
        let limits = &self.config.limits;
        Ok(envelope::envelope(form::read_msgpack(&payload, limits)?, limits)?)
    }

    /// Reads an entry. It may be for another namespace than the codec's.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] for what no server adds, and for an entry without a namespace.
    pub fn decode_entry(&self, entry: Entry) -> Result<Envelope, DecodeError> {
        let limits = &self.config.limits;
        let kind = entry.kind()?;
        let text = |field: Option<Bytes>| field.map(|bytes| Text::try_from(bytes).map(Value::String)).transpose();
        let invalid = |fault: crate::InvalidUtf8| DecodeError::undecodable(Undecodable::InvalidUtf8, fault.offset);
        let sender = read::sender(text(entry.uid).map_err(invalid)?)?;
        let namespace = read::required("nsp", text(entry.namespace).map_err(invalid)?)?;
        let namespace = read::namespace(namespace, limits)?;
        let data = entry.data.map(|data| Entry::value(data, limits)).transpose()?;
        Ok(Envelope { sender, namespace, message: envelope::message(kind, data, limits)? })
    }

    /// Writes a broadcast or a request. All that an [emitter](Sender::Emitter) says goes to the stream, and is written as
    /// emitters of the reference do.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Unsupported`] for what only the classic adapter has, and for what an emitter would have to be
    /// answered; [`EncodeError::Unnamed`] without a sender; [`EncodeError::Response`] for answers.
    pub fn publish(&self, sender: &Sender, message: &Message) -> Result<Outgoing, EncodeError> {
        message.check_speaker(sender)?;
        let lasts = matches!(
            message,
            Message::Broadcast { .. } | Message::Join { .. } | Message::Leave { .. } | Message::Disconnect { .. }
        );
        if lasts || *sender == Sender::Emitter {
            let entry = self.entry(sender, message)?;
            return Ok(Outgoing::Add { stream: self.stream.clone(), max_len: self.config.max_len, entry });
        }
        Ok(Outgoing::Publish(Publish { channel: self.main.clone(), payload: self.payload(sender, message)? }))
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
        let channel = to.uid().map_or_else(|| self.main.clone(), |uid| self.channel_for(uid));
        Ok(Publish { channel, payload: self.payload(sender, message)? })
    }

    fn payload(&self, sender: &Sender, message: &Message) -> Result<Bytes, EncodeError> {
        let written = Written::new(message, Layout::Server, None)?;
        let envelope = WrittenEnvelope::new(sender, self.namespace.as_str(), written)?;
        Ok(form::write_msgpack(Library::MsgPackJs, &envelope))
    }

    fn entry(&self, sender: &Sender, message: &Message) -> Result<Entry, EncodeError> {
        let namespace = self.namespace.as_str();
        let (layout, inside) = match sender {
            Sender::Emitter => (Layout::Emitter, Some(namespace)),
            _ => (Layout::Server, None),
        };
        let Written { kind, data } = Written::new(message, layout, inside)?;
        let is_binary = envelope::has_binary(message) && !self.config.only_plaintext;
        let text = |data| match is_binary {
            true => encode_base64(&form::write_msgpack(Library::MsgPackJs, &data)),
            false => Bytes::from(form::write_json(&data)),
        };
        Ok(Entry {
            uid: Some(Bytes::from(sender.name().ok_or(EncodeError::Unnamed)?.to_string())),
            namespace: Some(Bytes::from(namespace.to_string())),
            kind: Some(Bytes::from(kind.to_string())),
            data: data.map(text),
        })
    }

    fn channel_for(&self, uid: &Uid) -> Text {
        Text::from(format!("{}{uid}#", self.main))
    }
}

/// Which of several streams a namespace is in, with the sign that the reference's sum may have.
fn place(namespace: &str, count: u16) -> i32 {
    let sum = namespace.encode_utf16().fold(0_i32, |sum, unit| sum.wrapping_mul(31).wrapping_add(i32::from(unit)));
    sum.checked_rem(i32::from(count)).unwrap_or_default()
}
