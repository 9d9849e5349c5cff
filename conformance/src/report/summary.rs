//! Sorts and counts the results of a run.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::cause::cause;
use crate::replay::{Difference, Outcome, Verdict};
use crate::report::results::{Known, Results};
use crate::run::{Conclusion, Finished, Report, Standing, Terms};
use crate::trace::Level;

/// The results of a run, sorted and counted.
#[derive(Debug)]
pub struct Summary<'a> {
    /// The run.
    pub report: &'a Report,
    /// Which findings make it fail.
    pub terms: Terms,
    /// The cases that fail as the baseline expects. They are in none of the lists below.
    pub known: Vec<(&'a Finished, &'a Known)>,
    /// The cases that ended the server.
    pub crashes: Vec<&'a Finished>,
    /// The cases that failed, grouped by likely cause. Those that fail the run come first, then those with the heaviest
    /// faults.
    pub failures: Vec<Group<'a>>,
    /// The cases that failed and then passed, grouped in the same way.
    pub flaky: Vec<Group<'a>>,
    /// The cases whose subject was not reached, grouped in the same way.
    pub held_up: Vec<Group<'a>>,
    /// The cases that could not be judged.
    pub unknown: Vec<&'a Finished>,
    /// The cases that passed at the second look; their first look does not count.
    pub excused: Vec<&'a Finished>,
    /// The accepted differences, grouped by likely cause.
    pub notes: Vec<Note<'a>>,
    /// The ids of the cases that do not apply, by reason.
    pub skipped: BTreeMap<&'a str, Vec<&'a str>>,
    /// The ids of the cases that need what the implementation declares not to have, by where it says so.
    pub unsupported: BTreeMap<&'a str, Vec<&'a str>>,
    /// The numbers of all cases by chapter, which is the folder that they are in.
    pub chapters: BTreeMap<&'a str, Tally>,
    /// The numbers of all cases by level: that of the broken rule, or else of the case.
    pub levels: BTreeMap<u8, (Level, Tally)>,
    /// The numbers of all cases.
    pub total: Tally,
}

/// A case, and the most important difference in it.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The case.
    pub finished: &'a Finished,
    /// The conversation.
    pub outcome: &'a Outcome,
    /// The most important difference.
    pub difference: &'a Difference,
}

/// Cases that most likely have one cause.
#[derive(Debug)]
pub struct Group<'a> {
    /// The case that shows it best.
    pub first: Found<'a>,
    /// The others.
    pub others: Vec<Found<'a>>,
}

/// An accepted difference.
#[derive(Debug)]
pub struct Note<'a> {
    /// A case that shows it.
    pub case: &'a str,
    /// The difference.
    pub difference: &'a Difference,
    /// How many more cases show it.
    pub others: usize,
}

/// How many cases had each result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// They passed.
    pub passed: usize,
    /// They failed.
    pub failed: usize,
    /// They failed and then passed.
    pub flaky: usize,
    /// They ended the server.
    pub crashed: usize,
    /// Their subject was not reached.
    pub held_up: usize,
    /// No judgement is possible.
    pub inconclusive: usize,
    /// siospec panicked while playing them.
    pub panicked: usize,
    /// They were not played.
    pub left: usize,
    /// They do not apply.
    pub skipped: usize,
    /// They need what the implementation declares not to have.
    pub unsupported: usize,
    /// They fail as the baseline expects, in whatever way; they are not counted above.
    pub known: usize,
}

impl Tally {
    fn count(&mut self, standing: Standing, is_known: bool) {
        *match standing {
            _ if is_known => &mut self.known,
            Standing::Passed => &mut self.passed,
            Standing::Failed(_) => &mut self.failed,
            Standing::Flaky(_) => &mut self.flaky,
            Standing::Crash => &mut self.crashed,
            Standing::HeldUp => &mut self.held_up,
            Standing::Inconclusive => &mut self.inconclusive,
            Standing::Panicked => &mut self.panicked,
            Standing::Left(_) => &mut self.left,
            Standing::NotApplicable => &mut self.skipped,
            Standing::Unsupported => &mut self.unsupported,
        } += 1;
    }

    /// The number of cases that were to be judged and could not be.
    #[must_use]
    pub const fn lost(&self) -> usize {
        self.held_up + self.inconclusive + self.panicked + self.left
    }
}

impl<'a> Summary<'a> {
    /// Sorts and counts the results; `results` are the same as plain data, judged by a baseline if there is one.
    #[must_use]
    pub fn new(report: &'a Report, terms: Terms, results: &'a Results) -> Self {
        let (known, others) = sorted(report, results);
        let those = |fits: fn(&Standing) -> bool| -> Vec<&'a Finished> {
            others.iter().copied().filter(|finished| fits(&finished.standing())).collect()
        };
        let mut summary = Self {
            report,
            terms,
            known,
            crashes: those(|standing| matches!(standing, Standing::Crash)),
            failures: groups(those(|standing| matches!(standing, Standing::Failed(_))), terms),
            flaky: groups(those(|standing| matches!(standing, Standing::Flaky(_))), terms),
            held_up: groups(those(|standing| matches!(standing, Standing::HeldUp)), terms),
            unknown: those(|standing| matches!(standing, Standing::Inconclusive | Standing::Panicked)),
            excused: Vec::new(),
            notes: notes(&others),
            skipped: BTreeMap::new(),
            unsupported: BTreeMap::new(),
            chapters: BTreeMap::new(),
            levels: BTreeMap::new(),
            total: Tally::default(),
        };
        report
            .finished
            .iter()
            .zip(&results.cases)
            .for_each(|(finished, case)| summary.count(finished, case.is_known()));
        summary
    }

    fn count(&mut self, finished: &'a Finished, is_known: bool) {
        let Finished { case, conclusion, .. } = finished;
        let standing = finished.standing();
        match conclusion {
            Conclusion::NotApplicable(reason) => self.skipped.entry(reason).or_default().push(&case.id),
            Conclusion::Unsupported(reason) => self.unsupported.entry(reason).or_default().push(&case.id),
            Conclusion::Excused { .. } => self.excused.push(finished),
            _ => {}
        }
        // What a case finds out while it is played.
        if let Some(Verdict::NotApplicable(reason)) = finished.outcome().map(|outcome| &outcome.verdict) {
            self.skipped.entry(reason).or_default().push(&case.id);
        }
        let level = match standing {
            Standing::Failed(level) | Standing::Flaky(Some(level)) => level,
            _ => case.trace.header.level,
        };
        self.chapters.entry(case.chapter()).or_default().count(standing, is_known);
        self.levels.entry(level.rank()).or_insert_with(|| (level, Tally::default())).1.count(standing, is_known);
        self.total.count(standing, is_known);
    }

    /// How many cases failed, or failed and then passed, by breaking a rule that makes the run fail.
    #[must_use]
    pub fn at_gate(&self) -> usize {
        let broken = |finished: &&Finished| match finished.standing() {
            standing @ (Standing::Failed(_) | Standing::Flaky(_)) => self.terms.is_red(standing),
            _ => false,
        };
        let known: Vec<&str> = self.known.iter().map(|(finished, _)| finished.case.id.as_str()).collect();
        let is_known = |finished: &&Finished| known.contains(&finished.case.id.as_str());
        self.report.finished.iter().filter(|finished| !is_known(finished) && broken(finished)).count()
    }
}

/// The cases that fail as expected, and all others.
fn sorted<'a>(report: &'a Report, results: &'a Results) -> (Vec<(&'a Finished, &'a Known)>, Vec<&'a Finished>) {
    let (mut known, mut others) = (Vec::new(), Vec::new());
    for (finished, case) in report.finished.iter().zip(&results.cases) {
        match &case.baseline {
            Some(entry) if case.is_known() => known.push((finished, entry)),
            _ => others.push(finished),
        }
    }
    (known, others)
}

/// The most important difference of a case; `None` if it has none.
pub(super) fn found(finished: &Finished) -> Option<Found<'_>> {
    let outcome = finished.outcome()?;
    let difference = match &outcome.verdict {
        Verdict::HeldUp(difference) => difference,
        verdict => verdict.decisive()?,
    };
    Some(Found { finished, outcome, difference })
}

fn groups(cases: Vec<&Finished>, terms: Terms) -> Vec<Group<'_>> {
    let mut causes: Vec<(String, Vec<Found<'_>>)> = Vec::new();
    for found in cases.into_iter().filter_map(found) {
        let level = found.difference.rule.level.map_or("", Level::as_str);
        let cause = format!("{level} {}", cause(found.difference));
        match causes.iter_mut().find(|(other, _)| *other == cause) {
            Some((_, all)) => all.push(found),
            None => causes.push((cause, vec![found])),
        }
    }
    let mut groups: Vec<Group<'_>> = causes.into_iter().filter_map(|(_, all)| group(all)).collect();
    let weight = |found: &Found<'_>| {
        let level = found.difference.rule.level;
        (Reverse(level.is_some_and(|level| terms.gate.includes(level))), level.map(Level::rank))
    };
    groups.sort_by_key(|group| weight(&group.first));
    groups
}

fn group(mut all: Vec<Found<'_>>) -> Option<Group<'_>> {
    all.sort_by_cached_key(plainness);
    let mut all = all.into_iter();
    let first = all.next()?;
    Some(Group { first, others: all.collect() })
}

/// The sort key for the case that shows a defect best: the broken rule is its subject, it fails at its end, and it
/// tests little else.
fn plainness(found: &Found<'_>) -> (bool, usize, usize, usize, String) {
    let Found { finished: Finished { case, .. }, difference, .. } = found;
    let covers = &case.trace.header.covers;
    let is_aside = difference.rule.requirement.as_ref() != covers.first();
    let left = case.trace.steps().filter(|step| step.line > difference.line && difference.line > 0).count();
    (is_aside, left, covers.len(), case.trace.lines.len(), case.id.clone())
}

fn notes<'a>(cases: &[&'a Finished]) -> Vec<Note<'a>> {
    let mut notes: Vec<(String, Note<'_>)> = Vec::new();
    for finished in cases {
        let Some(outcome) = finished.outcome().filter(|outcome| outcome.verdict.level().is_none()) else { continue };
        for difference in outcome.verdict.departures() {
            let cause = cause(difference);
            match notes.iter_mut().find(|(other, _)| *other == cause) {
                Some((_, note)) => note.others += 1,
                None => notes.push((cause, Note { case: &finished.case.id, difference, others: 0 })),
            }
        }
    }
    notes.into_iter().map(|(_, note)| note).collect()
}
