//! JUnit XML, as the schema `junit-10.xsd` of Jenkins has it: a suite for each chapter.
//!
//! What fails the run is a failure, or an error if nothing was found out about the server. What does not fail the run is
//! skipped, with the reason, as is what a baseline expects. A pass that it does not expect is a failure. So the exit code and this report say
//! the same.

use std::collections::BTreeMap;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::report::results::{Case, Results, Verdict, conversation};

pub(super) fn text(results: &Results) -> String {
    let mut report = Report::new("siospec");
    report.set_time(Duration::from_millis(results.end.duration_ms));
    let mut chapters: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in &results.cases {
        chapters.entry(case.chapter()).or_default().push(case);
    }
    for (chapter, cases) in chapters {
        let mut suite = TestSuite::new(chapter);
        suite.set_time(cases.iter().filter_map(|case| case.duration_ms).map(Duration::from_millis).sum());
        suite.add_property(Property::new("target", results.run.target.name()));
        suite.add_property(Property::new("siospec", &results.run.siospec));
        suite.add_test_cases(cases.into_iter().map(case));
        report.add_test_suite(suite);
    }
    if let Some(whole) = whole_run(results) {
        let mut suite = TestSuite::new("siospec");
        suite.add_test_case(whole);
        report.add_test_suite(suite);
    }
    // Only a writer that fails can make this fail.
    without_skipped(report.to_string().unwrap_or_default())
}

/// The schema of Jenkins has the number of skipped cases for each suite, and not for all of them.
fn without_skipped(mut text: String) -> String {
    const ATTRIBUTE: &str = " skipped=\"";
    let end = text.find("<testsuites").and_then(|at| Some(at + text.get(at..)?.find('>')?)).unwrap_or(0);
    if let Some(from) = text.get(..end).and_then(|head| head.find(ATTRIBUTE)) {
        let value = from + ATTRIBUTE.len();
        let to = text.get(value..).and_then(|rest| rest.find('"')).map(|length| value + length + 1);
        text.replace_range(from..to.unwrap_or(from), "");
    }
    text
}

/// A run that did not come to its end is an error, even if all its cases passed.
fn whole_run(results: &Results) -> Option<TestCase> {
    let judgement = results.end.judgement;
    if judgement.is_whole() {
        return None;
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type(judgement.as_str());
    status.set_message(results.end.reason.as_deref().unwrap_or_else(|| judgement.as_str()));
    let mut run = TestCase::new("run", status);
    run.set_classname("siospec");
    Some(run)
}

fn case(case: &Case) -> TestCase {
    let mut test = TestCase::new(&case.id, status(case));
    test.set_classname(case.chapter().replace('/', "."));
    if let Some(duration) = case.duration_ms {
        test.set_time(Duration::from_millis(duration));
    }
    if !case.conversation.is_empty() {
        let mut head = format!("level {}, requirements {}", case.level, case.requirements.join(" "));
        if let Some(rate) = case.rate {
            head.push_str(&format!(", passed {} of {} times", rate.passed, rate.judged));
        }
        test.set_system_out(format!("{head}\n{}", conversation(&case.conversation)));
    }
    test
}

fn status(case: &Case) -> TestCaseStatus {
    let kind = match case.verdict {
        // It fails the run too: by exit code 4.
        Verdict::Passed if case.passed_unexpectedly() => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type("unexpected pass").set_message(case.message()).set_description(&case.title);
            return status;
        }
        Verdict::Passed => return TestCaseStatus::success(),
        Verdict::Failed | Verdict::Flaky | Verdict::Crash => NonSuccessKind::Failure,
        Verdict::DriverFault
        | Verdict::HeldUp
        | Verdict::Inconclusive
        | Verdict::Panicked
        | Verdict::NotPlayed
        | Verdict::NotApplicable
        | Verdict::Unsupported => NonSuccessKind::Error,
    };
    let mut status = if case.fails_run { TestCaseStatus::non_success(kind) } else { TestCaseStatus::skipped() };
    let kind = if case.is_known() { "known" } else { case.verdict.as_str() };
    status.set_type(kind).set_message(case.message());
    if case.fails_run {
        status.set_description(description(case));
    }
    status
}

/// What a reader needs who sees nothing else.
fn description(case: &Case) -> String {
    let mut lines = vec![case.title.clone()];
    if let Some(finding) = &case.finding {
        if let (Some(requirement), Some(sentence)) = (&finding.requirement, &finding.sentence) {
            lines.push(format!("{requirement}: {sentence}"));
        }
        lines.push(format!("expected {}", finding.expected));
        lines.push(format!("found    {}", finding.observed));
    }
    lines.push(format!("reproduce: {}", case.reproduce));
    lines.join("\n")
}
