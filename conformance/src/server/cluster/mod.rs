//! A server in a cluster, whose bus is on Redis.

mod carrier;
mod notice;
// What the example `cluster` of sio-codec does; the files are links to its own.
mod command;
mod redis;

use std::error::Error;
use std::fmt;

pub(super) use self::carrier::Carrier;
pub use self::notice::Notice;
use crate::contract::Membership;

/// The cluster that a server is in: Redis, and what is spoken there.
#[derive(Clone)]
pub struct Cluster {
    redis: ::redis::Client,
    membership: Membership,
    tell: fn(&Notice),
}

/// Why Redis cannot be at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressError(String);

impl Cluster {
    /// The cluster on the Redis at this address. The function is told how it goes.
    ///
    /// # Errors
    ///
    /// [`AddressError`]. Whether Redis is there is found out later, again and again.
    pub fn new(redis: &str, membership: Membership, tell: fn(&Notice)) -> Result<Self, AddressError> {
        let redis = redis::client(redis).map_err(|error| AddressError(error.to_string()))?;
        Ok(Self { redis, membership, tell })
    }
}

impl fmt::Debug for Cluster {
    /// Without the address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("membership", &self.membership).finish_non_exhaustive()
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for AddressError {}
