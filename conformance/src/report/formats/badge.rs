//! The endpoint of a badge of shields.io: how many of the judged cases passed, for each protocol, and how many are known to fail or
//! need what the implementation declares not to have.

use std::collections::BTreeMap;

use serde_json::json;

use crate::report::results::{Case, Judgement, Results, Verdict};

pub(super) fn text(results: &Results) -> String {
    let mut protocols: BTreeMap<String, Numbers> = BTreeMap::new();
    for case in results.cases.iter().filter(|case| case.verdict != Verdict::NotApplicable) {
        let numbers = protocols.entry(protocol(case)).or_default();
        numbers.passed += usize::from(case.verdict == Verdict::Passed);
        numbers.known += usize::from(case.is_known());
        *if case.verdict == Verdict::Unsupported { &mut numbers.unsupported } else { &mut numbers.judged } += 1;
    }
    let numbers: Vec<String> =
        protocols.into_iter().map(|(protocol, numbers)| format!("{protocol} {}", numbers.words())).collect();
    let (message, color) = match results.end.judgement {
        Judgement::Passed => (numbers.join(", "), "brightgreen"),
        Judgement::Stale => (numbers.join(", "), "yellow"),
        Judgement::Failed => (numbers.join(", "), "red"),
        other => (other.as_str().to_owned(), "lightgrey"),
    };
    let badge = json!({"schemaVersion": 1, "label": "siospec", "message": message, "color": color});
    format!("{badge}\n")
}

/// How many cases of a protocol have which result.
#[derive(Debug, Default)]
struct Numbers {
    passed: usize,
    judged: usize,
    known: usize,
    unsupported: usize,
}

impl Numbers {
    fn words(&self) -> String {
        let more = [(self.known, "known"), (self.unsupported, "unsupported")];
        let more = more.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}"));
        let more = more.collect::<Vec<_>>().join(", ");
        let more = if more.is_empty() { more } else { format!(" ({more})") };
        format!("{}/{}{more}", self.passed, self.judged)
    }
}

/// The first folder of the case: `EIO4`.
fn protocol(case: &Case) -> String {
    case.id.split('/').next().unwrap_or_default().to_uppercase()
}
