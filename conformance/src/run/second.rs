//! Second looks: a case that failed is played again, alone.
//!
//! ```text
//! first look        second look            conclusion
//! fails             fails                  it fails
//! fails             passes                 flaky
//! fails in doubt    passes                 it passes; the first look is void
//! fails in doubt    fails without doubt    it fails
//! fails in doubt    fails in doubt         a third look; then inconclusive
//! ```
//!
//! A failure is doubtful if this machine was late, and lateness can explain the fault.

use std::time::Duration;

use super::bounds::TRIES;
use super::{Conclusion, Doubt};
use crate::replay::{Difference, Outcome, Verdict};

/// The state after one or more looks at a case.
#[derive(Debug)]
pub(super) enum Looks {
    /// The last look did not decide.
    Open {
        /// The first conversation.
        first: Outcome,
        /// How often the case was played.
        count: usize,
        /// The largest delay of this machine.
        noise: Duration,
    },
    /// No further look is needed.
    Settled(Conclusion),
}

impl Looks {
    /// After the first look.
    pub(super) fn start(first: Outcome) -> Self {
        let noise = first.noise;
        Self::Open { first, count: 1, noise }
    }

    /// After one more look.
    pub(super) fn add(self, outcome: Outcome) -> Self {
        let (first, count, noise) = match self {
            Self::Open { first, count, noise } => (first, count + 1, noise.max(outcome.noise)),
            settled @ Self::Settled(_) => return settled,
        };
        Self::Settled(match (Quality::of(&first), Quality::of(&outcome)) {
            (Quality::Doubtful, Quality::Sound) => Conclusion::Excused { void: first, outcome },
            (_, Quality::Sound) => Conclusion::Flaky { first },
            (Quality::Doubtful, Quality::Doubtful) => return Self::Open { first, count, noise },
            // The better conversation is the one that reaches the subject, on a machine that is on time.
            (Quality::Doubtful, Quality::Faulty) | (Quality::HeldUp, Quality::Faulty) => Conclusion::Again(outcome),
            (Quality::Doubtful, Quality::HeldUp) => Conclusion::Again(outcome),
            (Quality::Faulty | Quality::HeldUp | Quality::Sound, _) => Conclusion::Again(first),
        })
    }

    /// Whether another look is useful.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self, Self::Open { count, .. } if *count < TRIES)
    }

    /// The conclusion if the case is not played again.
    pub(super) fn conclude(self) -> Conclusion {
        match self {
            Self::Settled(conclusion) => conclusion,
            Self::Open { first, count, noise } if is_doubtful(&first) => {
                Conclusion::Inconclusive { outcome: Some(first), doubt: Doubt::Machine { noise, looks: count } }
            }
            Self::Open { first, .. } => Conclusion::Once(first),
        }
    }
}

/// How much one look shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quality {
    Sound,
    Faulty,
    HeldUp,
    /// Faulty or held up, perhaps because this machine was late.
    Doubtful,
}

impl Quality {
    fn of(outcome: &Outcome) -> Self {
        match fault(outcome) {
            None => Self::Sound,
            Some(_) if is_doubtful(outcome) => Self::Doubtful,
            Some(_) if matches!(outcome.verdict, Verdict::HeldUp(_)) => Self::HeldUp,
            Some(_) => Self::Faulty,
        }
    }
}

/// Whether this machine may have caused the fault.
pub(super) fn is_doubtful(outcome: &Outcome) -> bool {
    fault(outcome).is_some_and(|difference| difference.evidence.is_doubtful(outcome.noise))
}

/// The difference that counts as a fault, if there is one.
pub(super) fn fault(outcome: &Outcome) -> Option<&Difference> {
    match &outcome.verdict {
        Verdict::HeldUp(difference) => Some(difference),
        verdict => verdict.decisive(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::{Evidence, Rule, Timeline};
    use crate::trace::Level;

    const LATE: Duration = Duration::from_millis(500);

    fn outcome(verdict: Verdict, noise: Duration) -> Outcome {
        Outcome { verdict, timeline: Timeline::default(), duration: Duration::ZERO, noise }
    }

    fn difference(evidence: Evidence, level: Option<Level>) -> Difference {
        let rule = Rule { requirement: None, level };
        Difference { line: 1, rule, evidence, expected: "this".to_owned(), actual: "that".to_owned() }
    }

    fn passed() -> Outcome {
        outcome(Verdict::Passed, LATE)
    }

    fn failed(evidence: Evidence, noise: Duration) -> Outcome {
        outcome(Verdict::Departed(vec![difference(evidence, Some(Level::Must))]), noise)
    }

    fn held_up() -> Outcome {
        outcome(Verdict::HeldUp(difference(Evidence::Content, None)), Duration::ZERO)
    }

    /// A word for the conclusion from these looks.
    fn said(looks: impl IntoIterator<Item = Outcome>) -> &'static str {
        let mut looks = looks.into_iter();
        let mut all = Looks::start(looks.next().unwrap());
        for outcome in looks {
            assert!(all.is_open());
            all = all.add(outcome);
        }
        match all.conclude() {
            Conclusion::Once(_) => "once",
            Conclusion::Again(_) => "again",
            Conclusion::Excused { .. } => "excused",
            Conclusion::Flaky { .. } => "flaky",
            Conclusion::Inconclusive { doubt: Doubt::Machine { noise: LATE, looks: 1 }, .. } => "inconclusive after 1",
            Conclusion::Inconclusive { doubt: Doubt::Machine { noise: LATE, looks: 3 }, .. } => "inconclusive after 3",
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_fault_that_does_not_come_again_is_flaky() {
        assert_eq!(said([failed(Evidence::Content, LATE), passed()]), "flaky");
        assert_eq!(said([held_up(), passed()]), "flaky");
    }

    #[test]
    fn a_message_that_never_came_is_no_lateness() {
        assert_eq!(said([failed(Evidence::Missing, LATE), passed()]), "flaky");
        assert_eq!(said([failed(Evidence::Missing, LATE)]), "once");
    }

    #[test]
    fn a_fault_that_comes_again_stands() {
        assert_eq!(said([failed(Evidence::Content, LATE), failed(Evidence::Missing, LATE)]), "again");
        assert_eq!(said([failed(Evidence::Content, LATE), failed(Evidence::Untimely, LATE)]), "again");
        assert_eq!(said([failed(Evidence::Untimely, LATE), failed(Evidence::Untimely, Duration::ZERO)]), "again");
        assert_eq!(said([held_up(), held_up()]), "again");
    }

    #[test]
    fn a_ping_that_came_in_between_voids_a_look() {
        let overtaken = || outcome(Verdict::HeldUp(difference(Evidence::Overtaken, Some(Level::Must))), Duration::ZERO);
        assert_eq!(said([overtaken(), passed()]), "excused");
        assert_eq!(said([overtaken(), failed(Evidence::Missing, Duration::ZERO)]), "again");
    }

    #[test]
    fn a_machine_that_was_late_voids_its_look() {
        let late = || failed(Evidence::Ended, LATE);
        assert_eq!(said([late(), passed()]), "excused");
        assert_eq!(said([late(), late(), passed()]), "excused");
        assert_eq!(said([late(), late(), late()]), "inconclusive after 3");
        assert_eq!(said([late()]), "inconclusive after 1");
        assert_eq!(said([failed(Evidence::Ended, Duration::ZERO)]), "once");
    }
}
