//! What was recorded and how it is judged, as plain data: what the machine-readable reports of `siospec inspect` are made of.
//!
//! The texts hold no control or invisible characters. The JSON Schema of [`Recordings`] is `schemas/recordings.json` in the
//! source of this package.

mod lines;
mod session;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::results::{Mark, Sender};
use crate::replay::visible;

pub use session::session;

/// The version of the format. A new version is one that older readers cannot read; fields may be added within a version.
pub const FORMAT: u32 = 1;

/// Recordings, and how they are judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Recordings {
    /// The version of this format.
    pub format: u32,
    /// The version of siospec.
    pub siospec: String,
    /// The recordings, in the order in which they were given.
    pub recordings: Vec<Recording>,
}

/// One recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    /// Its name, such as that of the file.
    pub name: String,
    /// What it is, such as `a HAR file`.
    pub form: String,
    /// What is to be known about all of it: what it lacks, and facts that belong to no packet.
    pub remarks: Vec<String>,
    /// The sessions, in the order in which they began; last what belongs to none.
    pub sessions: Vec<Session>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Its id; null for what belongs to no session, such as refused handshakes.
    pub sid: Option<String>,
    /// What broke a requirement, in the order of time.
    pub violations: Vec<Violation>,
    /// What was seen to be right.
    pub fulfilled: Vec<Fulfilled>,
    /// What the recording does not show.
    pub unseen: Vec<String>,
    /// What was said, in the order in which it was recorded.
    pub conversation: Vec<Line>,
}

/// A requirement that a side broke.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// The id of the requirement.
    pub requirement: String,
    /// Its sentence.
    pub sentence: Option<String>,
    /// Its source: `specification` or `reference`.
    pub basis: Option<String>,
    /// Its level: must, should or reference.
    pub level: Option<String>,
    /// Who broke it.
    pub side: Sender,
    /// When, in milliseconds since the recording began; null if the recording has no times.
    pub at_ms: Option<u64>,
    /// What is wrong.
    pub fault: String,
    /// The packet or body that shows it, shortened.
    pub evidence: String,
    /// The line of the conversation that shows it, from 0.
    pub line: Option<usize>,
}

/// A requirement that a side was seen to fulfil.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Fulfilled {
    /// The id of the requirement.
    pub requirement: String,
    /// Who fulfilled it.
    pub side: Sender,
    /// How often.
    pub times: usize,
}

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// When: milliseconds since the recording began; null if the recording has no times.
    pub at_ms: Option<u64>,
    /// The request or WebSocket, such as `get 2`, numbered by kind; empty if it is not known.
    pub channel: String,
    /// Who said it; null for remarks of siospec.
    pub sender: Option<Sender>,
    /// What was said, in the language of traces. Long payloads are cut.
    pub text: String,
    /// Whether it breaks a requirement, or is a heartbeat.
    pub mark: Mark,
    /// How it is read, if the text does not show it: a packet of MessagePack.
    pub reading: Option<String>,
}

impl Recordings {
    /// These recordings, as this version of siospec reads and judges them.
    #[must_use]
    pub fn of(recordings: Vec<Recording>) -> Self {
        Self { format: FORMAT, siospec: env!("CARGO_PKG_VERSION").to_owned(), recordings }
    }

    /// As one JSON text.
    #[must_use]
    pub fn json(&self) -> String {
        // The types have nothing that JSON cannot hold.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

impl Recording {
    /// A recording without sessions.
    #[must_use]
    pub fn new(name: &str, form: &str) -> Self {
        Self { name: visible(name), form: visible(form), remarks: Vec::new(), sessions: Vec::new() }
    }
}
