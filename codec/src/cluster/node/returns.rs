//! Clients that are coming back, as far as that has got.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::event::QuestionId;
use super::questions::add_rooms;
use super::wire::Wire;
use crate::Text;
use crate::cluster::event::Event as Said;
use crate::cluster::message::{Envelope, Message};
use crate::cluster::options::Options;
use crate::cluster::room::RoomKey;
use crate::cluster::streams::{Entry, EntryId, Session};
use crate::engineio::{Encoded, Sid};
use crate::socketio::hub::Room;
use crate::socketio::{Namespace, Object};
use crate::time::Timestamp;

/// How often a stream is read for one client, at most; a client for which that is not enough is new.
const ROUNDS: u8 = 100;

/// The clients whose sessions are being looked for.
#[derive(Debug)]
pub(super) struct Returns {
    /// In the order of their deadlines.
    pending: BTreeMap<QuestionId, Return>,
    /// Those that have got more than this server itself has read, by stream.
    ahead: BTreeMap<Text, BTreeSet<(EntryId, QuestionId)>>,
    bytes: usize,
    max_bytes: usize,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Return {
    pub(super) namespace: Namespace,
    pub(super) wire: Wire,
    pub(super) pid: Sid,
    pub(super) handshake: Object,
    /// The last entry that it has got.
    pub(super) offset: EntryId,
    pub(super) deadline: Timestamp,
    pub(super) stage: Stage,
}

#[derive(Debug)]
pub(super) enum Stage {
    /// Its session is being taken.
    Taking,
    /// What it missed is being read.
    Reading(Box<Reading>),
}

#[derive(Debug)]
pub(super) struct Reading {
    pub(super) session: Session,
    names: BTreeSet<Room>,
    numbers: BTreeSet<i64>,
    /// No entry up to here is unknown; `None` until the offset itself was found.
    covered: Option<EntryId>,
    /// How far this server itself had read when the stream was asked last.
    goal: EntryId,
    /// How often it may still be asked.
    rounds: u8,
    missed: Vec<Missed>,
    bytes: usize,
}

/// An event that it was to get.
#[derive(Debug)]
struct Missed {
    at: EntryId,
    delivery: Delivery,
    messages: Encoded,
}

/// When the members that were there get an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// When this server reads it.
    WhenRead,
    /// They have got it: this server's own, which could not wait for that.
    Done,
}

impl Returns {
    pub(super) const fn new(max_bytes: usize) -> Self {
        Self { pending: BTreeMap::new(), ahead: BTreeMap::new(), bytes: 0, max_bytes }
    }

    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.pending.first_key_value().map(|(_, first)| first.deadline)
    }

    pub(super) fn expire(&mut self, now: Timestamp) -> Option<QuestionId> {
        let (id, _) = self.pending.first_key_value().filter(|(_, first)| first.deadline <= now)?;
        let id = *id;
        self.take(id).map(|_| id)
    }

    pub(super) fn first(&self) -> Option<QuestionId> {
        self.pending.first_key_value().map(|(id, _)| *id)
    }

    pub(super) fn begin(&mut self, id: QuestionId, coming: Return) {
        self.pending.insert(id, coming);
    }

    pub(super) fn of(&mut self, id: QuestionId) -> Option<&mut Return> {
        self.pending.get_mut(&id)
    }

    /// Has a client wait until this server has read what it has got.
    pub(super) fn wait(&mut self, id: QuestionId) {
        if let Some((stream, place)) = self.pending.get(&id).and_then(|coming| coming.place(id)) {
            self.ahead.entry(stream).or_default().insert(place);
        }
    }

    /// One that has waited, and needs not any more: this server has read its stream up to `position`.
    pub(super) fn resume(&mut self, stream: &Text, position: EntryId) -> Option<QuestionId> {
        let (_, id) = *self.ahead.get(stream)?.first().filter(|(offset, _)| *offset <= position)?;
        self.wait_no_more(id);
        Some(id)
    }

    fn wait_no_more(&mut self, id: QuestionId) {
        let Some((stream, place)) = self.pending.get(&id).and_then(|coming| coming.place(id)) else { return };
        if let Some(ahead) = self.ahead.get_mut(&stream) {
            ahead.remove(&place);
            if ahead.is_empty() {
                self.ahead.remove(&stream);
            }
        }
    }

    /// Keeps an event for a client; whether there is room for it.
    pub(super) fn keep(&mut self, id: QuestionId, at: EntryId, delivery: Delivery, messages: Encoded) -> bool {
        let Some(Return { stage: Stage::Reading(reading), .. }) = self.pending.get_mut(&id) else { return false };
        let bytes = messages.frames().map(|frame| frame.len()).fold(64, usize::saturating_add);
        if self.bytes.saturating_add(bytes) > self.max_bytes {
            return false;
        }
        self.bytes = self.bytes.saturating_add(bytes);
        reading.bytes = reading.bytes.saturating_add(bytes);
        reading.missed.push(Missed { at, delivery, messages });
        true
    }

    pub(super) fn take(&mut self, id: QuestionId) -> Option<Return> {
        self.wait_no_more(id);
        let coming = self.pending.remove(&id)?;
        if let Stage::Reading(reading) = &coming.stage {
            self.bytes = self.bytes.saturating_sub(reading.bytes);
        }
        Some(coming)
    }
}

#[cfg(test)]
impl Returns {
    pub(super) fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.ahead.is_empty() && self.bytes == 0
    }
}

impl Return {
    /// Whether a session is the one that was asked for, with rooms that a member can be in at a time.
    pub(super) fn is_of(&self, session: &Session, most_rooms: usize) -> bool {
        let own = RoomKey::from(&session.sid);
        let others = session.rooms.iter().filter(|room| **room != own).count();
        session.pid == self.pid && others < most_rooms
    }

    /// The session was found: what the client missed is to be read.
    pub(super) fn found(&mut self, session: Session) {
        let (mut names, mut numbers) = Default::default();
        add_rooms(&mut names, &mut numbers, session.rooms.iter().cloned());
        let (covered, goal) = (None, EntryId::default());
        self.stage = Stage::Reading(Box::new(Reading {
            session,
            names,
            numbers,
            covered,
            goal,
            rounds: ROUNDS,
            missed: Vec::new(),
            bytes: 0,
        }));
    }

    fn place(&self, id: QuestionId) -> Option<(Text, (EntryId, QuestionId))> {
        Some((self.wire.stream()?.clone(), (self.offset, id)))
    }

    /// From where to ask which stream next, if it may be asked once more. `position` is how far this server itself has read.
    pub(super) fn ask(&mut self, position: EntryId) -> Option<(Text, EntryId)> {
        let Stage::Reading(reading) = &mut self.stage else { return None };
        reading.rounds = reading.rounds.checked_sub(1)?;
        reading.goal = position;
        let from = reading.covered.map_or(self.offset, EntryId::next);
        Some((self.wire.stream()?.clone(), from))
    }

    /// What an entry says to the client; nothing if it is not for it, or nobody can read it.
    pub(super) fn event(&self, entry: Entry) -> Option<Said> {
        let Stage::Reading(reading) = &self.stage else { return None };
        match self.wire.read_entry(entry) {
            Ok(Some(Envelope { message: Message::Broadcast { packet, options }, .. }))
                if !options.flags.volatile && reading.is_meant(&options) =>
            {
                Some(packet.event)
            }
            _ => None,
        }
    }

    pub(super) fn reading(&mut self) -> Option<&mut Reading> {
        if let Stage::Reading(reading) = &mut self.stage { Some(reading) } else { None }
    }
}

impl Reading {
    pub(super) const fn is_first(&self) -> bool {
        self.covered.is_none()
    }

    /// Entries up to `last` have come, and if they `are_all`, there were no others. `false` if not even the offset did.
    pub(super) fn cover(&mut self, last: Option<EntryId>, are_all: bool) -> bool {
        let Some(seen) = last.max(self.covered) else { return false };
        self.covered = Some(if are_all { seen.max(self.goal) } else { seen });
        true
    }

    /// Whether everything is known that this server itself has read, and its members have got.
    pub(super) fn has_covered(&self, position: EntryId) -> bool {
        self.covered.is_some_and(|covered| position <= covered)
    }

    /// Whether an event was for it, by the rooms that it was in.
    pub(super) fn is_meant(&self, options: &Options) -> bool {
        let is_in = |rooms: &[RoomKey]| {
            rooms.iter().any(|room| match room {
                RoomKey::Name(name) => self.names.contains(name),
                RoomKey::Number(number) => self.numbers.contains(number),
                RoomKey::Other(_) => false,
            })
        };
        (options.rooms.is_empty() || is_in(&options.rooms)) && !is_in(&options.except)
    }

    pub(super) const fn rooms(&self) -> &BTreeSet<Room> {
        &self.names
    }

    /// The events that it does not get as a member from now on: those behind `position` are yet to be read.
    pub(super) fn missed(&mut self, position: EntryId) -> Vec<Encoded> {
        let missed = core::mem::take(&mut self.missed).into_iter();
        let is_past = |missed: &Missed| missed.at <= position || missed.delivery == Delivery::Done;
        missed.filter(is_past).map(|missed| missed.messages).collect()
    }
}
