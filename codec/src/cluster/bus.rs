//! What a server does with Redis's publish and subscribe.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::Text;

/// A message to publish: `PUBLISH`, or `SPUBLISH` where the [subscriptions](Subscription) are sharded.
///
/// [`classic::Codec::publish`](super::classic::Codec::publish) makes it; the example of the [module](super::classic) shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what the command takes")]
pub struct Publish {
    /// Where to.
    pub channel: Text,
    /// What.
    pub payload: Bytes,
}

/// What to subscribe to, or to unsubscribe from, with one command.
///
/// ```
/// use sio_codec::cluster::classic::{Codec, Config};
/// use sio_codec::cluster::{Subscription, Uid};
/// use sio_codec::socketio::Namespace;
///
/// let codec = Codec::new(Config::default(), Namespace::root());
/// assert_eq!(codec.subscriptions(&Uid::short([7; 6]))[0], Subscription::Pattern("socket.io#/#*".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Subscription {
    /// `PSUBSCRIBE` or `PUNSUBSCRIBE`: every channel whose name fits this pattern.
    Pattern(Text),
    /// `SUBSCRIBE` or `UNSUBSCRIBE`: these channels.
    Channels(Vec<Text>),
    /// `SSUBSCRIBE` or `SUNSUBSCRIBE`: this channel of one shard. In a Redis Cluster each name may be on another server, so
    /// that there is one command for each.
    Shard(Text),
}
