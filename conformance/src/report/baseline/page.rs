//! What a baseline says about a run, for a person.

use std::fmt::Write as _;

use crate::replay::visible;
use crate::report::results::{Case, Judgement, Known, Results};

/// At most this many known failures are named on the last line.
const MAX_NAMES: usize = 10;

/// A line for each case that the baseline has something to say about, and for each failure that it does not expect; the
/// numbers are on the last line.
#[must_use]
pub fn page(results: &Results) -> String {
    let mut page = String::new();
    let unexpected = results.cases.iter().filter(|case| case.fails_run);
    for case in unexpected {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "  not expected: {}: {}", visible(&case.id), visible(&case.message()));
    }
    for case in results.cases.iter().filter(|case| case.passed_unexpectedly()) {
        let _ = writeln!(page, "  passed: {}; remove its entry{}", visible(&case.id), reason(case));
    }
    let known: Vec<&Case> = results.cases.iter().filter(|case| case.is_known()).collect();
    for case in &known {
        let _ = writeln!(page, "  as expected: {}{}", visible(&case.id), reason(case));
    }
    let judged = results.end.baseline.clone().unwrap_or_default();
    for case in &judged.not_judged {
        let _ = writeln!(page, "  not judged in this run: {}", visible(case));
    }
    let (judgement, lost) = (results.end.judgement, results.end.reason.as_ref());
    if let Some(lost) = lost.filter(|_| judgement == Judgement::Failed) {
        let _ = writeln!(page, "the run failed also for another reason: {}", visible(lost));
    } else if judgement == Judgement::Failed && judged.unexpected == 0 {
        let _ = writeln!(page, "the run failed, although no case fails it: none was judged");
    } else if !judgement.is_whole() {
        let _ = writeln!(page, "the run has no judgement: {}", judgement.as_str());
    }
    let names: Vec<String> = known.iter().map(|case| visible(&case.id)).collect();
    let _ = writeln!(
        page,
        "{} as expected{}, {} not expected, {} passed although a failure is expected",
        judged.known,
        named(&names),
        judged.unexpected,
        judged.unexpected_passes
    );
    page
}

/// The report of a run for a person; behind it, if the run has a baseline, the [page] about it.
#[must_use]
pub fn with_page(mut report: String, results: &Results) -> String {
    if results.end.baseline.is_some() {
        report.push('\n');
        report.push_str(&page(results));
    }
    report
}

fn named(names: &[String]) -> String {
    let more = names.len().saturating_sub(MAX_NAMES);
    let shown = names.iter().take(MAX_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match (names.len(), more) {
        (0, _) => String::new(),
        (_, 0) => format!(" ({shown})"),
        (_, more) => format!(" ({shown} and {more} more)"),
    }
}

fn reason(case: &Case) -> String {
    let words = |known: &Known| {
        let link = known.link.as_deref().map(|link| format!(" {link}")).unwrap_or_default();
        format!(" ({}{link})", known.reason)
    };
    case.baseline.as_ref().map(words).unwrap_or_default()
}
