//! What changed between two runs.

mod markdown;
#[cfg(test)]
pub(super) mod tests;
mod text;

use std::collections::BTreeMap;

use url::Url;

use super::results::{Case, Match, Results, Target, Verdict};
use crate::aliases::Aliases;

pub use markdown::markdown;
pub use text::text;

/// What changed between two runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff<'a> {
    old: &'a Results,
    new: &'a Results,
    changes: Vec<(Kind, Change<'a>)>,
    /// How many cases have the same verdict in both.
    same: usize,
}

/// A change of one case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change<'a> {
    /// Both runs have it.
    Both(&'a Case, &'a Case),
    /// Only the new run has it.
    New(&'a Case),
    /// Only the old run has it.
    Vanished(&'a Case),
}

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The case fails the new run, and did not fail the old one; or it ends the server now, and did not.
    Introduced,
    /// The case failed the old run, and does not fail the new one.
    Fixed,
    /// The verdict is another one, and none of the above: for example, the case is flaky now.
    Changed,
    /// Only the new run has the case.
    New,
    /// Only the old run has the case.
    Vanished,
}

/// Two reports that have nothing to compare: for example, one is of a server, and one of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlike {
    /// What they are of.
    pub kinds: [&'static str; 2],
}

impl std::fmt::Display for Unlike {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [old, new] = self.kinds;
        write!(f, "one of the two reports is of a {old} and the other of a {new}, so they cannot be compared")
    }
}

impl std::error::Error for Unlike {}

impl<'a> Diff<'a> {
    /// Compares two runs, case by case.
    ///
    /// # Errors
    ///
    /// [`Unlike`].
    pub fn of(old: &'a Results, new: &'a Results, aliases: &Aliases) -> Result<Self, Unlike> {
        let kinds = [old.run.target.kind(), new.run.target.kind()];
        if kinds[0] != kinds[1] {
            return Err(Unlike { kinds });
        }
        let gates = if old.run.gate == new.run.gate { Gates::Same } else { Gates::Differ };
        let mut before: BTreeMap<_, _> = old.cases.iter().map(|case| (aliases.today(&case.id), case)).collect();
        let mut diff = Self { old, new, changes: Vec::new(), same: 0 };
        for case in &new.cases {
            match before.remove(aliases.today(&case.id)) {
                None => diff.changes.push((Kind::New, Change::New(case))),
                Some(earlier) => match kind(earlier, case, gates).or_else(|| diff.is_judged_anew(earlier, case)) {
                    Some(kind) => diff.changes.push((kind, Change::Both(earlier, case))),
                    None => diff.same += 1,
                },
            }
        }
        diff.changes.extend(before.into_values().map(|case| (Kind::Vanished, Change::Vanished(case))));
        diff.changes.sort_by_key(|(kind, _)| *kind);
        Ok(diff)
    }

    /// A change by the baselines alone, for example because an entry is expired. If only one run had a baseline, there is
    /// none.
    fn is_judged_anew(&self, old: &Case, new: &Case) -> Option<Kind> {
        let have_baselines = self.old.end.baseline.is_some() && self.new.end.baseline.is_some();
        (have_baselines && old.fails_run != new.fails_run).then_some(Kind::Changed)
    }

    /// The changes of a kind, in the order of ids.
    pub fn changes(&self, kind: Kind) -> impl Iterator<Item = Change<'a>> {
        self.changes.iter().filter(move |(of, _)| *of == kind).map(|(_, change)| *change)
    }

    /// How many cases have the same verdict in both runs.
    #[must_use]
    pub const fn same(&self) -> usize {
        self.same
    }

    /// Whether a fault was introduced.
    #[must_use]
    pub fn introduces(&self) -> bool {
        self.changes(Kind::Introduced).next().is_some()
    }

    /// Whether the new run came to its end. If it did not, faults may be missing in the comparison.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        came_to_its_end(self.new)
    }

    /// The numbers of changes: `1 introduced, 0 fixed, 2 changed, 0 new, 0 vanished; 1120 as before`.
    #[must_use]
    pub fn words(&self) -> String {
        let numbers = Kind::ALL.map(|kind| format!("{} {}", self.changes(kind).count(), kind.as_str()));
        format!("{}; {} as before", numbers.join(", "), self.same)
    }

    /// What makes the comparison less certain: sentences without a full stop.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let (old, new) = (&self.old.run, &self.new.run);
        let differ =
            |what: &str, old: &str, new: &str| (old != new).then(|| format!("{what}: {old} before, {new} now"));
        let seeds = [old.seed.to_string(), new.seed.to_string()];
        let mut notes: Vec<String> = [
            differ("the runs had different targets", &place(&old.target), &place(&new.target)),
            differ("the runs were made by different versions of siospec", &old.siospec, &new.siospec),
            differ("the generated cases had different seeds", &seeds[0], &seeds[1]),
            differ("the gates were different, so every broken rule counts", &old.gate, &new.gate),
        ]
        .into_iter()
        .flatten()
        .collect();
        for (which, results) in [("old", self.old), ("new", self.new)] {
            if !came_to_its_end(results) {
                let why = results.end.reason.as_deref().unwrap_or(results.end.judgement.as_str());
                notes.push(format!("the {which} run did not come to its end: {why}"));
            }
        }
        notes
    }
}

impl Change<'_> {
    /// The id that the case has now, and the one that it had before if that is another one.
    #[must_use]
    pub fn ids(&self) -> (&str, Option<&str>) {
        match self {
            Self::Both(old, new) => (&new.id, Some(old.id.as_str()).filter(|id| *id != new.id)),
            Self::New(case) | Self::Vanished(case) => (&case.id, None),
        }
    }

    /// The verdicts: `passed, now failed`.
    #[must_use]
    pub fn verdicts(&self) -> String {
        match self {
            Self::Both(old, new) => format!("{}, now {}", verdict(old), verdict(new)),
            Self::New(case) | Self::Vanished(case) => verdict(case),
        }
    }

    /// The case in the newest run that has it.
    #[must_use]
    pub const fn latest(&self) -> &Case {
        match self {
            Self::Both(_, case) | Self::New(case) | Self::Vanished(case) => case,
        }
    }
}

impl Kind {
    /// All of them, the most important one first.
    pub const ALL: [Self; 5] = [Self::Introduced, Self::Fixed, Self::Changed, Self::New, Self::Vanished];

    /// Its word in the reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Introduced => "introduced",
            Self::Fixed => "fixed",
            Self::Changed => "changed",
            Self::New => "new",
            Self::Vanished => "vanished",
        }
    }
}

/// Whether both runs had the same gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gates {
    Same,
    Differ,
}

/// What a verdict says about the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Nothing is broken that fails the run.
    Sound,
    /// It broke a rule, or did not come as far as the subject of the case.
    Broken,
    /// The case ends it.
    Crashed,
    /// The case does not apply to it, or needs what it declares not to have.
    Unfit,
    /// Nothing certain: nothing can have been introduced or fixed since.
    Unknown,
}

impl Standing {
    fn of(case: &Case, gates: Gates) -> Self {
        match case.verdict {
            Verdict::Passed => Self::Sound,
            // If the gates differ, the same broken rule can fail one run and not the other.
            Verdict::Failed | Verdict::HeldUp if case.fails_alone() || matches!(gates, Gates::Differ) => Self::Broken,
            Verdict::Failed | Verdict::HeldUp => Self::Sound,
            Verdict::Crash => Self::Crashed,
            Verdict::NotApplicable | Verdict::Unsupported => Self::Unfit,
            Verdict::Flaky | Verdict::Inconclusive | Verdict::Panicked | Verdict::DriverFault | Verdict::NotPlayed => {
                Self::Unknown
            }
        }
    }
}

/// The kind of the change between two results of a case; `None` if there is none.
fn kind(old: &Case, new: &Case, gates: Gates) -> Option<Kind> {
    use Standing::{Broken, Crashed, Sound, Unfit, Unknown};
    match (Standing::of(old, gates), Standing::of(new, gates)) {
        (Sound | Unfit, Broken) | (Sound | Unfit | Broken | Unknown, Crashed) => Some(Kind::Introduced),
        (Broken | Crashed, Sound) => Some(Kind::Fixed),
        _ if old.verdict == new.verdict => None,
        _ => Some(Kind::Changed),
    }
}

/// The words of a verdict. A rule that is broken below the gate is told from one at the gate.
fn verdict(case: &Case) -> String {
    let is_below = matches!(case.verdict, Verdict::Failed | Verdict::HeldUp) && !case.fails_alone();
    let baseline = match case.found() {
        Some(Match::Known) if case.is_known() => " (known)",
        Some(Match::Expired) => " (known, but expired)",
        Some(Match::Differs) => " (not as known)",
        Some(Match::UnexpectedPass) => " (known to fail)",
        Some(Match::Known | Match::Unseen) | None => "",
    };
    format!("{}{}{baseline}", case.verdict.as_str(), if is_below { " below the gate" } else { "" })
}

/// What is tested, without its port: a server that is started for a run may get another one each time.
fn place(target: &Target) -> String {
    let host = match target {
        Target::Server { url, .. } => Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)),
        Target::Client { .. } | Target::Codec { .. } => None,
    };
    host.unwrap_or_else(|| target.name())
}

const fn came_to_its_end(results: &Results) -> bool {
    results.end.judgement.is_whole() && results.end.totals.not_played == 0
}
