//! The pongs in unanswered POSTs, and those that wait.

use std::collections::BTreeMap;

use sio_codec::Timestamp;

use super::command::Id;
use crate::trace::Channel;

/// The pongs in unanswered POSTs, and those that wait.
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
    /// The latest time to send it.
    pub(super) until: Timestamp,
}

impl Pongs {
    /// The earliest time at which a waiting pong must be sent.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.owed.iter().map(|owed| owed.until).min()
    }

    pub(super) fn is_under_way(&self, sid: &str) -> bool {
        self.sent.contains_key(sid)
    }
}
