//! Broadcasts that are to be acknowledged by each receiver.
//!
//! A broadcast waits for its receivers one after the other: it watches the first that has neither answered nor left, and
//! looks for the next when that one does. So a member that leaves concerns only the broadcasts that watch it, and every
//! broadcast goes through its receivers once, whoever leaves and in whatever order.
//!
//! ```text
//!   receivers   ann       bob    cid       dan       eve    fay
//!               answered  left   answered  watched   left   answered
//! ```

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::room::MemberId;
use super::rooms::Index;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::Args;
use crate::time::Timestamp;

/// Bytes that a receiver costs, whether it answers or not: its place in the list, and an answer among the answers.
const PER_RECEIVER: usize = 160 + SHORT_ANSWER;

/// Bytes of an answer that has room in any case.
const SHORT_ANSWER: usize = 32;

/// The broadcasts that not every receiver has answered.
#[derive(Debug)]
pub(super) struct Answers {
    pending: BTreeMap<AckId, Collection>,
    order: BTreeSet<(Timestamp, AckId)>,
    /// Whom each of them watches.
    watched: BTreeSet<(MemberId, AckId)>,
    /// Members that came back while a broadcast waited, and the number of the first that they can be asked with since:
    /// who left is not waited for, even if it returns.
    returned: BTreeMap<MemberId, u64>,
    bytes: usize,
    max_bytes: usize,
}

#[derive(Debug)]
struct Collection {
    deadline: Timestamp,
    /// In the order of their ids.
    receivers: Vec<MemberId>,
    /// The one that is watched; those before it have answered or left.
    watching: usize,
    /// `None` of those whose answer had no room.
    answers: BTreeMap<MemberId, Option<Args>>,
    bytes: usize,
}

/// What became of an answer.
#[derive(Debug)]
pub(super) enum Answered {
    /// Nobody waits for it.
    Ignored,
    /// It was waited for, and may have been the last.
    Taken(Option<Settled>),
}

/// A broadcast that nothing more is expected of.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) id: AckId,
    pub(super) answers: Vec<(MemberId, Args)>,
    pub(super) missing: Vec<MemberId>,
}

impl Answers {
    pub(super) const fn new(max_bytes: usize) -> Self {
        Self {
            pending: BTreeMap::new(),
            order: BTreeSet::new(),
            watched: BTreeSet::new(),
            returned: BTreeMap::new(),
            bytes: 0,
            max_bytes,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    /// Whether there is room to wait for this number of receivers more.
    pub(super) fn has_room_for(&self, receivers: usize) -> bool {
        self.bytes.saturating_add(receivers.saturating_mul(PER_RECEIVER)) <= self.max_bytes
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.order.first().map(|(deadline, _)| *deadline)
    }

    /// Starts to wait for members that are there; settled at once if there are none.
    //= SRV-BC-06
    pub(super) fn expect(&mut self, id: AckId, deadline: Timestamp, receivers: Vec<MemberId>) -> Option<Settled> {
        let bytes = receivers.len().saturating_mul(PER_RECEIVER);
        self.bytes = self.bytes.saturating_add(bytes);
        let collection = Collection { deadline, receivers, watching: 0, answers: BTreeMap::new(), bytes };
        let watched = collection.watched();
        self.pending.insert(id, collection);
        self.order.insert((deadline, id));
        self.watch(id, watched)
    }

    /// Takes an answer; one that is not waited for, or was given before, is ignored.
    //= SIO5-ACK-03: an unknown id
    //= SIO5-ACK-04: Forget the id when its ACK arrives
    pub(super) fn answered(&mut self, members: &Index, member: MemberId, id: AckId, args: &Args) -> Answered {
        let Some(collection) = self.pending.get_mut(&id) else { return Answered::Ignored };
        let is_receiver = collection.receivers.binary_search(&member).is_ok();
        if !is_receiver || collection.answers.contains_key(&member) || !is_there(members, &self.returned, member, id) {
            return Answered::Ignored;
        }
        let bytes = args.detached_bytes().saturating_sub(SHORT_ANSWER);
        let has_room = self.bytes.saturating_add(bytes) <= self.max_bytes;
        if has_room {
            self.bytes = self.bytes.saturating_add(bytes);
            collection.bytes = collection.bytes.saturating_add(bytes);
        }
        // Not the message, or the whole body of a request, that the answer is a part of.
        collection.answers.insert(member, has_room.then(|| args.detached()));
        Answered::Taken(self.move_on(members, id))
    }

    /// Nobody waits for a member that has left.
    pub(super) fn left(&mut self, members: &Index, member: MemberId) -> Vec<Settled> {
        self.returned.remove(&member);
        let watching = self.watched.range((member, AckId::MIN)..=(member, AckId::MAX));
        let watching: Vec<_> = watching.map(|(_, id)| *id).collect();
        watching.into_iter().filter_map(|id| self.move_on(members, id)).collect()
    }

    /// A member is back that had left; `next` is the number of the next broadcast.
    pub(super) fn came_back(&mut self, member: MemberId, next: u64) {
        if !self.pending.is_empty() {
            self.returned.insert(member, next);
        }
    }

    /// Takes out the earliest one that is overdue at `now`.
    //= SRV-BC-04
    pub(super) fn expire(&mut self, now: Timestamp) -> Option<Settled> {
        let (_, id) = *self.order.first().filter(|(deadline, _)| *deadline <= now)?;
        self.take(id)
    }

    /// Looks for the next receiver, if the one that is watched has answered or left.
    fn move_on(&mut self, members: &Index, id: AckId) -> Option<Settled> {
        let collection = self.pending.get_mut(&id)?;
        let before = collection.watched()?;
        let is_awaited = |collection: &Collection, member| {
            !collection.answers.contains_key(&member) && is_there(members, &self.returned, member, id)
        };
        while collection.watched().is_some_and(|member| !is_awaited(collection, member)) {
            collection.watching = collection.watching.saturating_add(1);
        }
        let now = collection.watched();
        if now == Some(before) {
            return None;
        }
        self.watched.remove(&(before, id));
        self.watch(id, now)
    }

    fn watch(&mut self, id: AckId, receiver: Option<MemberId>) -> Option<Settled> {
        let Some(member) = receiver else { return self.take(id) };
        self.watched.insert((member, id));
        None
    }

    fn take(&mut self, id: AckId) -> Option<Settled> {
        let mut collection = self.pending.remove(&id)?;
        self.order.remove(&(collection.deadline, id));
        if let Some(member) = collection.watched() {
            self.watched.remove(&(member, id));
        }
        if self.pending.is_empty() {
            self.returned.clear();
        }
        self.bytes = self.bytes.saturating_sub(collection.bytes);
        let (mut answers, mut missing) = (Vec::new(), Vec::new());
        for member in collection.receivers {
            match collection.answers.remove(&member).flatten() {
                Some(args) => answers.push((member, args)),
                None => missing.push(member),
            }
        }
        Some(Settled { id, answers, missing })
    }
}

impl Collection {
    fn watched(&self) -> Option<MemberId> {
        self.receivers.get(self.watching).copied()
    }
}

/// Whether a member is still the one that was asked.
fn is_there(members: &Index, returned: &BTreeMap<MemberId, u64>, member: MemberId, id: AckId) -> bool {
    members.member(member).is_some() && returned.get(&member).is_none_or(|next| *next <= id.value())
}
