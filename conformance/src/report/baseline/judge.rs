//! Judges results by a baseline.

use std::collections::BTreeMap;

use time::Date;

use super::{Baseline, Entry, Match};
use crate::aliases::Aliases;
use crate::replay::visible;
use crate::report::results::{Case, End, Judged, Judgement, Known, Results, Totals};

/// A baseline, and what is needed to judge by it.
#[derive(Clone, Debug)]
pub struct Judge {
    /// The name of its file.
    pub file: String,
    /// The expected failures.
    pub baseline: Baseline,
    /// The ids that cases had before.
    pub aliases: Aliases,
    /// The day that decides which entries are expired.
    pub today: Date,
}

/// The results of a run as the baseline judges them, if there is one.
#[must_use]
pub fn judged(judge: Option<&Judge>, results: Results) -> Results {
    match judge {
        Some(judge) => judge.results(results),
        None => results,
    }
}

impl Judge {
    /// The results of a run, as the baseline judges them: what fails as expected does not fail the run.
    #[must_use]
    pub fn results(&self, results: Results) -> Results {
        let results = results.without_baseline();
        let checked = self.baseline.check(&results, &self.aliases, self.today);
        let known: BTreeMap<&str, Known> =
            checked.matches.iter().map(|(entry, case, found)| (case.id.as_str(), known(entry, case, *found))).collect();
        let annotate = |case: &Case| match known.get(case.id.as_str()) {
            Some(known) => annotated(case.clone(), known.clone()),
            None => case.clone(),
        };
        let cases: Vec<Case> = results.cases.iter().map(annotate).collect();
        let unseen = checked.matches.iter().filter(|(.., found)| *found == Match::Unseen).map(|(entry, ..)| *entry);
        let judged = Judged {
            file: visible(&self.file),
            known: cases.iter().filter(|case| case.is_known()).count(),
            unexpected: checked.unexpected.len(),
            unexpected_passes: cases.iter().filter(|case| case.passed_unexpectedly()).count(),
            not_judged: checked.absent.iter().copied().chain(unseen).map(|entry| visible(&entry.case)).collect(),
        };
        let judgement = judgement(&results, &judged);
        let end = End { judgement, totals: Totals::of(&cases), baseline: Some(judged), ..results.end };
        Results { end, cases, ..results }
    }

    /// The baseline that expects what a run found, as [`Baseline::updated`] makes it.
    #[must_use]
    pub fn updated(&self, results: &Results, reason: &str) -> Baseline {
        self.baseline.updated(&results.clone().without_baseline(), &self.aliases, self.today, reason)
    }

    /// The result of one case, while the run goes on.
    #[must_use]
    pub fn case(&self, case: Case) -> Case {
        match self.baseline.entry(&case.id, &self.aliases) {
            Some(entry) => {
                let known = known(entry, &case, entry.against(&case, self.today));
                annotated(case, known)
            }
            None => case,
        }
    }
}

fn judgement(results: &Results, judged: &Judged) -> Judgement {
    let end = &results.end;
    if !end.judgement.is_whole() {
        return end.judgement;
    }
    // A reason says that the run failed by something that is no case.
    let is_lost = end.judgement == Judgement::Failed && (end.reason.is_some() || end.totals.failing == 0);
    if is_lost || judged.unexpected > 0 {
        Judgement::Failed
    } else if judged.unexpected_passes > 0 {
        Judgement::Stale
    } else {
        Judgement::Passed
    }
}

fn known(entry: &Entry, case: &Case, found: Match) -> Known {
    Known {
        found,
        expected: entry.verdict.as_str().to_owned(),
        reason: visible(&entry.reason),
        link: entry.link.as_deref().map(visible),
        until: entry.until.map(|day| day.to_string()),
        line: entry.line,
        excused: found == Match::Known && case.fails_run,
    }
}

fn annotated(case: Case, known: Known) -> Case {
    Case { fails_run: case.fails_run && !known.excused, baseline: Some(known), ..case }
}
