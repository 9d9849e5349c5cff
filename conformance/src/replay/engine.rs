//! The engine: it takes a trace and what happens, and produces an outcome.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use sio_codec::{Machine, Output, Timestamp};

use super::aside::{Asides, Messages};
use super::command::{Command, Happening};
use super::outcome::{Conditions, Difference, Evidence, Outcome, Rule, Unjoined, Verdict};
use super::plays::{Play, plays, plays_joined, takes_time};
use super::pongs::Pongs;
use super::recording::Recording;
use super::sessions::Sessions;
use super::stage::{Advance, Block, Mode, Replay, Stage};
use super::timeline::Timeline;
use super::timer::{duration, known_timers, timed};
use super::wire::Wire;
use crate::trace::{Action, Channel, Expr, Need, Session, Trace};

impl Replay {
    /// A replay that judges a server by a trace.
    #[must_use]
    pub fn judge(trace: &Trace, now: Timestamp, conditions: Conditions) -> Self {
        Self::new(trace, now, conditions, Mode::Judge(Vec::new()))
    }

    /// A replay that writes the server's half of a trace from what it receives.
    /// [`into_recording`](Self::into_recording) returns the result.
    #[must_use]
    pub fn record(trace: &Trace, now: Timestamp, conditions: Conditions) -> Self {
        Self::new(trace, now, conditions, Mode::Record(Box::new(Recording::new(trace))))
    }

    /// The recording; `None` if this replay judges.
    #[must_use]
    pub fn into_recording(self) -> Option<Recording> {
        match self.mode {
            Mode::Record(recording) => Some(*recording),
            Mode::Judge(_) => None,
        }
    }

    /// Whether the trace is about packets in the form of MessagePack.
    pub(crate) const fn is_about_msgpack(&self) -> bool {
        self.is_about_msgpack
    }

    /// What was seen so far, for a replay that is cancelled.
    pub(crate) fn into_timeline(self) -> Timeline {
        self.timeline
    }

    /// Sets how late this machine was found to be. Every window is extended by that.
    pub fn observe_noise(&mut self, noise: Duration) {
        self.lateness = self.lateness.max(noise);
    }

    fn new(trace: &Trace, now: Timestamp, conditions: Conditions, mode: Mode) -> Self {
        // A trace that needs the application joins a namespace itself and expects its messages.
        let is_about_sessions = trace.header.covers.iter().all(|id| id.as_str().starts_with("EIO"))
            && !trace.header.needs.contains(&Need::Contract);
        // A client of Engine.IO 3 joins the main namespace without asking.
        let is_greeted = trace.header.needs.contains(&Need::Eio3);
        let (plays, messages) = match conditions.unjoined {
            Unjoined::Closed(_) if is_about_sessions && takes_time(trace) => (plays_joined(trace), Messages::SetAside),
            Unjoined::Closed(_) if is_about_sessions && is_greeted => (plays(trace), Messages::SetAside),
            Unjoined::Closed(_) | Unjoined::Lives => (plays(trace), Messages::Expected),
        };
        let mut replay = Self {
            asides: Asides::of(&plays, messages),
            sessions: Sessions::of(&trace.header, conditions.offsets),
            pongs: Pongs::default(),
            timed: timed(&trace.header.covers, &plays),
            plays,
            cursor: 0,
            stage: Stage::Ready,
            channels: BTreeMap::new(),
            ids: BTreeMap::new(),
            next_id: 0,
            bindings: known_timers(&conditions),
            rule: Rule::of(&trace.header),
            is_about_msgpack: trace.header.needs.contains(&Need::Msgpack),
            mode,
            conditions,
            lateness: Duration::ZERO,
            now,
            started: now,
            timeline: Timeline::default(),
            outputs: VecDeque::new(),
        };
        replay.proceed();
        replay
    }

    /// Plays steps until it has to wait.
    fn proceed(&mut self) {
        while self.advance() == Advance::Moved {}
    }

    fn advance(&mut self) -> Advance {
        match &self.stage {
            Stage::Ready => self.begin(),
            Stage::Waiting { until } if *until <= self.now => {
                self.stage = Stage::Ready;
                Advance::Moved
            }
            Stage::Settling { until } if *until <= self.now => {
                self.record_leftovers();
                self.stage = Stage::Ready;
                Advance::Moved
            }
            Stage::Opening { channel, until } => {
                let (channel, until) = (channel.clone(), *until);
                self.await_open(&channel, until)
            }
            Stage::Yielding { sid, until } => {
                let (sid, until) = (sid.clone(), *until);
                self.await_pong(&sid, until)
            }
            Stage::Expecting(_) => self.check_block(),
            Stage::Waiting { .. } | Stage::Settling { .. } => Advance::Waits,
            Stage::Done => Advance::Over,
        }
    }

    /// Begins the step at the cursor.
    fn begin(&mut self) -> Advance {
        let Some(play) = self.plays.get(self.cursor).cloned() else { return self.finish() };
        if let Some(yielding) = self.gives_way(&play) {
            self.stage = yielding;
            return Advance::Moved;
        }
        match &play.step.action {
            Action::Client(channel, action) => self.play(channel, action, &play),
            Action::Session(Session::Wait(period)) => self.wait(period, &play),
            Action::Session(Session::Call(_) | Session::Event(_)) => {
                self.conclude(Verdict::NotApplicable("it tests clients".to_owned()))
            }
            Action::Server(..) | Action::Session(_) => {
                self.stage = Stage::Expecting(Block::new(&self.plays, self.cursor, self.now));
                Advance::Moved
            }
        }
    }

    fn wait(&mut self, period: &Expr, play: &Play) -> Advance {
        let millis = match period.eval(&self.bindings) {
            Ok(millis) => millis,
            Err(unbound) => return self.hold_up(play, unbound.to_string()),
        };
        self.cursor += 1;
        self.timeline.note(self.now, format!("(the client waits {millis} ms)"));
        let round_trip = self.conditions.round_trip;
        // A time of the trace begins when everything sent before has arrived. A time of the server began one round trip
        // before the answer to the next message arrives.
        let is_servers = period.holes().next().is_some();
        let wait = duration(millis);
        let wait = if is_servers { wait.saturating_sub(round_trip) } else { wait + round_trip };
        self.stage = Stage::Waiting { until: self.now.saturating_add(wait) };
        Advance::Moved
    }

    /// The last step is over: no other packets may have arrived.
    fn finish(&mut self) -> Advance {
        if let Mode::Record(_) = self.mode {
            self.record_leftovers();
        } else if let Some((channel, difference)) = self.leftover() {
            return if self.outlived(&channel) {
                self.conclude(Verdict::HeldUp(Difference { evidence: Evidence::Overtaken, ..difference }))
            } else {
                self.depart(difference)
            };
        }
        let verdict = match &mut self.mode {
            Mode::Judge(seen) if !seen.is_empty() => Verdict::Departed(std::mem::take(seen)),
            Mode::Judge(_) | Mode::Record(_) => Verdict::Passed,
        };
        self.conclude(verdict)
    }

    /// The first item that arrived and that the trace does not mention.
    //= EIO4-GET-11
    fn leftover(&mut self) -> Option<(Channel, Difference)> {
        let heartbeats = self.asides.heartbeats;
        let (channel, wire, actual) =
            self.channels.iter().find_map(|(channel, wire)| Some((channel.clone(), wire, wire.unread(heartbeats)?)))?;
        let evidence = if wire.saw_end() { Evidence::Ended } else { Evidence::Content };
        self.timeline.fault(self.now, wire.front_entry(), "nothing more");
        let (rule, expected) = (self.rule.clone(), format!("nothing more on channel {channel}"));
        Some((channel, Difference { line: 0, rule, evidence, expected, actual }))
    }
}

impl Machine for Replay {
    type Input = Happening;
    type Transmit = Command;
    type Event = Box<Outcome>;

    fn handle(&mut self, now: Timestamp, happening: Happening) {
        self.now = self.now.max(now);
        if matches!(self.stage, Stage::Done) {
            return;
        }
        self.receive(happening);
        self.ping();
        self.settle_pongs();
        self.proceed();
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.resume_polls();
        self.ping();
        self.settle_pongs();
        self.proceed();
    }

    fn poll_output(&mut self) -> Option<Output<Command, Box<Outcome>>> {
        self.outputs.pop_front()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        let stage = match &self.stage {
            Stage::Waiting { until }
            | Stage::Settling { until }
            | Stage::Opening { until, .. }
            | Stage::Yielding { until, .. } => Some(*until),
            Stage::Expecting(block) => self.block_deadline(block),
            Stage::Ready | Stage::Done => None,
        };
        let polls = self.channels.values().filter_map(Wire::polls_again).min();
        [stage, polls, self.pongs.next_deadline(), self.next_ping()].into_iter().flatten().min()
    }
}
