//! A case that is played several times, and the conclusion from all rounds.
//!
//! ```text
//! in some rounds             in the others            conclusion
//! ends the server                                     it ends the server; it is not played again
//! fails                      fails                    it fails
//! fails                      passes                   flaky
//! the server went away       passes                   inconclusive
//! is not played              passes                   not played
//! this machine was late      passes                   it passes; these rounds do not count
//! ```

use std::collections::BTreeMap;
use std::fmt;

use super::{Conclusion, Doubt, Finished, Standing};
use crate::cases::Case;
use crate::trace::Level;

/// How often a case passed that was played several times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// In how many rounds it passed.
    pub passed: u16,
    /// In how many rounds it was judged. A round in which it fails and then passes does not count as passed.
    pub judged: u16,
}

/// The conclusions so far, by the id of the case.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    cases: BTreeMap<String, Finished>,
}

impl Rounds {
    /// Adds a round.
    pub(super) fn add(&mut self, round: Vec<Finished>) {
        for finished in round {
            let rate = Rate::of(finished.standing());
            let (kept, before) = match self.cases.remove(&finished.case.id) {
                None => (finished, Rate::default()),
                Some(kept) => {
                    let before = kept.rate.unwrap_or_default();
                    (if weight(&finished) < weight(&kept) { finished } else { kept }, before)
                }
            };
            let rate = Rate { passed: before.passed + rate.passed, judged: before.judged + rate.judged };
            self.cases.insert(kept.case.id.clone(), Finished { rate: Some(rate), ..kept });
        }
    }

    /// Whether a case is to be played in the next round: one that ends the server has shown enough, and so has one that
    /// does not apply.
    pub(super) fn is_open(&self, case: &Case) -> bool {
        let is_over =
            |standing: Standing| matches!(standing, Standing::Crash | Standing::Panicked) || standing.is_unfit();
        self.cases.get(&case.id).is_none_or(|finished| !is_over(finished.standing()))
    }

    /// The conclusions.
    pub(super) fn conclude(self) -> Vec<Finished> {
        self.cases.into_values().map(conclude).collect()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "passed {} of {} times", self.passed, self.judged)
    }
}

impl Rate {
    const fn of(standing: Standing) -> Self {
        match standing {
            Standing::Passed => Self { passed: 1, judged: 1 },
            Standing::Failed(_) | Standing::HeldUp | Standing::Flaky(_) | Standing::Crash => {
                Self { passed: 0, judged: 1 }
            }
            Standing::Inconclusive
            | Standing::Panicked
            | Standing::Left(_)
            | Standing::NotApplicable
            | Standing::Unsupported => Self { passed: 0, judged: 0 },
        }
    }
}

/// Which round decides: the one with the smallest weight.
fn weight(finished: &Finished) -> (u8, u8) {
    let level = |level: Level| level.rank();
    match finished.standing() {
        Standing::Crash => (0, 0),
        Standing::Panicked => (1, 0),
        Standing::Failed(broken) => (2, level(broken)),
        Standing::Flaky(Some(broken)) => (3, level(broken)),
        Standing::HeldUp => (4, 0),
        Standing::Flaky(None) => (5, 0),
        Standing::Inconclusive if !is_late(finished) => (6, 0),
        Standing::Left(_) => (7, 0),
        Standing::Passed => (8, 0),
        Standing::Inconclusive => (9, 0),
        Standing::NotApplicable | Standing::Unsupported => (10, 0),
    }
}

/// Whether this machine is the reason that there is no judgement.
const fn is_late(finished: &Finished) -> bool {
    matches!(&finished.conclusion, Conclusion::Inconclusive { doubt: Doubt::Machine { .. }, .. })
}

/// A case that failed in some rounds, and passed in others, is flaky.
fn conclude(finished: Finished) -> Finished {
    let has_passed = finished.rate.is_some_and(|rate| rate.passed > 0);
    let is_broken = matches!(finished.standing(), Standing::Failed(_) | Standing::HeldUp);
    match finished {
        Finished { case, conclusion: Conclusion::Once(first) | Conclusion::Again(first), recording, rate }
            if has_passed && is_broken =>
        {
            Finished { case, conclusion: Conclusion::Flaky { first }, recording, rate }
        }
        finished => finished,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cases::Origin;
    use crate::replay::{Difference, Evidence, Outcome, Rule, Timeline, Verdict};
    use crate::run::Left;
    use crate::trace::Trace;

    fn outcome(verdict: Verdict) -> Outcome {
        Outcome { verdict, timeline: Timeline::default(), duration: Duration::ZERO, noise: Duration::ZERO }
    }

    fn difference(level: Level) -> Difference {
        let rule = Rule { requirement: None, level: Some(level) };
        let (expected, actual) = ("this".to_owned(), "that".to_owned());
        Difference { line: 1, rule, evidence: Evidence::Content, expected, actual }
    }

    fn passed() -> Conclusion {
        Conclusion::Once(outcome(Verdict::Passed))
    }

    fn failed(level: Level) -> Conclusion {
        Conclusion::Again(outcome(Verdict::Departed(vec![difference(level)])))
    }

    fn held_up() -> Conclusion {
        Conclusion::Again(outcome(Verdict::HeldUp(Difference {
            rule: Rule { requirement: None, level: None },
            ..difference(Level::Must)
        })))
    }

    fn flaky() -> Conclusion {
        Conclusion::Flaky { first: outcome(Verdict::Departed(vec![difference(Level::Must)])) }
    }

    fn inconclusive(doubt: Doubt) -> Conclusion {
        Conclusion::Inconclusive { outcome: None, doubt }
    }

    fn late() -> Conclusion {
        inconclusive(Doubt::Machine { noise: Duration::ZERO, looks: 3 })
    }

    fn crash() -> Conclusion {
        Conclusion::Crash { outcome: None, reason: "refused".to_owned() }
    }

    /// The standing of one case after these rounds, how often it passed, and how often it was judged.
    fn after(rounds: impl IntoIterator<Item = Conclusion>) -> (Standing, u16, u16) {
        let source = "title     A ping\ncovers    EIO4-HB-01\nlevel     must\n\nws C open    EIO=4\n";
        let case = Case { id: "a".to_owned(), trace: Trace::parse("a", source).unwrap(), origin: Origin::Written };
        let mut all = Rounds::default();
        rounds.into_iter().for_each(|conclusion| all.add(vec![Finished::new(case.clone(), conclusion)]));
        let finished = all.conclude().pop().unwrap();
        let rate = finished.rate.unwrap();
        (finished.standing(), rate.passed, rate.judged)
    }

    #[test]
    fn a_case_that_fails_in_some_rounds_is_flaky_by_its_heaviest_fault() {
        let (must, should) = (Level::Must, Level::Should);
        assert_eq!(after([passed(), passed()]), (Standing::Passed, 2, 2));
        assert_eq!(after([failed(must), failed(must)]), (Standing::Failed(must), 0, 2));
        assert_eq!(after([passed(), failed(should), failed(must)]), (Standing::Flaky(Some(must)), 1, 3));
        assert_eq!(after([failed(must), failed(should), passed()]), (Standing::Flaky(Some(must)), 1, 3));
        assert_eq!(after([passed(), flaky()]), (Standing::Flaky(Some(must)), 1, 2));
        assert_eq!(after([flaky(), failed(must)]), (Standing::Failed(must), 0, 2));
        assert_eq!(after([held_up(), passed()]), (Standing::Flaky(None), 1, 2));
        assert_eq!(after([held_up(), held_up()]), (Standing::HeldUp, 0, 2));
    }

    #[test]
    fn no_round_hides_what_another_found_out() {
        let left = || Conclusion::Left(Left::OutOfTime);
        let panicked = || Conclusion::Panicked("oh".to_owned());
        assert_eq!(after([passed(), crash(), passed()]), (Standing::Crash, 2, 3));
        assert_eq!(after([panicked(), passed()]), (Standing::Panicked, 1, 1));
        assert_eq!(after([passed(), inconclusive(Doubt::ServerGone)]), (Standing::Inconclusive, 1, 1));
        assert_eq!(after([passed(), left()]), (Standing::Left(Left::OutOfTime), 1, 1));
        assert_eq!(after([failed(Level::Must), left()]), (Standing::Failed(Level::Must), 0, 1));
        assert_eq!(after([late(), passed()]), (Standing::Passed, 1, 1));
        assert_eq!(after([late(), late()]), (Standing::Inconclusive, 0, 0));
    }
}
