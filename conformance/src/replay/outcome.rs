//! The result of a replay.

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
    /// The largest delay of this machine during the replay.
    pub noise: Duration,
}

/// The judgement on one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything happened as the trace says.
    Passed,
    /// At least one difference was seen. The heaviest decides; those without a level are accepted.
    Departed(Vec<Difference>),
    /// The part of the trace before its subject could not be played, so the subject could not be judged.
    HeldUp(Difference),
    /// The case does not apply to this server, for this reason.
    NotApplicable(String),
    /// The case needs a feature that the implementation declares not to have: this one.
    Unsupported(String),
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

    /// The decisive difference: the first of the heaviest.
    #[must_use]
    pub fn decisive(&self) -> Option<&Difference> {
        let level = self.level()?;
        self.departures().find(|difference| difference.rule.level == Some(level))
    }

    /// All differences, including accepted ones, in the order of the conversation.
    pub fn departures(&self) -> impl Iterator<Item = &Difference> {
        let all: &[Difference] = match self {
            Self::Departed(all) => all,
            Self::Passed | Self::HeldUp(_) | Self::NotApplicable(_) | Self::Unsupported(_) => &[],
        };
        all.iter()
    }
}

/// Escapes what a server sends, so that it cannot act on the reader's terminal.
impl Verdict {
    pub(super) fn visible(self) -> Self {
        match self {
            Self::Passed => Self::Passed,
            Self::Departed(all) => Self::Departed(all.into_iter().map(Difference::visible).collect()),
            Self::HeldUp(difference) => Self::HeldUp(difference.visible()),
            Self::NotApplicable(why) => Self::NotApplicable(visible(&why)),
            Self::Unsupported(why) => Self::Unsupported(visible(&why)),
        }
    }
}

/// One difference between what a trace says and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The line of the trace, from 1; 0 if no line is at fault.
    pub line: u32,
    /// The rule of the line.
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

    /// What a client of socket.io-client 4 does because of it, if that is certain: the end of a sentence that begins with
    /// the client.
    #[must_use]
    pub fn impact(&self) -> Option<&'static str> {
        catalogue().get(self.rule.requirement.as_ref()?.as_str())?.impact.as_deref()
    }

    /// A key that is equal for differences with the same cause: the place and kind of the difference, without the
    /// payload around it.
    #[must_use]
    pub fn cause(&self) -> String {
        match self.actual.rfind(": at ").and_then(|at| self.actual.get(at..)) {
            Some(place) => place.to_owned(),
            None => format!("{} {}", self.expected, self.actual),
        }
    }
}

/// A difference from a line of a trace, without its rule.
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

/// The rule behind a line of a trace, and its level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The requirement.
    pub requirement: Option<Requirement>,
    /// The level of a difference; `None` if the difference is accepted and only reported.
    pub level: Option<Level>,
}

impl Rule {
    /// The rule of lines that name none: the first one that the trace covers.
    pub(crate) fn of(header: &Header) -> Self {
        Self { requirement: header.covers.first().cloned(), level: Some(header.level) }
    }

    /// The rule of a line; `self` is the rule of its trace.
    pub(crate) fn for_step(&self, step: &Step) -> Self {
        let named = step.notes.rule.as_ref().and_then(|id| Some((id, catalogue().get(id.as_str())?.weight())));
        let (requirement, level) = match named {
            Some((id, level)) => (Some(id.clone()), Some(level)),
            None => (self.requirement.clone(), self.level),
        };
        // A line marked `should` has at most that level.
        let level = match (step.notes.weight, level) {
            (Weight::Should, Some(Level::Must | Level::Security)) => Some(Level::Should),
            (_, level) => level,
        };
        Self { requirement, level }
    }

    /// The same rule, where deviations are accepted.
    pub(crate) fn accepted(self) -> Self {
        Self { level: None, ..self }
    }
}

/// How a difference was seen. This decides whether a delay of this machine may have caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Something arrived that differs from what was expected.
    Content,
    /// It never came. A delay of some milliseconds cannot explain that.
    Missing,
    /// It came, but too early or too late.
    Untimely,
    /// The session or connection was over. A late answer to a ping causes that.
    Ended,
    /// A ping or a timer of the server came in between, as it may.
    Overtaken,
}

impl Evidence {
    /// Whether the difference may have another cause than the server: a delay of this machine by `noise`, or bad luck.
    #[must_use]
    pub fn is_doubtful(self, noise: Duration) -> bool {
        match self {
            Self::Content | Self::Missing => false,
            Self::Untimely | Self::Ended => noise > TOLERABLE_NOISE,
            Self::Overtaken => true,
        }
    }
}

/// The largest delay with which this machine can answer heartbeats in time: the contract allows 200 ms.
const TOLERABLE_NOISE: Duration = Duration::from_millis(40);

/// What is known about the server before a trace is played, and how long the engine waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// How long a step without a window may take.
    pub step: Duration,
    /// Added to every window, because this machine is not always on time.
    pub grace: Duration,
    /// The time that a request and its answer take on the network.
    pub round_trip: Duration,
    /// The variation of that time.
    pub spread: Duration,
    /// The transport for asking whether a session is gone, or whether a second client is served.
    pub probe: Transport,
    /// What the server does with a session that joins no namespace.
    pub unjoined: Unjoined,
    /// When the server gives up an upgrade that does not continue, if known.
    pub upgrade_timeout: Option<Duration>,
    /// When the first ping comes, if that is long before the first interval is over, or if no interval is announced.
    pub first_ping: Option<Duration>,
    /// What stands behind the arguments of events. Sessions of Engine.IO 4 show it themselves, those of Engine.IO 3 do not.
    pub offsets: Offsets,
}

/// Whether the server adds an offset to its events, for clients that recover missed ones.
//= SIO5-CSR-01
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offsets {
    /// It does not, or it is not known to do so.
    #[default]
    None,
    /// It does. The last argument of an event that is not acknowledged is a string of its own.
    Added,
}

/// What a server does with a session that joins no namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unjoined {
    /// It stays open: there is no Socket.IO on this path.
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
            offsets: Offsets::None,
        }
    }
}
