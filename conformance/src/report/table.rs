//! Prints the table of numbers.

use super::{Summary, Tally};

/// A column: its name, and its number.
type Column = (&'static str, fn(&Tally) -> usize);

/// Columns that are all zero are left out, except for the first two.
const COLUMNS: [Column; 9] = [
    ("passed", |tally| tally.passed),
    ("failed", |tally| tally.failed),
    ("known", |tally| tally.known),
    ("crash", |tally| tally.crashed),
    ("flaky", |tally| tally.flaky),
    ("held up", |tally| tally.held_up),
    ("unknown", |tally| tally.inconclusive + tally.panicked + tally.left),
    ("n.a.", |tally| tally.skipped),
    ("unsupp.", |tally| tally.unsupported),
];

/// The numbers of all cases by level and by chapter.
pub(super) fn table(summary: &Summary<'_>) -> String {
    let columns: Vec<Column> = COLUMNS
        .into_iter()
        .enumerate()
        .filter(|(at, (_, number))| *at < 2 || number(&summary.total) > 0)
        .map(|(_, column)| column)
        .collect();
    let levels: Vec<_> = summary.levels.values().map(|(level, tally)| (level.as_str(), tally)).collect();
    let chapters: Vec<_> = summary.chapters.iter().map(|(chapter, tally)| (*chapter, tally)).collect();
    let width = levels.iter().chain(&chapters).map(|(name, _)| name.len()).max().unwrap_or(0).max("chapter".len());
    let part = |name: &str, rows: Vec<(&str, &Tally)>| {
        let head = columns.iter().map(|(name, _)| format!("  {name:>7}")).collect::<String>();
        let rows = rows.into_iter().map(|(name, tally)| {
            let numbers = columns.iter().map(|(_, number)| match number(tally) {
                0 => format!("  {:>7}", "-"),
                number => format!("  {number:>7}"),
            });
            format!("{name:width$}{}\n", numbers.collect::<String>())
        });
        format!("{name:width$}{head}\n{}", rows.collect::<String>())
    };
    format!("{}\n{}", part("level", levels), part("chapter", chapters))
}
