//! The states of a session, each with what it owns.

use super::lanes::Lanes;
use crate::engineio::error::CloseReason;
use crate::engineio::handshake::Open;
use crate::engineio::ids::WsId;
use crate::engineio::revision::Transport;

#[derive(Debug)]
pub(super) enum State {
    /// The open packet is awaited.
    Connecting(Attempt),
    Open(Link),
    /// The end is decided; what was said before it is still being delivered.
    Closing {
        handshake: Open,
        exit: Exit,
    },
    Closed,
}

/// What the open packet is expected from.
#[derive(Debug)]
pub(super) enum Attempt {
    Polling(Lanes),
    WebSocket(WsId),
}

#[derive(Debug)]
pub(super) struct Link {
    pub(super) handshake: Open,
    pub(super) channel: Channel,
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
pub(super) enum Candidate {
    /// It is being established.
    Connecting(WsId),
    /// The probe was sent on it.
    Probed(WsId),
    /// The probe was answered: polling pauses, and when nothing is in flight any more, the session moves.
    Ready(WsId),
}

impl Candidate {
    pub(super) const fn ws(self) -> WsId {
        match self {
            Self::Connecting(ws) | Self::Probed(ws) | Self::Ready(ws) => ws,
        }
    }
}

/// How a closing session ends.
#[derive(Debug)]
pub(super) enum Exit {
    WebSocket(WsId),
    /// What is queued goes out, one POST after the other.
    Draining(Lanes),
    /// The close packet is on its way.
    Leaving(Lanes),
    /// Nothing is left to send. What arrived before is still handed on.
    Gone(CloseReason),
}

impl State {
    /// What the server said when it opened the session; `None` before that, and after the end.
    pub(super) const fn handshake(&self) -> Option<&Open> {
        match self {
            Self::Open(Link { handshake, .. }) | Self::Closing { handshake, .. } => Some(handshake),
            Self::Connecting(_) | Self::Closed => None,
        }
    }

    /// The transport that carries packets now.
    pub(super) const fn transport(&self) -> Option<Transport> {
        match self {
            Self::Open(Link { channel: Channel::Polling(_) | Channel::Probing { .. }, .. })
            | Self::Closing { exit: Exit::Draining(_) | Exit::Leaving(_), .. } => Some(Transport::Polling),
            Self::Open(Link { channel: Channel::WebSocket(_), .. })
            | Self::Closing { exit: Exit::WebSocket(_), .. } => Some(Transport::WebSocket),
            Self::Connecting(_) | Self::Closing { exit: Exit::Gone(_), .. } | Self::Closed => None,
        }
    }

    /// The requests, if there can be any.
    pub(super) const fn lanes(&mut self) -> Option<&mut Lanes> {
        match self {
            Self::Connecting(Attempt::Polling(lanes))
            | Self::Open(Link { channel: Channel::Polling(lanes) | Channel::Probing { lanes, .. }, .. })
            | Self::Closing { exit: Exit::Draining(lanes) | Exit::Leaving(lanes), .. } => Some(lanes),
            _ => None,
        }
    }

    /// Whether the session only waits for its last requests before it moves to the WebSocket.
    pub(super) const fn is_pausing(&self) -> bool {
        matches!(self, Self::Open(Link { channel: Channel::Probing { candidate: Candidate::Ready(_), .. }, .. }))
    }
}
