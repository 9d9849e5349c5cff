//! The pongs in POSTs that are on their way, and those that wait.

use std::collections::BTreeMap;

use sio_codec::Timestamp;

use super::command::Id;
use crate::trace::Channel;

/// The pongs that are on their way, and those that wait.
#[derive(Debug, Default)]
pub(super) struct Pongs {
    /// The request with a pong, by the sid of its session.
    pub(super) sent: BTreeMap<String, Id>,
    pub(super) owed: Vec<Owed>,
}

/// A pong that waits for the answer to a POST of the trace.
#[derive(Debug)]
pub(super) struct Owed {
    /// The channel that the ping came on.
    pub(super) channel: Channel,
    pub(super) sid: String,
    /// When it is sent at the latest.
    pub(super) until: Timestamp,
}

impl Pongs {
    /// When a pong that waits is sent at the latest.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.owed.iter().map(|owed| owed.until).min()
    }

    pub(super) fn is_under_way(&self, sid: &str) -> bool {
        self.sent.contains_key(sid)
    }
}
