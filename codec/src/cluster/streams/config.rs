//! What the servers of a cluster agree on.

use alloc::format;
use alloc::sync::Arc;
use core::num::NonZeroU16;
use core::time::Duration;

use crate::{Limits, Text};

/// What the servers of a cluster agree on.
///
/// ```
/// use sio_codec::cluster::streams::{Config, PubSub};
///
/// let config = Config::default().with_stream_name("game").with_max_len(1_000);
/// assert_eq!((config.stream_name.as_str(), config.stream_count.get()), ("game", 1));
/// assert_eq!(config.pub_sub, PubSub::Plain);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// The name of the stream, or the beginning of the names of several. Default `socket.io`, as in the reference.
    pub stream_name: Text,
    /// How many streams share the namespaces. Default 1, as in the reference.
    pub stream_count: NonZeroU16,
    /// What the names of channels begin with. Default `socket.io`, as in the reference.
    pub channel_prefix: Text,
    /// How messages that nobody stores are published. Default [`PubSub::Plain`], as in the reference.
    pub pub_sub: PubSub,
    /// About how many entries a stream keeps. Default 10,000, as in the reference. What is gone cannot be recovered.
    pub max_len: u64,
    /// What the keys of sessions begin with. Default `sio:session:`, as in the reference.
    pub session_key_prefix: Text,
    /// Whether entries are JSON even if something in them is binary, which does not survive that. Off by default, as in the
    /// reference.
    pub only_plaintext: bool,
    /// How long a client that lost its connection may be away, for servers that let clients come back; `None` if they do
    /// not. Then nothing carries an offset. Default `None`, as in the reference.
    pub max_disconnection: Option<Duration>,
    /// Bounds on what is read.
    pub limits: Arc<Limits>,
}

/// How messages that nobody stores are published.
///
/// The example of [`Config`] shows where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PubSub {
    /// With `PUBLISH`.
    #[default]
    Plain,
    /// With `SPUBLISH`, in a Redis from version 7; the reference's `useShardedPubSub`.
    Sharded,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            stream_name: Text::from("socket.io"),
            stream_count: NonZeroU16::MIN,
            channel_prefix: Text::from("socket.io"),
            pub_sub: PubSub::Plain,
            max_len: 10_000,
            session_key_prefix: Text::from("sio:session:"),
            only_plaintext: false,
            max_disconnection: None,
            limits: Arc::default(),
        }
    }
}

impl Config {
    /// Replaces [`stream_name`](Self#structfield.stream_name).
    #[must_use]
    pub fn with_stream_name(mut self, name: impl Into<Text>) -> Self {
        self.stream_name = name.into();
        self
    }

    /// Replaces [`stream_count`](Self#structfield.stream_count).
    #[must_use]
    pub const fn with_stream_count(mut self, count: NonZeroU16) -> Self {
        self.stream_count = count;
        self
    }

    /// Replaces [`channel_prefix`](Self#structfield.channel_prefix).
    #[must_use]
    pub fn with_channel_prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.channel_prefix = prefix.into();
        self
    }

    /// Replaces [`pub_sub`](Self#structfield.pub_sub).
    #[must_use]
    pub const fn with_pub_sub(mut self, pub_sub: PubSub) -> Self {
        self.pub_sub = pub_sub;
        self
    }

    /// Replaces [`max_len`](Self#structfield.max_len).
    #[must_use]
    pub const fn with_max_len(mut self, entries: u64) -> Self {
        self.max_len = entries;
        self
    }

    /// Replaces [`session_key_prefix`](Self#structfield.session_key_prefix).
    #[must_use]
    pub fn with_session_key_prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.session_key_prefix = prefix.into();
        self
    }

    /// Replaces [`only_plaintext`](Self#structfield.only_plaintext).
    #[must_use]
    pub const fn with_only_plaintext(mut self, only_plaintext: bool) -> Self {
        self.only_plaintext = only_plaintext;
        self
    }

    /// Lets clients come back that were away for at most [`max_disconnection`](Self#structfield.max_disconnection): the
    /// reference's `connectionStateRecovery`, 2 minutes there unless the program says otherwise. All servers of a cluster
    /// should agree. [`Node::recover`](crate::cluster::node::Node::recover) tells what happens then.
    #[must_use]
    pub const fn with_recovery(mut self, max_disconnection: Duration) -> Self {
        self.max_disconnection = Some(max_disconnection);
        self
    }

    /// Replaces [`limits`](Self#structfield.limits).
    #[must_use]
    pub fn with_limits(mut self, limits: impl Into<Arc<Limits>>) -> Self {
        self.limits = limits.into();
        self
    }

    /// The streams to read, so that nothing that any server adds is missed.
    ///
    /// The reference computes the stream of a namespace in a way that gives negative numbers for some, and reads none of
    /// those: what its servers add there, only a server that reads these streams as well gets.
    ///
    /// ```
    /// use sio_codec::cluster::streams::Config;
    ///
    /// let config = Config::default().with_stream_count(3.try_into()?);
    /// assert!(config.streams().eq(["socket.io-0", "socket.io-1", "socket.io-2", "socket.io--1", "socket.io--2"]));
    /// # Ok::<(), std::num::TryFromIntError>(())
    /// ```
    pub fn streams(&self) -> impl Iterator<Item = Text> {
        let count = i32::from(self.stream_count.get());
        let single = (count == 1).then(|| self.stream_name.clone());
        let several = if count == 1 { 0 } else { count };
        let places = (0..several).chain((1_i32.saturating_sub(several)..0).rev());
        single.into_iter().chain(places.map(|place| Text::from(format!("{}-{place}", self.stream_name))))
    }
}
