//! What was found on a path that speaks Engine.IO 4.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::trap::Trap;
use super::{millis, optional_millis};

/// What a path offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// The path as it is served, with or without a slash at its end.
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
    /// The time within which a pong must arrive, as announced.
    #[serde(with = "optional_millis")]
    pub ping_timeout: Option<Duration>,
    /// The largest payload in bytes, if a limit is announced.
    pub max_payload: Option<u64>,
    /// When the first ping came.
    pub first_ping: FirstPing,
    /// Whether clients of Engine.IO 3 are served in addition to those of 4.
    pub eio3: bool,
    /// Whether polling by scripts, JSONP, is served.
    pub jsonp: bool,
    /// Whether answers announce CORS to a page of another origin.
    pub cors: bool,
    /// How answers and messages are compressed for a client that requests it.
    pub compression: Vec<String>,
    /// The names of the cookies that a handshake sets.
    pub cookies: Vec<String>,
    /// The application that runs on Engine.IO.
    pub application: Application,
    /// Whether the namespace `/siospec` runs the extended contract.
    pub extended: bool,
    /// Whether a client can resume a lost session: the answer to CONNECT has a `pid`.
    pub recovery: bool,
    /// When a session that joins no namespace is closed; measured only for Socket.IO.
    pub connect_timeout: Option<Timer>,
    /// When the server gives up an upgrade that does not continue.
    pub upgrade_timeout: Option<Timer>,
    /// What the reader of a report needs to know first.
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
    /// They do not, and the protocol allows that. The text says what came instead.
    NotServed(String),
    /// They should, but the handshake fails. The text says what came instead.
    Faulty(String),
    /// They should, but the handshake does not reach the server. The text says what came instead.
    Obstructed(String),
}

/// When the first ping of a session came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstPing {
    /// Right after the handshake.
    AtOnce,
    /// This time after the handshake.
    After(#[serde(with = "millis")] Duration),
    /// Not within this time, which is how long the survey waited.
    NotWithin(#[serde(with = "millis")] Duration),
}

/// When a timer of the server ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timer {
    /// This time after its start.
    After(#[serde(with = "millis")] Duration),
    /// Not within this time, which is how long the survey waited.
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

/// The application that runs on Engine.IO.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Application {
    /// It was not asked, for this reason.
    NotAsked(String),
    /// The Engine.IO application that sends every message back.
    Echo,
    /// The Socket.IO application of the public suites, as far as the survey can see.
    Contract,
    /// An application that speaks Socket.IO and is not the contract's.
    OtherSocketIo,
    /// Socket.IO, and the server does not let the client join the main namespace; with its message.
    JoinRefused(String),
    /// Socket.IO with a parser that puts packets into binary messages.
    MessagePack,
    /// No answer came.
    Silent,
    /// The session was closed; the text says how.
    Closed(String),
}

/// The time that a request and its answer take on the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Distance {
    /// The median of several requests.
    #[serde(with = "millis")]
    pub round_trip: Duration,
    /// The difference between the slowest and the fastest of them.
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
            cors: false,
            compression: Vec::new(),
            cookies: Vec::new(),
            application,
            extended: false,
            recovery: false,
            connect_timeout: None,
            upgrade_timeout: None,
            traps: Vec::new(),
        }
    }
}
