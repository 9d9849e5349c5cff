//! Windows and deadlines, and how the server's timers affect them.

use std::time::Duration;

use sio_codec::Timestamp;

use super::outcome::Evidence;
use super::plays::Play;
use super::stage::{Replay, Stage};
use super::timer::{Timer, duration};
use super::wire::Wire;
use crate::trace::{Action, Bounds, Channel, Level, Server, Weight};

/// How long an optional step is waited for. Shorter than any ping timeout, because pings that the trace mentions are
/// not answered during this time.
const OPTIONAL: Duration = Duration::from_millis(150);

/// With a longer round trip, a conversation may take longer than a timer of the server.
const FAR: Duration = Duration::from_millis(20);

/// A server's timer starts before the client sees it; on busy machines, earlier by up to this time.
const HEAD_START: Duration = Duration::from_millis(40);

/// The time that a server needs for an answer. If a timer leaves less, the timer may be why there was none.
const MOMENT: Duration = Duration::from_millis(50);

/// How often the reference checks whether a GET has ended. A client that repeats a GET may have to wait this long.
//= EIO4-UP-04
const TURN: Duration = Duration::from_millis(100);

impl Replay {
    /// What is wrong with the time at which something was seen.
    pub(super) fn untimely(&self, play: &Play, at: Timestamp, base: Timestamp) -> Option<String> {
        let bounds = self.bounds(play)?;
        let after = at.saturating_since(base);
        let jitter = self.lateness + self.conditions.grace + self.conditions.spread;
        let early = bounds.low.is_some_and(|low| after + jitter < duration(low));
        let late = bounds.high.is_some_and(|high| after > duration(high) + self.slack());
        (early || late).then(|| format!("it came after {} ms", after.as_millis()))
    }

    /// The reason not to judge an end that a timer may have caused, if the trace is not about the timer.
    pub(super) fn ended_by_timer(&mut self, play: &Play, at: Timestamp) -> Option<String> {
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

    /// Whether a trace is about a timer of the server: it covers a rule about it, or one of its windows or waits
    /// depends on its duration.
    pub(super) fn is_about(&self, timer: Timer) -> bool {
        self.timed.contains(timer.hole())
    }

    /// The extra time at the end of a window: a request first needs a connection, and each takes a round trip.
    pub(super) fn slack(&self) -> Duration {
        self.lateness + self.conditions.grace + self.conditions.spread + 2 * self.conditions.round_trip
    }

    /// How long an answer without a window may take.
    pub(super) fn patience(&self) -> Duration {
        self.conditions.step + self.lateness + 4 * self.conditions.round_trip
    }

    pub(super) fn bounds(&self, play: &Play) -> Option<Bounds> {
        play.step.notes.window.as_ref().and_then(|window| window.bounds(&self.bindings).ok())
    }

    /// The moment at which a step's window begins.
    pub(super) fn base(&self, play: &Play, channel: &Channel) -> Timestamp {
        let after = play.step.notes.window.as_ref().and_then(|window| window.after.as_ref());
        let wire = self.channels.get(after.unwrap_or(channel));
        wire.map_or(self.started, |wire| wire.last)
    }

    /// When a step has waited long enough.
    pub(super) fn deadline(&self, play: &Play, channel: &Channel) -> Option<Timestamp> {
        let Stage::Expecting(block) = &self.stage else { return None };
        let base = self.base(play, channel);
        if let Action::Server(_, Server::Quiet(period)) = &play.step.action {
            let period = duration(period.eval(&self.bindings).unwrap_or(0)) + self.conditions.round_trip;
            return Some(base.max(block.entered).saturating_add(period));
        }
        Some(match self.bounds(play).and_then(|bounds| bounds.high) {
            // A little after the end, so that a late answer is reported as late and not as missing.
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

    /// The reason not to judge if the server is so far away that the conversation takes longer than one of its timers.
    pub(super) fn is_too_far(&self, play: &Play, evidence: Evidence) -> Option<String> {
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
            Evidence::Content | Evidence::Ended | Evidence::Untimely | Evidence::Overtaken => {
                wire.and_then(Wire::front_at).unwrap_or(self.now)
            }
            // The time at which an answer would have arrived.
            Evidence::Missing => match wire.and_then(|wire| wire.sent_again(block.entered)) {
                Some(again) => again.saturating_add(TURN + self.slack()),
                None => block.entered.saturating_add(self.slack()),
            },
        };
        let at = at.saturating_add(HEAD_START);
        let ended = |(channel, wire): (&Channel, &Wire)| {
            // What has ended already did so at its own time.
            let end = wire.front_at().filter(|_| wire.saw_end()).map(|end| end.saturating_add(HEAD_START));
            let at = end.map_or(at, |end| at.min(end));
            let known = self.sessions.ended_on(channel, at, &self.conditions).map(|(timer, _)| timer);
            // If a timer's time could not be measured, it may have caused any end that it can cause.
            let may_be = self.conditions.upgrade_timeout.is_none() && self.sessions.is_candidate(channel);
            known.or_else(|| (may_be && wire.saw_end()).then_some(Timer::Upgrade))
        };
        self.channels.iter().filter_map(ended).find(|timer| !self.is_about(*timer))
    }

    /// Whether something came, or was missing, after a timer may have ended its session. A busy machine can leave a
    /// session without a GET, and so a ping unanswered, for a moment; that does not show anything about the subject of
    /// the trace.
    pub(super) fn came_too_late(&self, play: &Play, evidence: Evidence) -> bool {
        match (evidence, play.step.channel()) {
            (Evidence::Content | Evidence::Ended, Some(channel)) => {
                self.outlived(channel) || self.crossed_a_ping(channel)
            }
            (Evidence::Missing, Some(_)) => self.timer_before(play, evidence).is_some(),
            _ => false,
        }
    }

    /// Whether a ping took the answer of a GET while the client said something else. The GET that is sent after it comes too
    /// late if that ended the session, and it changes places with another GET, which is then the first of the two.
    fn crossed_a_ping(&self, channel: &Channel) -> bool {
        let (Stage::Expecting(block), Some(wire)) = (&self.stage, self.channels.get(channel)) else { return false };
        let was_sent_again = |wire: &Wire| wire.sent_again(block.entered).is_some();
        let sid = self.sessions.sid(channel);
        let mut others = self.channels.iter().filter(|(other, _)| *other != channel && self.sessions.sid(other) == sid);
        wire.is_refused() && was_sent_again(wire) || wire.is_get() && others.any(|(_, other)| was_sent_again(other))
    }

    /// Whether an unread item came when a timer that the trace is not about may have ended its session, so that the
    /// server had hardly any time to behave correctly.
    pub(super) fn outlived(&self, channel: &Channel) -> bool {
        let Some((wire, at)) = self.channels.get(channel).and_then(|wire| Some((wire, wire.front_at()?))) else {
            return false;
        };
        let ended = |at: Timestamp| self.sessions.ended_on(channel, at.saturating_add(HEAD_START), &self.conditions);
        let moment = MOMENT + self.conditions.round_trip + self.lateness;
        ended(at).is_some_and(|(timer, _)| !self.is_about(timer)) && ended(wire.last.saturating_add(moment)).is_some()
    }

    /// Whether a step weighs less than the subject of its trace, so that the replay continues without it.
    pub(super) fn is_minor(&self, play: &Play) -> bool {
        let weight = |level: Option<Level>| level.map(Level::rank);
        play.step.notes.weight == Weight::Should
            || weight(self.rule.for_step(&play.step).level) > weight(self.rule.level)
    }
}
