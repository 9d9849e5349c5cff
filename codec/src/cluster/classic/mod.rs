//! The classic adapter: `PUBLISH` and patterns, in any Redis. `@socket.io/redis-adapter` 8.3.0 with `createAdapter`, and
//! `@socket.io/redis-emitter` 5.1.0.
//!
//! With the key `socket.io` and the namespace `/`:
//!
//! | channel | what | form |
//! |---|---|---|
//! | `socket.io#/#` | broadcasts to no room, or to several | MessagePack |
//! | `socket.io#/#red#` | broadcasts to the room `red` alone | MessagePack |
//! | `socket.io-request#/#` | everything else that is asked | JSON; with a packet inside, MessagePack |
//! | `socket.io-response#/#` | answers | JSON; acknowledgements of clients, MessagePack |
//! | `socket.io-response#/#wGUR1v#` | answers for one server, if the others are configured so | the same |
//!
//! Requests and answers may come in either form: the first byte tells. The names of namespaces and rooms stand in the channel as
//! they are.
//!
//! Servers are counted by the subscriptions to [`Codec::counted_channel`] (`PUBSUB NUMSUB`).
//!
//! # What does not survive
//!
//! What is written as JSON loses what JSON lacks: a binary value in an event between servers, or in the data of a socket, becomes an
//! object with a list of numbers, and nobody turns it back; a date becomes its text.
//!
//! ```
//! use bytes::Bytes;
//! use sio_codec::cluster::classic::{Codec, Config, Route};
//! use sio_codec::cluster::{Event, Message, Options, Packet, Sender, Uid};
//! use sio_codec::socketio::Namespace;
//!
//! let codec = Codec::new(Config::default(), Namespace::root());
//! let me = Sender::Node(Uid::short([7; 6]));
//! let packet = Packet::from(Event::new("hi", []));
//! let hi = Message::Broadcast { packet, options: Options::everyone().to("red") };
//! let sent = codec.publish(&me, &hi)?;
//! assert_eq!(sent.channel, "socket.io#/#red#");
//!
//! // On another server, which first looks whether anyone of its own is in the room.
//! let Some(route) = codec.route(&sent.channel) else { unreachable!() };
//! assert_eq!(route, Route::Broadcast { room: Some("red") });
//! let envelope = codec.decode(route, sent.payload)?;
//! assert_eq!((envelope.sender, envelope.message), (me, hi));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod kind;
mod read;
mod write;

use alloc::format;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;

use super::bus::{Publish, Subscription};
use super::error::{DecodeError, EncodeError};
use super::form;
use super::id::{Sender, Uid};
use super::message::{Envelope, Message};
use super::room::RoomKey;
use crate::socketio::Namespace;
use crate::{Limits, Text};

/// What the servers of a cluster agree on.
///
/// ```
/// use sio_codec::cluster::classic::{Config, Responses};
///
/// let config = Config::default().with_key("game").with_responses(Responses::Specific);
/// assert_eq!(config.key, "game");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// What the names of all channels begin with. Default `socket.io`, as in the reference.
    pub key: Text,
    /// Where answers go. Default [`Responses::Common`], as in the reference. Who asks listens on both, so that servers need
    /// not agree on it.
    pub responses: Responses,
    /// Bounds on what is read.
    pub limits: Arc<Limits>,
}

/// Where a server's answers go.
///
/// The example of [`Config`] has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Responses {
    /// To all servers, which ignore what they did not ask.
    #[default]
    Common,
    /// To the server that asked; the reference's `publishOnSpecificResponseChannel`. Only answers to an event between
    /// servers go to all in any case.
    Specific,
}

impl Default for Config {
    fn default() -> Self {
        Self { key: Text::from("socket.io"), responses: Responses::Common, limits: Arc::default() }
    }
}

impl Config {
    /// Replaces [`key`](Self#structfield.key).
    #[must_use]
    pub fn with_key(mut self, key: impl Into<Text>) -> Self {
        self.key = key.into();
        self
    }

    /// Replaces [`responses`](Self#structfield.responses).
    #[must_use]
    pub const fn with_responses(mut self, responses: Responses) -> Self {
        self.responses = responses;
        self
    }

    /// Replaces [`limits`](Self#structfield.limits).
    #[must_use]
    pub fn with_limits(mut self, limits: impl Into<Arc<Limits>>) -> Self {
        self.limits = limits.into();
        self
    }
}

/// What a channel is for.
///
/// The example of the [module](self) shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route<'c> {
    /// Broadcasts.
    Broadcast {
        /// The only room that is meant, if the channel names one: without members in it, there is no need to decode. A room
        /// that is a number is named by its digits.
        room: Option<&'c str>,
    },
    /// Requests.
    Request,
    /// Answers.
    Response,
}

/// Reads and writes the messages of one namespace.
///
/// The example of the [module](self) has one.
#[derive(Clone, Debug)]
pub struct Codec {
    config: Config,
    namespace: Namespace,
    broadcasts: Text,
    requests: Text,
    responses: Text,
}

impl Codec {
    /// The messages of this namespace.
    #[must_use]
    pub fn new(config: Config, namespace: Namespace) -> Self {
        let channel = |kind: &str| Text::from(format!("{}{kind}#{namespace}#", config.key));
        let (broadcasts, requests, responses) = (channel(""), channel("-request"), channel("-response"));
        Self { config, namespace, broadcasts, requests, responses }
    }

    /// What a server subscribes to when it begins, in this order.
    #[must_use]
    pub fn subscriptions(&self, uid: &Uid) -> Vec<Subscription> {
        let channels = vec![self.requests.clone(), self.responses.clone(), self.responses_for(uid)];
        vec![self.pattern(), Subscription::Channels(channels)]
    }

    /// What it unsubscribes from when it ends, in this order.
    #[must_use]
    pub fn unsubscriptions(&self, uid: &Uid) -> Vec<Subscription> {
        let channels = [self.requests.clone(), self.responses.clone(), self.responses_for(uid)];
        let one_by_one = channels.map(|channel| Subscription::Channels(vec![channel]));
        [self.pattern()].into_iter().chain(one_by_one).collect()
    }

    /// The channel whose subscriptions are one for each server.
    #[must_use]
    pub const fn counted_channel(&self) -> &Text {
        &self.requests
    }

    /// What a channel is for; `None` if it is none of this namespace, which a pattern may bring as well.
    #[must_use]
    pub fn route<'c>(&self, channel: &'c str) -> Option<Route<'c>> {
        if let Some(room) = channel.strip_prefix(self.broadcasts.as_str()) {
            let room = if room.is_empty() { None } else { Some(room.strip_suffix('#')?) };
            return Some(Route::Broadcast { room });
        }
        if *channel == *self.requests {
            return Some(Route::Request);
        }
        channel.starts_with(self.responses.as_str()).then_some(Route::Response)
    }

    /// Reads what came on a channel.
    ///
    /// The namespace of a broadcast stands in the packet; another than that of the codec may come, if the name of one is the
    /// beginning of the other's.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] for what no server sends.
    pub fn decode(&self, route: Route<'_>, payload: Bytes) -> Result<Envelope, DecodeError> {
        let limits = &self.config.limits;
        if let Route::Broadcast { .. } = route {
            return Ok(read::broadcast(form::read_msgpack(&payload, limits)?, limits)?);
        }
        let value = form::read(payload, limits)?;
        let (sender, message) = match route {
            Route::Request => read::request(value, limits)?,
            _ => (Sender::Unnamed, read::response(value)?),
        };
        Ok(Envelope { sender, namespace: self.namespace.clone(), message })
    }

    /// Writes a broadcast or a request.
    ///
    /// As an [emitter](Sender::Emitter) it writes what emitters of the reference do.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Unsupported`] for heartbeats and their kind, and for what an emitter would have to be answered; [`EncodeError::Unnamed`] for a broadcast without a sender;
    /// [`EncodeError::Response`] for answers.
    pub fn publish(&self, sender: &Sender, message: &Message) -> Result<Publish, EncodeError> {
        message.check_speaker(sender)?;
        if let Message::Broadcast { packet, options } = message {
            let payload = write::broadcast(sender, self.namespace.as_str(), packet, options)?;
            return Ok(Publish { channel: self.channel_of(&options.rooms), payload });
        }
        let payload = write::request(sender, self.namespace.as_str(), message)?;
        Ok(Publish { channel: self.requests.clone(), payload })
    }

    /// Writes an answer for the server that asked. An answer does not say who sends it. A server that did not say who it is
    /// listens to what all get.
    ///
    /// # Errors
    ///
    /// [`EncodeError::NotAResponse`] for anything else.
    pub fn respond(&self, to: &Sender, message: &Message) -> Result<Publish, EncodeError> {
        let payload = write::response(message)?;
        let channel = match (self.config.responses, to, message) {
            (Responses::Specific, _, Message::ServerSideEmitResponse { .. }) | (Responses::Common, ..) => None,
            (Responses::Specific, to, _) => to.uid().map(|uid| self.responses_for(uid)),
        };
        Ok(Publish { channel: channel.unwrap_or_else(|| self.responses.clone()), payload })
    }

    fn pattern(&self) -> Subscription {
        Subscription::Pattern(Text::from(format!("{}*", self.broadcasts)))
    }

    fn responses_for(&self, uid: &Uid) -> Text {
        Text::from(format!("{}{uid}#", self.responses))
    }

    /// The channel of the only room, or of all.
    fn channel_of(&self, rooms: &[RoomKey]) -> Text {
        let [room] = rooms else { return self.broadcasts.clone() };
        match room.text() {
            Some(room) => Text::from(format!("{}{room}#", self.broadcasts)),
            None => self.broadcasts.clone(),
        }
    }
}
