//! The results of a run.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use super::{Course, Finished, Gate, Left, Standing};
use crate::survey::Survey;
use crate::trace::Level;
use crate::values::Minimal;

/// The results of a run.
#[derive(Debug)]
pub struct Report {
    /// All selected cases, in the order of ids.
    pub finished: Vec<Finished>,
    /// How they were played.
    pub course: Course,
    /// What was found out about the server.
    pub survey: Survey,
    /// How the run ended.
    pub ending: Ending,
    /// Each time that the server went away.
    pub outages: Vec<Outage>,
    /// Which cases were played again, and which were not.
    pub second_looks: SecondLooks,
    /// The smallest values that still fail a generated case, by its id.
    pub minimals: BTreeMap<String, Minimal>,
    /// The duration of the run.
    pub duration: Duration,
    /// The time limit of the run.
    pub max_time: Duration,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All cases were handled.
    Complete,
    /// The time limit was reached.
    OutOfTime,
    /// A case failed, and was to end the run.
    Failed,
    /// The user ended it.
    Interrupted,
    /// The server went away, for this reason, and did not come back.
    Gone(String),
}

/// One time that the server went away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// The network error.
    pub reason: String,
    /// The ids of the cases that were being played then, or had just been.
    pub suspects: Vec<String>,
    /// What is known about the cause.
    pub culprit: Culprit,
    /// From when the server was last there to when it was there again for good.
    pub span: RangeInclusive<Instant>,
}

impl Outage {
    /// Whether a case is known to have ended the server at this time.
    #[must_use]
    pub fn explains(&self, end: Instant) -> bool {
        matches!(self.culprit, Culprit::Found(_)) && self.span.contains(&end)
    }
}

/// Which case ended the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Culprit {
    /// This one: the server went away again when the case was played alone.
    Found(String),
    /// None: the server did not go away again when the suspects were played.
    NotAgain,
    /// Unknown: the server did not come back, so the suspects could not be played again.
    Unknown,
}

/// The failed cases that were played again, alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecondLooks {
    /// The number of cases that were played again.
    pub taken: usize,
    /// The ids of cases for which there was no time left.
    pub without: Vec<String>,
}

/// Which findings make a run fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The lowest level that makes a run fail.
    pub gate: Gate,
    /// How cases count that fail and then pass.
    pub flaky: Tolerance,
    /// How inconclusive cases count.
    pub inconclusive: Tolerance,
}

/// How a finding counts that is not a plain failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tolerance {
    /// It makes the run fail.
    #[default]
    Refused,
    /// It is reported, and does not make the run fail.
    Allowed,
}

/// The judgement on a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// At least one case was judged, none was lost, and no rule at the gate is broken.
    Green,
    /// A rule at the gate is broken, or a case was lost.
    Red,
    /// No case applies.
    Nothing,
    /// The server went away and did not come back.
    Gone,
    /// The user ended the run.
    Interrupted,
}

impl Judgement {
    /// The exit code of a command with this judgement.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Green => 0,
            Self::Red => 1,
            Self::Nothing | Self::Gone => 3,
            // The usual exit code of a program that was ended by signal 2, SIGINT.
            Self::Interrupted => 128 + 2,
        }
    }
}

impl Terms {
    /// Whether a case of this standing makes a run fail.
    #[must_use]
    pub fn is_red(&self, standing: Standing) -> bool {
        let at_gate = |level: Level| self.gate.includes(level);
        match standing {
            Standing::Passed | Standing::NotApplicable | Standing::Unsupported => false,
            Standing::Failed(level) => at_gate(level),
            Standing::Flaky(level) => self.flaky == Tolerance::Refused && level.is_some_and(at_gate),
            Standing::Inconclusive => self.inconclusive == Tolerance::Refused,
            Standing::HeldUp | Standing::Crash | Standing::Panicked | Standing::Left(_) => true,
        }
    }
}

impl Report {
    /// The judgement.
    #[must_use]
    pub fn judgement(&self, terms: &Terms) -> Judgement {
        match self.ending {
            Ending::Interrupted => return Judgement::Interrupted,
            Ending::Gone(_) => return Judgement::Gone,
            Ending::Complete | Ending::OutOfTime | Ending::Failed => {}
        }
        let standings: Vec<Standing> = self.finished.iter().map(Finished::standing).collect();
        if standings.iter().all(|standing| standing.is_unfit()) {
            return Judgement::Nothing;
        }
        // A server that goes away without a known cause is broken too.
        let fell = self.outages.iter().any(|outage| outage.culprit == Culprit::NotAgain);
        let red = standings.iter().any(|standing| terms.is_red(*standing));
        let judged = standings.iter().any(|standing| standing.is_judged());
        if judged && !fell && !red { Judgement::Green } else { Judgement::Red }
    }

    /// How many cases were not played for this reason.
    #[must_use]
    pub fn left(&self, reason: Left) -> usize {
        self.finished.iter().filter(|finished| finished.standing() == Standing::Left(reason)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{Case, Origin};
    use crate::replay::{Outcome, Timeline, Verdict};
    use crate::run::{Conclusion, Doubt};
    use crate::trace::Trace;

    fn finished(conclusion: Conclusion) -> Finished {
        let source = "title     A ping\ncovers    EIO4-HB-01\nlevel     must\n\nws C open    EIO=4\n";
        Finished::new(
            Case { id: "a".to_owned(), trace: Trace::parse("a", source).unwrap(), origin: Origin::Written },
            conclusion,
        )
    }

    fn passed() -> Conclusion {
        let (timeline, duration, noise) = (Timeline::default(), Duration::ZERO, Duration::ZERO);
        Conclusion::Once(Outcome { verdict: Verdict::Passed, timeline, duration, noise })
    }

    fn report(conclusions: impl IntoIterator<Item = Conclusion>) -> Report {
        Report {
            finished: conclusions.into_iter().map(finished).collect(),
            course: Course::default(),
            survey: Survey::sample(),
            ending: Ending::Complete,
            outages: Vec::new(),
            second_looks: SecondLooks::default(),
            minimals: BTreeMap::new(),
            duration: Duration::ZERO,
            max_time: Duration::from_secs(300),
        }
    }

    fn code(report: &Report) -> u8 {
        report.judgement(&Terms::default()).code()
    }

    #[test]
    fn green_needs_a_case_that_was_judged_and_none_that_was_lost() {
        let skipped = || Conclusion::NotApplicable("no".to_owned());
        let unknown = || Conclusion::Inconclusive { outcome: None, doubt: Doubt::ServerGone };
        assert_eq!(code(&report([passed(), skipped()])), 0);
        assert_eq!(code(&report([])), 3);
        assert_eq!(code(&report([skipped()])), 3);
        let unsupported = || Conclusion::Unsupported("no".to_owned());
        assert_eq!(code(&report([passed(), unsupported()])), 0);
        assert_eq!(code(&report([skipped(), unsupported()])), 3);
        assert_eq!(code(&report([passed(), Conclusion::Panicked("oh".to_owned())])), 1);
        assert_eq!(code(&report([passed(), Conclusion::Left(Left::OutOfTime)])), 1);
        assert_eq!(code(&report([passed(), unknown()])), 1);
        let allowed = Terms { inconclusive: Tolerance::Allowed, ..Terms::default() };
        assert_eq!(report([passed(), unknown()]).judgement(&allowed), Judgement::Green);
        assert_eq!(report([unknown()]).judgement(&allowed), Judgement::Red, "nothing was judged");
    }

    #[test]
    fn the_end_of_a_run_comes_before_what_it_found() {
        let crash = || Conclusion::Crash { outcome: None, reason: "refused".to_owned() };
        assert_eq!(code(&report([passed(), crash()])), 1);
        assert_eq!(code(&Report { ending: Ending::Gone("refused".to_owned()), ..report([passed(), crash()]) }), 3);
        assert_eq!(code(&Report { ending: Ending::Interrupted, ..report([passed()]) }), 130);
        let outage = Outage {
            reason: "refused".to_owned(),
            suspects: Vec::new(),
            culprit: Culprit::NotAgain,
            span: Instant::now()..=Instant::now(),
        };
        assert_eq!(code(&Report { outages: vec![outage], ..report([passed()]) }), 1);
    }
}
