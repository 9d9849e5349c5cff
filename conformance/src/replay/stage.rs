//! The state of a replay, and how it ends.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::time::Duration;

use sio_codec::{Output, Timestamp};

use super::aside::Asides;
use super::command::{Answer, Command, Id};
use super::outcome::{Conditions, Departure, Difference, Evidence, Outcome, Rule, Verdict};
use super::plays::Play;
use super::pongs::Pongs;
use super::recording::Recording;
use super::sessions::Sessions;
use super::timeline::Timeline;
use super::wire::Wire;
use crate::trace::{Action, Bindings, Channel, Session};

/// A trace that is being played against a server.
#[derive(Debug)]
pub struct Replay {
    pub(super) plays: Vec<Play>,
    pub(super) cursor: usize,
    pub(super) stage: Stage,
    pub(super) channels: BTreeMap<Channel, Wire>,
    pub(super) ids: BTreeMap<Id, Owner>,
    pub(super) next_id: u32,
    pub(super) bindings: Bindings,
    pub(super) asides: Asides,
    pub(super) sessions: Sessions,
    pub(super) pongs: Pongs,
    /// The holes of the timers that the trace tests, and the other holes in its windows and waits.
    pub(super) timed: BTreeSet<String>,
    /// The rule of lines that name none.
    pub(super) rule: Rule,
    pub(super) is_about_msgpack: bool,
    pub(super) mode: Mode,
    pub(super) conditions: Conditions,
    /// The delay of this machine.
    pub(super) lateness: Duration,
    pub(super) now: Timestamp,
    pub(super) started: Timestamp,
    pub(super) timeline: Timeline,
    pub(super) outputs: VecDeque<Output<Command, Box<Outcome>>>,
}

/// What the engine does with what it receives.
#[derive(Debug)]
pub(super) enum Mode {
    Judge(Vec<Difference>),
    Record(Box<Recording>),
}

#[derive(Debug)]
pub(super) enum Stage {
    Ready,
    Waiting {
        until: Timestamp,
    },
    Opening {
        channel: Channel,
        until: Timestamp,
    },
    /// A POST of the trace waits for a pong of the same session.
    Yielding {
        sid: String,
        until: Timestamp,
    },
    Expecting(Block),
    /// Recording: everything that arrives until then belongs to the steps played so far.
    Settling {
        until: Timestamp,
    },
    Done,
}

/// The result of one attempt to continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advance {
    /// Something changed: try again at once.
    Moved,
    /// Nothing changes until something happens or a deadline passes.
    Waits,
    /// The replay has its outcome.
    Over,
}

/// The S steps between two C steps.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) range: Range<usize>,
    /// The steps that were not seen yet.
    pub(super) open: BTreeSet<usize>,
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

/// A step of a block, and its index in the play.
#[derive(Clone, Debug)]
pub(super) struct Awaited {
    pub(super) index: usize,
    pub(super) play: Play,
}

/// The state of a check of the whole session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    None,
    /// Listening for silence since then.
    Listening(Timestamp),
    /// Our own request was sent then.
    Asked(Timestamp),
    /// Our own WebSocket was opened then.
    LetIn(Timestamp),
    /// The sid that was probed at that moment was refused with this answer, which does not say that it is unknown. The
    /// replay now probes a sid that never existed, for comparison.
    Compared(Timestamp, Answer),
    /// The probe of that moment was answered. `Err` says what is wrong.
    Answered(Timestamp, Result<(), String>),
}

/// The purpose of a request or connection.
#[derive(Clone, Debug)]
pub(super) enum Owner {
    Channel(Channel),
    /// Probes whether a session is gone.
    GoneProbe,
    /// Probes how the server answers to a sid that never existed.
    NobodyProbe,
    /// Probes whether a second client is served.
    AliveProbe,
    /// A request whose result does not matter.
    Courtesy,
    /// A pong in a POST, for the session of this channel; sent at this time.
    Pong(Channel, Timestamp),
}

/// Sending commands.
impl Replay {
    pub(super) fn command(&mut self, command: Command) {
        self.outputs.push_back(Output::Transmit(command));
    }

    pub(super) fn new_id(&mut self, owner: Owner) -> Id {
        let id = Id(self.next_id);
        self.next_id += 1;
        self.ids.insert(id, owner);
        id
    }
}

/// Finishing steps.
impl Replay {
    pub(super) fn close_step(&mut self, index: usize) -> Advance {
        if let Stage::Expecting(block) = &mut self.stage {
            block.open.remove(&index);
            block.probe = Probe::None;
        }
        Advance::Moved
    }

    /// Removes an item that does not match from its channel, so that the next step sees what follows it.
    pub(super) fn pass_over(&mut self, play: &Play) {
        if let (Some(channel), Action::Server(_, expected)) = (play.step.channel(), &play.step.action)
            && let Some(wire) = self.channels.get_mut(channel)
        {
            wire.skip(expected);
        }
    }

    /// Records a difference that does not end the replay.
    pub(super) fn remark(&mut self, difference: Difference) {
        if let Mode::Judge(notes) = &mut self.mode {
            notes.push(difference);
        }
    }
}

/// Ending the replay.
impl Replay {
    /// Ends with a difference that no step can repair; a recording continues.
    pub(super) fn fail(&mut self, play: &Play, expected: &str, actual: &str) -> Advance {
        self.depart(self.difference(play, Departure::new(Evidence::Content, expected, actual)))
    }

    /// Ends without a judgement on the server: the trace needs a value that it did not receive.
    pub(super) fn hold_up(&mut self, play: &Play, actual: String) -> Advance {
        let departure = Departure::new(Evidence::Content, "a value for every hole", actual);
        self.conclude(Verdict::HeldUp(self.difference(play, departure)))
    }

    /// A difference from the line of a play.
    pub(super) fn difference(&self, play: &Play, departure: Departure) -> Difference {
        let Departure { evidence, expected, actual } = departure;
        Difference { line: play.step.line, rule: self.rule.for_step(&play.step), evidence, expected, actual }
    }

    /// Ends with this difference, after the earlier ones.
    pub(super) fn depart(&mut self, difference: Difference) -> Advance {
        let mut all = match &mut self.mode {
            Mode::Judge(seen) => std::mem::take(seen),
            Mode::Record(_) => Vec::new(),
        };
        all.push(difference);
        self.conclude(Verdict::Departed(all))
    }

    /// Ends the replay because the trace does not apply, for this reason.
    pub(crate) fn does_not_apply(&mut self, why: String) {
        self.conclude(Verdict::NotApplicable(why));
    }

    pub(super) fn conclude(&mut self, verdict: Verdict) -> Advance {
        if !matches!(self.stage, Stage::Done) {
            self.stage = Stage::Done;
            let duration = self.now.saturating_since(self.started);
            let timeline = std::mem::take(&mut self.timeline);
            let outcome = Outcome { verdict: verdict.visible(), timeline, duration, noise: self.lateness };
            self.outputs.push_back(Output::Event(Box::new(outcome)));
        }
        Advance::Over
    }
}
