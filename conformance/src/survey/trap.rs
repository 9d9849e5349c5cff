//! Things that make a run give unexpected results, one sentence each.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::millis;

/// Something that the reader of a report needs to know first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trap {
    /// Only the other spelling of the path is served: with a slash at its end, or without.
    Slash {
        /// The path that was asked for.
        asked: String,
    },
    /// Keys of the open packet are missing, or have values that they cannot have.
    OpenPacket {
        /// The keys.
        keys: Vec<String>,
    },
    /// The time between two pings is announced as 0.
    NoInterval,
    /// A pong cannot arrive within the server's timeout.
    TooFar {
        /// The round trip to the server.
        #[serde(with = "millis")]
        round_trip: Duration,
        /// How long it waits for a pong.
        #[serde(with = "millis")]
        timeout: Duration,
    },
    /// The interval between pings is longer than a run waits.
    SlowHeartbeat {
        /// The time between two pings.
        #[serde(with = "millis")]
        interval: Duration,
    },
    /// A WebSocket is announced, but its handshake fails.
    NoWebsocket {
        /// What came instead.
        how: String,
    },
    /// Sessions depend on a cookie.
    Sticky {
        /// The names of the cookies that the handshake sets.
        cookies: Vec<String>,
    },
    /// The second request of a session is answered as if the session were unknown.
    LostSession {
        /// How it is answered.
        status: u16,
    },
    /// The application sends an event before the answer to CONNECT.
    EventBeforeConnect,
    /// Packets of Socket.IO are not in the default form.
    MessagePack,
    /// CONNECT, or the first message to the application, is not answered.
    Unanswered,
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slash { asked } => {
                write!(f, "{asked} itself is not served: the slash at the end makes the difference")
            }
            Self::OpenPacket { keys } => {
                write!(f, "the open packet has no {}, or a value that cannot be used", keys.join(", no "))
            }
            Self::NoInterval => f.write_str(
                "pingInterval is announced as 0: does the server count in whole seconds, and is its interval shorter \
                 than one?",
            ),
            Self::TooFar { round_trip, timeout } => write!(
                f,
                "no client can stay connected from here: a request and its answer take {} ms, and a ping is to be \
                 answered within {} ms; raise pingTimeout",
                round_trip.as_millis(),
                timeout.as_millis()
            ),
            Self::SlowHeartbeat { interval } => write!(
                f,
                "pings come every {} s, so that the cases which wait for several of them are left out; --max-wait \
                 SECONDS includes them, and a server with pingInterval 300 and pingTimeout 200 plays them in seconds",
                interval.as_secs_f64()
            ),
            Self::NoWebsocket { how } => write!(
                f,
                "WebSocket is announced among the upgrades and cannot be had ({how}): does a proxy in front leave out \
                 the headers Upgrade and Connection?"
            ),
            Self::Sticky { cookies } => write!(
                f,
                "sessions are found by a cookie ({}): a request without it is answered as one of an unknown session",
                cookies.join(", ")
            ),
            Self::LostSession { status } => write!(
                f,
                "the second request of a session is answered with status {status}, as if the session were unknown: is \
                 there a load balancer that sends it to another server?"
            ),
            Self::EventBeforeConnect => f.write_str(
                "an event arrives before the answer to CONNECT: does a handler run before the server has answered?",
            ),
            Self::MessagePack => f.write_str(
                "packets travel as MessagePack in binary messages: --parser msgpack plays the cases in that form",
            ),
            Self::Unanswered => f.write_str("CONNECT is not answered"),
        }
    }
}
