//! What a baseline says about the results of a run.

use serde::{Deserialize, Serialize};

use super::{Case, End, Judgement, Results, Totals, Verdict};

/// What a baseline says about one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// How the entry and what was found fit.
    pub found: Match,
    /// The verdict that the entry expects: fail, held-up, flaky or crash.
    pub expected: String,
    /// Why this is accepted for now.
    pub reason: String,
    /// Where it is followed up, such as the URL of an issue.
    pub link: Option<String>,
    /// The last day on which it is expected, such as 2027-03-01.
    pub until: Option<String>,
    /// The line of the baseline that the entry begins on, from 1.
    pub line: usize,
    /// Whether the case would fail the run without this entry.
    pub excused: bool,
}

/// What a baseline says about a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
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

/// What a baseline says about a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    /// The file of the baseline.
    pub file: String,
    /// How many cases fail as expected.
    pub known: usize,
    /// How many cases fail the run, because no valid entry expects it.
    pub unexpected: usize,
    /// How many cases passed although an entry expects that they fail.
    pub unexpected_passes: usize,
    /// The cases of entries that this run says nothing about.
    pub not_judged: Vec<String>,
}

impl Case {
    /// What the baseline says about it, if it has an entry.
    #[must_use]
    pub fn found(&self) -> Option<Match> {
        self.baseline.as_ref().map(|known| known.found)
    }

    /// Whether it fails as the baseline expects. A case that is expected to be flaky may also pass.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.found() == Some(Match::Known) && self.verdict != Verdict::Passed
    }

    /// Whether it was expected to fail and passed.
    #[must_use]
    pub fn passed_unexpectedly(&self) -> bool {
        self.found() == Some(Match::UnexpectedPass)
    }

    /// Whether it fails the run, or would without the baseline.
    #[must_use]
    pub fn fails_alone(&self) -> bool {
        self.fails_run || self.baseline.as_ref().is_some_and(|known| known.excused)
    }

    /// The case as it would be without a baseline.
    #[must_use]
    pub fn without_baseline(self) -> Self {
        Self { fails_run: self.fails_alone(), baseline: None, ..self }
    }
}

impl Results {
    /// The results as they would be without a baseline.
    #[must_use]
    pub fn without_baseline(self) -> Self {
        let Some(_) = &self.end.baseline else { return self };
        let cases: Vec<Case> = self.cases.into_iter().map(Case::without_baseline).collect();
        let totals = Totals::of(&cases);
        let judgement = match self.end.judgement {
            Judgement::Passed | Judgement::Stale if totals.failing > 0 => Judgement::Failed,
            Judgement::Stale => Judgement::Passed,
            other => other,
        };
        Self { end: End { judgement, totals, baseline: None, ..self.end }, cases, ..self }
    }
}

impl Known {
    /// How the entry and what was found differ, and why the failure was accepted.
    #[must_use]
    pub fn words(&self) -> String {
        let Self { expected, reason, .. } = self;
        let words = match (self.found, self.until.as_deref()) {
            (Match::Known, _) => format!("known: {reason}"),
            (Match::UnexpectedPass, _) => format!("the baseline expects {expected} ({reason}); remove its entry"),
            (Match::Expired, Some(day)) => format!("its entry in the baseline was valid until {day} ({reason})"),
            (Match::Expired, None) => format!("its entry in the baseline is expired ({reason})"),
            (Match::Differs, _) => format!("the baseline expects {expected} ({reason})"),
            (Match::Unseen, _) => format!("not judged; the baseline expects {expected} ({reason})"),
        };
        match &self.link {
            Some(link) => format!("{words} {link}"),
            None => words,
        }
    }
}
