//! One line of a conversation.

use serde::{Deserialize, Serialize};

use crate::replay::{self, Timeline};
use crate::trace::Side;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// When: milliseconds since the first line.
    pub at_ms: u64,
    /// The trace's name of the request or connection; empty for remarks of siospec.
    pub channel: String,
    /// Who did it; null for remarks of siospec.
    pub sender: Option<Sender>,
    /// What happened, in the language of traces. Long payloads are cut.
    pub text: String,
    /// How siospec classified it.
    pub mark: Mark,
}

/// A side of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Sender {
    /// The client.
    Client,
    /// The server.
    Server,
}

/// How siospec classified a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It belongs to the conversation.
    Expected,
    /// It is not part of the conversation, and is not a fault: for example a heartbeat.
    SetAside,
    /// Here the conversation departs from the trace.
    Fault,
}

/// The lines of a conversation.
pub(super) fn lines(timeline: &Timeline) -> Vec<Line> {
    let start = timeline.entries.first().map(|entry| entry.at).unwrap_or_default();
    let lines = timeline.entries.iter().map(|entry| Line {
        at_ms: u64::try_from(entry.at.saturating_since(start).as_millis()).unwrap_or(u64::MAX),
        channel: entry.channel.clone(),
        sender: entry.side.map(|side| match side {
            Side::Client => Sender::Client,
            Side::Server => Sender::Server,
        }),
        text: replay::visible(&entry.text),
        mark: match entry.mark {
            replay::Mark::Expected => Mark::Expected,
            replay::Mark::SetAside => Mark::SetAside,
            replay::Mark::Fault => Mark::Fault,
        },
    });
    lines.collect()
}
