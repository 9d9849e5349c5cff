//! The state of a hub as simple sets and lists, which are searched completely.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sio_codec::Timestamp;
use sio_codec::socketio::hub::MemberId;
use sio_codec::socketio::{AckId, Args};

use super::outputs::Outputs;

pub(super) const MOST_ROOMS: usize = 10;
pub(super) const MOST_QUESTIONS: usize = 3;
pub(super) const MOST_AWAY: usize = 2;
pub(super) const MOST_EVENTS: usize = 6;
/// Room for six receivers, or for fewer and a few long answers.
pub(super) const MOST_ANSWER_BYTES: usize = 6 * RECEIVER + 50;
pub(super) const MAX_DISCONNECTION: Duration = Duration::from_millis(400);
pub(super) const TIMEOUT: Duration = Duration::from_millis(100);

const RECEIVER: usize = 192;
const SHORT_ANSWER: usize = 32;

#[derive(Default)]
pub(super) struct Model {
    pub(super) now: Timestamp,
    /// In the order of joining.
    pub(super) members: BTreeMap<MemberId, Member>,
    pub(super) added: u64,
    pub(super) questions: BTreeMap<AckId, Question>,
    pub(super) asked: u64,
    /// Members that lost their connection, and the time until which they may come back.
    pub(super) away: Vec<(Timestamp, MemberId, Member)>,
    pub(super) events: Vec<Logged>,
    pub(super) dropped_events: usize,
    /// What nobody has taken out yet.
    pub(super) outputs: Outputs,
}

#[derive(Clone)]
pub(super) struct Member {
    pub(super) namespace: usize,
    /// In the order of joining.
    pub(super) rooms: Vec<String>,
}

/// A broadcast that requests answers: the members that have answered, those that have not, and the deadline.
pub(super) struct Question {
    pub(super) deadline: Timestamp,
    pub(super) waiting: BTreeSet<MemberId>,
    pub(super) answers: BTreeMap<MemberId, Args>,
    pub(super) missing: BTreeSet<MemberId>,
}

/// An event that was broadcast.
pub(super) struct Logged {
    pub(super) number: usize,
    at: Timestamp,
    target: Target,
}

/// Included and excluded rooms.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) namespace: usize,
    pub(super) to: Vec<&'static str>,
    pub(super) except: Vec<&'static str>,
}

impl Target {
    fn means(&self, member: &Member) -> bool {
        let is_in = |some: &[&str]| some.iter().any(|room| member.is_in(room));
        member.namespace == self.namespace && (self.to.is_empty() || is_in(&self.to)) && !is_in(&self.except)
    }
}

impl Member {
    pub(super) fn is_in(&self, room: &str) -> bool {
        self.rooms.iter().any(|name| name == room)
    }
}

impl Question {
    pub(super) fn of(receivers: &[MemberId], deadline: Timestamp) -> Self {
        let waiting = receivers.iter().copied().collect();
        Self { deadline, waiting, answers: BTreeMap::new(), missing: BTreeSet::new() }
    }

    fn bytes(&self) -> usize {
        let receivers = self.waiting.len() + self.answers.len() + self.missing.len();
        receivers * RECEIVER + self.answers.values().map(answer_bytes).sum::<usize>()
    }
}

/// The size of an answer in addition to its receiver's share.
fn answer_bytes(args: &Args) -> usize {
    (args.items().len() + 2).saturating_sub(SHORT_ANSWER)
}

impl Model {
    pub(super) fn everyone(&self, namespace: usize) -> impl Iterator<Item = (MemberId, &Member)> {
        self.members.iter().filter(move |(_, member)| member.namespace == namespace).map(|(id, member)| (*id, member))
    }

    pub(super) fn is_room(&self, namespace: usize, room: &str) -> bool {
        self.everyone(namespace).any(|(_, member)| member.is_in(room))
    }

    pub(super) fn select(&self, target: &Target) -> Vec<MemberId> {
        self.everyone(target.namespace).filter(|(_, member)| target.means(member)).map(|(id, _)| id).collect()
    }

    pub(super) fn has_room_for_question(&self, receivers: usize) -> bool {
        self.questions.len() < MOST_QUESTIONS && self.answer_bytes() + receivers * RECEIVER <= MOST_ANSWER_BYTES
    }

    pub(super) fn answer(&mut self, member: MemberId, id: AckId, args: &Args) {
        let has_room = self.answer_bytes() + answer_bytes(args) <= MOST_ANSWER_BYTES;
        let Some(question) = self.questions.get_mut(&id) else { return };
        if question.waiting.remove(&member) {
            if has_room {
                question.answers.insert(member, args.clone());
            } else {
                question.missing.insert(member);
            }
        }
    }

    fn answer_bytes(&self) -> usize {
        self.questions.values().map(Question::bytes).sum()
    }

    /// Keeps an event, and returns its number.
    pub(super) fn log(&mut self, target: &Target) -> usize {
        let number = self.dropped_events + self.events.len();
        self.events.push(Logged { number, at: self.now, target: target.clone() });
        let now = self.now;
        while self.events.len() > MOST_EVENTS || now.saturating_since(self.events[0].at) > MAX_DISCONNECTION {
            self.events.remove(0);
            self.dropped_events += 1;
        }
        number
    }

    /// Keeps the place of a member that lost its connection. Returns the member that is removed for it, if any.
    pub(super) fn suspend(&mut self, id: MemberId, member: Member) -> Option<MemberId> {
        self.away.push((self.now.saturating_add(MAX_DISCONNECTION), id, member));
        (self.away.len() > MOST_AWAY).then(|| self.away.remove(self.first_away()).1)
    }

    /// Removes the next member that has been away too long.
    pub(super) fn forget(&mut self) -> Option<MemberId> {
        let first = self.away.get(self.first_away())?;
        (first.0 <= self.now).then(|| self.away.remove(self.first_away()).1)
    }

    fn first_away(&self) -> usize {
        let key = |at: &usize| (self.away[*at].0, format!("pid-{}", self.away[*at].1.0));
        (0..self.away.len()).min_by_key(key).unwrap_or_default()
    }

    /// A member comes back that has seen the event of this number. Returns it and the numbers of the events that it
    /// missed.
    pub(super) fn comes_back(&mut self, id: MemberId, namespace: usize, seen: usize) -> Option<(Member, Vec<usize>)> {
        self.events.iter().find(|event| event.number == seen)?;
        let at = self.away.iter().position(|(_, away, member)| *away == id && member.namespace == namespace)?;
        let (_, _, member) = self.away.remove(at);
        let missed = self.events.iter().filter(|event| event.number > seen && event.target.means(&member));
        let missed = missed.map(|event| event.number).collect();
        Some((member, missed))
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        let answers = self.questions.values().map(|question| question.deadline);
        answers.chain(self.away.iter().map(|(until, ..)| *until)).min()
    }
}
