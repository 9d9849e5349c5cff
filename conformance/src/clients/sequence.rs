//! In which order cases are played and how often, which are played again, and when a failure ends the run.

use std::collections::VecDeque;

use super::{Played, Result};
use crate::cases::Case;
use crate::run::{Course, Ending, Left, Rounds, Terms, shuffle};
use crate::trace::Need;

/// At most this many failed cases of a round, or of an agent that visits cases, are played again.
pub(super) const MAX_SECOND_LOOKS: usize = 40;

/// Plays cases.
pub(super) trait Player {
    /// Why it cannot go on.
    type Fault;

    /// Plays cases, and none more once one was played that `ends` says. Returns those that are left, too.
    fn play(
        &mut self,
        cases: VecDeque<Case>,
        part: Part,
        ends: &(dyn Fn(&Played) -> bool + Sync),
    ) -> std::result::Result<(Vec<Played>, VecDeque<Case>), Self::Fault>;

    /// Plays a case while no other is played; `None` if it cannot be any more.
    fn play_again(&mut self, case: &Case) -> std::result::Result<Option<Result>, Self::Fault>;
}

/// The parts of a round. They are played one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Cases that measure time.
    Timing,
    /// All others, which come first.
    Others,
}

/// What came out.
pub(super) struct Whole {
    /// The results, in the order of ids.
    pub(super) played: Vec<Played>,
    pub(super) second_looks: usize,
    pub(super) ending: Ending,
}

/// Plays the cases as often as they are to be, and failed ones again.
///
/// # Errors
///
/// That of the player.
pub(super) fn play<P: Player>(player: &mut P, cases: &[Case], course: Course) -> std::result::Result<Whole, P::Fault> {
    let mut sequence = Sequence { player, fail_fast: course.fail_fast, second_looks: 0, ending: Ending::Complete };
    let (mut rounds, mut played) = (Rounds::default(), Vec::new());
    for seed in course.orders() {
        let open = cases.iter().filter(|case| rounds.is_open(case)).cloned().collect();
        played = sequence.round(open, seed)?;
        if course.is_repeated() {
            rounds.add(std::mem::take(&mut played));
        }
    }
    if course.is_repeated() {
        played = rounds.conclude();
    }
    played.sort_by(|one, other| one.case.id.cmp(&other.case.id));
    let Sequence { second_looks, mut ending, .. } = sequence;
    // The last case failed.
    if ending == Ending::Failed && !played.iter().any(|played| matches!(played.result, Result::Left(_))) {
        ending = Ending::Complete;
    }
    Ok(Whole { played, second_looks, ending })
}

struct Sequence<'a, P> {
    player: &'a mut P,
    /// Whether the first case that fails the run by these terms ends it.
    fail_fast: Option<Terms>,
    second_looks: usize,
    ending: Ending,
}

impl<P: Player> Sequence<'_, P> {
    fn round(&mut self, cases: Vec<Case>, seed: Option<u64>) -> std::result::Result<Vec<Played>, P::Fault> {
        let (mut timing, mut others): (Vec<_>, Vec<_>) =
            cases.into_iter().partition(|case| case.trace.header.needs.contains(&Need::Timing));
        if let Some(seed) = seed {
            shuffle([&mut others, &mut timing], seed);
        }
        let mut played = Vec::new();
        for (part, cases) in [(Part::Others, others), (Part::Timing, timing)] {
            let mut waiting = VecDeque::from(cases);
            while self.ending == Ending::Complete && !waiting.is_empty() {
                let fail_fast = self.fail_fast;
                let (new, left) = self.player.play(waiting, part, &|played| ends(played, fail_fast))?;
                played.extend(new);
                waiting = left;
                if played.iter().any(|played| ends(played, fail_fast)) {
                    // Chance may be the cause.
                    self.look_again(&mut played, |played| ends(played, fail_fast))?;
                    if played.iter().any(|played| ends(played, fail_fast)) {
                        self.ending = Ending::Failed;
                    }
                }
            }
            let left = |case| Played::new(case, Result::Left(Left::AfterFailure));
            played.extend(waiting.into_iter().map(left));
        }
        self.look_again(&mut played, |_| true)?;
        Ok(played)
    }

    /// Plays failed cases again, one at a time.
    fn look_again(
        &mut self,
        played: &mut [Played],
        are_wanted: impl Fn(&Played) -> bool,
    ) -> std::result::Result<(), P::Fault> {
        let looks = played.iter().filter(|played| played.again.is_some()).count();
        let failed = played.iter_mut().filter(|played| played.again.is_none() && played.has_failed());
        for one in failed.filter(|played| are_wanted(played)).take(MAX_SECOND_LOOKS.saturating_sub(looks)) {
            one.again = self.player.play_again(&one.case)?;
            if one.again.is_none() {
                break;
            }
            self.second_looks += 1;
        }
        Ok(())
    }
}

/// Whether a case ends the run by these terms. One that was not played is no failure.
fn ends(played: &Played, fail_fast: Option<Terms>) -> bool {
    fail_fast.is_some_and(|terms| played.fails(terms.gate)) && !matches!(played.result, Result::Left(_))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::num::NonZeroU16;
    use std::time::Duration;

    use super::*;
    use crate::cases::Origin;
    use crate::clients::Standing;
    use crate::replay::{Difference, Evidence, Outcome, Rule, Timeline, Verdict};
    use crate::run::Rate;
    use crate::trace::{Level, Trace};

    /// Plays the cases one after the other; each word of the script says how the next one ends.
    struct Script {
        words: VecDeque<&'static str>,
        played: Vec<String>,
    }

    impl Script {
        fn look(&mut self, case: &Case) -> Result {
            self.played.push(case.id.clone());
            let rule = Rule { requirement: None, level: Some(Level::Must) };
            let (expected, actual) = ("this".to_owned(), "that".to_owned());
            let verdict = match self.words.pop_front() {
                Some("fails") => {
                    Verdict::Departed(vec![Difference { line: 1, rule, evidence: Evidence::Content, expected, actual }])
                }
                Some("lacks") => Verdict::Unsupported("no".to_owned()),
                _ => Verdict::Passed,
            };
            let (duration, noise) = (Duration::ZERO, Duration::ZERO);
            Result::Through(Outcome { verdict, timeline: Timeline::default(), duration, noise })
        }
    }

    impl Player for Script {
        type Fault = Infallible;

        fn play(
            &mut self,
            mut cases: VecDeque<Case>,
            _: Part,
            ends: &(dyn Fn(&Played) -> bool + Sync),
        ) -> std::result::Result<(Vec<Played>, VecDeque<Case>), Infallible> {
            let mut all: Vec<Played> = Vec::new();
            while !all.last().is_some_and(ends)
                && let Some(case) = cases.pop_front()
            {
                let result = self.look(&case);
                all.push(Played::new(case, result));
            }
            Ok((all, cases))
        }

        fn play_again(&mut self, case: &Case) -> std::result::Result<Option<Result>, Infallible> {
            Ok(Some(self.look(case)))
        }
    }

    fn course(repeat: u16) -> Course {
        Course { repeat: NonZeroU16::new(repeat).unwrap(), ..Course::default() }
    }

    /// The ids in the order in which they were played, and what came out.
    fn run(ids: &str, course: Course, words: &'static str) -> (String, Whole) {
        let source = "title     A ping\ncovers    EIO4-HB-01\nlevel     must\n\nws C open    EIO=4\n";
        let case =
            |id: &str| Case { id: id.to_owned(), trace: Trace::parse(id, source).unwrap(), origin: Origin::Written };
        let cases: Vec<Case> = ids.split(' ').map(case).collect();
        let mut script = Script { words: words.split(' ').collect(), played: Vec::new() };
        let Ok(whole) = play(&mut script, &cases, course);
        (script.played.join(" "), whole)
    }

    fn standings(whole: &Whole) -> Vec<(Standing, Option<Rate>)> {
        whole.played.iter().map(|played| (played.standing(), played.rate)).collect()
    }

    #[test]
    fn a_case_that_fails_in_some_rounds_is_flaky_and_one_that_does_not_apply_is_not_repeated() {
        let rate = |passed, judged| Some(Rate { passed, judged });
        let words = "lacks passes passes fails passes fails passes passes";
        let (played, whole) = run("a b c", course(3), words);
        // In the second round, b fails, and does so again when it is played alone.
        assert_eq!(played, "a b c b c b b c");
        let expected =
            [(Standing::Unsupported, rate(0, 0)), (Standing::Flaky, rate(2, 3)), (Standing::Passed, rate(3, 3))];
        assert_eq!(standings(&whole), expected);
    }

    #[test]
    fn a_seed_gives_an_order_and_each_round_another_one() {
        let ids = "a b c d e f g h";
        let shuffled = |seed, repeat| run(ids, Course { shuffle: Some(seed), ..course(repeat) }, "").0;
        assert_eq!(shuffled(7, 1), shuffled(7, 1));
        assert_ne!(shuffled(7, 1), shuffled(8, 1));
        assert_ne!(shuffled(7, 1), ids);
        let twice = shuffled(7, 2);
        let (first, second) = twice.split_at(ids.len());
        assert_ne!(first, second.trim());
        assert_eq!(second.trim(), shuffled(7, 1));
    }

    #[test]
    fn the_first_failure_ends_the_run_if_it_is_to() {
        let fail_fast = Course { fail_fast: Some(Terms::default()), ..course(1) };
        let (played, whole) = run("a b c d", fail_fast, "passes fails fails");
        assert_eq!((played.as_str(), &whole.ending, whole.second_looks), ("a b b", &Ending::Failed, 1));
        let left = Standing::Left;
        let expected = [Standing::Passed, Standing::Failed, left, left].map(|standing| (standing, None));
        assert_eq!(standings(&whole), expected);
        // Nothing is left if it is the last case.
        let (_, whole) = run("a b", fail_fast, "passes fails fails");
        assert_eq!(whole.ending, Ending::Complete);
        let (played, whole) = run("a b c", course(1), "fails passes passes fails");
        assert_eq!((played.as_str(), whole.ending), ("a b c a", Ending::Complete));
    }
}
