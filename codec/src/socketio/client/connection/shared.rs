//! What all namespaces of a connection share.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::buffer::Load;
use super::super::config::Config;
use super::super::event::{EmitId, Event};
use super::super::membership::AckIds;
use super::verbs::Emission;
use crate::engineio::{CloseReason, Encoded};
use crate::limits::Limits;
use crate::socketio::layer::{DisconnectReason, Door, EmitError, Pending, Transmit};
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::Packet;
use crate::time::Timestamp;

/// The session below, the way out, and the counters.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Config,
    pub(super) now: Timestamp,
    pub(super) limits: Arc<Limits>,
    pub(super) link: Link,
    /// Namespaces that the client left before the server had answered.
    pub(super) unanswered: Vec<Namespace>,
    pub(super) pending: Pending,
    /// How often the client was let into a namespace.
    pub(super) welcomes: u64,
    /// Where new memberships begin to count their acknowledgements: an answer to an earlier one is no answer to these.
    pub(super) first_ack: AckIds,
    /// The same of the names of events that are sent again: what became of an earlier one may not be taken out yet.
    pub(super) first_emit: EmitId,
    pub(super) door: Door<Event>,
}

/// The session below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// There is none, or it is not open yet.
    Down,
    /// Protocol 4: the server has yet to let the client into the main namespace, and before that into no other.
    Opened,
    /// Protocol 4: the same as `Admitted`, and the client is in the main namespace without having wanted it yet.
    Welcomed,
    /// Namespaces are asked for.
    Admitted,
    /// It was told to close and has not reported yet that it is.
    Closing(DisconnectReason),
}

impl Link {
    pub(super) const fn is_open(self) -> bool {
        matches!(self, Self::Opened | Self::Welcomed | Self::Admitted)
    }

    /// Whether what was sent is still to leave: yes, unless the session ends for a fault.
    pub(super) const fn flushes(self) -> bool {
        self.is_open() || matches!(self, Self::Closing(DisconnectReason::Engine(CloseReason::ForcedClose)))
    }
}

impl Shared {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            now: Timestamp::ZERO,
            limits: Arc::default(),
            link: Link::Down,
            unanswered: Vec::new(),
            pending: Pending::default(),
            welcomes: 0,
            first_ack: AckIds::default(),
            first_emit: EmitId(0),
            door: Door::new(),
        }
    }

    pub(super) fn event(&mut self, event: Event) {
        self.door.event(event);
    }

    pub(super) fn transmit(&mut self, messages: Encoded) {
        self.door.transmit(Transmit::Send(messages));
    }

    /// Sends a packet without arguments, which every parser can write.
    pub(super) fn control(&mut self, packet: &Packet) {
        self.transmit(packet.encode_with(self.config.parser).unwrap_or_else(|_| packet.encode()));
    }

    /// Forgets a question that does not matter any more; `false` if the namespace was not left before its answer.
    pub(super) fn take_unanswered(&mut self, namespace: &Namespace) -> bool {
        let before = self.unanswered.len();
        self.unanswered.retain(|unanswered| unanswered != namespace);
        self.unanswered.len() < before
    }

    /// What an event weighs that has to wait, if there is room for it.
    pub(super) fn room_for(&mut self, emission: &Emission<'_>) -> Result<Load, EmitError> {
        let load = Load::of(emission.name, emission.args);
        if emission.waiting.is_full(&self.limits) { Err(self.door.refuse()) } else { Ok(load) }
    }
}
