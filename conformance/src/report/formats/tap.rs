//! TAP 14. A case that failed below the gate, or as a baseline expects, is a `TODO`, which does not fail a TAP consumer either.

use std::fmt::Write as _;

use crate::report::results::{Case, Known, Results, Verdict, conversation};

pub(super) fn text(results: &Results) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", results.cases.len());
    for (number, case) in (1..).zip(&results.cases) {
        let id = escaped(&case.id);
        let is_ok = case.verdict == Verdict::Passed || case.verdict.is_unfit();
        let word = if is_ok { "ok" } else { "not ok" };
        let directive = match (case.verdict, is_ok || case.fails_run) {
            // A TODO that passes is one to remove.
            (Verdict::Passed, _) if case.passed_unexpectedly() => format!(" # TODO {}", escaped(&known(case))),
            (_, false) if case.is_known() => format!(" # TODO {}", escaped(&known(case))),
            (Verdict::NotApplicable | Verdict::Unsupported, _) => format!(" # SKIP {}", escaped(&case.message())),
            (_, true) => String::new(),
            (_, false) => format!(" # TODO {}", escaped(case.reason.as_deref().unwrap_or("it does not fail the run"))),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{word} {number} - {id}{directive}");
        if !is_ok {
            text.push_str(&diagnostics(case));
        }
    }
    let end = &results.end;
    if !end.judgement.is_whole() {
        let reason = end.reason.as_deref().unwrap_or_else(|| end.judgement.as_str());
        let _ = writeln!(text, "Bail out! {}", escaped(reason));
    }
    text
}

fn known(case: &Case) -> String {
    case.baseline.as_ref().map(Known::words).unwrap_or_default()
}

/// A block of YAML. JSON strings are YAML strings.
fn diagnostics(case: &Case) -> String {
    let quoted = |value: &str| serde_json::Value::from(value).to_string();
    let mut text = "  ---\n".to_owned();
    let mut field = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name}: {}", quoted(value));
    };
    field("message", &case.message());
    field("severity", if case.fails_run { "fail" } else { "todo" });
    field("title", &case.title);
    if let Some(finding) = &case.finding {
        if let Some(requirement) = &finding.requirement {
            field("requirement", requirement);
        }
        field("expected", &finding.expected);
        field("found", &finding.observed);
    }
    field("reproduce", &case.reproduce);
    if !case.conversation.is_empty() {
        text.push_str("  conversation:\n");
        for line in conversation(&case.conversation).lines() {
            let _ = writeln!(text, "    - {}", quoted(line));
        }
    }
    text.push_str("  ...\n");
    text
}

/// `#` begins a directive, and `\` escapes it.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('#', r"\#")
}
