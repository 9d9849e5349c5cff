//! What there is to say about a run, sorted and counted.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::cause::cause;
use crate::replay::{Difference, Outcome, Verdict};
use crate::run::{Conclusion, Finished, Judgement, Report, Standing, Terms};
use crate::trace::Level;

/// What there is to say about a run.
#[derive(Debug)]
pub struct Summary<'a> {
    /// The run.
    pub report: &'a Report,
    /// Which findings make it fail.
    pub terms: Terms,
    /// The judgement by these terms.
    pub judgement: Judgement,
    /// The cases that ended the server.
    pub crashes: Vec<&'a Finished>,
    /// The cases that failed, by what seems to be one cause. What fails the run comes first, then what weighs most.
    pub failures: Vec<Group<'a>>,
    /// The cases that failed and then passed, likewise.
    pub flaky: Vec<Group<'a>>,
    /// The cases whose subject was not reached, likewise.
    pub held_up: Vec<Group<'a>>,
    /// The cases about which nothing can be said, or whose playing failed here.
    pub unknown: Vec<&'a Finished>,
    /// The cases that passed at the second look, the first one being void.
    pub excused: Vec<&'a Finished>,
    /// The differences that are accepted, by what seems to be one cause.
    pub notes: Vec<Note<'a>>,
    /// The ids of the cases that do not apply, by reason.
    pub skipped: BTreeMap<&'a str, Vec<&'a str>>,
    /// All cases counted, by chapter, which is the folder that they are in.
    pub chapters: BTreeMap<&'a str, Tally>,
    /// All cases counted by level: that of the rule that was broken, or else of the case.
    pub levels: BTreeMap<u8, (Level, Tally)>,
    /// All cases counted.
    pub total: Tally,
}

/// A case, and the difference that decides about it.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The case.
    pub finished: &'a Finished,
    /// The conversation.
    pub outcome: &'a Outcome,
    /// What decides.
    pub difference: &'a Difference,
}

/// Cases that most likely have one cause.
#[derive(Debug)]
pub struct Group<'a> {
    /// The one that shows it best.
    pub first: Found<'a>,
    /// The others.
    pub others: Vec<Found<'a>>,
}

/// A difference that is accepted.
#[derive(Debug)]
pub struct Note<'a> {
    /// A case that shows it.
    pub case: &'a str,
    /// What it is.
    pub difference: &'a Difference,
    /// How many more cases show it.
    pub others: usize,
}

/// How many cases came out how.
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
    /// Nothing can be said.
    pub inconclusive: usize,
    /// Playing them failed here.
    pub panicked: usize,
    /// They were not played.
    pub left: usize,
    /// They do not apply.
    pub skipped: usize,
}

impl Tally {
    fn count(&mut self, standing: Standing) {
        *match standing {
            Standing::Passed => &mut self.passed,
            Standing::Failed(_) => &mut self.failed,
            Standing::Flaky(_) => &mut self.flaky,
            Standing::Crash => &mut self.crashed,
            Standing::HeldUp => &mut self.held_up,
            Standing::Inconclusive => &mut self.inconclusive,
            Standing::Panicked => &mut self.panicked,
            Standing::Left(_) => &mut self.left,
            Standing::NotApplicable => &mut self.skipped,
        } += 1;
    }

    /// The cases that were lost, so that nothing is known about what they are for.
    #[must_use]
    pub const fn lost(&self) -> usize {
        self.held_up + self.inconclusive + self.panicked + self.left
    }
}

impl<'a> Summary<'a> {
    /// Sorts and counts.
    #[must_use]
    pub fn new(report: &'a Report, terms: Terms) -> Self {
        let those = |fits: fn(&Standing) -> bool| -> Vec<&'a Finished> {
            report.finished.iter().filter(|finished| fits(&finished.standing())).collect()
        };
        let mut summary = Self {
            report,
            terms,
            judgement: report.judgement(&terms),
            crashes: those(|standing| matches!(standing, Standing::Crash)),
            failures: groups(those(|standing| matches!(standing, Standing::Failed(_))), terms),
            flaky: groups(those(|standing| matches!(standing, Standing::Flaky(_))), terms),
            held_up: groups(those(|standing| matches!(standing, Standing::HeldUp)), terms),
            unknown: those(|standing| matches!(standing, Standing::Inconclusive | Standing::Panicked)),
            excused: Vec::new(),
            notes: notes(report),
            skipped: BTreeMap::new(),
            chapters: BTreeMap::new(),
            levels: BTreeMap::new(),
            total: Tally::default(),
        };
        report.finished.iter().for_each(|finished| summary.count(finished));
        summary
    }

    fn count(&mut self, finished: &'a Finished) {
        let Finished { case, conclusion, .. } = finished;
        let standing = finished.standing();
        match conclusion {
            Conclusion::NotApplicable(reason) => self.skipped.entry(reason).or_default().push(&case.id),
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
        self.chapters.entry(case.chapter()).or_default().count(standing);
        self.levels.entry(level.rank()).or_insert_with(|| (level, Tally::default())).1.count(standing);
        self.total.count(standing);
    }

    /// How many cases failed, or failed and then passed, by a rule that fails the run.
    #[must_use]
    pub fn at_gate(&self) -> usize {
        let broken = |finished: &&Finished| match finished.standing() {
            standing @ (Standing::Failed(_) | Standing::Flaky(_)) => self.terms.is_red(standing),
            _ => false,
        };
        self.report.finished.iter().filter(broken).count()
    }
}

/// What decides about a case; `None` if nothing does.
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

/// Which case shows a defect best: one whose subject is the rule that was broken, that fails at its end, and is about little
/// else.
fn plainness(found: &Found<'_>) -> (bool, usize, usize, usize, String) {
    let Found { finished: Finished { case, .. }, difference, .. } = found;
    let covers = &case.trace.header.covers;
    let is_aside = difference.rule.requirement.as_ref() != covers.first();
    let left = case.trace.steps().filter(|step| step.line > difference.line && difference.line > 0).count();
    (is_aside, left, covers.len(), case.trace.lines.len(), case.id.clone())
}

fn notes(report: &Report) -> Vec<Note<'_>> {
    let mut notes: Vec<(String, Note<'_>)> = Vec::new();
    for finished in &report.finished {
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
