//! Every report of one fixed run.

mod known;
mod valid;

use std::time::Duration;

use serde_json::Value;
use sio_codec::Timestamp;

use super::jsonl::{self, Event, Stream};
use super::{Format, github};
use crate::cases::{Case, Origin};
use crate::replay::{Difference, Entry, Evidence, Mark, Outcome, Rule, Timeline, Verdict, is_invisible};
use crate::report::results::{Again, ClientContext, Context, Judgement, Results};
use crate::run::{Conclusion, Course, Doubt, Ending, Finished, Gate, Report, SecondLooks, Terms};
use crate::survey::Survey;
use crate::trace::{Level, Requirement, Side, Trace};

fn case(id: &str, title: &str, level: &str) -> Case {
    let source = format!(
        "title     {title}\ncovers    EIO4-HB-01\nlevel     {level}\nseen      CVE-2020-36048\n\nws C open    EIO=4\n"
    );
    Case { id: id.to_owned(), trace: Trace::parse(id, &source).unwrap(), origin: Origin::Written }
}

fn outcome(verdict: Verdict) -> Outcome {
    let entry = |at: u64, side, text: &str, mark| Entry {
        at: Timestamp::ZERO.saturating_add(Duration::from_millis(at)),
        channel: "ws".to_owned(),
        side: Some(side),
        text: text.to_owned(),
        mark,
    };
    let entries = vec![
        entry(3, Side::Client, "open EIO=4", Mark::Expected),
        entry(5, Side::Server, "text 3", Mark::SetAside),
        entry(309, Side::Server, "text 4\u{1b}[2J]]><b>&\u{0}\u{ffff}|`", Mark::Fault),
    ];
    let timeline = Timeline { entries, omitted: 0 };
    Outcome { verdict, timeline, duration: Duration::from_millis(312), noise: Duration::ZERO }
}

fn departed(level: Level) -> Verdict {
    let rule = Rule { requirement: Requirement::new("EIO4-HB-01"), level: Some(level) };
    Verdict::Departed(vec![Difference {
        line: 6,
        rule,
        evidence: Evidence::Content,
        expected: "text 2".to_owned(),
        actual: "text 4\u{1b}[2J]]><b>&\u{0}".to_owned(),
    }])
}

fn context() -> Context {
    Context {
        url: "http://127.0.0.1:3000".to_owned(),
        traces: None,
        seed: 7,
        started: "2026-01-02T03:04:05Z".to_owned(),
        terms: Terms::default(),
        course: Course::default(),
        again: Again { url: Some("http://127.0.0.1:3000".to_owned()), ..Again::default() },
    }
}

fn report() -> Report {
    let finished = |case, conclusion| Finished { case, conclusion, recording: None, rate: None };
    Report {
        finished: vec![
            finished(
                case("eio4/a/below", "A \"should\" <b>", "should"),
                Conclusion::Again(outcome(departed(Level::Should))),
            ),
            finished(
                case("eio4/a/failed", "A ping comes, # 1", "security"),
                Conclusion::Again(outcome(departed(Level::Must))),
            ),
            finished(case("eio4/a/passed", "A ping", "must"), Conclusion::Once(outcome(Verdict::Passed))),
            finished(
                case("eio4/b/flaky", "A ping", "must"),
                Conclusion::Flaky { first: outcome(departed(Level::Must)) },
            ),
            finished(
                case("sio5/c/inconclusive", "A ping", "must"),
                Conclusion::Inconclusive {
                    outcome: None,
                    doubt: Doubt::Machine { noise: Duration::from_millis(90), looks: 2 },
                },
            ),
            finished(
                case("sio5/c/skipped", "A ping", "must"),
                Conclusion::NotApplicable("the server has no # polling\u{7}".to_owned()),
            ),
            finished(
                case("sio5/c/unsupported", "A ping", "must"),
                Conclusion::Unsupported("server.toml says recovery = false".to_owned()),
            ),
        ],
        course: Course::default(),
        survey: Survey::sample(),
        ending: Ending::Complete,
        outages: Vec::new(),
        second_looks: SecondLooks::default(),
        minimals: std::collections::BTreeMap::new(),
        duration: Duration::from_millis(2500),
        max_time: Duration::from_secs(300),
    }
}

fn results() -> Results {
    context().results(&report())
}

/// Runs that have no cases.
fn unplayed() -> [Results; 2] {
    [
        context().without_cases(Judgement::Unreachable, "http://127.0.0.1:3000 cannot be reached"),
        context().without_cases(Judgement::Interrupted, "the run was interrupted before its first case"),
    ]
}

#[test]
fn each_report_of_a_run() {
    // The tests of the page have a shorter one.
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Html) {
        insta::assert_snapshot!(format.as_str(), format.text(&results()));
    }
    insta::assert_snapshot!("github", github::text(&results()));
}

#[test]
fn a_run_that_did_not_begin_is_no_pass_in_any_report() {
    let [unreachable, _] = unplayed();
    assert!(Format::Junit.text(&unreachable).contains("errors=\"1\""));
    assert!(Format::Tap.text(&unreachable).ends_with("1..0\nBail out! http://127.0.0.1:3000 cannot be reached\n"));
    assert!(Format::Badge.text(&unreachable).contains("the run did not begin"));
    assert!(Format::Sarif.text(&unreachable).contains("\"executionSuccessful\": false"));
    assert!(github::text(&unreachable).starts_with("::error title=the run did not begin::http://"));
}

#[test]
fn no_report_holds_a_control_character_or_one_that_xml_forbids() {
    for text in Format::ALL.into_iter().map(|format| format.text(&results())).chain([github::text(&results())]) {
        assert!(!text.chars().any(|character| is_invisible(character) && character != '\n'), "{text:?}");
    }
}

#[test]
fn junit_is_read_as_it_was_meant() {
    let text = Format::Junit.text(&results());
    let read = quick_junit::Report::deserialize_from_str(&text).unwrap();
    assert_eq!((read.tests, read.failures, read.errors), (7, 2, 1), "{text}");
    assert_eq!(
        read.test_suites.iter().map(|suite| suite.name.as_str()).collect::<Vec<_>>(),
        ["eio4/a", "eio4/b", "sio5/c"]
    );
    assert_eq!(text.matches("<skipped").count(), 3, "{text}");
}

#[test]
fn at_most_ten_annotations_are_made() {
    let mut results = results();
    let failed = results.cases[1].clone();
    results.cases = vec![failed; 25];
    let text = github::text(&results);
    assert_eq!(text.lines().count(), 10);
    assert!(text.ends_with("::error title=siospec::16 more cases fail the run\n"), "{text}");
    results.end.reason = Some("it went away".to_owned());
    assert_eq!(github::text(&results).lines().count(), 10);
}

#[test]
fn a_line_is_written_again_only_if_the_result_changed() {
    let results = results();
    let mut stream = Stream::default();
    let first = super::super::results::Case { fails_run: false, ..results.cases[1].clone() };
    let _ = stream.case(first);
    let _ = stream.case(results.cases[2].clone());
    let rest = stream.rest(&results);
    let ids: Vec<_> = rest
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .map(|event| match event {
            Event::Case(case) => case.id,
            Event::Run(_) | Event::End(_) => "-".to_owned(),
        })
        .collect();
    let expected = [
        "eio4/a/below",
        "eio4/a/failed",
        "eio4/b/flaky",
        "sio5/c/inconclusive",
        "sio5/c/skipped",
        "sio5/c/unsupported",
        "-",
    ];
    assert_eq!(ids, expected);
}

#[test]
fn json_can_be_read_again() {
    let read: Results = serde_json::from_str(&Format::Json.text(&results())).unwrap();
    assert_eq!(read, results());
    assert_eq!(jsonl::read(&Format::Jsonl.text(&results())), Ok(results()));
}

#[test]
fn lines_that_end_early_are_results_of_an_interrupted_run() {
    let text = Format::Jsonl.text(&results());
    let cut = &text[..text.rfind("{\"event\":\"end\"").unwrap() - 20];
    let read = jsonl::read(cut).unwrap();
    assert_eq!((read.end.judgement, read.cases.len()), (Judgement::Interrupted, results().cases.len() - 1));
    assert_eq!(
        jsonl::read("{\"event\":\"end\"}\n").unwrap_err().split(" (").next(),
        Some("line 1 is no line of jsonl=FILE")
    );
    assert_eq!(jsonl::read("").unwrap_err(), "it has no line with \"event\":\"run\"");
}

/// The published schemas, which are made from the types. `INSTA_UPDATE=always` writes them.
#[test]
fn json_reports_have_the_published_schemas() {
    let schemas = [
        ("results.json", schemars::schema_for!(Results).to_value()),
        ("line.json", schemars::schema_for!(Event).to_value()),
    ];
    for (name, schema) in &schemas {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            std::fs::write(&path, format!("{schema:#}\n")).unwrap();
        }
        let published: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(*schema, published, "{name} is not that of the types");
    }
    let [whole, line] = schemas.map(|(_, schema)| jsonschema::validator_for(&schema).unwrap());
    let client = ClientContext {
        traces: None,
        started: "2026-01-02T03:04:05Z".to_owned(),
        gate: Gate::Must,
        course: Course::default(),
        driver: vec!["node".to_owned()],
    };
    let client = client.without_cases("no driver can be started");
    for results in unplayed().into_iter().chain([results(), known::mixed(), client]) {
        whole.validate(&serde_json::from_str(&Format::Json.text(&results)).unwrap()).unwrap();
        for text in Format::Jsonl.text(&results).lines() {
            line.validate(&serde_json::from_str(text).unwrap()).unwrap();
        }
    }
    assert!(!whole.is_valid(&serde_json::json!({"format": 1})));
    assert!(!line.is_valid(&serde_json::json!({"event": "end"})));
}
