//! What happened in a world.

use std::collections::BTreeMap;
use std::fmt;

use sio_codec::engineio::{CloseReason, SendError, Sid};
use sio_codec::{Frame, Timestamp};

use super::network::Side;

/// What happened in a life.
#[derive(Debug, Default)]
pub struct Story {
    /// What the applications sent, in the form of a framed transport, and what they received.
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
    /// How often something broke on which the session depended.
    pub(crate) losses: usize,
    /// Nothing more could happen.
    pub(crate) ended: bool,
    pub(crate) refusals: Vec<(Side, SendError)>,
    /// The sides that learned that there is room again.
    pub(crate) relieved: Vec<Side>,
    log: Option<Vec<String>>,
}

impl Story {
    /// A story that keeps its steps.
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

    /// The steps, if the story keeps them.
    #[must_use]
    pub fn script(&self) -> String {
        self.log.as_deref().unwrap_or_default().join("\n")
    }

    /// How many messages arrived on either side.
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
