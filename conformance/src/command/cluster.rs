//! The cluster that `siospec serve` joins.

use std::time::Duration;

use clap::Args;
use sio_codec::cluster::node::Adapter;
use sio_codec::cluster::{classic, sharded, streams};

use super::{Failure, out};
use crate::contract::{Membership, Recovery};
use crate::server::{Cluster, Notice};

/// How long a client may be away, as in the reference.
const MAX_DISCONNECTION: Duration = Duration::from_secs(120);

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Join the servers on this Redis, of Node.js or others, such as redis://127.0.0.1:6379 or redis://:PASSWORD@HOST;
    /// while it cannot be reached, the server serves its own clients and goes on trying
    #[arg(long, value_name = "URL", requires = "adapter")]
    redis: Option<String>,
    /// The adapter that the servers on that Redis use: classic or sharded, of @socket.io/redis-adapter, or streams, of
    /// @socket.io/redis-streams-adapter
    #[arg(long, value_name = "ADAPTER", requires = "redis", value_parser = adapter)]
    adapter: Option<Adapter>,
    /// What this server says that it is called, if another one asks
    #[arg(long, requires = "redis", default_value = "siospec")]
    name: String,
}

impl Options {
    pub(super) const fn is_wanted(&self) -> bool {
        self.redis.is_some()
    }

    pub(super) fn cluster(&self, recovery: Recovery) -> Result<Option<Cluster>, Failure> {
        let (Some(redis), Some(adapter)) = (&self.redis, &self.adapter) else { return Ok(None) };
        let adapter = match (adapter.clone(), recovery) {
            (adapter, Recovery::None) => adapter,
            (Adapter::Streams(config), Recovery::Offered) => Adapter::Streams(config.with_recovery(MAX_DISCONNECTION)),
            (_, Recovery::Offered) => {
                return Err(Failure::usage(
                    "in a cluster, --recovery needs --adapter streams: the others store nothing".to_owned(),
                ));
            }
        };
        let membership = Membership { adapter, name: self.name.clone() };
        // The address may hold a password, and is not repeated.
        let cluster = Cluster::new(redis, membership, tell)
            .map_err(|error| Failure::usage(format!("the URL of --redis cannot be used: {error}")))?;
        Ok(Some(cluster))
    }
}

fn adapter(name: &str) -> Result<Adapter, &'static str> {
    match name {
        "classic" => Ok(Adapter::Classic(classic::Config::default())),
        "sharded" => Ok(Adapter::Sharded(sharded::Config::default())),
        "streams" => Ok(Adapter::Streams(streams::Config::default())),
        _ => Err("it is none of classic, sharded and streams"),
    }
}

fn tell(notice: &Notice) {
    out::complain(&notice.to_string());
}
