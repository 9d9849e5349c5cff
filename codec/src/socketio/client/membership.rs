//! One namespace, as a client sees it.

use alloc::string::String;
use alloc::vec::Vec;

use super::buffer::{Buffer, Load};
use super::delivery::Outbox;
use super::event::Auth;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::{Args, Json};
use crate::socketio::namespace::Namespace;
use crate::socketio::value::Value;
use crate::text::Text;

/// A namespace that the client is in, asks for, or was refused.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) namespace: Namespace,
    /// What the server is asked for: in protocol 4 the namespace with its query.
    pub(super) address: Namespace,
    pub(super) auth: Auth,
    pub(super) stage: Stage,
    pub(super) acks: AckIds,
    pub(super) outbox: Outbox,
    pub(super) recovery: Option<Recovery>,
}

/// How far a client is with a namespace.
#[derive(Debug)]
pub(super) enum Stage {
    /// It was refused, or the server ended it.
    Inactive,
    /// It will ask as soon as it can.
    Wanted,
    /// The application has yet to give the auth.
    Authenticating,
    /// The CONNECT was sent, with this `pid`.
    Asked { pid: Option<Text>, early: Buffer<Early> },
    /// Connected; `welcome` counts how often.
    Connected { welcome: u64 },
}

/// An event that arrived before the answer to the CONNECT.
#[derive(Debug)]
pub(super) struct Early {
    pub(super) name: Text,
    pub(super) args: Args,
    pub(super) ack: Option<AckId>,
}

/// What a server needs to restore what was lost.
#[derive(Debug)]
pub(super) struct Recovery {
    pub(super) pid: Text,
    pub(super) offset: Option<Text>,
}

impl Membership {
    pub(super) fn new(namespace: Namespace, address: Namespace, auth: Auth, acks: AckIds, outbox: Outbox) -> Self {
        Self { namespace, address, auth, stage: Stage::Wanted, acks, outbox, recovery: None }
    }

    pub(super) const fn is_active(&self) -> bool {
        !matches!(self.stage, Stage::Inactive)
    }

    pub(super) const fn is_connected(&self) -> bool {
        self.stage.is_connected()
    }

    /// What a CONNECT carries: what a recovery needs, and the auth, whose keys replace equal ones.
    //= SIO5-CSR-09
    pub(super) fn connect_payload(&self, auth: Option<Json>) -> Option<Json> {
        let Some(recovery) = &self.recovery else { return auth };
        let offset = recovery.offset.as_ref().map(|offset| ("offset", offset.as_str()));
        let claim: Vec<_> = [("pid", recovery.pid.as_str())].into_iter().chain(offset).collect();
        Some(auth.map_or_else(|| Json::object(&claim), |auth| auth.with_strings(&claim)))
    }

    /// Notes how far the client has read, if the server keeps account of it: a server that does appends a string to the
    /// events that it keeps, and it keeps none that want an acknowledgement.
    //= SIO5-CSR-01
    pub(super) fn note_offset(&mut self, args: &Args, ack: Option<AckId>) {
        if ack.is_none()
            && let Some(recovery) = &mut self.recovery
            && let Ok(values) = args.values()
            && let Some(offset) = values.last().and_then(Value::as_str)
        {
            // A copy: a part of the message would keep all of it.
            recovery.offset = Some(Text::from(String::from(offset)));
        }
    }

    /// The `pid` of the CONNECT's answer; `true` if it is the one that was sent. With another one the server starts to
    /// count anew.
    //= SIO5-CSR-07
    pub(super) fn recover(&mut self, sent: Option<&Text>, pid: Option<&str>) -> bool {
        let recovered = matches!((sent, pid), (Some(sent), Some(pid)) if *sent == *pid);
        if !recovered {
            self.recovery = pid.map(|pid| Recovery { pid: Text::from(String::from(pid)), offset: None });
        }
        recovered
    }
}

impl Stage {
    pub(super) const fn is_connected(&self) -> bool {
        matches!(self, Self::Connected { .. })
    }

    /// What arrived before the answer to the CONNECT.
    pub(super) const fn early(&self) -> Load {
        match self {
            Self::Asked { early, .. } => early.load(),
            _ => Load::NONE,
        }
    }
}

/// Counts the ids of the events that the server is to acknowledge, in one namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AckIds(u64);

impl AckIds {
    /// The next id; `None` when all are used up.
    //= SIO5-ACK-05
    pub(super) const fn peek(self) -> Option<AckId> {
        AckId::new(self.0)
    }

    /// Uses up the next id.
    pub(super) fn draw(&mut self) -> Option<AckId> {
        let id = self.peek()?;
        self.0 = self.0.saturating_add(1);
        Some(id)
    }
}
