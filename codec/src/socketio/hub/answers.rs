//! Broadcasts that are to be acknowledged by each receiver.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::rooms::MemberId;
use crate::socketio::args::Args;
use crate::socketio::packet::AckId;
use crate::time::Timestamp;

/// The broadcasts that not every receiver has answered.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pending: BTreeMap<AckId, Collection>,
    order: BTreeSet<(Timestamp, AckId)>,
}

#[derive(Debug)]
struct Collection {
    deadline: Timestamp,
    /// In the order of the receivers, which is that of their ids.
    answers: Vec<(MemberId, State)>,
    awaited: usize,
}

#[derive(Debug)]
enum State {
    Awaited,
    Given(Args),
    /// It left before it answered.
    Gone,
}

/// A broadcast that nothing more is expected of.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) id: AckId,
    pub(super) answers: Vec<(MemberId, Args)>,
    pub(super) missing: Vec<MemberId>,
}

impl Answers {
    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.order.first().map(|(deadline, _)| *deadline)
    }

    /// Starts to wait; settled at once if there is nobody to wait for.
    //= SRV-BC-06
    pub(super) fn expect(&mut self, id: AckId, deadline: Timestamp, receivers: &[MemberId]) -> Option<Settled> {
        let answers: Vec<_> = receivers.iter().map(|member| (*member, State::Awaited)).collect();
        let awaited = answers.len();
        self.pending.insert(id, Collection { deadline, answers, awaited });
        self.order.insert((deadline, id));
        self.settle(id)
    }

    /// Takes an answer; one that is not waited for, or was given before, is ignored.
    //= SIO5-ACK-03
    //= SIO5-ACK-04
    pub(super) fn answered(&mut self, member: MemberId, id: AckId, args: Args) -> Option<Settled> {
        self.pending.get_mut(&id)?.note(member, State::Given(args));
        self.settle(id)
    }

    /// Nobody waits for a member that has left.
    pub(super) fn left(&mut self, member: MemberId) -> Vec<Settled> {
        for collection in self.pending.values_mut() {
            collection.note(member, State::Gone);
        }
        let complete = |(id, collection): (&AckId, &Collection)| (collection.awaited == 0).then_some(*id);
        let complete: Vec<_> = self.pending.iter().filter_map(complete).collect();
        complete.into_iter().filter_map(|id| self.take(id)).collect()
    }

    /// Takes out the earliest one that is overdue at `now`.
    //= SRV-BC-04
    pub(super) fn expire(&mut self, now: Timestamp) -> Option<Settled> {
        let (_, id) = *self.order.first().filter(|(deadline, _)| *deadline <= now)?;
        self.take(id)
    }

    fn settle(&mut self, id: AckId) -> Option<Settled> {
        if self.pending.get(&id)?.awaited == 0 { self.take(id) } else { None }
    }

    fn take(&mut self, id: AckId) -> Option<Settled> {
        let Collection { deadline, answers: all, .. } = self.pending.remove(&id)?;
        self.order.remove(&(deadline, id));
        let (mut answers, mut missing) = (Vec::new(), Vec::new());
        for (member, state) in all {
            match state {
                State::Given(args) => answers.push((member, args)),
                State::Awaited | State::Gone => missing.push(member),
            }
        }
        Some(Settled { id, answers, missing })
    }
}

impl Collection {
    fn note(&mut self, member: MemberId, state: State) {
        if let Ok(at) = self.answers.binary_search_by_key(&member, |(member, _)| *member)
            && let Some((_, awaited @ State::Awaited)) = self.answers.get_mut(at)
        {
            *awaited = state;
            self.awaited = self.awaited.saturating_sub(1);
        }
    }
}
