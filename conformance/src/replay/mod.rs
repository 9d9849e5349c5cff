//! The engine that interprets a trace, itself a machine that does no I/O.
//!
//! It plays the client's half and checks the server's. What it wants done comes out as [`Command`]s, what happened goes
//! in as [`Happening`]s, and time is a number, so the same engine judges a server behind a URL and our own machines on a
//! virtual clock. It knows no socket and no terminal.
//!
//! ```text
//!            ┌─ C step: play it ────────────────┐
//!            ▼                                  │
//!  ─────▶  Ready ── C wait ──▶ Waiting ─────────┤
//!            │ ▲                                │
//!            │ └── every S step was seen ─────┐ │
//!            ▼                                │ │
//!        Expecting: the S steps up to the next C step
//!            │ a difference, or a deadline
//!            ▼
//!          Done: an Outcome
//! ```
//!
//! Reading order is the whole semantics: a C step is played once every S step above it was seen; neighbouring S steps of
//! different channels are seen in any order, those of one channel in the order written.
//!
//! Heartbeats are set aside, and answered, unless the trace mentions them; a noop that comes along with other packets is
//! set aside likewise.

mod aside;
mod command;
mod compare;
mod expect;
mod outcome;
mod play;
mod posts;
mod probe;
mod receive;
mod record;
mod sessions;
mod timeline;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use sio_codec::{Machine, Output, Timestamp};

use crate::trace::{Action, Bindings, Channel, Expr, Line, Need, Requirement, Server, Session, Step, Trace, Window};
use aside::{Asides, Messages};
pub use command::{Answer, Command, Happening, Id, Outgoing, Seen};
use expect::Block;
pub use outcome::{Conditions, Difference, Evidence, Outcome, Rule, Unjoined, Verdict};
use posts::Posts;
pub use record::Recording;
use sessions::{Sessions, Timer};
pub(crate) use timeline::shorten;
pub use timeline::{Entry, Mark, Timeline};
use wire::Wire;
pub(crate) use wire::hex;

/// What the engine does with what it sees.
#[derive(Debug)]
enum Mode {
    Judge(Vec<Difference>),
    Record(Box<Recording>),
}

/// One step, as often as it is repeated.
#[derive(Clone, Debug)]
pub(crate) struct Play {
    pub(crate) step: Arc<Step>,
    /// Which step of the trace it is, from 0.
    ordinal: usize,
    pub(crate) counter: u32,
}

/// The steps of a trace, each as often as it is repeated.
pub(crate) fn plays(trace: &Trace) -> Vec<Play> {
    repeated(trace.steps().cloned())
}

/// The steps of a trace about Engine.IO on a path where a session that joins no namespace is closed after a while: if the
/// trace lets time pass, its sessions join one.
fn plays_joined(trace: &Trace) -> Vec<Play> {
    let steps = trace.lines.iter().flat_map(|line| match line {
        Line::Setup(setup) => setup.joined_steps().unwrap_or_else(|| setup.steps().to_vec()),
        line => line.steps().to_vec(),
    });
    repeated(steps)
}

fn repeated(steps: impl Iterator<Item = Step>) -> Vec<Play> {
    let plays = steps.enumerate().flat_map(|(ordinal, step)| {
        let step = Arc::new(step);
        let times = step.notes.repeat.map_or(1, std::num::NonZeroU32::get);
        (0..times).map(move |counter| Play { step: Arc::clone(&step), ordinal, counter })
    });
    plays.collect()
}

/// Whether anything in a trace may take as long as a timer of the server.
fn takes_time(trace: &Trace) -> bool {
    trace.steps().any(|step| {
        let is_end = matches!(
            step.action,
            Action::Server(_, Server::Closed(_) | Server::End | Server::Quiet(_))
                | Action::Session(Session::Wait(_) | Session::Quiet(_) | Session::Gone(_))
        );
        is_end || step.notes.window.is_some()
    })
}

/// A trace in the course of being played against a server.
#[derive(Debug)]
pub struct Replay {
    plays: Vec<Play>,
    cursor: usize,
    stage: Stage,
    channels: BTreeMap<Channel, Wire>,
    ids: BTreeMap<Id, Owner>,
    next_id: u32,
    bindings: Bindings,
    asides: Asides,
    sessions: Sessions,
    posts: Posts,
    /// The holes of the timers that the trace is about, and whatever else its windows and waits depend on.
    timed: BTreeSet<String>,
    /// The rule that a line stands on which names none.
    rule: Rule,
    mode: Mode,
    conditions: Conditions,
    noise: Duration,
    now: Timestamp,
    started: Timestamp,
    timeline: Timeline,
    outputs: VecDeque<Output<Command, Box<Outcome>>>,
}

#[derive(Debug)]
enum Stage {
    Ready,
    Waiting {
        until: Timestamp,
    },
    Opening {
        channel: Channel,
        until: Timestamp,
    },
    /// A POST of the trace lets a pong of the same session go first.
    Yielding {
        sid: String,
        until: Timestamp,
    },
    Expecting(Block),
    /// Recording: whatever arrives until then belongs to the steps played so far.
    Settling {
        until: Timestamp,
    },
    Done,
}

/// Whose request or connection it is.
#[derive(Clone, Debug)]
enum Owner {
    Channel(Channel),
    /// Asked whether a session is gone.
    GoneProbe,
    /// Asked what becomes of a sid that never was.
    NobodyProbe,
    /// Asked whether a second client is served.
    AliveProbe,
    /// A courtesy whose outcome does not matter.
    Courtesy,
    /// A pong in a POST, for the session of this channel; sent at this time.
    Pong(Channel, Timestamp),
}

impl Replay {
    /// Prepares to judge a server by a trace.
    #[must_use]
    pub fn judge(trace: &Trace, now: Timestamp, conditions: Conditions) -> Self {
        Self::new(trace, now, conditions, Mode::Judge(Vec::new()))
    }

    /// Prepares to write the server's half of a trace from what is seen. Take the result out with
    /// [`into_recording`](Self::into_recording).
    #[must_use]
    pub fn record(trace: &Trace, now: Timestamp, conditions: Conditions) -> Self {
        Self::new(trace, now, conditions, Mode::Record(Box::new(Recording::new(trace))))
    }

    /// What was recorded; `None` if this replay judges.
    #[must_use]
    pub fn into_recording(self) -> Option<Recording> {
        match self.mode {
            Mode::Record(recording) => Some(*recording),
            Mode::Judge(_) => None,
        }
    }

    /// Says how late the machine itself was found to be, to be forgiven in every window.
    pub fn observe_noise(&mut self, noise: Duration) {
        self.noise = self.noise.max(noise);
    }

    fn new(trace: &Trace, now: Timestamp, conditions: Conditions, mode: Mode) -> Self {
        // One that needs the application joins a namespace by itself, and hears what is said there.
        let is_about_sessions = trace.header.covers.iter().all(|id| id.as_str().starts_with("EIO"))
            && !trace.header.needs.contains(&Need::Contract);
        let (plays, messages) = match conditions.unjoined {
            Unjoined::Closed(_) if is_about_sessions && takes_time(trace) => (plays_joined(trace), Messages::SetAside),
            Unjoined::Closed(_) | Unjoined::Lives => (plays(trace), Messages::Expected),
        };
        let mut replay = Self {
            asides: Asides::of(&plays, messages),
            sessions: Sessions::default(),
            posts: Posts::default(),
            timed: timed(&trace.header.covers, &plays),
            plays,
            cursor: 0,
            stage: Stage::Ready,
            channels: BTreeMap::new(),
            ids: BTreeMap::new(),
            next_id: 0,
            bindings: conditions.timers(),
            rule: Rule::of(&trace.header),
            mode,
            conditions,
            noise: Duration::ZERO,
            now,
            started: now,
            timeline: Timeline::default(),
            outputs: VecDeque::new(),
        };
        replay.proceed();
        replay
    }

    /// Goes on as far as possible without anything happening.
    fn proceed(&mut self) {
        loop {
            let advanced = match &self.stage {
                Stage::Ready => self.begin(),
                Stage::Waiting { until } if *until <= self.now => {
                    self.stage = Stage::Ready;
                    true
                }
                Stage::Settling { until } if *until <= self.now => {
                    self.record_leftovers();
                    self.stage = Stage::Ready;
                    true
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
                Stage::Waiting { .. } | Stage::Settling { .. } | Stage::Done => false,
            };
            if !advanced {
                return;
            }
        }
    }

    /// Starts on the step under the cursor.
    fn begin(&mut self) -> bool {
        let Some(play) = self.plays.get(self.cursor).cloned() else {
            self.finish();
            return false;
        };
        if let Some(yielding) = self.gives_way(&play) {
            self.stage = yielding;
            return true;
        }
        match &play.step.action {
            Action::Client(channel, action) => self.play(channel, action, &play),
            Action::Session(Session::Wait(duration)) => match duration.eval(&self.bindings) {
                Ok(millis) => {
                    self.cursor += 1;
                    self.timeline.note(self.now, format!("(the client waits {millis} ms)"));
                    let round_trip = self.conditions.round_trip;
                    let wait = self::duration(millis);
                    // What was sent before has to arrive before a time of the trace's own begins. A time of the server's
                    // began a round trip before what is said after it will arrive.
                    let is_servers = duration.holes().next().is_some();
                    let wait = if is_servers { wait.saturating_sub(round_trip) } else { wait + round_trip };
                    self.stage = Stage::Waiting { until: self.now.saturating_add(wait) };
                }
                Err(unbound) => self.hold_up(&play, unbound.to_string()),
            },
            Action::Server(..) | Action::Session(_) => {
                self.stage = Stage::Expecting(Block::new(&self.plays, self.cursor, self.now));
            }
        }
        true
    }

    /// Ends with a difference that no step can make good, unless this is a recording, which goes on.
    fn fail(&mut self, play: &Play, expected: impl Into<String>, actual: String) {
        self.depart(self.difference(play, Evidence::Content, expected.into(), actual));
    }

    /// Ends without a word about the server: the trace needs a value that it never got.
    fn hold_up(&mut self, play: &Play, actual: String) {
        let expected = "a value for every hole".to_owned();
        let difference = self.difference(play, Evidence::Content, expected, actual);
        self.conclude(Verdict::HeldUp(difference));
    }

    /// Describes what is not as a line says.
    fn difference(&self, play: &Play, evidence: Evidence, expected: String, actual: String) -> Difference {
        Difference { line: play.step.line, rule: self.rule.for_step(&play.step), evidence, expected, actual }
    }

    /// Ends with this difference, after those that were seen before.
    fn depart(&mut self, difference: Difference) {
        let mut all = match &mut self.mode {
            Mode::Judge(seen) => std::mem::take(seen),
            Mode::Record(_) => Vec::new(),
        };
        all.push(difference);
        self.conclude(Verdict::Departed(all));
    }

    fn conclude(&mut self, verdict: Verdict) {
        if matches!(self.stage, Stage::Done) {
            return;
        }
        self.stage = Stage::Done;
        let duration = self.now.saturating_since(self.started);
        let timeline = std::mem::take(&mut self.timeline);
        self.outputs.push_back(Output::Event(Box::new(Outcome { verdict, timeline, duration, noise: self.noise })));
    }

    /// Everything was played and seen: nothing else may have arrived.
    fn finish(&mut self) {
        if let Mode::Record(_) = self.mode {
            self.record_leftovers();
        } else if let Some((channel, difference)) = self.leftover() {
            if self.outlived(&channel) {
                self.conclude(Verdict::HeldUp(difference));
            } else {
                self.depart(difference);
            }
            return;
        }
        let verdict = match &mut self.mode {
            Mode::Judge(seen) if !seen.is_empty() => Verdict::Departed(std::mem::take(seen)),
            Mode::Judge(_) | Mode::Record(_) => Verdict::Passed,
        };
        self.conclude(verdict);
    }

    /// The first thing that arrived and that the trace says nothing of.
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

    fn command(&mut self, command: Command) {
        self.outputs.push_back(Output::Transmit(command));
    }

    fn new_id(&mut self, owner: Owner) -> Id {
        let id = Id(self.next_id);
        self.next_id += 1;
        self.ids.insert(id, owner);
        id
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
        self.settle_pongs();
        self.proceed();
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.resume_polls();
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
        [stage, polls, self.posts.next_deadline()].into_iter().flatten().min()
    }
}

fn duration(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The holes that windows and waits depend on, and those of the timers that the trace covers the rules of.
fn timed(covers: &[Requirement], plays: &[Play]) -> BTreeSet<String> {
    let is_covered = |timer: &Timer| covers.iter().any(|id| timer.requirements().contains(&id.as_str()));
    let mut holes: BTreeSet<String> =
        Timer::ALL.into_iter().filter(is_covered).map(|timer| timer.hole().to_owned()).collect();
    let mut add = |expr: &Expr| holes.extend(expr.holes().map(ToString::to_string));
    for Play { step, .. } in plays {
        step.notes.window.iter().flat_map(Window::exprs).for_each(&mut add);
        if let Action::Session(Session::Wait(period) | Session::Quiet(period))
        | Action::Server(_, Server::Quiet(period)) = &step.action
        {
            add(period);
        }
    }
    holes
}
