//! SARIF 2.1.0: a rule for each case with a finding, and a result for the finding.

use serde_json::{Value, json};

use crate::report::results::{Case, Judgement, Results, Verdict, conversation};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn text(results: &Results) -> String {
    let found = |case: &&Case| matches!(case.verdict, Verdict::Failed | Verdict::Flaky | Verdict::Crash);
    let cases: Vec<&Case> = results.cases.iter().filter(found).collect();
    let rules: Vec<Value> = cases.iter().map(|case| rule(case)).collect();
    let findings: Vec<Value> = (0..).zip(&cases).map(|(at, case): (usize, _)| result(at, case)).collect();
    let notes: Vec<Value> =
        results.end.reason.iter().map(|reason| json!({"level": "error", "message": {"text": reason}})).collect();
    let is_whole = matches!(results.end.judgement, Judgement::Passed | Judgement::Failed);
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
            "properties": {"target": results.run.target.name(), "gate": results.run.gate},
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

/// The place is the line of the trace, since the source of the server is not known.
fn result(at: usize, case: &Case) -> Value {
    let finding = case.finding.as_ref();
    let line = finding.and_then(|finding| finding.line).unwrap_or(1);
    let broken = finding.and_then(|finding| finding.level.as_deref()).unwrap_or(&case.level);
    json!({
        "ruleId": case.id,
        "ruleIndex": at,
        "level": level(broken),
        "message": {"text": format!("{}\n{}", case.title, case.message())},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": format!("{}.trace", case.id)},
            "region": {"startLine": line},
        }}],
        "partialFingerprints": {"case/v1": case.id},
        "properties": {
            "verdict": case.verdict.as_str(),
            "failsRun": case.fails_run,
            "conversation": conversation(&case.conversation),
        },
    })
}

fn level(level: &str) -> &'static str {
    match level {
        "security" | "must" => "error",
        "should" => "warning",
        _ => "note",
    }
}
