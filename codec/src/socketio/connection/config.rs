//! How a server wants its connections.

use core::time::Duration;

use crate::limits::Limits;

/// How a server wants its connections.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Time that a client has to join its first namespace. Default 45 s, as in the reference.
    pub connect_timeout: Duration,
    /// What one connection may cost.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(45), limits: Limits::default() }
    }
}

impl Config {
    /// Replaces [`connect_timeout`](Self#structfield.connect_timeout).
    #[must_use]
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Replaces [`limits`](Self#structfield.limits).
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}
