//! Commands to GitHub Actions: an annotation for each case that fails the run, or passes although the
//! baseline expects that it fails.

use std::fmt::Write as _;

use crate::report::results::{Case, Results};

/// GitHub shows at most this many annotations of one step.
const MAX_ANNOTATIONS: usize = 10;

/// The commands, one on a line, and one more if there are more cases.
#[must_use]
pub fn text(results: &Results) -> String {
    let failing: Vec<&Case> =
        results.cases.iter().filter(|case| case.fails_run || case.passed_unexpectedly()).collect();
    // The end of the run, and all cases that are left, have an annotation each.
    let most = MAX_ANNOTATIONS - usize::from(results.end.reason.is_some());
    let shown = if failing.len() > most { most - 1 } else { failing.len() };
    let mut text = String::new();
    for case in failing.iter().take(shown) {
        let message = format!("{}\n{}\nreproduce: {}", case.title, case.message(), case.reproduce);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "::error title={}::{}", property(&case.id), data(&message));
    }
    if failing.len() > shown {
        let _ = writeln!(text, "::error title=siospec::{} more cases fail the run", failing.len() - shown);
    }
    let end = &results.end;
    if let Some(reason) = &end.reason {
        let _ = writeln!(text, "::error title={}::{}", property(end.judgement.as_str()), data(reason));
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
