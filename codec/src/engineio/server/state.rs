//! The states of a session, each with what it owns.

use super::closing::Ending;
use super::lanes::Lanes;
use crate::engineio::error::CloseReason;
use crate::engineio::ids::WsId;
use crate::engineio::revision::{BinaryForm, Transport};

#[derive(Debug)]
pub(super) enum State {
    Open(Channel),
    /// The end is decided; what was said before it is still being delivered.
    Closing {
        channel: Channel,
        reason: CloseReason,
        ending: Ending,
    },
    Closed,
}

/// Where packets travel.
#[derive(Debug)]
pub(super) enum Channel {
    Polling(Lanes),
    Probing { lanes: Lanes, candidate: Candidate },
    WebSocket(WsId),
}

/// A WebSocket that may take the session over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) ws: WsId,
    /// How its client takes binary messages on it.
    pub(super) binary: BinaryForm,
    pub(super) probe: Probe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    /// The candidate has not sent it yet.
    Awaited,
    /// It was sent; its answer waits until the candidate has room.
    Owed,
    /// It was sent and answered.
    Answered,
}

impl Channel {
    pub(super) const fn transport(&self) -> Transport {
        match self {
            Self::Polling(_) | Self::Probing { .. } => Transport::Polling,
            Self::WebSocket(_) => Transport::WebSocket,
        }
    }

    pub(super) const fn lanes(&mut self) -> Option<&mut Lanes> {
        match self {
            Self::Polling(lanes) | Self::Probing { lanes, .. } => Some(lanes),
            Self::WebSocket(_) => None,
        }
    }

    pub(super) const fn is_parked(&self) -> bool {
        match self {
            Self::Polling(lanes) | Self::Probing { lanes, .. } => lanes.is_parked(),
            Self::WebSocket(_) => false,
        }
    }
}
