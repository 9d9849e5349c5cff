//! The record of a life.

use std::collections::BTreeMap;
use std::fmt;

use sio_codec::engineio::{CloseReason, SendError, Sid};
use sio_codec::{Frame, Timestamp};

use super::network::Side;

/// The record of a life.
#[derive(Debug, Default)]
pub struct Story {
    /// What the applications sent and received, in the form of a framed transport.
    pub(crate) sent_by_client: Vec<Frame>,
    pub(crate) sent_by_server: Vec<Frame>,
    pub(crate) told_to_client: Vec<Frame>,
    pub(crate) told_to_server: BTreeMap<Sid, Vec<Frame>>,
    pub(crate) client_ends: Vec<CloseReason>,
    pub(crate) server_ends: BTreeMap<Sid, Vec<CloseReason>>,
    /// The session that the client was in.
    pub(crate) sid: Option<Sid>,
    /// Whether the session moved from polling to a WebSocket.
    pub upgraded: bool,
    /// How many losses the session suffered.
    pub(crate) losses: usize,
    /// No more events were possible.
    pub(crate) ended: bool,
    pub(crate) refusals: Vec<(Side, SendError)>,
    /// The sides that were informed of new room.
    pub(crate) relieved: Vec<Side>,
    log: Option<Vec<String>>,
}

impl Story {
    /// A story that records its steps.
    pub(crate) fn verbose() -> Self {
        Self { log: Some(Vec::new()), ..Self::default() }
    }

    pub(crate) fn note(&mut self, now: Timestamp, what: fmt::Arguments<'_>) {
        if let Some(log) = &mut self.log {
            log.push(format!("{now:?} {what}"));
        }
    }

    pub(crate) fn refused(&mut self, side: Side, error: SendError) {
        self.refusals.push((side, error));
    }

    pub(crate) fn writable(&mut self, side: Side) {
        self.relieved.push(side);
    }

    /// The steps, if the story records them.
    #[must_use]
    pub fn script(&self) -> String {
        self.log.as_deref().unwrap_or_default().join("\n")
    }

    /// The number of messages that arrived on both sides.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.told_to_client.len() + self.told_to_server().len()
    }

    /// Whether a side could not send because its queue was full.
    #[must_use]
    pub fn postponed(&self) -> bool {
        self.refusals.iter().any(|(_, error)| *error == SendError::QueueFull)
    }

    /// What the server received in the client's session.
    pub(crate) fn told_to_server(&self) -> &[Frame] {
        self.sid.as_ref().and_then(|sid| self.told_to_server.get(sid)).map_or(&[], Vec::as_slice)
    }

    /// How the client's session ended on the server.
    pub(crate) fn server_end(&self) -> Option<CloseReason> {
        self.sid.as_ref().and_then(|sid| self.server_ends.get(sid)).and_then(|ends| ends.first().copied())
    }
}
