//! The server's half: neighbouring S steps wait for what they describe.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use sio_codec::Timestamp;

use super::compare::{Look, Reading, Strictness};
use super::probe::Probe;
use super::sessions::Timer;
use super::wire::{Attention, Kind, Wire};
use super::{Difference, Evidence, Mode, Play, Replay, Stage, Verdict, duration};
use crate::trace::{Action, Bounds, Channel, Level, Server, Session, Weight};

/// How long a step is waited for that the trace can do without. Short of any ping timeout: nobody answers a ping that the
/// trace speaks of meanwhile.
const OPTIONAL: Duration = Duration::from_millis(150);

/// A server with a longer round trip is so far away that a conversation may take longer than a timer of the server.
const FAR: Duration = Duration::from_millis(20);

/// A timer of the server runs since before anything was heard of it: by so much, where machines are busy.
const HEAD_START: Duration = Duration::from_millis(40);

/// What a server has at least for an answer, lest a timer be taken for the reason why there was none.
const MOMENT: Duration = Duration::from_millis(50);

/// The reference looks this often for a GET to end, so that a client that has to send one again may wait for its turn.
//= EIO4-UP-04
const TURN: Duration = Duration::from_millis(100);

/// The S steps between two C steps.
#[derive(Debug)]
pub(super) struct Block {
    range: Range<usize>,
    /// The steps that were not seen yet.
    open: BTreeSet<usize>,
    pub(super) entered: Timestamp,
    pub(super) probe: Probe,
}

impl Block {
    pub(super) fn new(plays: &[Play], start: usize, entered: Timestamp) -> Self {
        let is_server =
            |play: &&Play| matches!(play.step.action, Action::Server(..)) || is_session_check(&play.step.action);
        let len = plays.iter().skip(start).take_while(is_server).count();
        let range = start..start + len;
        Self { open: range.clone().collect(), range, entered, probe: Probe::None }
    }
}

const fn is_session_check(action: &Action) -> bool {
    matches!(action, Action::Session(Session::Gone(_) | Session::Alive | Session::Quiet(_)))
}

impl Replay {
    /// Looks at what has arrived; `true` if anything came of it.
    pub(super) fn check_block(&mut self) -> bool {
        let Stage::Expecting(block) = &self.stage else { return false };
        if block.open.is_empty() {
            self.cursor = block.range.end;
            self.stage = Stage::Ready;
            return true;
        }
        let mut busy: BTreeSet<Channel> = BTreeSet::new();
        for index in block.open.clone() {
            let Some(play) = self.plays.get(index).cloned() else { return false };
            let progressed = match &play.step.action {
                Action::Server(channel, expected) => {
                    busy.insert(channel.clone()) && self.check_channel(index, &play, channel, expected)
                }
                // It stands below the steps before it: first things first.
                Action::Session(_) if !busy.is_empty() => return false,
                Action::Session(session) => return self.check_session(index, &play, session),
                Action::Client(..) => false,
            };
            if progressed {
                return true;
            }
        }
        false
    }

    fn check_channel(&mut self, index: usize, play: &Play, channel: &Channel, expected: &Server) -> bool {
        let base = self.base(play, channel);
        self.bindings.bind("i", play.counter);
        let look = match self.channels.get_mut(channel) {
            None => Look::differs("a channel that was opened above", "there is none"),
            Some(wire) => {
                let strictness = match play.step.notes.weight {
                    Weight::Setup => Strictness::Setup,
                    Weight::Required | Weight::Should | Weight::Lenient => Strictness::Subject,
                };
                let offsets = self.sessions.offsets();
                wire.look(expected, Reading { bindings: &mut self.bindings, strictness, offsets }, self.now)
            }
        };
        self.bindings.unbind("i");
        match look {
            Look::Pending => self.check_overdue(index, play, channel, expected),
            Look::Matched { at, lenient } => self.matched(index, play, channel, at, base, lenient),
            Look::Differs { wanted, actual, evidence } => self.differs(index, play, evidence, wanted, actual),
        }
    }

    fn matched(
        &mut self,
        index: usize,
        play: &Play,
        channel: &Channel,
        at: Timestamp,
        base: Timestamp,
        lenient: Option<String>,
    ) -> bool {
        if let Some(wire) = self.channels.get_mut(channel) {
            wire.last = wire.last.max(at);
        }
        if let Some(untimely) = self.untimely(play, at, base) {
            return self.untimely_step(index, play, untimely);
        }
        if let Some(untimely) = self.ended_by_timer(play, at) {
            return self.differs(index, play, Evidence::Ended, play.step.to_string(), untimely);
        }
        if let Some(actual) = lenient
            && play.step.notes.weight == Weight::Lenient
        {
            let difference = self.difference(play, Evidence::Content, play.step.to_string(), actual);
            self.remark(Difference { rule: difference.rule.clone().accepted(), ..difference });
        }
        self.close_step(index);
        true
    }

    /// Deals with a step that was seen, and so taken out of its channel, at the wrong time. A recording keeps its windows.
    fn untimely_step(&mut self, index: usize, play: &Play, actual: String) -> bool {
        let difference = self.difference(play, Evidence::Untimely, play.step.to_string(), actual);
        if let Mode::Judge(_) = self.mode {
            if let Some(why) = self.is_too_far(play, Evidence::Untimely) {
                self.conclude(Verdict::NotApplicable(why));
                return false;
            }
            if play.step.notes.weight == Weight::Setup {
                self.timeline.fault(self.now, None, &difference.expected);
                self.conclude(Verdict::HeldUp(difference));
                return false;
            }
            if !self.is_minor(play) {
                self.timeline.fault(self.now, None, &difference.expected);
                self.depart(difference);
                return false;
            }
            self.remark(difference);
        }
        self.close_step(index);
        true
    }

    /// What is wrong with the time at which something was seen.
    fn untimely(&self, play: &Play, at: Timestamp, base: Timestamp) -> Option<String> {
        let bounds = self.bounds(play)?;
        let after = at.saturating_since(base);
        let jitter = self.noise + self.conditions.grace + self.conditions.spread;
        let early = bounds.low.is_some_and(|low| after + jitter < duration(low));
        let late = bounds.high.is_some_and(|high| after > duration(high) + self.slack());
        (early || late).then(|| format!("it came after {} ms", after.as_millis()))
    }

    /// What is to be said if a timer that the trace is not about may have ended what it sees the end of.
    fn ended_by_timer(&mut self, play: &Play, at: Timestamp) -> Option<String> {
        let Action::Server(channel, Server::Closed(_) | Server::End) = &play.step.action else { return None };
        let found = self.sessions.ended_on(channel, at, &self.conditions);
        match found.filter(|(timer, _)| !self.is_about(*timer)) {
            Some((timer, after)) => {
                Some(format!("it ended after {} ms, when {timer} ends any session", after.as_millis()))
            }
            None => {
                self.sessions.over(channel);
                None
            }
        }
    }

    /// Whether a trace is about a timer of the server: it covers a rule of the timer's, or one of its windows, or the time
    /// that its client waits, depends on the timer's duration.
    pub(super) fn is_about(&self, timer: Timer) -> bool {
        self.timed.contains(timer.hole())
    }

    /// What is forgiven at the end of a window: a request needs a connection first, and each takes a round trip.
    pub(super) fn slack(&self) -> Duration {
        self.noise + self.conditions.grace + self.conditions.spread + 2 * self.conditions.round_trip
    }

    /// How long something without a window may take.
    pub(super) fn patience(&self) -> Duration {
        self.conditions.step + self.noise + 4 * self.conditions.round_trip
    }

    pub(super) fn bounds(&self, play: &Play) -> Option<Bounds> {
        play.step.notes.window.as_ref().and_then(|window| window.bounds(&self.bindings).ok())
    }

    /// The moment from which a step's window is counted.
    fn base(&self, play: &Play, channel: &Channel) -> Timestamp {
        let after = play.step.notes.window.as_ref().and_then(|window| window.after.as_ref());
        let wire = self.channels.get(after.unwrap_or(channel));
        wire.map_or(self.started, |wire| wire.last)
    }

    /// Whether a step that is still open has waited too long, or, for silence, long enough.
    fn check_overdue(&mut self, index: usize, play: &Play, channel: &Channel, expected: &Server) -> bool {
        let Some(deadline) = self.deadline(play, channel) else { return false };
        if deadline > self.now {
            return false;
        }
        if matches!(expected, Server::Quiet(_)) {
            self.close_step(index);
            return true;
        }
        let waited = self.now.saturating_since(self.base(play, channel)).as_millis();
        let on = if matches!(self.channels.get(channel).map(|wire| &wire.kind), Some(Kind::Request(_))) {
            "the request is still unanswered"
        } else {
            "nothing arrived"
        };
        self.differs(index, play, Evidence::Missing, play.step.to_string(), format!("{on} after {waited} ms"))
    }

    /// When a step has waited long enough.
    fn deadline(&self, play: &Play, channel: &Channel) -> Option<Timestamp> {
        let Stage::Expecting(block) = &self.stage else { return None };
        let base = self.base(play, channel);
        if let Action::Server(_, Server::Quiet(period)) = &play.step.action {
            let period = duration(period.eval(&self.bindings).unwrap_or(0)) + self.conditions.round_trip;
            return Some(base.max(block.entered).saturating_add(period));
        }
        Some(match self.bounds(play).and_then(|bounds| bounds.high) {
            // A little past the end, so that something late is reported as late and not as missing.
            Some(high) => base.saturating_add(duration(high) + self.slack() + Duration::from_millis(100)),
            None if self.is_minor(play) && self.may_stay_silent(channel) => {
                block.entered.max(base).saturating_add(OPTIONAL + self.slack())
            }
            None => block.entered.max(base).saturating_add(self.patience()),
        })
    }

    fn may_stay_silent(&self, channel: &Channel) -> bool {
        self.channels.get(channel).is_some_and(Wire::may_stay_silent)
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

    pub(super) fn close_step(&mut self, index: usize) {
        if let Stage::Expecting(block) = &mut self.stage {
            block.open.remove(&index);
            block.probe = Probe::None;
        }
    }

    /// Deals with a step that is not as written.
    pub(super) fn differs(
        &mut self,
        index: usize,
        play: &Play,
        evidence: Evidence,
        expected: String,
        actual: String,
    ) -> bool {
        if play.step.notes.weight == Weight::Lenient && self.is_optional(play) {
            self.close_step(index);
            return true;
        }
        if let Some(why) = self.is_too_far(play, evidence) {
            self.conclude(Verdict::NotApplicable(why));
            return false;
        }
        let difference = self.difference(play, evidence, expected, actual);
        if play.step.notes.weight == Weight::Setup || self.came_too_late(play, evidence) {
            self.timeline.fault(self.now, self.front_entry(play), &difference.expected);
            self.conclude(Verdict::HeldUp(difference));
            return false;
        }
        if let Mode::Record(_) = self.mode {
            self.close_step(index);
            self.rewrite(index);
            return true;
        }
        if self.is_minor(play) {
            if let (Evidence::Missing, Some(channel)) = (evidence, play.step.channel())
                && let Some(wire) = self.channels.get_mut(channel)
            {
                wire.attention = Attention::GivenUp;
            }
            self.pass_over(play);
            self.remark(difference);
            self.close_step(index);
            return true;
        }
        self.timeline.fault(self.now, self.front_entry(play), &difference.expected);
        self.depart(difference);
        false
    }

    /// Why nothing can be said where a server is so far away that the conversation takes longer than one of its timers.
    fn is_too_far(&self, play: &Play, evidence: Evidence) -> Option<String> {
        let round_trip = Some(self.conditions.round_trip).filter(|round_trip| *round_trip >= FAR)?;
        let millis = round_trip.as_millis();
        if let Some(timer) = self.timer_before(play, evidence) {
            return Some(format!("with a round trip of {millis} ms it takes longer than {timer} of the server"));
        }
        let has_crossed = play.step.channel().is_some_and(|channel| self.crossed_a_ping(channel));
        has_crossed.then(|| format!("with a round trip of {millis} ms a ping crosses what the client says"))
    }

    /// A timer that the trace is not about, and that may have run out before the server could do what a line says.
    fn timer_before(&self, play: &Play, evidence: Evidence) -> Option<Timer> {
        let Stage::Expecting(block) = &self.stage else { return None };
        let wire = play.step.channel().and_then(|channel| self.channels.get(channel));
        let at = match evidence {
            Evidence::Content | Evidence::Ended | Evidence::Untimely => {
                wire.and_then(Wire::front_at).unwrap_or(self.now)
            }
            // When an answer would have been here.
            Evidence::Missing => match wire.and_then(Wire::sent_again) {
                Some(again) if again > block.entered => again.saturating_add(TURN + self.slack()),
                _ => block.entered.saturating_add(self.slack()),
            },
        };
        let at = at.saturating_add(HEAD_START);
        let ended = |(channel, wire): (&Channel, &Wire)| {
            let known = self.sessions.ended_on(channel, at, &self.conditions).map(|(timer, _)| timer);
            // Of a timer whose time could not be measured, nothing is known but what it may have ended.
            let may_be = self.conditions.upgrade_timeout.is_none() && self.sessions.is_candidate(channel);
            known.or_else(|| (may_be && wire.saw_end()).then_some(Timer::Upgrade))
        };
        self.channels.iter().filter_map(ended).find(|timer| !self.is_about(*timer))
    }

    /// Whether something came, or did not come, after a timer may have ended its session, since nobody answered a ping on a
    /// session that has no GET for a moment and met a busy machine: that says nothing about what the trace is about.
    fn came_too_late(&self, play: &Play, evidence: Evidence) -> bool {
        match (evidence, play.step.channel()) {
            (Evidence::Content | Evidence::Ended, Some(channel)) => {
                self.outlived(channel) || self.crossed_a_ping(channel)
            }
            (Evidence::Missing, Some(_)) => self.timer_before(play, evidence).is_some(),
            _ => false,
        }
    }

    /// Whether a ping took the answer of a GET while the client said what may have ended the session, so that the GET after
    /// it came too late to be answered.
    fn crossed_a_ping(&self, channel: &Channel) -> bool {
        let (Stage::Expecting(block), Some(wire)) = (&self.stage, self.channels.get(channel)) else { return false };
        wire.is_refused() && wire.sent_again().is_some_and(|again| again >= block.entered)
    }

    /// Whether what is unread on a channel came when a timer that the trace is not about may have ended its session, and
    /// the server had hardly any time to do better before.
    pub(super) fn outlived(&self, channel: &Channel) -> bool {
        let Some((wire, at)) = self.channels.get(channel).and_then(|wire| Some((wire, wire.front_at()?))) else {
            return false;
        };
        let ended = |at: Timestamp| self.sessions.ended_on(channel, at.saturating_add(HEAD_START), &self.conditions);
        let moment = MOMENT + self.conditions.round_trip + self.noise;
        ended(at).is_some_and(|(timer, _)| !self.is_about(timer)) && ended(wire.last.saturating_add(moment)).is_some()
    }

    /// Whether a step weighs less than what its trace is about, so that the play goes on without it.
    fn is_minor(&self, play: &Play) -> bool {
        let weight = |level: Option<Level>| level.map(Level::rank);
        play.step.notes.weight == Weight::Should
            || weight(self.rule.for_step(&play.step).level) > weight(self.rule.level)
    }

    /// Where the timeline has what a step was compared with.
    fn front_entry(&self, play: &Play) -> Option<usize> {
        play.step.channel().and_then(|channel| self.channels.get(channel)).and_then(Wire::front_entry)
    }

    /// Whether a step asks for a packet of a payload that has none left: with `lenient`, it need not be there.
    fn is_optional(&self, play: &Play) -> bool {
        let Action::Server(channel, Server::Packet(_)) = &play.step.action else { return false };
        let wire = self.channels.get(channel);
        wire.is_some_and(|wire| matches!(&wire.kind, Kind::Request(exchange) if exchange.answer.is_read()))
    }

    /// Takes what does not fit out of its channel, so that the next step sees what follows it.
    pub(super) fn pass_over(&mut self, play: &Play) {
        if let (Some(channel), Action::Server(_, expected)) = (play.step.channel(), &play.step.action)
            && let Some(wire) = self.channels.get_mut(channel)
        {
            wire.skip(expected);
        }
    }

    fn remark(&mut self, difference: Difference) {
        if let Mode::Judge(notes) = &mut self.mode {
            notes.push(difference);
        }
    }
}
