//! What a trace says about itself.

use std::collections::BTreeSet;

use super::names::{Requirement, Sentence, Word};

/// The header of a trace: which behaviour it shows, and what it takes to run it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The behaviour, in one sentence.
    pub title: Sentence,
    /// The requirements that a failure of this trace would break; at least one in a file.
    pub covers: Vec<Requirement>,
    /// How much a failure weighs.
    pub level: Level,
    /// What the other side must offer for the trace to apply.
    pub needs: BTreeSet<Need>,
    /// Where the behaviour went wrong in the field: issues and advisories.
    pub seen: Vec<Word>,
    /// The implementation and version that the S lines were recorded from.
    pub recorded: Option<Sentence>,
    /// Remarks for the reader.
    pub notes: Vec<Sentence>,
}

/// How much a failure of the trace weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The protocol demands it.
    Must,
    /// The protocol recommends it.
    Should,
    /// The JavaScript reference does it, and the protocol is silent.
    Reference,
    /// An attacker could use the opposite.
    Security,
}

impl Level {
    /// Every level, in the order of its weight in reports.
    pub const ALL: [Self; 4] = [Self::Must, Self::Should, Self::Reference, Self::Security];

    /// The word of the language.
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

/// Something that not every party offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Few neighbours while it runs, since it measures time.
    Timing,
    /// Bytes that no HTTP or WebSocket client would send.
    Raw,
}

impl Need {
    /// Every need, in the order the printer writes them.
    pub const ALL: [Self; 7] =
        [Self::Polling, Self::Websocket, Self::Upgrade, Self::Echo, Self::Contract, Self::Timing, Self::Raw];

    /// The word of the language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::Websocket => "websocket",
            Self::Upgrade => "upgrade",
            Self::Echo => "echo",
            Self::Contract => "contract",
            Self::Timing => "timing",
            Self::Raw => "raw",
        }
    }
}
