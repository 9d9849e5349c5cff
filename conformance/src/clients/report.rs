//! The results of a run against a client.

use std::time::Duration;

use crate::cases::Case;
use crate::party::driver::Fault;
use crate::replay::{Outcome, Verdict};
use crate::run::{Gate, Judgement};

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
    /// The run was ended before its end.
    pub is_interrupted: bool,
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
}

/// The result of playing a case once.
#[derive(Debug)]
pub enum Result {
    /// It was played to its end.
    Through(Outcome),
    /// The driver failed.
    #[expect(private_interfaces, reason = "only its words matter outside of the crate")]
    Fault(Fault),
    /// There was no time for it.
    Left,
}

/// The judgement on one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The client does what the trace says.
    Passed,
    /// It failed, also when it was played again.
    Failed,
    /// It failed, and then passed.
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
    pub(super) fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            played: Vec::new(),
            second_looks: 0,
            is_interrupted: false,
            duration: Duration::ZERO,
        }
    }

    /// The judgement on the run, as for servers.
    #[must_use]
    pub fn judgement(&self, gate: Gate) -> Judgement {
        if self.is_interrupted {
            return Judgement::Interrupted;
        }
        if self.played.iter().all(|played| matches!(played.standing(), Standing::Skipped | Standing::Unsupported)) {
            return Judgement::Nothing;
        }
        let is_broken = self.played.iter().any(|played| played.fails(gate));
        if is_broken { Judgement::Red } else { Judgement::Green }
    }
}

impl Played {
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
            Result::Through(_) | Result::Left => None,
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
            (Result::Left, _) => Standing::Left,
            (Result::Fault(_), _) => Standing::Faulty,
            (Result::Through(outcome), again) => match &outcome.verdict {
                Verdict::Passed => Standing::Passed,
                Verdict::NotApplicable(_) => Standing::Skipped,
                Verdict::Unsupported(_) => Standing::Unsupported,
                Verdict::Departed(_) | Verdict::HeldUp(_) => match again {
                    Some(Result::Through(again)) if again.verdict == Verdict::Passed => Standing::Flaky,
                    Some(Result::Fault(_)) => Standing::Faulty,
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
                Result::Fault(_) | Result::Left => None,
            }
        }
        let is_failed = |outcome: &&Outcome| outcome.verdict != Verdict::Passed;
        self.again.as_ref().and_then(through).filter(is_failed).or_else(|| through(&self.result))
    }
}
