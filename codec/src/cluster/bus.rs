//! What a server does with Redis's publish and subscribe.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::Text;

/// A message to publish: `PUBLISH`, or `SPUBLISH` where the [subscriptions](Subscription) are sharded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what the command takes")]
pub struct Publish {
    /// Where to.
    pub channel: Text,
    /// What.
    pub payload: Bytes,
}

/// What to subscribe to, or to unsubscribe from, with one command.
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
