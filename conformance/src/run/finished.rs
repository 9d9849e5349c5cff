//! The result of one case.

use std::time::Duration;

use super::Rate;
use crate::cases::Case;
use crate::replay::{Outcome, Recording, Timeline, Verdict};
use crate::trace::Level;

/// The result of one case.
#[derive(Debug)]
pub struct Finished {
    /// The case.
    pub case: Case,
    /// The conclusion about it.
    pub conclusion: Conclusion,
    /// The recording, if one was requested.
    pub recording: Option<Recording>,
    /// How often it passed, if it was to be played several times.
    pub rate: Option<Rate>,
}

/// The conclusion about a case, with the conversations that support it.
#[derive(Debug)]
pub enum Conclusion {
    /// The first look decided.
    Once(Outcome),
    /// It failed at the first look, and again when it was played alone.
    Again(Outcome),
    /// It failed at the first look, perhaps because this machine was late, and passed when it was played again alone.
    Excused {
        /// The first conversation, which does not count.
        void: Outcome,
        /// The second conversation, which counts.
        outcome: Outcome,
    },
    /// It failed at the first look by a fault of the server, and passed when it was played again alone.
    Flaky {
        /// The failed conversation, which counts.
        first: Outcome,
    },
    /// No judgement is possible.
    Inconclusive {
        /// The conversation, if there is one.
        outcome: Option<Outcome>,
        /// Why not.
        doubt: Doubt,
    },
    /// It ended the server: the server went away when the case was played alone, and had gone away before.
    Crash {
        /// The conversation, if it came to an end.
        outcome: Option<Outcome>,
        /// The network error afterwards.
        reason: String,
    },
    /// It does not apply to this server, for this reason.
    NotApplicable(String),
    /// It needs a feature that the implementation declares not to have: this is where it says so.
    Unsupported(String),
    /// It was not played.
    Left(Left),
    /// A panic of siospec while it was played, with its message: a bug of siospec.
    Panicked(String),
}

/// Why no judgement about a case is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// This machine was late each time that the case was played.
    Machine {
        /// The largest delay.
        noise: Duration,
        /// How often it was played.
        looks: usize,
    },
    /// The server went away while it was played.
    ServerGone,
    /// It did not end by itself within its time limit.
    RanAway {
        /// How long it was played.
        limit: Duration,
        /// The conversation up to then.
        timeline: Timeline,
    },
}

/// Why a case was not played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// The time limit of the run was reached.
    OutOfTime,
    /// A case failed, and was to end the run.
    AfterFailure,
    /// The server was gone.
    ServerGone,
    /// The client ended its run, or went away.
    Ended,
    /// The run was interrupted.
    Interrupted,
}

impl Left {
    /// Why, in a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::OutOfTime => "the time of the run was over",
            Self::AfterFailure => "another case failed, and --fail-fast ends the run then",
            Self::ServerGone => "the server was gone",
            Self::Ended => "the client ended its run before, or went away",
            Self::Interrupted => "the run was interrupted",
        }
    }
}

/// The category that a case is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// No rule was broken. Accepted differences may have been seen.
    Passed,
    /// A rule of this level was broken.
    Failed(Level),
    /// An earlier step failed, so the rule that the case tests was not reached.
    HeldUp,
    /// It failed and then passed. The level is that of the rule broken at first; `None` if its subject was not reached.
    Flaky(Option<Level>),
    /// No judgement is possible.
    Inconclusive,
    /// It ended the server.
    Crash,
    /// siospec itself panicked.
    Panicked,
    /// It was not played.
    Left(Left),
    /// It does not apply.
    NotApplicable,
    /// It needs a feature that the implementation declares not to have.
    Unsupported,
}

impl Standing {
    /// Whether the case shows something about the server.
    #[must_use]
    pub const fn is_judged(self) -> bool {
        match self {
            Self::Passed | Self::Failed(_) | Self::Flaky(_) | Self::Crash => true,
            Self::HeldUp
            | Self::Inconclusive
            | Self::Panicked
            | Self::Left(_)
            | Self::NotApplicable
            | Self::Unsupported => false,
        }
    }

    /// Whether it is no case for this server.
    #[must_use]
    pub const fn is_unfit(self) -> bool {
        matches!(self, Self::NotApplicable | Self::Unsupported)
    }
}

impl Finished {
    pub(super) const fn new(case: Case, conclusion: Conclusion) -> Self {
        Self { case, conclusion, recording: None, rate: None }
    }

    /// The conversation that is reported.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        match &self.conclusion {
            Conclusion::Once(outcome)
            | Conclusion::Again(outcome)
            | Conclusion::Excused { outcome, .. }
            | Conclusion::Flaky { first: outcome } => Some(outcome),
            Conclusion::Inconclusive { outcome, .. } | Conclusion::Crash { outcome, .. } => outcome.as_ref(),
            Conclusion::NotApplicable(_)
            | Conclusion::Unsupported(_)
            | Conclusion::Left(_)
            | Conclusion::Panicked(_) => None,
        }
    }

    /// The category that it is counted in.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match &self.conclusion {
            Conclusion::Once(outcome) | Conclusion::Again(outcome) | Conclusion::Excused { outcome, .. } => {
                match (&outcome.verdict, outcome.verdict.level()) {
                    (_, Some(level)) => Standing::Failed(level),
                    (Verdict::HeldUp(_), None) => Standing::HeldUp,
                    (Verdict::NotApplicable(_), None) => Standing::NotApplicable,
                    (Verdict::Unsupported(_), None) => Standing::Unsupported,
                    (Verdict::Passed | Verdict::Departed(_), None) => Standing::Passed,
                }
            }
            Conclusion::Flaky { first } => Standing::Flaky(first.verdict.level()),
            Conclusion::Inconclusive { .. } => Standing::Inconclusive,
            Conclusion::Crash { .. } => Standing::Crash,
            Conclusion::Panicked(_) => Standing::Panicked,
            Conclusion::Left(left) => Standing::Left(*left),
            Conclusion::NotApplicable(_) => Standing::NotApplicable,
            Conclusion::Unsupported(_) => Standing::Unsupported,
        }
    }
}
