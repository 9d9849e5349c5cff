//! A replay, the stage that it has reached, and how it ends.

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

/// A trace in the course of being played against a server.
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
    /// The holes of the timers that the trace is about, and whatever else its windows and waits depend on.
    pub(super) timed: BTreeSet<String>,
    /// The rule that a line stands on which names none.
    pub(super) rule: Rule,
    pub(super) mode: Mode,
    pub(super) conditions: Conditions,
    /// How late this machine itself was found to be.
    pub(super) lateness: Duration,
    pub(super) now: Timestamp,
    pub(super) started: Timestamp,
    pub(super) timeline: Timeline,
    pub(super) outputs: VecDeque<Output<Command, Box<Outcome>>>,
}

/// What the engine does with what it sees.
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

/// What comes of a look at the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advance {
    /// Something changed, so that it is worth while to look again at once.
    Moved,
    /// Nothing changes before something happens or a deadline passes.
    Waits,
    /// The outcome is there.
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

/// A step of a block, and its place in the play.
#[derive(Clone, Debug)]
pub(super) struct Awaited {
    pub(super) index: usize,
    pub(super) play: Play,
}

/// What was done about a step that concerns the whole session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    None,
    /// Silence is being listened to since then.
    Listening(Timestamp),
    /// A request of our own is under way since then.
    Asked(Timestamp),
    /// A WebSocket of our own is open since then.
    LetIn(Timestamp),
    /// The sid that was asked for at that moment has this answer, which does not say that it is unknown. What the server
    /// says of a sid that never was is being asked.
    Compared(Timestamp, Answer),
    /// The answer to what was asked at that moment is here. `Err` says what is not as it should be.
    Answered(Timestamp, Result<(), String>),
}

/// Whose request or connection it is.
#[derive(Clone, Debug)]
pub(super) enum Owner {
    Channel(Channel),
    /// Asked whether a session is gone.
    GoneProbe,
    /// Asked what a server says of a sid that never was.
    NobodyProbe,
    /// Asked whether a second client is served.
    AliveProbe,
    /// A courtesy whose outcome does not matter.
    Courtesy,
    /// A pong in a POST, for the session of this channel; sent at this time.
    Pong(Channel, Timestamp),
}

/// What goes out.
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

/// Steps that are done with.
impl Replay {
    pub(super) fn close_step(&mut self, index: usize) -> Advance {
        if let Stage::Expecting(block) = &mut self.stage {
            block.open.remove(&index);
            block.probe = Probe::None;
        }
        Advance::Moved
    }

    /// Takes what does not fit out of its channel, so that the next step sees what follows it.
    pub(super) fn pass_over(&mut self, play: &Play) {
        if let (Some(channel), Action::Server(_, expected)) = (play.step.channel(), &play.step.action)
            && let Some(wire) = self.channels.get_mut(channel)
        {
            wire.skip(expected);
        }
    }

    /// Keeps a difference that does not end the play.
    pub(super) fn remark(&mut self, difference: Difference) {
        if let Mode::Judge(notes) = &mut self.mode {
            notes.push(difference);
        }
    }
}

/// How a replay ends.
impl Replay {
    /// Ends with a difference that no step can make good, unless this is a recording, which goes on.
    pub(super) fn fail(&mut self, play: &Play, expected: &str, actual: &str) -> Advance {
        self.depart(self.difference(play, Departure::new(Evidence::Content, expected, actual)))
    }

    /// Ends without a word about the server: the trace needs a value that it never got.
    pub(super) fn hold_up(&mut self, play: &Play, actual: String) -> Advance {
        let departure = Departure::new(Evidence::Content, "a value for every hole", actual);
        self.conclude(Verdict::HeldUp(self.difference(play, departure)))
    }

    /// Describes what is not as a line says.
    pub(super) fn difference(&self, play: &Play, departure: Departure) -> Difference {
        let Departure { evidence, expected, actual } = departure;
        Difference { line: play.step.line, rule: self.rule.for_step(&play.step), evidence, expected, actual }
    }

    /// Ends with this difference, after those that were seen before.
    pub(super) fn depart(&mut self, difference: Difference) -> Advance {
        let mut all = match &mut self.mode {
            Mode::Judge(seen) => std::mem::take(seen),
            Mode::Record(_) => Vec::new(),
        };
        all.push(difference);
        self.conclude(Verdict::Departed(all))
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
