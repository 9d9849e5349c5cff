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

mod command;
mod compare;
mod expect;
mod outcome;
mod play;
mod record;
mod timeline;
mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use sio_codec::{Machine, Output, Timestamp};

use crate::trace::{Action, Bindings, Channel, Server, Session, Step, Trace};
pub use command::{Answer, Command, Happening, Id, Outgoing, Seen};
use expect::Block;
pub use outcome::{Conditions, Difference, Evidence, Outcome, Rule, Unjoined, Verdict};
pub use record::Recording;
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
    let plays = trace.steps().enumerate().flat_map(|(ordinal, step)| {
        let step = Arc::new(step.clone());
        let times = step.notes.repeat.map_or(1, std::num::NonZeroU32::get);
        (0..times).map(move |counter| Play { step: Arc::clone(&step), ordinal, counter })
    });
    plays.collect()
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
    heartbeats: Heartbeats,
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
    /// Asked whether a second client is served.
    AliveProbe,
    /// A courtesy whose outcome does not matter.
    Courtesy,
}

/// Whether heartbeats are part of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heartbeats {
    SetAside,
    Expected,
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
        let mut replay = Self {
            plays: plays(trace),
            cursor: 0,
            stage: Stage::Ready,
            channels: BTreeMap::new(),
            ids: BTreeMap::new(),
            next_id: 0,
            bindings: Bindings::default(),
            heartbeats: mentioned_heartbeats(trace),
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
        match &play.step.action {
            Action::Client(channel, action) => self.play(channel, action, &play),
            Action::Session(Session::Wait(duration)) => match duration.eval(&self.bindings) {
                Ok(millis) => {
                    self.cursor += 1;
                    self.timeline.note(self.now, format!("(the client waits {millis} ms)"));
                    self.stage = Stage::Waiting { until: self.later(millis) };
                }
                Err(unbound) => self.fail(&play, "a duration", unbound.to_string()),
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
        } else if let Some(difference) = self.leftover() {
            self.depart(difference);
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
    fn leftover(&mut self) -> Option<Difference> {
        let heartbeats = self.heartbeats;
        let (channel, actual, entry) = self
            .channels
            .iter_mut()
            .find_map(|(channel, wire)| Some((channel.clone(), wire.unread(heartbeats)?, wire.front_entry())))?;
        self.timeline.fault(self.now, entry, "nothing more");
        let (rule, expected) = (self.rule.clone(), format!("nothing more on channel {channel}"));
        Some(Difference { line: 0, rule, evidence: Evidence::Content, expected, actual })
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

    fn later(&self, millis: i64) -> Timestamp {
        self.now.saturating_add(duration(millis))
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
        self.proceed();
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        self.proceed();
    }

    fn poll_output(&mut self) -> Option<Output<Command, Box<Outcome>>> {
        self.outputs.pop_front()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        match &self.stage {
            Stage::Waiting { until } | Stage::Settling { until } | Stage::Opening { until, .. } => Some(*until),
            Stage::Expecting(block) => self.block_deadline(block),
            Stage::Ready | Stage::Done => None,
        }
    }
}

fn duration(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// A trace that says anything about a ping has every ping in its conversation.
fn mentioned_heartbeats(trace: &Trace) -> Heartbeats {
    let mentions = |step: &Step| match &step.action {
        Action::Server(_, Server::Text(content) | Server::Packet(content)) => content.pattern.to_string() == "2",
        _ => false,
    };
    if trace.steps().any(mentions) { Heartbeats::Expected } else { Heartbeats::SetAside }
}
