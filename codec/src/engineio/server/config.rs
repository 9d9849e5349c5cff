//! Settings of a server's sessions.

use alloc::sync::Arc;
use core::time::Duration;

use crate::engineio::error::ConfigError;
use crate::limits::Limits;

/// Timings, transports and limits of a server's sessions. The defaults are the reference's.
///
/// ```
/// use core::time::Duration;
/// use sio_codec::engineio::server::Config;
///
/// let config = Config::default().with_heartbeat(Duration::from_millis(300), Duration::from_millis(200));
/// assert_eq!(config.upgrade_timeout, Duration::from_secs(10));
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Time between a pong and the next ping. Default 25 s.
    pub ping_interval: Duration,
    /// Time that the client has to answer a ping. Default 20 s.
    pub ping_timeout: Duration,
    /// Time that a candidate WebSocket has to take a session over. Default 10 s.
    pub upgrade_timeout: Duration,
    /// Time that a closing polling session waits for a GET, to answer it with the close packet. Default 30 s.
    pub close_timeout: Duration,
    /// Which transports are served. Default [`Transports::Both`].
    pub transports: Transports,
    /// Whether clients of revision 3 are served too, the reference's `allowEIO3`. Default `false`.
    ///
    /// Each session then speaks the revision that its handshake asks for, and every `EIO` but `4`, none at all
    /// included, is a `3`. Without it they are refused.
    ///
    /// Clients of Socket.IO 2 and older, which speak revision 3, speak protocol 4 of Socket.IO, too:
    /// [`Peer`](crate::socketio::Peer) sees to it.
    pub allow_eio3: bool,
    /// What one session may cost, and the Socket.IO connection on it.
    pub limits: Arc<Limits>,
}

/// The transports that a server offers.
///
/// ```
/// use sio_codec::engineio::server::{Config, Route, Router, Transports};
/// use sio_codec::engineio::HttpError;
///
/// let router = Router::new(Config::default().with_transports(Transports::WebSocketOnly))?;
/// # use sio_codec::engineio::RequestHead;
/// # let head = RequestHead {
/// #     method: "GET", query: "EIO=4&transport=polling", content_type: None, origin: None, wants_websocket: false,
/// # };
/// // A GET with `EIO=4&transport=polling`
/// assert_eq!(router.route(&head).unwrap_err(), HttpError::UnknownTransport);
/// # Ok::<(), sio_codec::engineio::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transports {
    /// Polling, WebSocket, and upgrades from the first to the second.
    Both,
    /// Polling and WebSocket, each for good: no upgrades.
    BothWithoutUpgrade,
    /// Polling alone.
    PollingOnly,
    /// WebSocket alone.
    WebSocketOnly,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            upgrade_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_secs(30),
            transports: Transports::Both,
            allow_eio3: false,
            limits: Arc::default(),
        }
    }
}

impl Config {
    /// Replaces the timings of the heartbeat.
    #[must_use]
    pub const fn with_heartbeat(mut self, ping_interval: Duration, ping_timeout: Duration) -> Self {
        self.ping_interval = ping_interval;
        self.ping_timeout = ping_timeout;
        self
    }

    /// Replaces [`upgrade_timeout`](Self#structfield.upgrade_timeout).
    #[must_use]
    pub const fn with_upgrade_timeout(mut self, timeout: Duration) -> Self {
        self.upgrade_timeout = timeout;
        self
    }

    /// Replaces [`close_timeout`](Self#structfield.close_timeout).
    #[must_use]
    pub const fn with_close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// Replaces [`transports`](Self#structfield.transports).
    #[must_use]
    pub const fn with_transports(mut self, transports: Transports) -> Self {
        self.transports = transports;
        self
    }

    /// Replaces [`allow_eio3`](Self#structfield.allow_eio3).
    ///
    /// ```
    /// use sio_codec::engineio::server::{Config, Route, Router};
    /// use sio_codec::engineio::{RequestHead, Revision};
    ///
    /// let router = Router::new(Config::default().with_allow_eio3(true))?;
    /// let head = RequestHead {
    ///     method: "GET", query: "EIO=3&transport=polling", content_type: None, origin: None, wants_websocket: false,
    /// };
    /// let Ok(Route::Handshake(handshake)) = router.route(&head) else { unreachable!() };
    /// assert_eq!(handshake.revision(), Revision::V3);
    /// # Ok::<(), sio_codec::engineio::ConfigError>(())
    /// ```
    #[must_use]
    pub const fn with_allow_eio3(mut self, allow: bool) -> Self {
        self.allow_eio3 = allow;
        self
    }

    /// Replaces [`limits`](Self#structfield.limits).
    #[must_use]
    pub fn with_limits(mut self, limits: impl Into<Arc<Limits>>) -> Self {
        self.limits = limits.into();
        self
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let millisecond = Duration::from_millis(1);
        if self.ping_interval < millisecond || self.ping_timeout < millisecond {
            return Err(ConfigError::Heartbeat);
        }
        let limits = &self.limits;
        let least = [limits.max_payload, limits.max_queued_bytes];
        if least.contains(&0) { Err(ConfigError::Limit) } else { Ok(()) }
    }
}
