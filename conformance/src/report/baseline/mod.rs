//! Expected failures: what a run is known to find, and why.
//!
//! A baseline is a TOML file with a table `[[expect]]` for each case. The cases are played all the same. What fails as
//! expected does not fail the run; what passes although it is expected to fail is reported, so that the entry is removed.

mod read;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;

use time::Date;

use super::results::{Case, Results, Verdict};
use crate::aliases::Aliases;

pub use read::Fault;

/// The expected failures of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<Entry>,
}

/// One expected failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The id of the case.
    pub case: String,
    /// How it fails.
    pub verdict: Expected,
    /// Why this is accepted for now.
    pub reason: String,
    /// Where the failure is followed up, such as the URL of an issue.
    pub link: Option<String>,
    /// The last day on which the failure is expected.
    pub until: Option<Date>,
    /// The line of the file that it begins on, from 1; 0 if it is not from a file.
    pub line: usize,
}

/// A verdict that can be expected. The others are no property of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A rule is broken.
    Fail,
    /// An earlier step fails.
    HeldUp,
    /// It fails, and passes when it is played alone. It may also always pass.
    Flaky,
    /// It ends the target.
    Crash,
}

/// What a baseline says about a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It fails as expected.
    Known,
    /// It was expected to fail and passed.
    UnexpectedPass,
    /// It fails as expected, but the entry was valid until an earlier day.
    Expired,
    /// It fails in another way than the entry says.
    Differs,
    /// It was not judged, so the entry is neither confirmed nor refuted.
    Unseen,
}

/// The judgement on a run by a baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked<'a> {
    /// Each entry that names a case of the run, with that case.
    pub matches: Vec<(&'a Entry, &'a Case, Match)>,
    /// The entries whose case the run did not have, for example because it was not selected.
    pub absent: Vec<&'a Entry>,
    /// The cases that fail the run, and that no valid entry expects.
    pub unexpected: Vec<&'a Case>,
}

impl Expected {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Fail, Self::HeldUp, Self::Flaky, Self::Crash];

    /// Its word in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::HeldUp => "held-up",
            Self::Flaky => "flaky",
            Self::Crash => "crash",
        }
    }

    /// What is expected of a case that has this verdict; `None` if it cannot be.
    const fn of(verdict: Verdict) -> Option<Self> {
        match verdict {
            Verdict::Failed => Some(Self::Fail),
            Verdict::HeldUp => Some(Self::HeldUp),
            Verdict::Flaky => Some(Self::Flaky),
            Verdict::Crash => Some(Self::Crash),
            Verdict::Passed
            | Verdict::Inconclusive
            | Verdict::Panicked
            | Verdict::DriverFault
            | Verdict::NotPlayed
            | Verdict::NotApplicable => None,
        }
    }
}

impl Baseline {
    /// The entries, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Judges a run. `today` decides which entries are expired.
    #[must_use]
    pub fn check<'a>(&'a self, results: &'a Results, aliases: &'a Aliases, today: Date) -> Checked<'a> {
        let mut left: BTreeMap<&str, &Entry> =
            self.entries.iter().map(|entry| (aliases.today(&entry.case), entry)).collect();
        let mut checked = Checked { matches: Vec::new(), absent: Vec::new(), unexpected: Vec::new() };
        for case in &results.cases {
            let entry = left.remove(aliases.today(&case.id));
            let found = entry.map(|entry| (entry, entry.against(case, today)));
            if case.fails_run && !matches!(found, Some((_, Match::Known))) {
                checked.unexpected.push(case);
            }
            checked.matches.extend(found.map(|(entry, found)| (entry, case, found)));
        }
        checked.absent = left.into_values().collect();
        checked
    }

    /// A baseline that expects what a run found: entries that still hold are kept, with their reasons; those whose
    /// case passed are dropped; failures without an entry get one with this reason. A crash is never added, and never
    /// takes the place of another failure: it stays unexpected until a person writes it into the file.
    #[must_use]
    pub fn updated(&self, results: &Results, aliases: &Aliases, today: Date, reason: &str) -> Self {
        let checked = self.check(results, aliases, today);
        let is_gone = |found: Match| found == Match::UnexpectedPass;
        let kept = checked.matches.iter().filter(|(.., found)| !is_gone(*found));
        let kept = kept.map(|(entry, case, found)| {
            let now = Expected::of(case.verdict).filter(|now| *now != Expected::Crash);
            match (found, now) {
                (Match::Differs, Some(verdict)) => Entry { verdict, case: case.id.clone(), ..(*entry).clone() },
                _ => Entry { case: case.id.clone(), ..(*entry).clone() },
            }
        });
        let mut entries: Vec<Entry> = kept.chain(checked.absent.iter().map(|entry| (*entry).clone())).collect();
        for case in checked.unexpected {
            let has_entry = entries.iter().any(|entry| entry.case == case.id);
            let Some(verdict) = Expected::of(case.verdict).filter(|now| *now != Expected::Crash && !has_entry) else {
                continue;
            };
            let (case, reason) = (case.id.clone(), reason.to_owned());
            entries.push(Entry { case, verdict, reason, link: None, until: None, line: 0 });
        }
        entries.sort_by(|one, other| one.case.cmp(&other.case));
        Self { entries }
    }
}

impl Entry {
    fn against(&self, case: &Case, today: Date) -> Match {
        let Some(found) = Expected::of(case.verdict) else {
            return match (case.verdict, self.verdict) {
                (Verdict::Passed, Expected::Flaky) => Match::Known,
                (Verdict::Passed, _) => Match::UnexpectedPass,
                _ => Match::Unseen,
            };
        };
        // A failure that also passes is no worse than one that does not.
        let is_expected = found == self.verdict || (self.verdict, found) == (Expected::Fail, Expected::Flaky);
        match (is_expected, self.until.is_some_and(|last| last < today)) {
            (true, false) => Match::Known,
            (true, true) => Match::Expired,
            (false, _) => Match::Differs,
        }
    }
}

impl Checked<'_> {
    /// The entries whose case passed.
    pub fn stale(&self) -> impl Iterator<Item = &Entry> {
        self.matches.iter().filter(|(.., found)| *found == Match::UnexpectedPass).map(|(entry, ..)| *entry)
    }
}
