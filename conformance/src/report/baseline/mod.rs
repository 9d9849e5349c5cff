//! Expected failures: what a run is known to find, and why.
//!
//! A baseline is a TOML file with a table `[[expect]]` for each case. The cases are played all the same. What fails as
//! expected does not fail the run; what passes although it is expected to fail is reported, so that the entry is removed.

mod judge;
mod page;
mod read;
mod suite;
#[cfg(test)]
pub(super) mod tests;
mod write;

use std::collections::BTreeSet;

use glob::Pattern;
use time::Date;

use super::results::{Case, Results, Verdict};
use crate::aliases::Aliases;

pub use super::results::Match;
pub use judge::{Judge, judged};
pub use page::{page, with_page};
pub use read::Fault;

/// The expected failures of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<Entry>,
}

/// One expected failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The id of the case; or a pattern, such as `sio5/acks/*`.
    pub case: String,
    /// If it is a pattern, what that covers.
    pub pattern: Option<Pinned>,
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
    /// Which entry of the file it is or was made from, from 1; 0 if it is from none.
    pub number: usize,
}

/// A pattern of ids, with the number of cases that it covers: new cases must not be covered unnoticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// The pattern.
    pub pattern: Pattern,
    /// How many cases of the suite it covers.
    pub covers: usize,
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
            | Verdict::NotApplicable
            | Verdict::Unsupported => None,
        }
    }
}

impl Baseline {
    /// The entries, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a case: one for it alone, or else the first one with a pattern that covers it.
    fn entry(&self, id: &str, aliases: &Aliases) -> Option<&Entry> {
        let today = aliases.today(id);
        let names = |entry: &&Entry| entry.pattern.is_none() && aliases.today(&entry.case) == today;
        let covers = |entry: &&Entry| entry.pattern.as_ref().is_some_and(|pinned| pinned.pattern.matches(today));
        self.entries.iter().find(names).or_else(|| self.entries.iter().find(covers))
    }

    /// Compares a run with the entries. `today` decides which entries are expired.
    #[must_use]
    pub fn check<'a>(&'a self, results: &'a Results, aliases: &'a Aliases, today: Date) -> Checked<'a> {
        let mut seen = BTreeSet::new();
        let mut checked = Checked { matches: Vec::new(), absent: Vec::new(), unexpected: Vec::new() };
        for case in &results.cases {
            let found = self.entry(&case.id, aliases).map(|entry| (entry, entry.against(case, today)));
            seen.extend(found.map(|(entry, _)| (&entry.case, entry.line)));
            if case.fails_run && !matches!(found, Some((_, Match::Known))) {
                checked.unexpected.push(case);
            }
            checked.matches.extend(found.map(|(entry, found)| (entry, case, found)));
        }
        checked.absent = self.entries.iter().filter(|entry| !seen.contains(&(&entry.case, entry.line))).collect();
        checked
    }

    /// A baseline that expects what a run found: entries that still hold are kept, with their reasons; those whose
    /// case passed are dropped; failures without an entry get one with this reason. A crash is never added, and never
    /// takes the place of another failure: it stays unexpected until a person writes it into the file.
    #[must_use]
    pub fn updated(&self, results: &Results, aliases: &Aliases, today: Date, reason: &str) -> Self {
        let checked = self.check(results, aliases, today);
        let mut entries: Vec<Entry> = checked.absent.iter().map(|entry| (*entry).clone()).collect();
        for entry in &self.entries {
            let matches = checked.matches.iter().filter(|(of, ..)| std::ptr::eq(*of, entry));
            let matches: Vec<(&Case, Match)> = matches.map(|(_, case, found)| (*case, *found)).collect();
            entries.extend(entry.kept(&matches));
        }
        for case in checked.unexpected {
            let has_entry = self.entry(&case.id, aliases).is_some();
            let Some(verdict) = Expected::of(case.verdict).filter(|now| *now != Expected::Crash && !has_entry) else {
                continue;
            };
            let (case, reason) = (case.id.clone(), reason.to_owned());
            entries.push(Entry { case, pattern: None, verdict, reason, link: None, until: None, line: 0, number: 0 });
        }
        entries.sort_by(|one, other| one.case.cmp(&other.case));
        Self { entries }
    }
}

impl Entry {
    /// What an update leaves of it, by the results of the cases that it names. A pattern of which some cases passed becomes
    /// an entry for each other one, if all of them were seen.
    fn kept(&self, matches: &[(&Case, Match)]) -> Vec<Self> {
        let rest = || matches.iter().filter(|(_, found)| *found != Match::UnexpectedPass);
        let Some(pinned) = &self.pattern else {
            return rest().map(|(case, found)| self.brought_up_to_date(case, *found)).collect();
        };
        let are_all_seen = matches.len() == pinned.covers && rest().all(|(_, found)| *found != Match::Unseen);
        if matches.is_empty() || rest().count() == matches.len() || !are_all_seen {
            // It is among the absent ones if it matches nothing.
            return if matches.is_empty() { Vec::new() } else { vec![self.clone()] };
        }
        let alone = Self { pattern: None, line: 0, ..self.clone() };
        rest().map(|(case, found)| alone.brought_up_to_date(case, *found)).collect()
    }

    fn brought_up_to_date(&self, case: &Case, found: Match) -> Self {
        let now = Expected::of(case.verdict).filter(|now| *now != Expected::Crash && found == Match::Differs);
        Self { case: case.id.clone(), verdict: now.unwrap_or(self.verdict), ..self.clone() }
    }

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
