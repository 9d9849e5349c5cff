//! Settings of a node.

use core::time::Duration;

use super::draws::Shape;
use crate::cluster::{classic, sharded, streams};
use crate::socketio::hub;

/// Limits and options of a [`Node`](super::Node).
///
/// ```
/// use core::time::Duration;
/// use sio_codec::cluster::classic;
/// use sio_codec::cluster::node::{Adapter, Config};
///
/// // Sixteen random bytes of the program's.
/// let adapter = Adapter::Classic(classic::Config::default());
/// let config = Config::new(adapter, [7; 16]).with_request_timeout(Duration::from_secs(2));
/// assert_eq!(config.request_timeout, Duration::from_secs(2));
/// ```
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Config {
    /// What the other servers speak.
    pub adapter: Adapter,
    /// How long a question waits for answers, and how long an answer may be given; a broadcast with acknowledgements has a
    /// time of its own. Default 5 seconds, as in the reference.
    pub request_timeout: Duration,
    /// The longest time for which this node asks its clients on behalf of another. Default 10 minutes; the reference waits
    /// until the client is gone.
    pub max_remote_timeout: Duration,
    /// Questions that wait at a time: the node's own, those of others, and clients that are
    /// [coming back](super::Node::recover), each as many. Default 10,000; the reference has no
    /// such bound. For a node it stands in the place of [`Limits::max_pending_acks`](crate::Limits::max_pending_acks) of its
    /// hub.
    pub max_requests: usize,
    /// Bytes of the answers that are kept until their question ends, as they were on the bus; and as many of what clients
    /// missed that are [coming back](super::Node::recover). Default 64 MiB; the reference has no such bound.
    pub max_answer_bytes: usize,
    /// Bytes of the messages that are on their way to the bus: handed out, and not [known](super::Input::Done) to have
    /// arrived. What there is no room for is not sent, and [`Event::Unsent`](super::Event::Unsent) says so. Default
    /// 16 MiB; the reference has no such bound.
    pub max_bus_bytes: usize,
    /// Namespaces, rooms and members of this node. Its [recovery](hub::Config::recovery) is not used: no other server could go
    /// on with what one hub remembers. [`streams::Config::with_recovery`] is for clusters.
    pub hub: hub::Config,
    /// What request ids and the name of this node are drawn from.
    pub(super) entropy: [u8; 16],
}

/// Which of the reference's adapters the servers of a cluster use, with its settings. All must use the same.
///
/// The example of [`Config`] has one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Adapter {
    /// `createAdapter` of `@socket.io/redis-adapter`: PUBLISH and PSUBSCRIBE.
    Classic(classic::Config),
    /// `createShardedAdapter` of the same package: SPUBLISH and SSUBSCRIBE, which Redis has from version 7.
    Sharded(sharded::Config),
    /// `@socket.io/redis-streams-adapter`: XADD and XREAD for what lasts, PUBLISH for questions and answers.
    Streams(streams::Config),
}

impl Adapter {
    pub(super) const fn shape(&self) -> Shape {
        match self {
            Self::Classic(_) => Shape::Short,
            Self::Sharded(_) | Self::Streams(_) => Shape::Hex,
        }
    }
}

impl Config {
    /// The reference's settings for one of its adapters. The name of this node is drawn from the random bytes: two nodes
    /// with the same ones do not hear each other.
    #[must_use]
    pub fn new(adapter: Adapter, entropy: [u8; 16]) -> Self {
        Self {
            adapter,
            request_timeout: Duration::from_secs(5),
            max_remote_timeout: Duration::from_secs(600),
            max_requests: 10_000,
            max_answer_bytes: 64 << 20,
            max_bus_bytes: 16 << 20,
            hub: hub::Config::default(),
            entropy,
        }
    }

    /// Replaces [`request_timeout`](Self#structfield.request_timeout).
    #[must_use]
    pub const fn with_request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// Replaces [`max_remote_timeout`](Self#structfield.max_remote_timeout).
    #[must_use]
    pub const fn with_max_remote_timeout(mut self, timeout: Duration) -> Self {
        self.max_remote_timeout = timeout;
        self
    }

    /// Replaces [`max_requests`](Self#structfield.max_requests).
    #[must_use]
    pub const fn with_max_requests(mut self, requests: usize) -> Self {
        self.max_requests = requests;
        self
    }

    /// Replaces [`max_answer_bytes`](Self#structfield.max_answer_bytes).
    #[must_use]
    pub const fn with_max_answer_bytes(mut self, bytes: usize) -> Self {
        self.max_answer_bytes = bytes;
        self
    }

    /// Replaces [`max_bus_bytes`](Self#structfield.max_bus_bytes).
    #[must_use]
    pub const fn with_max_bus_bytes(mut self, bytes: usize) -> Self {
        self.max_bus_bytes = bytes;
        self
    }

    /// Replaces [`hub`](Self#structfield.hub).
    #[must_use]
    pub fn with_hub(mut self, hub: hub::Config) -> Self {
        self.hub = hub;
        self
    }
}
