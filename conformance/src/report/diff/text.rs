//! A comparison for a person, as plain text.

use std::fmt::Write as _;

use super::{Change, Diff, Kind};
use crate::replay::visible;

/// The numbers, what makes them uncertain, and each changed case. Cases that fail now are told with their finding.
#[must_use]
pub fn text(diff: &Diff<'_>) -> String {
    let mut text = format!("{}\n", diff.words());
    // Writing to a string cannot fail.
    for note in diff.notes() {
        let _ = writeln!(text, "note: {}", visible(&note));
    }
    for kind in Kind::ALL {
        let changes: Vec<_> = diff.changes(kind).collect();
        if !changes.is_empty() {
            let _ = writeln!(text, "\n{}:", kind.as_str());
        }
        changes.iter().for_each(|change| text.push_str(&one(kind, change)));
    }
    text
}

fn one(kind: Kind, change: &Change<'_>) -> String {
    let (id, before) = change.ids();
    let was = before.map(|id| format!(" (was {})", visible(id))).unwrap_or_default();
    let mut text = format!("  {}{was}: {}\n", visible(id), change.verdicts());
    let case = change.latest();
    if let (Kind::Introduced | Kind::Changed | Kind::New, true) = (kind, case.fails_run) {
        if let Some(found) = &case.finding {
            let rule = [found.level.as_deref(), found.requirement.as_deref()];
            let rule = rule.into_iter().flatten().map(visible).collect::<Vec<_>>().join(" ");
            let _ = writeln!(text, "      {rule}");
            let _ = writeln!(text, "      expected {}", visible(&found.expected));
            let _ = writeln!(text, "      found    {}", visible(&found.observed));
        }
        let _ = writeln!(text, "      again    {}", visible(&case.reproduce));
    }
    text
}
