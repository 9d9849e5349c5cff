//! Settings of a server's connections.

use core::time::Duration;

/// Settings of a server's connections. What they may cost is set by the [`Limits`](crate::Limits) of their sessions.
///
/// ```
/// use core::time::Duration;
/// use sio_codec::socketio::Config;
///
/// let config = Config::default().with_connect_timeout(Duration::from_secs(10));
/// assert_eq!(config.connect_timeout.as_secs(), 10);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Time that a client has to join its first namespace. Default 45 s, as in the reference.
    pub connect_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(45) }
    }
}

impl Config {
    /// Replaces [`connect_timeout`](Self#structfield.connect_timeout).
    #[must_use]
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }
}
