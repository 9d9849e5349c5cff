//! The results of a run against a client.

use std::time::Duration;

use crate::cases::Case;
use crate::party::driver::Fault;
use crate::replay::{Outcome, Verdict};
use crate::run::{CancellationToken, Course, Ending, Gate, Judgement, Left, Look, Rate, Weight};
use crate::trace::Level;

/// The results of all cases.
#[derive(Debug)]
pub struct Report {
    /// The client, as its driver says.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The cases, in the order of ids.
    pub played: Vec<Played>,
    /// How many failed cases were played again.
    pub second_looks: usize,
    /// How they were played.
    pub course: Course,
    /// How the run ended.
    pub ending: Ending,
    /// How long it took.
    pub duration: Duration,
}

/// One case and its results.
#[derive(Debug)]
pub struct Played {
    /// The case.
    pub case: Case,
    /// The first result.
    pub result: Result,
    /// The result when it was played again, alone.
    pub again: Option<Result>,
    /// How often it passed, if it was to be played several times. The results are then those of the round that decides.
    pub rate: Option<Rate>,
}

/// The result of playing a case once.
#[derive(Debug)]
pub enum Result {
    /// It was played to its end.
    Through(Outcome),
    /// The driver failed.
    #[expect(private_interfaces, reason = "only its words matter outside of the crate")]
    Fault(Fault),
    /// It was not played.
    Left(Left),
}

/// The judgement on one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The client does what the trace says.
    Passed,
    /// It failed, also when it was played again.
    Failed,
    /// It failed, and then passed; or it failed in some rounds, and passed in others.
    Flaky,
    /// The driver ended, did not answer, or wrote garbage.
    Faulty,
    /// It does not apply to this client.
    Skipped,
    /// It needs something that the client does not have, as its driver says.
    Unsupported,
    /// It was not played.
    Left,
}

impl Report {
    /// The same, which ended early if this was cancelled.
    pub(super) fn interrupted_by(self, stop: &CancellationToken) -> Self {
        let ending = if stop.is_cancelled() { Ending::Interrupted } else { self.ending };
        Self { ending, ..self }
    }

    /// The judgement on the run, as for servers.
    #[must_use]
    pub fn judgement(&self, gate: Gate) -> Judgement {
        if self.ending == Ending::Interrupted {
            return Judgement::Interrupted;
        }
        if self.played.iter().all(|played| matches!(played.standing(), Standing::Skipped | Standing::Unsupported)) {
            return Judgement::Nothing;
        }
        let is_broken = self.played.iter().any(|played| played.fails(gate));
        if is_broken { Judgement::Red } else { Judgement::Green }
    }
}

impl Look for Played {
    fn id(&self) -> &str {
        &self.case.id
    }

    fn weight(&self) -> Weight {
        let level = self.outcome().and_then(|outcome| outcome.verdict.level()).map(Level::rank);
        match (self.standing(), level) {
            (Standing::Faulty, _) => Weight::Crash,
            (Standing::Failed, Some(level)) => Weight::Failed(level),
            (Standing::Failed, None) => Weight::HeldUp,
            (Standing::Flaky, Some(level)) => Weight::Flaky(level),
            (Standing::Flaky, None) => Weight::HeldUpFirst,
            (Standing::Left, _) => Weight::Left,
            (Standing::Passed, _) => Weight::Passed,
            (Standing::Skipped | Standing::Unsupported, _) => Weight::Unfit,
        }
    }

    fn conclude(self, rate: Rate) -> Self {
        Self { rate: Some(rate), ..self }
    }
}

impl Played {
    pub(super) const fn new(case: Case, result: Result) -> Self {
        Self { case, result, again: None, rate: None }
    }

    /// Whether it fails a run with this gate.
    #[must_use]
    pub fn fails(&self, gate: Gate) -> bool {
        match self.standing() {
            Standing::Passed | Standing::Skipped | Standing::Unsupported => false,
            Standing::Faulty | Standing::Left => true,
            Standing::Failed | Standing::Flaky => {
                self.outcome().and_then(|outcome| outcome.verdict.level()).is_some_and(|level| gate.includes(level))
            }
        }
    }

    /// The fault of the driver, if there was one: the last.
    pub(crate) fn fault(&self) -> Option<&Fault> {
        let results = std::iter::once(&self.result).chain(&self.again);
        let mut faults = results.filter_map(|result| match result {
            Result::Fault(fault) => Some(fault),
            Result::Through(_) | Result::Left(_) => None,
        });
        faults.next_back()
    }

    /// The judgement in one word, as in reports.
    pub(super) fn word(&self) -> &'static str {
        match self.standing() {
            Standing::Passed => "passed",
            Standing::Skipped => "not-applicable",
            Standing::Unsupported => "unsupported",
            Standing::Flaky => "flaky",
            Standing::Faulty => "driver-fault",
            Standing::Failed => "failed",
            Standing::Left => "not-played",
        }
    }

    /// The judgement.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match (&self.result, &self.again) {
            (Result::Left(_), _) => Standing::Left,
            (Result::Fault(_), _) => Standing::Faulty,
            (Result::Through(outcome), again) => match &outcome.verdict {
                Verdict::Passed => Standing::Passed,
                Verdict::NotApplicable(_) => Standing::Skipped,
                Verdict::Unsupported(_) => Standing::Unsupported,
                Verdict::Departed(_) | Verdict::HeldUp(_) => match again {
                    Some(Result::Through(again)) if again.verdict == Verdict::Passed => Standing::Flaky,
                    Some(Result::Fault(_)) => Standing::Faulty,
                    _ if self.rate.is_some_and(|rate| rate.passed > 0) => Standing::Flaky,
                    _ => Standing::Failed,
                },
            },
        }
    }

    /// The conversation that is reported: the last one that failed.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        fn through(result: &Result) -> Option<&Outcome> {
            match result {
                Result::Through(outcome) => Some(outcome),
                Result::Fault(_) | Result::Left(_) => None,
            }
        }
        let is_failed = |outcome: &&Outcome| outcome.verdict != Verdict::Passed;
        self.again.as_ref().and_then(through).filter(is_failed).or_else(|| through(&self.result))
    }
}
