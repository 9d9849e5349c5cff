//! Handles the result of a comparison: the step was seen, or something differs.

use sio_codec::Timestamp;

use super::outcome::{Departure, Difference, Evidence, Verdict};
use super::plays::Play;
use super::stage::{Advance, Awaited, Mode, Replay};
use super::wire::{Attention, Kind, Wire};
use crate::trace::{Action, Channel, Server, Weight};

impl Replay {
    /// Handles a step that was seen, and so was removed from its channel.
    pub(super) fn matched(
        &mut self,
        awaited: &Awaited,
        channel: &Channel,
        at: Timestamp,
        lenient: Option<String>,
    ) -> Advance {
        let Awaited { index, play } = awaited;
        let base = self.base(play, channel);
        if let Some(wire) = self.channels.get_mut(channel) {
            wire.last = wire.last.max(at);
        }
        if let Some(untimely) = self.untimely(play, at, base) {
            return self.untimely_step(awaited, untimely);
        }
        if let Some(actual) = self.ended_by_timer(play, at) {
            return self.ended_in_time(awaited, actual);
        }
        if let Some(actual) = lenient
            && play.step.notes.weight == Weight::Lenient
        {
            let difference = self.difference(play, Departure::new(Evidence::Content, play.step.to_string(), actual));
            self.remark(Difference { rule: difference.rule.clone().accepted(), ..difference });
        }
        self.close_step(*index)
    }

    /// Handles an end that a timer of the server may have caused. A recording cannot tell what would have come instead.
    pub(super) fn ended_in_time(&mut self, awaited: &Awaited, actual: String) -> Advance {
        let departure = Departure::new(Evidence::Ended, awaited.play.step.to_string(), actual);
        match self.mode {
            Mode::Judge(_) => self.differs(awaited, departure),
            Mode::Record(_) => self.conclude(Verdict::HeldUp(self.difference(&awaited.play, departure))),
        }
    }

    /// Handles a step that was seen at the wrong time. A recording keeps its windows.
    fn untimely_step(&mut self, awaited: &Awaited, actual: String) -> Advance {
        let Awaited { index, play } = awaited;
        let difference = self.difference(play, Departure::new(Evidence::Untimely, play.step.to_string(), actual));
        if let Mode::Judge(_) = self.mode {
            if let Some(why) = self.is_too_far(play, Evidence::Untimely) {
                return self.conclude(Verdict::NotApplicable(why));
            }
            if play.step.notes.weight == Weight::Setup {
                self.timeline.fault(self.now, None, &difference.expected);
                return self.conclude(Verdict::HeldUp(difference));
            }
            if !self.is_minor(play) {
                self.timeline.fault(self.now, None, &difference.expected);
                return self.depart(difference);
            }
            self.remark(difference);
        }
        self.close_step(*index)
    }

    /// Handles a step that differs from the trace.
    pub(super) fn differs(&mut self, awaited: &Awaited, departure: Departure) -> Advance {
        let Awaited { index, play } = awaited;
        let evidence = departure.evidence;
        if play.step.notes.weight == Weight::Lenient && self.is_optional(play) {
            return self.close_step(*index);
        }
        if let Some(why) = self.is_too_far(play, evidence) {
            return self.conclude(Verdict::NotApplicable(why));
        }
        let is_overtaken = self.came_too_late(play, evidence);
        let evidence = if is_overtaken { Evidence::Overtaken } else { evidence };
        let difference = self.difference(play, Departure { evidence, ..departure });
        if play.step.notes.weight == Weight::Setup || is_overtaken {
            self.timeline.fault(self.now, self.front_entry(play), &difference.expected);
            return self.conclude(Verdict::HeldUp(difference));
        }
        if let Mode::Record(_) = self.mode {
            self.rewrite(*index);
            return self.close_step(*index);
        }
        if self.is_minor(play) {
            if let (Evidence::Missing, Some(channel)) = (evidence, play.step.channel())
                && let Some(wire) = self.channels.get_mut(channel)
            {
                wire.attention = Attention::GivenUp;
            }
            self.pass_over(play);
            self.remark(difference);
            return self.close_step(*index);
        }
        self.timeline.fault(self.now, self.front_entry(play), &difference.expected);
        self.depart(difference)
    }

    /// The entry of the timeline that a step was compared with.
    fn front_entry(&self, play: &Play) -> Option<usize> {
        play.step.channel().and_then(|channel| self.channels.get(channel)).and_then(Wire::front_entry)
    }

    /// Whether a step marked `lenient` expects one more packet of a payload that has none left; the packet may be
    /// missing.
    fn is_optional(&self, play: &Play) -> bool {
        let Action::Server(channel, Server::Packet(_)) = &play.step.action else { return false };
        let wire = self.channels.get(channel);
        wire.is_some_and(|wire| matches!(&wire.kind, Kind::Request(exchange) if exchange.answer.is_read()))
    }
}
