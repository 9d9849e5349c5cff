//! The server's half: neighbouring S steps wait for what they describe.

use std::collections::BTreeSet;

use sio_codec::Timestamp;

use super::compare::Look;
use super::outcome::{Departure, Evidence};
use super::reading::{Reading, Strictness};
use super::stage::{Advance, Awaited, Block, Replay, Stage};
use super::wire::Kind;
use crate::trace::{Action, Channel, Server, Weight};

impl Replay {
    /// Compares the open steps with what has arrived.
    pub(super) fn check_block(&mut self) -> Advance {
        let Stage::Expecting(block) = &self.stage else { return Advance::Waits };
        if block.open.is_empty() {
            self.cursor = block.range.end;
            self.stage = Stage::Ready;
            return Advance::Moved;
        }
        let mut busy: BTreeSet<Channel> = BTreeSet::new();
        for index in block.open.clone() {
            let Some(play) = self.plays.get(index).cloned() else { return Advance::Waits };
            let awaited = Awaited { index, play };
            match &awaited.play.step.action {
                Action::Server(channel, expected) if busy.insert(channel.clone()) => {
                    match self.check_channel(&awaited, channel, expected) {
                        Advance::Waits => {}
                        advance @ (Advance::Moved | Advance::Over) => return advance,
                    }
                }
                // It comes after the steps above it, which must be seen first.
                Action::Session(_) if !busy.is_empty() => return Advance::Waits,
                Action::Session(session) => return self.check_session(&awaited, session),
                Action::Server(..) | Action::Client(..) => {}
            }
        }
        Advance::Waits
    }

    fn check_channel(&mut self, awaited: &Awaited, channel: &Channel, expected: &Server) -> Advance {
        match self.look(awaited, channel, expected) {
            Look::Pending => self.check_overdue(awaited, channel, expected),
            Look::Matched { at, lenient } => self.matched(awaited, channel, at, lenient),
            Look::Differs(departure) => self.differs(awaited, departure),
        }
    }

    fn look(&mut self, awaited: &Awaited, channel: &Channel, expected: &Server) -> Look {
        let Some(wire) = self.channels.get_mut(channel) else {
            return Look::differs("a channel that was opened above", "there is none");
        };
        let strictness = match awaited.play.step.notes.weight {
            Weight::Setup => Strictness::Setup,
            Weight::Required | Weight::Should | Weight::Lenient => Strictness::Subject,
        };
        self.bindings.bind("i", awaited.play.counter);
        let reading = Reading { bindings: &mut self.bindings, strictness, offsets: self.sessions.offsets() };
        let look = wire.look(expected, reading, self.now);
        self.bindings.unbind("i");
        look
    }

    /// Checks whether an open step has waited too long, or, for silence, long enough.
    fn check_overdue(&mut self, awaited: &Awaited, channel: &Channel, expected: &Server) -> Advance {
        let play = &awaited.play;
        if self.deadline(play, channel).is_none_or(|deadline| deadline > self.now) {
            return Advance::Waits;
        }
        if matches!(expected, Server::Quiet(_)) {
            return self.close_step(awaited.index);
        }
        let waited = self.now.saturating_since(self.base(play, channel)).as_millis();
        let on = if matches!(self.channels.get(channel).map(|wire| &wire.kind), Some(Kind::Request(_))) {
            "the request is still unanswered"
        } else {
            "nothing arrived"
        };
        let actual = format!("{on} after {waited} ms");
        self.differs(awaited, Departure::new(Evidence::Missing, play.step.to_string(), actual))
    }

    pub(super) fn block_deadline(&self, block: &Block) -> Option<Timestamp> {
        let mut busy: BTreeSet<&Channel> = BTreeSet::new();
        let mut deadlines = Vec::new();
        for index in &block.open {
            let play = self.plays.get(*index)?;
            match &play.step.action {
                Action::Server(channel, _) if busy.insert(channel) => deadlines.extend(self.deadline(play, channel)),
                Action::Server(..) | Action::Client(..) => {}
                Action::Session(_) if !busy.is_empty() => break,
                Action::Session(session) => {
                    deadlines.push(self.session_deadline(block, play, session));
                    break;
                }
            }
        }
        deadlines.into_iter().min()
    }
}
