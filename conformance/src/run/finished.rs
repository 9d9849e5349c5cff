//! What came of one case.

use std::time::Duration;

use crate::cases::Case;
use crate::replay::{Outcome, Recording, Timeline, Verdict};
use crate::trace::Level;

/// What came of one case.
#[derive(Debug)]
pub struct Finished {
    /// The case.
    pub case: Case,
    /// What is said about it.
    pub conclusion: Conclusion,
    /// What was recorded, if that was asked for.
    pub recording: Option<Recording>,
}

/// What is said about a case, and the conversations that say it.
#[derive(Debug)]
pub enum Conclusion {
    /// It was judged at the first look.
    Once(Outcome),
    /// It was not as it should be at the first look, nor when it was played again alone.
    Again(Outcome),
    /// It was not as it should be at the first look, by a fault that this machine may have caused by being late, and passed
    /// when it was played again alone.
    Excused {
        /// What is not held against the server.
        void: Outcome,
        /// What is.
        outcome: Outcome,
    },
    /// It was not as it should be at the first look, by a fault of the server's own, and passed when it was played again
    /// alone.
    Flaky {
        /// What is held against the server.
        first: Outcome,
    },
    /// Nothing can be said.
    Inconclusive {
        /// The conversation, if there is one.
        outcome: Option<Outcome>,
        /// Why not.
        doubt: Doubt,
    },
    /// It ended the server: when it was played alone the server went away, and not for the first time.
    Crash {
        /// The conversation, if it came to an end.
        outcome: Option<Outcome>,
        /// What the network said afterwards.
        reason: String,
    },
    /// It does not apply to this server, for this reason.
    NotApplicable(String),
    /// It was not played.
    Left(Left),
    /// Playing it failed here, which is a bug of siospec's.
    Panicked(String),
}

/// Why nothing can be said about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// This machine was late by so much, each time that the case was played.
    Machine {
        /// The worst of it.
        noise: Duration,
        /// How often it was played.
        looks: usize,
    },
    /// The server went away while it was played.
    ServerGone,
    /// It did not end by itself in time.
    RanAway {
        /// How long it was played.
        limit: Duration,
        /// What was seen until then.
        timeline: Timeline,
    },
}

/// Why a case was not played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// The time for the run was over.
    OutOfTime,
    /// The server was gone.
    ServerGone,
    /// The run was interrupted.
    Interrupted,
}

/// What a case counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Nothing was broken; accepted differences may have been seen.
    Passed,
    /// A rule of this level was broken.
    Failed(Level),
    /// The way to its subject was blocked, so nothing is known about that.
    HeldUp,
    /// It failed and then passed; at first a rule of this level was broken, or it was held up.
    Flaky(Option<Level>),
    /// Nothing can be said.
    Inconclusive,
    /// It ended the server.
    Crash,
    /// It ended siospec's own part.
    Panicked,
    /// It was not played.
    Left(Left),
    /// It does not apply.
    NotApplicable,
}

impl Standing {
    /// Whether something is known about the server through the case.
    #[must_use]
    pub const fn is_judged(self) -> bool {
        match self {
            Self::Passed | Self::Failed(_) | Self::Flaky(_) | Self::Crash => true,
            Self::HeldUp | Self::Inconclusive | Self::Panicked | Self::Left(_) | Self::NotApplicable => false,
        }
    }
}

impl Finished {
    pub(super) const fn new(case: Case, conclusion: Conclusion) -> Self {
        Self { case, conclusion, recording: None }
    }

    /// The conversation that is told of.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        match &self.conclusion {
            Conclusion::Once(outcome)
            | Conclusion::Again(outcome)
            | Conclusion::Excused { outcome, .. }
            | Conclusion::Flaky { first: outcome } => Some(outcome),
            Conclusion::Inconclusive { outcome, .. } | Conclusion::Crash { outcome, .. } => outcome.as_ref(),
            Conclusion::NotApplicable(_) | Conclusion::Left(_) | Conclusion::Panicked(_) => None,
        }
    }

    /// What it counts as.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match &self.conclusion {
            Conclusion::Once(outcome) | Conclusion::Again(outcome) | Conclusion::Excused { outcome, .. } => {
                match (&outcome.verdict, outcome.verdict.level()) {
                    (_, Some(level)) => Standing::Failed(level),
                    (Verdict::HeldUp(_), None) => Standing::HeldUp,
                    (Verdict::NotApplicable(_), None) => Standing::NotApplicable,
                    (Verdict::Passed | Verdict::Departed(_), None) => Standing::Passed,
                }
            }
            Conclusion::Flaky { first } => Standing::Flaky(first.verdict.level()),
            Conclusion::Inconclusive { .. } => Standing::Inconclusive,
            Conclusion::Crash { .. } => Standing::Crash,
            Conclusion::Panicked(_) => Standing::Panicked,
            Conclusion::Left(left) => Standing::Left(*left),
            Conclusion::NotApplicable(_) => Standing::NotApplicable,
        }
    }
}
