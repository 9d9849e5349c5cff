//! How many cases of each chapter and level have which result.

use super::matrix::{Matrix, Row, Tone};

/// A table: a line for each chapter or level, a column for each run.
#[derive(Debug)]
pub(super) struct Totals<'a> {
    /// What the lines are: also the name of the filter that shows the cases of a line.
    pub(super) of: &'static str,
    pub(super) lines: Vec<(&'a str, Vec<Count>)>,
}

/// The results of one run.
#[derive(Clone, Debug, Default)]
pub(super) struct Count {
    bad: usize,
    warn: usize,
    good: usize,
    idle: usize,
    unsupported: usize,
}

/// The width of a bar, in the units of its picture.
const WIDTH: usize = 1000;

impl<'a> Totals<'a> {
    pub(super) fn by_chapter(matrix: &'a Matrix<'_>) -> Self {
        let line = |name| (name, counts(matrix.rows.iter().filter(|row| row.chapter() == name)));
        let mut lines: Vec<_> = matrix.chapters().into_iter().map(line).collect();
        // Chapters that say nothing come last.
        lines.sort_by_key(|(_, counts)| counts.iter().all(|count| count.judged() == 0));
        Self { of: "chapter", lines }
    }

    pub(super) fn by_level(matrix: &'a Matrix<'_>) -> Self {
        let line = |name| (name, counts(matrix.rows.iter().filter(|row| row.level == name)));
        Self { of: "level", lines: matrix.levels().into_iter().map(line).collect() }
    }
}

fn counts<'a>(rows: impl Iterator<Item = &'a Row<'a>>) -> Vec<Count> {
    let mut counts: Vec<Count> = Vec::new();
    for row in rows {
        counts.resize_with(row.cells.len(), Count::default);
        for (count, case) in counts.iter_mut().zip(&row.cells) {
            match case.map(Tone::of) {
                Some(Tone::Bad) => count.bad += 1,
                Some(Tone::Warn) => count.warn += 1,
                Some(Tone::Good) => count.good += 1,
                Some(Tone::Idle) => count.idle += 1,
                Some(Tone::Unsupported) => count.unsupported += 1,
                None => {}
            }
        }
    }
    counts
}

impl Count {
    const fn judged(&self) -> usize {
        self.bad + self.warn + self.good
    }

    /// The parts of a bar: class, where it begins, and its width.
    pub(super) fn bar(&self) -> Vec<(&'static str, usize, usize)> {
        let parts = [
            (Tone::Good, self.good),
            (Tone::Warn, self.warn),
            (Tone::Bad, self.bad),
            (Tone::Unsupported, self.unsupported),
            (Tone::Idle, self.idle),
        ];
        let whole = (self.judged() + self.unsupported + self.idle).max(1);
        let mut before = 0;
        let part = |(tone, number): (Tone, usize)| {
            let (from, to) = (before * WIDTH / whole, (before + number) * WIDTH / whole);
            before += number;
            (tone.class(), from, to - from)
        };
        parts.into_iter().map(part).filter(|(_, _, width)| *width > 0).collect()
    }

    /// `38 of 40 passed, 1 fails the run`.
    pub(super) fn words(&self) -> String {
        let unsupported = match self.unsupported {
            0 => String::new(),
            number => format!(", {number} unsupported"),
        };
        if self.judged() == 0 {
            return match (self.idle, self.unsupported) {
                (0, 0) => "none".to_owned(),
                (0, number) => format!("{number} unsupported"),
                (idle, _) => format!("{idle} not judged{unsupported}"),
            };
        }
        let bad = match self.bad {
            0 => String::new(),
            1 => ", 1 fails".to_owned(),
            number => format!(", {number} fail"),
        };
        format!("{} of {} passed{bad}{unsupported}", self.good, self.judged())
    }
}
