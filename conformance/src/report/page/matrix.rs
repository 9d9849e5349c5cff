//! The cases of several runs, side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::Column;
use crate::aliases::Aliases;
use crate::replay::visible;
use crate::report::results::{Case, Verdict};
use crate::trace::Level;

/// How a result looks to a reader who asks what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    /// It fails the run.
    Bad,
    /// Something was found, and the run does not fail for it.
    Warn,
    /// It passed.
    Good,
    /// It says nothing about the implementation: it does not apply, or was not played.
    Idle,
    /// The implementation declares that it does not have what the case needs.
    Unsupported,
}

impl Tone {
    pub(super) const ALL: [Self; 5] = [Self::Bad, Self::Warn, Self::Good, Self::Idle, Self::Unsupported];

    pub(super) const fn of(case: &Case) -> Self {
        match case.verdict {
            _ if case.fails_run => Self::Bad,
            Verdict::Passed => Self::Good,
            Verdict::NotApplicable | Verdict::NotPlayed => Self::Idle,
            Verdict::Unsupported => Self::Unsupported,
            _ => Self::Warn,
        }
    }

    /// Its class in the style sheet.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Good => "good",
            Self::Idle => "idle",
            Self::Unsupported => "unsupported",
        }
    }

    /// What a filter calls it.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Bad => "fails the run",
            Self::Warn => "other findings",
            Self::Good => "passed",
            Self::Idle => "not applicable, not played",
            Self::Unsupported => "unsupported",
        }
    }
}

/// The cases of all runs, in the order of ids.
#[derive(Debug)]
pub(super) struct Matrix<'a> {
    pub(super) rows: Vec<Row<'a>>,
}

/// One case.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) level: String,
    /// Its result in each run; `None` where it was not selected.
    pub(super) cells: Vec<Option<&'a Case>>,
}

impl<'a> Matrix<'a> {
    /// A case that was renamed is in the row of its new id.
    pub(super) fn of(columns: &[Column<'a>], aliases: &Aliases) -> Self {
        let mut rows: BTreeMap<&str, Vec<Option<&Case>>> = BTreeMap::new();
        for (at, column) in columns.iter().enumerate() {
            for case in &column.results.cases {
                let cells = rows.entry(aliases.today(&case.id)).or_insert_with(|| vec![None; columns.len()]);
                if let Some(cell) = cells.get_mut(at) {
                    *cell = Some(case);
                }
            }
        }
        let row = |(id, cells): (&str, Vec<Option<&'a Case>>)| {
            let newest = cells.iter().flatten().next_back();
            let text = |of: fn(&Case) -> &str| newest.map_or_else(String::new, |case| visible(of(case)));
            Row { id: visible(id), title: text(|case| &case.title), level: text(|case| &case.level), cells }
        };
        Self { rows: rows.into_iter().map(row).collect() }
    }

    /// The chapters that have cases, in order.
    pub(super) fn chapters(&self) -> Vec<&str> {
        self.rows.iter().map(Row::chapter).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The levels that have cases, the heaviest first.
    pub(super) fn levels(&self) -> Vec<&str> {
        let rank = |level: &str| Level::ALL.into_iter().find(|known| known.as_str() == level).map(Level::rank);
        let mut levels: Vec<_> = self.rows.iter().map(Row::level).collect::<BTreeSet<_>>().into_iter().collect();
        levels.sort_by_key(|level| rank(level).unwrap_or(u8::MAX));
        levels
    }

    /// How many cases have at least one result of each tone.
    pub(super) fn counts(&self) -> Vec<(Tone, usize)> {
        let count = |tone| self.rows.iter().filter(|row| row.tones().any(|one| one == tone)).count();
        Tone::ALL.into_iter().map(|tone| (tone, count(tone))).collect()
    }
}

impl Row<'_> {
    /// The first two folders of the id.
    pub(super) fn chapter(&self) -> &str {
        let folders = self.id.rsplit_once('/').map_or("", |(folders, _)| folders);
        folders.match_indices('/').nth(1).and_then(|(end, _)| folders.get(..end)).unwrap_or(folders)
    }

    pub(super) fn level(&self) -> &str {
        &self.level
    }

    pub(super) fn tones(&self) -> impl Iterator<Item = Tone> {
        self.cells.iter().flatten().map(|case| Tone::of(case))
    }

    /// The classes of all results, and `mixed` if two runs differ.
    pub(super) fn classes(&self) -> String {
        let verdicts: BTreeSet<_> = self.cells.iter().map(|cell| cell.map(|case| case.verdict.as_str())).collect();
        let tones: BTreeSet<_> = self.tones().map(Tone::class).collect();
        let mixed = (verdicts.len() > 1).then_some("mixed");
        tones.into_iter().chain(mixed).collect::<Vec<_>>().join(" ")
    }

    /// What a search looks through.
    pub(super) fn haystack(&self) -> String {
        let words = self.cells.iter().flatten().flat_map(|case| case.requirements.iter().chain(&case.seen));
        let words: BTreeSet<&str> = words.map(String::as_str).collect();
        let all = [self.id.as_str(), self.title.as_str()].into_iter().chain(words);
        visible(&all.collect::<Vec<_>>().join(" ")).to_lowercase()
    }

    /// The class and the words of each cell.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.cells
            .iter()
            .map(|cell| cell.map_or(("none", "–"), |case| (Tone::of(case).class(), case.verdict.as_str())))
    }
}
