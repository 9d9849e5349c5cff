//! What was found on a path where Engine.IO 4 is spoken.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::trap::Trap;
use super::{millis, optional_millis};

/// What a path offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// The path, with or without the slash at its end, as it is served.
    pub path: String,
    /// Sessions over HTTP long-polling.
    pub polling: Offered,
    /// Sessions over a WebSocket.
    pub websocket: Offered,
    /// The transports that a polling session may move to, as announced.
    pub upgrades: Vec<String>,
    /// The time between two pings, as announced.
    #[serde(with = "optional_millis")]
    pub ping_interval: Option<Duration>,
    /// The time that a pong may take, as announced.
    #[serde(with = "optional_millis")]
    pub ping_timeout: Option<Duration>,
    /// The bytes that a payload may have, if a limit is announced.
    pub max_payload: Option<u64>,
    /// When the first ping came.
    pub first_ping: FirstPing,
    /// Whether clients of Engine.IO 3 are served beside those of 4.
    pub eio3: bool,
    /// Whether polling by scripts, JSONP, is served.
    pub jsonp: bool,
    /// How answers and messages are compressed for a client that asks for it.
    pub compression: Vec<String>,
    /// The names of the cookies that a handshake sets.
    pub cookies: Vec<String>,
    /// Who answers behind Engine.IO.
    pub application: Application,
    /// Whether a client may take up a lost session again: a `pid` comes with the answer to CONNECT.
    pub recovery: bool,
    /// When a session that joins no namespace is closed; asked of Socket.IO alone.
    pub connect_timeout: Option<Timer>,
    /// When an upgrade that does not go on is given up.
    pub upgrade_timeout: Option<Timer>,
    /// What to know before reading a report.
    pub traps: Vec<Trap>,
}

impl Service {
    /// Whether the upgrade from polling to a WebSocket is announced.
    //= EIO4-HS-04
    #[must_use]
    pub fn announces_upgrade(&self) -> bool {
        self.upgrades.iter().any(|transport| transport == "websocket")
    }
}

/// Whether sessions start over a transport.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Offered {
    /// They do.
    Served,
    /// They do not, and that is the server's right. What came instead.
    NotServed(String),
    /// They should, and the handshake fails. What came instead.
    Faulty(String),
    /// They should, and do not get as far as the server. What came instead.
    Obstructed(String),
}

/// When the first ping of a session came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstPing {
    /// Right after the handshake.
    AtOnce,
    /// So long after the handshake.
    After(#[serde(with = "millis")] Duration),
    /// Not within this time, which is how long was waited.
    NotWithin(#[serde(with = "millis")] Duration),
}

/// When a server acts on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timer {
    /// So long after it started to wait.
    After(#[serde(with = "millis")] Duration),
    /// Not within this time, which is how long was waited.
    LongerThan(#[serde(with = "millis")] Duration),
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(time) => write!(f, "after {:.1} s", time.as_secs_f64()),
            Self::LongerThan(time) => write!(f, "longer than {} s", time.as_secs()),
        }
    }
}

/// Who answers behind Engine.IO.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Application {
    /// It was not asked, for this reason.
    NotAsked(String),
    /// The Engine.IO application that sends every message back.
    Echo,
    /// The Socket.IO application of the public suites, or as much of it as can be told.
    Contract,
    /// Something that speaks Socket.IO and is not the contract's application.
    OtherSocketIo,
    /// Socket.IO, and the server refuses to let the client join the main namespace. Its words.
    JoinRefused(String),
    /// Socket.IO with a parser that puts packets into binary messages.
    MessagePack,
    /// Nothing came back.
    Silent,
    /// The session was closed. How.
    Closed(String),
}

/// The time that a request and its answer spend on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Distance {
    /// The median of several requests.
    #[serde(with = "millis")]
    pub round_trip: Duration,
    /// The slowest of them less the fastest.
    #[serde(with = "millis")]
    pub spread: Duration,
}

#[cfg(test)]
impl Service {
    /// What the contract's servers offer.
    pub(crate) fn sample(path: &str, application: Application) -> Self {
        Self {
            path: path.to_owned(),
            polling: Offered::Served,
            websocket: Offered::Served,
            upgrades: vec!["websocket".to_owned()],
            ping_interval: Some(Duration::from_millis(300)),
            ping_timeout: Some(Duration::from_millis(200)),
            max_payload: Some(1_000_000),
            first_ping: FirstPing::After(Duration::from_millis(301)),
            eio3: false,
            jsonp: true,
            compression: Vec::new(),
            cookies: Vec::new(),
            application,
            recovery: false,
            connect_timeout: None,
            upgrade_timeout: None,
            traps: Vec::new(),
        }
    }
}
