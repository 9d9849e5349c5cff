//! One namespace, as a client sees it.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::buffer::{Buffer, Load};
use super::event::{Auth, EmitId};
use crate::engineio::Encoded;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::{Args, Json};
use crate::socketio::namespace::Namespace;
use crate::socketio::value::Value;
use crate::text::Text;

/// A namespace that the client is in, wants to be in, or was turned away from.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) namespace: Namespace,
    /// What the server is asked for: in protocol 4 the namespace with its query.
    pub(super) address: Namespace,
    pub(super) auth: Auth,
    pub(super) stage: Stage,
    /// The id that the next event gets which is to be acknowledged.
    pub(super) next_ack: u64,
    /// What was emitted while the client was not in the namespace.
    pub(super) buffer: Buffer<Waiting>,
    /// With retries: what is sent one at a time, the one that is in flight first.
    pub(super) queue: Buffer<Attempted>,
    pub(super) next_attempted: u64,
    pub(super) recovery: Option<Recovery>,
}

/// How far a client is with a namespace.
#[derive(Debug)]
pub(super) enum Stage {
    /// It was turned away, or made to leave.
    Inactive,
    /// It will ask as soon as it can.
    Wanted,
    /// The application has yet to say what to show.
    Authenticating,
    /// The CONNECT was sent, with this `pid`.
    Asked { pid: Option<Text>, early: Buffer<Early> },
    /// The server let it in, for the so manieth time.
    Connected { welcome: u64 },
}

/// An event that arrived before the answer to the CONNECT.
#[derive(Debug)]
pub(super) struct Early {
    pub(super) name: Text,
    pub(super) args: Args,
    pub(super) ack: Option<AckId>,
}

/// An event that was emitted too early.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) messages: Encoded,
    pub(super) ack: Option<AckId>,
}

/// An event that is sent until it is acknowledged.
#[derive(Debug)]
pub(super) struct Attempted {
    /// `None` if the application does not wait for the acknowledgement.
    pub(super) id: Option<EmitId>,
    pub(super) name: Text,
    pub(super) args: Args,
    pub(super) timeout: Option<Duration>,
    /// How often it was sent.
    pub(super) tries: u32,
    /// The id it was last sent with, if that try has not failed yet.
    pub(super) in_flight: Option<AckId>,
}

/// What a server needs to restore what was lost.
#[derive(Debug)]
pub(super) struct Recovery {
    pub(super) pid: Text,
    pub(super) offset: Option<Text>,
}

impl Membership {
    pub(super) fn new(namespace: Namespace, address: Namespace, auth: Auth, next_ack: u64) -> Self {
        Self {
            namespace,
            address,
            auth,
            stage: Stage::Wanted,
            next_ack,
            buffer: Buffer::default(),
            queue: Buffer::default(),
            next_attempted: 0,
            recovery: None,
        }
    }

    pub(super) const fn is_active(&self) -> bool {
        !matches!(self.stage, Stage::Inactive)
    }

    pub(super) const fn is_connected(&self) -> bool {
        matches!(self.stage, Stage::Connected { .. })
    }

    /// What waits to be sent.
    pub(super) const fn load(&self) -> Load {
        self.buffer.load().plus(self.queue.load())
    }

    /// What a CONNECT carries: the auth, and before it what a recovery needs, over which the auth prevails.
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

    /// The next id for an event that is to be acknowledged; `None` when all are used up.
    //= SIO5-ACK-05
    pub(super) fn draw_ack(&mut self) -> Option<AckId> {
        let id = AckId::new(self.next_ack)?;
        self.next_ack = self.next_ack.saturating_add(1);
        Some(id)
    }
}
