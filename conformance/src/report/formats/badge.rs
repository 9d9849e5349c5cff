//! The endpoint of a badge of shields.io: how many of the judged cases passed, for each protocol, and how many are known to fail.

use std::collections::BTreeMap;

use serde_json::json;

use crate::report::results::{Case, Judgement, Results, Verdict};

pub(super) fn text(results: &Results) -> String {
    let mut protocols: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for case in results.cases.iter().filter(|case| case.verdict != Verdict::NotApplicable) {
        let (passed, all, known) = protocols.entry(protocol(case)).or_default();
        *passed += usize::from(case.verdict == Verdict::Passed);
        *all += 1;
        *known += usize::from(case.is_known());
    }
    let numbers = protocols.into_iter().map(|(protocol, (passed, all, known))| match known {
        0 => format!("{protocol} {passed}/{all}"),
        known => format!("{protocol} {passed}/{all} ({known} known)"),
    });
    let numbers: Vec<String> = numbers.collect();
    let (message, color) = match results.end.judgement {
        Judgement::Passed => (numbers.join(", "), "brightgreen"),
        Judgement::Stale => (numbers.join(", "), "yellow"),
        Judgement::Failed => (numbers.join(", "), "red"),
        other => (other.as_str().to_owned(), "lightgrey"),
    };
    let badge = json!({"schemaVersion": 1, "label": "siospec", "message": message, "color": color});
    format!("{badge}\n")
}

/// The first folder of the case: `EIO4`.
fn protocol(case: &Case) -> String {
    case.id.split('/').next().unwrap_or_default().to_uppercase()
}
