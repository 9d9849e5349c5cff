//! What comes of a replay.

use std::time::Duration;

use super::excerpt::visible;
use super::timeline::Timeline;
use crate::requirements::catalogue;
use crate::trace::{Header, Level, Requirement, Step, Transport, Weight};

/// How a replay ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The judgement.
    pub verdict: Verdict,
    /// What was seen, in order.
    pub timeline: Timeline,
    /// How long it took.
    pub duration: Duration,
    /// By how much the machine that judges was late meanwhile.
    pub noise: Duration,
}

/// The judgement on one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was as written.
    Passed,
    /// These differences were seen, at least one. The heaviest of them decides; those without a level are accepted.
    Departed(Vec<Difference>),
    /// The part of the trace that only leads up to its subject could not be played, so nothing can be said about that.
    HeldUp(Difference),
    /// The case does not apply to this server, for this reason.
    NotApplicable(String),
}

impl Verdict {
    /// The level of the heaviest rule that was broken; `None` if none was.
    ///
    /// ```
    /// use siospec::replay::Verdict;
    ///
    /// assert_eq!(Verdict::Passed.level(), None);
    /// ```
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        self.departures().filter_map(|difference| difference.rule.level).min_by_key(|level| level.rank())
    }

    /// The difference that decides: the first of those that weigh most.
    #[must_use]
    pub fn decisive(&self) -> Option<&Difference> {
        let level = self.level()?;
        self.departures().find(|difference| difference.rule.level == Some(level))
    }

    /// Every difference that was seen, accepted ones among them, in the order of the conversation.
    pub fn departures(&self) -> impl Iterator<Item = &Difference> {
        let all: &[Difference] = match self {
            Self::Departed(all) => all,
            Self::Passed | Self::HeldUp(_) | Self::NotApplicable(_) => &[],
        };
        all.iter()
    }
}

/// What a server says must not act on the terminal of those who read about it.
impl Verdict {
    pub(super) fn visible(self) -> Self {
        match self {
            Self::Passed => Self::Passed,
            Self::Departed(all) => Self::Departed(all.into_iter().map(Difference::visible).collect()),
            Self::HeldUp(difference) => Self::HeldUp(difference.visible()),
            Self::NotApplicable(why) => Self::NotApplicable(visible(&why)),
        }
    }
}

/// One difference between what a trace says and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The line of the trace, from 1; 0 if no line is to blame.
    pub line: u32,
    /// The rule that the line stands on.
    pub rule: Rule,
    /// How it was seen.
    pub evidence: Evidence,
    /// What the trace says.
    pub expected: String,
    /// What happened.
    pub actual: String,
}

impl Difference {
    fn visible(self) -> Self {
        Self { expected: visible(&self.expected), actual: visible(&self.actual), ..self }
    }

    /// What many cases may have in common when one defect fails them all: the place and nature of the difference,
    /// without the payload that it was found in.
    #[must_use]
    pub fn cause(&self) -> String {
        match self.actual.rfind(": at ").and_then(|at| self.actual.get(at..)) {
            Some(place) => place.to_owned(),
            None => format!("{} {}", self.expected, self.actual),
        }
    }
}

/// What is not as a line of a trace says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Departure {
    pub(super) evidence: Evidence,
    /// What the trace says.
    pub(super) expected: String,
    /// What happened.
    pub(super) actual: String,
}

impl Departure {
    pub(super) fn new(evidence: Evidence, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self { evidence, expected: expected.into(), actual: actual.into() }
    }
}

/// Whose word a line of a trace stands on, and how much that weighs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The requirement.
    pub requirement: Option<Requirement>,
    /// How much a difference weighs; `None` if it is accepted, and only told.
    pub level: Option<Level>,
}

impl Rule {
    /// The rule that the lines of a trace stand on which name no other: the first one that it covers.
    pub(crate) fn of(header: &Header) -> Self {
        Self { requirement: header.covers.first().cloned(), level: Some(header.level) }
    }

    /// The rule that a line stands on, if this is the one of its trace.
    pub(crate) fn for_step(&self, step: &Step) -> Self {
        let named = step.notes.rule.as_ref().and_then(|id| Some((id, catalogue().get(id.as_str())?.weight())));
        let (requirement, level) = match named {
            Some((id, level)) => (Some(id.clone()), Some(level)),
            None => (self.requirement.clone(), self.level),
        };
        // A line that is marked `should` weighs no more than that.
        let level = match (step.notes.weight, level) {
            (Weight::Should, Some(Level::Must | Level::Security)) => Some(Level::Should),
            (_, level) => level,
        };
        Self { requirement, level }
    }

    /// The same rule where it is accepted that a server goes another way.
    pub(crate) fn accepted(self) -> Self {
        Self { level: None, ..self }
    }
}

/// How a difference was seen, which decides whether a machine that was late itself may have caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Something arrived, and it is not what should have.
    Content,
    /// It never came. A machine that is late by milliseconds is no excuse for that.
    Missing,
    /// It came, but too early or too late.
    Untimely,
    /// The session or connection was over. A machine that answers a ping too late causes that.
    Ended,
}

impl Evidence {
    /// Whether a machine that was late by `noise` may have caused the difference itself.
    #[must_use]
    pub fn is_doubtful(self, noise: Duration) -> bool {
        match self {
            Self::Content | Self::Missing => false,
            Self::Untimely | Self::Ended => noise > TOLERABLE_NOISE,
        }
    }
}

/// A machine that is later than this cannot judge a server whose heartbeat it has to answer in time: the contract gives
/// it 200 ms.
const TOLERABLE_NOISE: Duration = Duration::from_millis(40);

/// What is known about the server before a trace is played, and how patient the engine is with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// How long a step without a window may take.
    pub step: Duration,
    /// What is added to every window, because the machine that judges is not always on time.
    pub grace: Duration,
    /// The time that a request and its answer spend on the network.
    pub round_trip: Duration,
    /// By how much that time varies.
    pub spread: Duration,
    /// How to ask whether a session is gone, or a second client served.
    pub probe: Transport,
    /// What the server does with a session that joins no namespace.
    pub unjoined: Unjoined,
    /// When the server gives up an upgrade that does not go on, if that is known.
    pub upgrade_timeout: Option<Duration>,
    /// When the first ping comes, if that is long before the first interval is over, or if no interval is announced.
    pub first_ping: Option<Duration>,
}

/// What a server does with a session that joins no namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unjoined {
    /// It lives on: there is no Socket.IO on this path.
    Lives,
    /// It is closed after this time, the connect timeout of Socket.IO.
    Closed(Duration),
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            step: Duration::from_secs(3),
            grace: Duration::from_millis(50),
            round_trip: Duration::ZERO,
            spread: Duration::ZERO,
            probe: Transport::Polling,
            unjoined: Unjoined::Lives,
            upgrade_timeout: None,
            first_ping: None,
        }
    }
}
