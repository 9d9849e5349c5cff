//! Settings of a client's session.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use crate::engineio::revision::{BinaryForm, Revision};
use crate::limits::Limits;

/// Revision, transports, timings and limits of a client's session.
///
/// The heartbeat's timings and the size of what the server takes are not here: they come from the server.
///
/// ```
/// use sio_codec::engineio::Revision;
/// use sio_codec::engineio::client::{Config, Transports};
///
/// let config = Config::default()
///     .with_revision(Revision::V3)
///     .with_transports(Transports::WebSocketOnly)
///     .with_parameter("token", "abc");
/// assert_eq!(config.parameters, [("token".into(), "abc".into())]);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The revision to speak. Default [`Revision::V4`].
    pub revision: Revision,
    /// Which transports are used. Default [`Transports::PollingThenUpgrade`].
    pub transports: Transports,
    /// The application's own query parameters, decoded, for every request.
    pub parameters: Vec<(String, String)>,
    /// How binary messages travel. Default [`BinaryForm::Native`]; the other one asks the server with `b64`.
    pub binary: BinaryForm,
    /// Time that the server has to send the open packet, on each transport that is tried. Default 20 s, as for the
    /// reference's clients of Socket.IO.
    pub connect_timeout: Duration,
    /// Time that a closing polling session has to send what is queued. Default 30 s.
    pub close_timeout: Duration,
    /// What one session may cost, and the Socket.IO connection on it.
    ///
    /// [`Limits::max_payload`] bounds one answer and one WebSocket message of the server. By default it is 16 MiB here: a
    /// server's own `maxPayload` does not bind the server, and what it queued between two polls comes in one answer.
    pub limits: Arc<Limits>,
}

/// The transports that a client uses.
///
/// For [`Config::transports`], whose page has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transports {
    /// Polling, then a WebSocket if the server offers the upgrade.
    PollingThenUpgrade,
    /// Polling alone.
    PollingOnly,
    /// WebSocket alone.
    WebSocketOnly,
    /// WebSocket; if that fails, or stays silent, before the session is open, polling alone.
    WebSocketThenPolling,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            revision: Revision::V4,
            transports: Transports::PollingThenUpgrade,
            parameters: Vec::new(),
            binary: BinaryForm::Native,
            connect_timeout: Duration::from_secs(20),
            close_timeout: Duration::from_secs(30),
            limits: Arc::new(Limits::default().with_max_payload(16 << 20)),
        }
    }
}

impl Config {
    /// Replaces [`revision`](Self#structfield.revision).
    #[must_use]
    pub const fn with_revision(mut self, revision: Revision) -> Self {
        self.revision = revision;
        self
    }

    /// Replaces [`transports`](Self#structfield.transports).
    #[must_use]
    pub const fn with_transports(mut self, transports: Transports) -> Self {
        self.transports = transports;
        self
    }

    /// Adds a parameter of the application's own.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Replaces [`binary`](Self#structfield.binary).
    #[must_use]
    pub const fn with_binary(mut self, binary: BinaryForm) -> Self {
        self.binary = binary;
        self
    }

    /// Replaces [`connect_timeout`](Self#structfield.connect_timeout).
    #[must_use]
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Replaces [`close_timeout`](Self#structfield.close_timeout).
    #[must_use]
    pub const fn with_close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// Replaces [`limits`](Self#structfield.limits).
    #[must_use]
    pub fn with_limits(mut self, limits: impl Into<Arc<Limits>>) -> Self {
        self.limits = limits.into();
        self
    }
}
