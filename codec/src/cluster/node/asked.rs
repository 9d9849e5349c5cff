//! What others have asked, and wait to be answered here.

use alloc::collections::{BTreeMap, BTreeSet};

use super::event::ReplyId;
use crate::cluster::id::{RequestId, Sender};
use crate::socketio::{AckId, Namespace};
use crate::time::Timestamp;

/// Where an answer goes.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    pub(super) namespace: Namespace,
    pub(super) request: RequestId,
    /// Who asked.
    pub(super) sender: Sender,
}

/// The questions of others.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Broadcasts, by the id that this node's clients answer with.
    broadcasts: BTreeMap<AckId, Asker>,
    replies: BTreeMap<ReplyId, (Timestamp, Asker)>,
    order: BTreeSet<(Timestamp, ReplyId)>,
    next: u64,
}

impl Asked {
    pub(super) fn len(&self) -> usize {
        self.broadcasts.len().saturating_add(self.replies.len())
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.order.first().map(|(deadline, _)| *deadline)
    }

    pub(super) fn broadcast(&mut self, ack: AckId, asker: Asker) {
        self.broadcasts.insert(ack, asker);
    }

    /// Who asked this node's clients.
    pub(super) fn asker(&self, ack: AckId) -> Option<&Asker> {
        self.broadcasts.get(&ack)
    }

    /// Nothing more is expected of this node's clients; whether it was asked by another server.
    pub(super) fn settled(&mut self, ack: AckId) -> bool {
        self.broadcasts.remove(&ack).is_some()
    }

    pub(super) fn reply(&mut self, deadline: Timestamp, asker: Asker) -> ReplyId {
        self.next = self.next.saturating_add(1);
        let id = ReplyId(self.next);
        self.replies.insert(id, (deadline, asker));
        self.order.insert((deadline, id));
        id
    }

    pub(super) fn take(&mut self, id: ReplyId) -> Option<Asker> {
        let (deadline, asker) = self.replies.remove(&id)?;
        self.order.remove(&(deadline, id));
        Some(asker)
    }

    pub(super) fn expire(&mut self, now: Timestamp) {
        while let Some((_, id)) = self.order.first().filter(|(deadline, _)| *deadline <= now).copied() {
            self.take(id);
        }
    }
}

#[cfg(test)]
impl Asked {
    pub(super) fn is_idle(&self) -> bool {
        self.broadcasts.is_empty() && self.replies.is_empty() && self.order.is_empty()
    }
}
