//! The header of a trace.

use std::collections::BTreeSet;
use std::fmt;

use super::names::{Requirement, Sentence, Word};
use super::node::Operation;

/// The header of a trace: the behaviour that it shows, and what it needs to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The behaviour, in one sentence.
    pub title: Sentence,
    /// The requirements that a failing server breaks; a file has at least one.
    pub covers: Vec<Requirement>,
    /// The weight of a failure.
    pub level: Level,
    /// What the other side must offer, or the trace does not apply.
    pub needs: BTreeSet<Need>,
    /// Where the behaviour was wrong in practice: issues and advisories.
    pub seen: Vec<Word>,
    /// The first version of the reference with this behaviour, if older ones that are still in use differ.
    pub since: Option<Sentence>,
    /// The implementation and version whose S lines were recorded.
    pub recorded: Option<Sentence>,
    /// Remarks for the reader.
    pub notes: Vec<Sentence>,
}

/// The weight of a failure of the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The protocol demands it.
    Must,
    /// The protocol recommends it.
    Should,
    /// The JavaScript reference does it, and the protocol does not mention it.
    Reference,
    /// A server without it can be attacked.
    Security,
}

impl Level {
    /// Every level, in the order of its weight in reports.
    pub const ALL: [Self; 4] = [Self::Must, Self::Should, Self::Reference, Self::Security];

    /// Its position by weight: 0 is the heaviest.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Security => 0,
            Self::Must => 1,
            Self::Should => 2,
            Self::Reference => 3,
        }
    }

    /// Its word in the language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Reference => "reference",
            Self::Security => "security",
        }
    }
}

/// Something that only some parties offer, or that only some runs have time for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// HTTP long-polling.
    Polling,
    /// WebSocket.
    Websocket,
    /// The upgrade from polling to WebSocket.
    Upgrade,
    /// The Engine.IO application that echoes every message.
    Echo,
    /// The Socket.IO application of the public suites.
    Contract,
    /// The extended contract: rooms, broadcasts and middlewares on the namespace `/siospec`.
    Extended,
    /// `maxPayload` in the open packet.
    MaxPayload,
    /// Engine.IO 3 in addition to 4.
    Eio3,
    /// No Engine.IO 3: requests with `EIO=3` are refused.
    NoEio3,
    /// JSONP: polling by scripts and forms.
    Jsonp,
    /// CORS: answers announce that pages of another origin may use the server.
    Cors,
    /// Connection state recovery.
    Recovery,
    /// No connection state recovery, which adds arguments to events.
    NoRecovery,
    /// Packets in the form of socket.io-msgpack-parser.
    Msgpack,
    /// `operation NAME`: clients can have the server do this with its cluster.
    Operation(Operation),
    /// `payload N`: payloads of this many bytes are accepted.
    Payload(u64),
    /// `patience DURATION`: the run has this much time for one case. In milliseconds.
    Patience(u64),
    /// Few cases run at the same time, since it measures time.
    Timing,
    /// Bytes that no HTTP or WebSocket client would send.
    Raw,
    /// A client, which is what the case tests; its S lines are played.
    Client,
}

impl Need {
    /// Every need that is a single word.
    pub const WORDS: [Self; 17] = [
        Self::Polling,
        Self::Websocket,
        Self::Upgrade,
        Self::Echo,
        Self::Contract,
        Self::Extended,
        Self::MaxPayload,
        Self::Eio3,
        Self::NoEio3,
        Self::Jsonp,
        Self::Cors,
        Self::Recovery,
        Self::NoRecovery,
        Self::Msgpack,
        Self::Timing,
        Self::Raw,
        Self::Client,
    ];

    /// Its word in the language, without the number or name that may follow.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::Websocket => "websocket",
            Self::Upgrade => "upgrade",
            Self::Echo => "echo",
            Self::Contract => "contract",
            Self::Extended => "extended",
            Self::MaxPayload => "maxPayload",
            Self::Eio3 => "eio3",
            Self::NoEio3 => "no-eio3",
            Self::Jsonp => "jsonp",
            Self::Cors => "cors",
            Self::Recovery => "recovery",
            Self::NoRecovery => "no-recovery",
            Self::Msgpack => "msgpack",
            Self::Operation(_) => "operation",
            Self::Payload(_) => "payload",
            Self::Patience(_) => "patience",
            Self::Timing => "timing",
            Self::Raw => "raw",
            Self::Client => "client",
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())?;
        match self {
            Self::Operation(operation) => write!(f, " {}", operation.as_str()),
            Self::Payload(bytes) => write!(f, " {bytes}"),
            Self::Patience(millis) if millis.is_multiple_of(1000) => write!(f, " {}s", millis / 1000),
            Self::Patience(millis) => write!(f, " {millis}ms"),
            _ => Ok(()),
        }
    }
}

/// The revision of Engine.IO that a session speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revision {
    /// `EIO=3`, the protocol of Socket.IO 1 and 2.
    Three,
    /// `EIO=4`.
    #[default]
    Four,
}

impl Revision {
    /// Its number in a query.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Three => 3,
            Self::Four => 4,
        }
    }
}

/// How packets travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// HTTP long-polling.
    Polling,
    /// WebSocket.
    Websocket,
}

impl Transport {
    /// Its name on the wire and in the language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::Websocket => "websocket",
        }
    }
}
