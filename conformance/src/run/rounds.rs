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

/// How often a case passed that was played several times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// In how many rounds it passed.
    pub passed: u16,
    /// In how many rounds it was judged. A round in which it fails and then passes does not count as passed.
    pub judged: u16,
}

/// The result of a case in one round.
pub(crate) trait Look {
    /// The id of the case.
    fn id(&self) -> &str;

    /// How much the round says about the case.
    fn weight(&self) -> Weight;

    /// The conclusion from all rounds, of which this one decides. A case that failed in some, and passed in others, is flaky.
    fn conclude(self, rate: Rate) -> Self;
}

/// How much a round says about a case. Of several rounds, the one decides that comes first here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// The case ends the target.
    Crash,
    /// Siospec itself panicked.
    Panicked,
    /// It broke a rule.
    Failed(Rank),
    /// It broke a rule, and then did not.
    Flaky(Rank),
    /// It did not come to its subject.
    HeldUp,
    /// It did not come to its subject, and then did.
    HeldUpFirst,
    /// No judgement is possible.
    Unclear,
    /// It was not played.
    Left,
    /// It passed.
    Passed,
    /// This machine was late, so the round does not count.
    Late,
    /// It is no case for the target.
    Unfit,
}

/// The rank of a level.
type Rank = u8;

/// The conclusions so far, by the id of the case.
#[derive(Debug)]
pub(crate) struct Rounds<T> {
    cases: BTreeMap<String, (T, Rate)>,
}

impl<T> Default for Rounds<T> {
    fn default() -> Self {
        Self { cases: BTreeMap::new() }
    }
}

impl<T: Look> Rounds<T> {
    /// Adds a round.
    pub(crate) fn add(&mut self, round: Vec<T>) {
        for look in round {
            let id = look.id().to_owned();
            let rate = look.weight().rate();
            let (kept, before) = match self.cases.remove(&id) {
                None => (look, Rate::default()),
                Some((kept, before)) => (if look.weight() < kept.weight() { look } else { kept }, before),
            };
            let rate = Rate { passed: before.passed + rate.passed, judged: before.judged + rate.judged };
            self.cases.insert(id, (kept, rate));
        }
    }

    /// Whether a case is to be played in the next round: one that ends the target has shown enough, and so has one that
    /// does not apply.
    pub(crate) fn is_open(&self, case: &Case) -> bool {
        let is_over = |weight| matches!(weight, Weight::Crash | Weight::Panicked | Weight::Unfit);
        self.cases.get(&case.id).is_none_or(|(look, _)| !is_over(look.weight()))
    }

    /// The conclusions, in the order of ids.
    pub(crate) fn conclude(self) -> Vec<T> {
        self.cases.into_values().map(|(look, rate)| look.conclude(rate)).collect()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "passed {} of {} times", self.passed, self.judged)
    }
}

impl Weight {
    /// How a round counts.
    const fn rate(self) -> Rate {
        match self {
            Self::Passed => Rate { passed: 1, judged: 1 },
            Self::Crash | Self::Failed(_) | Self::Flaky(_) | Self::HeldUp | Self::HeldUpFirst => {
                Rate { passed: 0, judged: 1 }
            }
            Self::Panicked | Self::Unclear | Self::Left | Self::Late | Self::Unfit => Rate { passed: 0, judged: 0 },
        }
    }
}

impl Look for Finished {
    fn id(&self) -> &str {
        &self.case.id
    }

    fn weight(&self) -> Weight {
        match self.standing() {
            Standing::Crash => Weight::Crash,
            Standing::Panicked => Weight::Panicked,
            Standing::Failed(broken) => Weight::Failed(broken.rank()),
            Standing::Flaky(Some(broken)) => Weight::Flaky(broken.rank()),
            Standing::HeldUp => Weight::HeldUp,
            Standing::Flaky(None) => Weight::HeldUpFirst,
            Standing::Inconclusive if is_late(self) => Weight::Late,
            Standing::Inconclusive => Weight::Unclear,
            Standing::Left(_) => Weight::Left,
            Standing::Passed => Weight::Passed,
            Standing::NotApplicable | Standing::Unsupported => Weight::Unfit,
        }
    }

    fn conclude(self, rate: Rate) -> Self {
        let is_flaky = rate.passed > 0 && matches!(self.standing(), Standing::Failed(_) | Standing::HeldUp);
        let conclusion = match self.conclusion {
            Conclusion::Once(first) | Conclusion::Again(first) if is_flaky => Conclusion::Flaky { first },
            conclusion => conclusion,
        };
        Self { conclusion, rate: Some(rate), ..self }
    }
}

/// Whether this machine is the reason that there is no judgement.
const fn is_late(finished: &Finished) -> bool {
    matches!(&finished.conclusion, Conclusion::Inconclusive { doubt: Doubt::Machine { .. }, .. })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cases::Origin;
    use crate::replay::{Difference, Evidence, Outcome, Rule, Timeline, Verdict};
    use crate::run::Left;
    use crate::trace::{Level, Trace};

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
