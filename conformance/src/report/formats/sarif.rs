//! SARIF 2.1.0: a rule for each case with a finding, and a result for the finding.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::cases;
use crate::report::results::{Case, Match, Results, Target, Verdict, conversation};

/// What cannot stand in a path: all but the unreserved characters, those that have no meaning there, and `/`.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@').remove(b'+');

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn text(results: &Results) -> String {
    let found = |case: &&Case| {
        matches!(case.verdict, Verdict::Failed | Verdict::Flaky | Verdict::Crash)
            || case.passed_unexpectedly()
            || (case.is_known() && case.verdict == Verdict::HeldUp)
    };
    let cases: Vec<&Case> = results.cases.iter().filter(found).collect();
    let rules: Vec<Value> = cases.iter().map(|case| rule(case)).collect();
    let findings: Vec<Value> = (0..).zip(&cases).map(|(at, case): (usize, _)| result(at, case, results)).collect();
    let notes: Vec<Value> =
        results.end.reason.iter().map(|reason| json!({"level": "error", "message": {"text": reason}})).collect();
    let is_whole = results.end.judgement.is_whole();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "siospec",
                "version": results.run.siospec,
                "semanticVersion": results.run.siospec,
                "rules": rules,
            }},
            "invocations": [{"executionSuccessful": is_whole, "toolExecutionNotifications": notes}],
            "results": findings,
            "properties": {
                "target": results.run.target.name(),
                "gate": results.run.gate,
                "notApplicable": results.end.totals.not_applicable,
                "unsupported": results.end.totals.unsupported,
            },
        }],
    });
    format!("{log:#}\n")
}

fn rule(case: &Case) -> Value {
    let sentence = case.finding.as_ref().and_then(|finding| finding.sentence.as_deref());
    let mut help = vec![case.title.clone()];
    help.extend(sentence.map(str::to_owned));
    if !case.seen.is_empty() {
        help.push(format!("Seen in the wild: {}", case.seen.join(" ")));
    }
    help.push(format!("Reproduce: {}", case.reproduce));
    let mut tags = case.requirements.clone();
    let mut properties = json!({});
    if case.level == "security" {
        tags.push("security".to_owned());
        // GitHub takes results of rules with a number as security alerts; 7.0 and more is "high".
        properties = json!({"security-severity": "7.0"});
    }
    if let Some(properties) = properties.as_object_mut() {
        properties.insert("tags".to_owned(), json!(tags));
    }
    json!({
        "id": case.id,
        "shortDescription": {"text": case.title},
        "fullDescription": {"text": sentence.unwrap_or(&case.title)},
        "help": {"text": help.join("\n")},
        "defaultConfiguration": {"level": level(&case.level)},
        "properties": properties,
    })
}

/// The place is the line of the trace, or the vector, since the source of the server is not known; for an entry of the baseline that does
/// not hold it is that entry.
fn result(at: usize, case: &Case, results: &Results) -> Value {
    let finding = case.finding.as_ref();
    let line = finding.and_then(|finding| finding.line).unwrap_or(1);
    let broken = finding.and_then(|finding| finding.level.as_deref()).unwrap_or(&case.level);
    let ending = if matches!(results.run.target, Target::Codec { .. }) { "" } else { ".trace" };
    let trace = (format!("{}{ending}", cases::file(&case.id)), usize::try_from(line).unwrap_or(1));
    let (uri, line) = match (&results.end.baseline, &case.baseline) {
        (Some(judged), Some(known)) if !case.is_known() && known.line > 0 => (judged.file.clone(), known.line),
        _ => trace,
    };
    let mut result = json!({
        "ruleId": case.id,
        "ruleIndex": at,
        "level": if case.passed_unexpectedly() { "warning" } else { level(broken) },
        "message": {"text": format!("{}\n{}", case.title, case.message())},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": path(&uri)},
            "region": {"startLine": line},
        }}],
        "partialFingerprints": {"case/v1": case.id},
        "properties": {
            "verdict": case.verdict.as_str(),
            "failsRun": case.fails_run,
            "conversation": conversation(&case.conversation),
        },
    });
    // Either no result of a run has this, or all have it.
    if results.end.baseline.is_some()
        && let Some(members) = result.as_object_mut()
    {
        members.insert("suppressions".to_owned(), suppressions(case));
    }
    result
}

/// A path as a reference of RFC 3986.
fn path(path: &str) -> String {
    utf8_percent_encode(&path.replace('\\', "/"), PATH).to_string()
}

/// An entry of the baseline that holds suppresses a result. One that is expired was rejected.
fn suppressions(case: &Case) -> Value {
    let status = match case.found() {
        Some(Match::Known) => "accepted",
        Some(Match::Expired) => "rejected",
        _ => return json!([]),
    };
    let known = case.baseline.as_ref();
    let properties = json!({"link": known.and_then(|known| known.link.as_deref()), "until": known.and_then(|known| known.until.as_deref())});
    let justification = known.map(|known| known.reason.as_str());
    json!([{"kind": "external", "status": status, "justification": justification, "properties": properties}])
}

fn level(level: &str) -> &'static str {
    match level {
        "security" | "must" => "error",
        "should" => "warning",
        _ => "note",
    }
}
