//! A comparison as Markdown, for a comment on a pull request.

use std::fmt::Write as _;

use super::{Change, Diff, Kind};
use crate::replay::visible;
use crate::report::formats::markdown::{code, plain};

/// At most this many cases of a kind are shown, because the length of a comment is limited.
const MAX_SHOWN: usize = 50;

/// The numbers, what makes them uncertain, and a table for each kind of change. What is not about faults is folded.
#[must_use]
pub fn markdown(diff: &Diff<'_>) -> String {
    let title = match (diff.introduces(), diff.is_whole()) {
        (true, _) => "faults were introduced",
        (false, true) => "no fault was introduced",
        (false, false) => "the new run did not come to its end",
    };
    let mut text = format!("## siospec: {title}\n\n{}.\n", diff.words());
    // Writing to a string cannot fail.
    for note in diff.notes() {
        let _ = writeln!(text, "\nNote: {}.", plain(&visible(&note)));
    }
    for kind in Kind::ALL {
        let changes: Vec<_> = diff.changes(kind).collect();
        if changes.is_empty() {
            continue;
        }
        let table = table(&changes);
        let _ = match kind {
            Kind::Introduced | Kind::Fixed => writeln!(text, "\n### {}\n\n{table}", kind.as_str()),
            Kind::Changed | Kind::New | Kind::Vanished => writeln!(
                text,
                "\n<details><summary>{} {}</summary>\n\n{table}\n</details>",
                changes.len(),
                kind.as_str()
            ),
        };
    }
    text
}

fn table(changes: &[Change<'_>]) -> String {
    let mut text = "| case | verdict | finding |\n|---|---|---|\n".to_owned();
    for change in changes.iter().take(MAX_SHOWN) {
        let (id, before) = change.ids();
        let was = before.map(|id| format!(" (was {})", cell(id))).unwrap_or_default();
        let case = change.latest();
        let finding = case.finding.as_ref().filter(|_| case.fails_run).map(|found| {
            let requirement = found.requirement.as_deref().map(|id| format!("{}: ", plain(&visible(id))));
            let requirement = requirement.unwrap_or_default();
            format!("{requirement}expected {}, found {}", cell(&found.expected), cell(&found.observed))
        });
        let _ = writeln!(text, "| {}{was} | {} | {} |", cell(id), change.verdicts(), finding.unwrap_or_default());
    }
    if changes.len() > MAX_SHOWN {
        let _ = writeln!(text, "\n{} more are not shown here.", changes.len() - MAX_SHOWN);
    }
    text
}

/// Code in a table, where a bar would end the cell.
fn cell(text: &str) -> String {
    code(&visible(text)).replace('|', "\\|")
}
