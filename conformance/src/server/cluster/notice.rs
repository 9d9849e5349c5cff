//! What there is to say about a server's cluster.

use std::fmt;

use crate::contract::Losses;

/// What there is to say about a server's cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The server reaches Redis, and hears what others say.
    Joined {
        /// The address of Redis.
        redis: String,
    },
    /// The server does not reach Redis. It goes on trying.
    Apart {
        /// The address of Redis.
        redis: String,
        /// Why.
        reason: String,
    },
    /// Something did not pass between the servers.
    Lost(Losses),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Joined { redis } => write!(f, "joined the cluster on Redis at {redis}"),
            Self::Apart { redis, reason } => write!(
                f,
                "not in the cluster: Redis at {redis} cannot be reached ({reason}); clients of this server are served \
                 meanwhile, and Redis is tried again and again"
            ),
            Self::Lost(losses) => losses.fmt(f),
        }
    }
}
