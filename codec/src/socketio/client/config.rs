//! Settings of a client's connection.

use core::time::Duration;

use super::reconnection::Reconnection;
use crate::socketio::args::Parser;
use crate::socketio::packet::Protocol;

/// What a client speaks, and how long it waits. The defaults are the reference's.
///
/// What it may cost is said by the [`Limits`](crate::Limits) of its sessions.
///
/// ```
/// use core::time::Duration;
/// use sio_codec::socketio::client::{Config, Retries};
///
/// let retries = Retries { times: 3, timeout: Duration::from_secs(10) };
/// let config = Config::default().with_retries(retries);
/// assert_eq!((config.ack_timeout, config.retries), (None, Some(retries)));
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The revision of the protocol. Default [`Protocol::V5`], over Engine.IO 4; [`Protocol::V4`] goes over Engine.IO 3.
    ///
    /// A [`Client`](super::Client) takes the one that belongs to its sessions' revision.
    pub protocol: Protocol,
    /// The form of packets, which must be the server's. Default [`Parser::Json`].
    pub parser: Parser,
    /// Time that the server has to acknowledge an event for which no other time is given. Default `None`: for ever.
    ///
    /// With [`retries`](Self#structfield.retries) it is not used: [`Retries::timeout`] takes its place.
    pub ack_timeout: Option<Duration>,
    /// Whether events are sent again that were not acknowledged in time. Default `None`: each event is sent once.
    pub retries: Option<Retries>,
    /// When a [`Client`](super::Client) connects again; `None` for not at all. Default: without end, after delays that grow. A
    /// connection alone does not look at it.
    pub reconnection: Option<Reconnection>,
}

/// How events are sent until the server acknowledges them.
///
/// Every event but the volatile ones is then sent with an id, and one at a time: the next one follows when the server has
/// acknowledged the one before, or when that one was given up.
///
/// For [`Config::retries`], whose page has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "how often, and after how long: the two numbers of every retry")]
pub struct Retries {
    /// How often an event is sent again before it is given up; 0 gives it up after the first try.
    pub times: u32,
    /// Time that the server has to acknowledge each try of an event for which no other time is given.
    pub timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            protocol: Protocol::default(),
            parser: Parser::default(),
            ack_timeout: None,
            retries: None,
            reconnection: Some(Reconnection::default()),
        }
    }
}

impl Config {
    /// Replaces [`protocol`](Self#structfield.protocol).
    #[must_use]
    pub const fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Replaces [`parser`](Self#structfield.parser).
    #[must_use]
    pub const fn with_parser(mut self, parser: Parser) -> Self {
        self.parser = parser;
        self
    }

    /// Replaces [`ack_timeout`](Self#structfield.ack_timeout).
    #[must_use]
    pub const fn with_ack_timeout(mut self, timeout: Duration) -> Self {
        self.ack_timeout = Some(timeout);
        self
    }

    /// Replaces [`retries`](Self#structfield.retries).
    #[must_use]
    pub const fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = Some(retries);
        self
    }

    /// Replaces [`reconnection`](Self#structfield.reconnection).
    #[must_use]
    pub const fn with_reconnection(mut self, reconnection: Option<Reconnection>) -> Self {
        self.reconnection = reconnection;
        self
    }
}
