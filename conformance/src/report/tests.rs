//! Failures as a person sees them.

use std::time::Duration;

use console::style;
use sio_codec::Timestamp;

use super::results::{Again, Context};
use super::summary::found;
use super::wrap::PAGE;
use super::{Detail, Group, Skipped, Summary, ascii, failure, human};
use crate::cases::{Case, Origin};
use crate::replay::{Difference, Entry, Evidence, Mark, Outcome, Rule, Timeline, Verdict};
use crate::run::{Conclusion, Course, Culprit, Ending, Finished, Left, Outage, Report, SecondLooks, Terms};
use crate::survey::Survey;
use crate::trace::{Level, Requirement, Side, Trace};

const OPEN: &str = "0{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":200,\"maxPayload\":1000000}";

/// Lines of a conversation: the time, the channel, the side (`C`, `S` or none), and the text. The last one is at fault.
fn timeline(lines: &[(u64, &str, char, &str)]) -> Timeline {
    let last = lines.len() - 1;
    let entry = |(at, line): (usize, &(u64, &str, char, &str))| Entry {
        at: Timestamp::ZERO.saturating_add(Duration::from_millis(line.0)),
        channel: line.1.to_owned(),
        side: match line.2 {
            'C' => Some(Side::Client),
            'S' => Some(Side::Server),
            _ => None,
        },
        text: line.3.to_owned(),
        mark: if at == last { Mark::Fault } else { Mark::Expected },
    };
    Timeline { entries: lines.iter().enumerate().map(entry).collect(), omitted: 0 }
}

fn case(id: &str, title: &str, requirement: &str) -> Case {
    let source = format!("title     {title}\ncovers    {requirement}\nlevel     must\n\nws C open    EIO=4\n");
    Case { id: id.to_owned(), trace: Trace::parse(id, &source).unwrap(), origin: Origin::Written }
}

const fn finished(case: Case, conclusion: Conclusion) -> Finished {
    Finished { case, conclusion, recording: None, rate: None }
}

/// A case that failed at the last line of this conversation.
fn failed(
    requirement: &str,
    title: &str,
    [expected, actual]: [&str; 2],
    lines: &[(u64, &str, char, &str)],
) -> Finished {
    let rule = Rule { requirement: Requirement::new(requirement), level: Some(Level::Must) };
    let (expected, actual) = (expected.to_owned(), actual.to_owned());
    let difference = Difference { line: 12, rule, evidence: Evidence::Content, expected, actual };
    let (verdict, timeline) = (Verdict::Departed(vec![difference]), timeline(lines));
    let outcome = Outcome { verdict, timeline, duration: Duration::from_millis(312), noise: Duration::ZERO };
    finished(case("eio4/some/case", title, requirement), Conclusion::Again(outcome))
}

fn told(finished: &Finished) -> String {
    let group = Group { first: found(finished).unwrap(), others: Vec::new() };
    let text = failure::group(&style("FAIL"), &group, Detail::Brief);
    assert!(text.lines().all(|line| line.chars().count() <= PAGE), "{text}");
    assert_eq!(ascii(&text), text);
    text
}

#[test]
fn a_wrong_packet() {
    let lines = [
        (0, "ws", 'C', "open EIO=4&transport=websocket"),
        (2, "ws", 'S', &format!("text {OPEN}")),
        (2, "ws", 'C', "text 42007[\"message-with-ack\",1,2,3]"),
        (4, "ws", 'S', "text 438[1,2,3]"),
    ];
    let words = ["text 437[1,2,3]", "text 438[1,2,3]: at character 3: expected \"7\", found \"8\""];
    insta::assert_snapshot!(told(&failed("SIO5-PKT-19", "Leading zeros of an ack id are dropped", words, &lines)));
}

#[test]
fn a_packet_that_does_not_come() {
    let lines = [
        (0, "handshake", 'C', "get EIO=4&transport=polling"),
        (2, "handshake", 'S', &format!("200 text/plain; charset=UTF-8 {OPEN}")),
        (3, "poll", 'C', "get EIO=4&transport=polling&sid=lv_VI97HAXpY6yYWAAAC"),
        (3, "ws", 'C', "open EIO=4&transport=websocket&sid=lv_VI97HAXpY6yYWAAAC"),
        (5, "ws", 'C', "text 2probe"),
        (6, "ws", 'S', "text 3probe"),
        (309, "", ' ', "(expected poll S packet 6)"),
    ];
    let words = ["poll S packet 6", "the request is still unanswered after 303 ms"];
    insta::assert_snapshot!(told(&failed("EIO4-UP-04", "A poll is ended by a noop", words, &lines)));
}

#[test]
fn a_wrong_status() {
    let lines = [
        (0, "p", 'C', "post EIO=4&transport=polling&sid=lv_VI97HAXpY6yYWAAAC"),
        (0, "p", 'C', "body 4a\\u{1e}4b"),
        (3, "p", 'S', "500 text/html Internal Server Error"),
    ];
    let words = ["status 200", "500 text/html Internal Server Error"];
    insta::assert_snapshot!(told(&failed("EIO4-POST-01", "A POST is answered with ok", words, &lines)));
}

#[test]
fn a_websocket_that_is_closed() {
    let lines = [
        (0, "ws", 'C', "open EIO=4&transport=websocket"),
        (2, "ws", 'S', &format!("text {OPEN}")),
        (303, "ws", 'S', "close 1006"),
    ];
    insta::assert_snapshot!(told(&failed("EIO4-HB-01", "A ping comes", ["text 2", "close 1006"], &lines)));
}

#[test]
fn a_crash_and_what_the_baseline_expects() {
    let mut lost = failed("EIO4-HB-01", "A ping comes", ["text 2", "text 4"], &[(0, "ws", 'S', "text 4")]);
    lost.case.id = "eio4/some/known".to_owned();
    let Conclusion::Again(outcome) =
        failed("EIO4-HB-01", "A ping comes", ["", ""], &[(0, "ws", 'C', "text 4fatal")]).conclusion
    else {
        panic!("it failed again");
    };
    let reason = "Connection refused (os error 111)".to_owned();
    let crash = Conclusion::Crash { outcome: Some(outcome), reason: reason.clone() };
    let now = std::time::Instant::now();
    let culprit = Culprit::Found("eio4/some/crash".to_owned());
    let report = Report {
        outages: vec![Outage { reason, suspects: vec!["eio4/some/crash".to_owned()], culprit, span: now..=now }],
        ..report(vec![finished(case("eio4/some/crash", "A message is echoed", "EIO4-HB-01"), crash), lost])
    };
    let context = context();
    let entry = |case: &str| format!("[[expect]]\ncase = \"{case}\"\nverdict = \"fail\"\nreason = \"later\"\n");
    let text = entry("eio4/some/crash") + &entry("eio4/some/known");
    let results = super::baseline::tests::judge(&text).results(context.results(&report));
    let page = human::text(&Summary::new(&report, Terms::default(), &results), Detail::Brief, Skipped::Reasons);
    insta::assert_snapshot!(format!("{page}\n{}", super::baseline::page(&results)));
}

/// The gate does not say all.
#[test]
fn what_fails_a_run_whatever_the_gate() {
    let mut broken = failed("EIO4-HB-01", "A ping comes", ["text 2", "text 4"], &[(0, "ws", 'S', "text 4")]);
    let mut slow = failed("EIO4-HB-02", "A pong is taken", ["text 2", "nothing"], &[(0, "ws", 'S', "text 4")]);
    if let Conclusion::Again(outcome) = &mut broken.conclusion
        && let Verdict::Departed(differences) = &mut outcome.verdict
    {
        differences[0].rule.level = Some(Level::Should);
    }
    if let Conclusion::Again(outcome) = &mut slow.conclusion
        && let Verdict::Departed(differences) = &mut outcome.verdict
    {
        outcome.verdict = Verdict::HeldUp(differences.remove(0));
    }
    let lost = finished(case("eio4/some/lost", "A message is echoed", "EIO4-HB-01"), Conclusion::Left(Left::OutOfTime));
    let report = report(vec![broken, slow, lost]);
    let results = context().results(&report);
    let page = human::text(&Summary::new(&report, Terms::default(), &results), Detail::Brief, Skipped::Reasons);
    let end: Vec<_> = page.lines().rev().take(2).collect();
    assert_eq!(
        end,
        ["these fail the run whatever the gate: 1 held up, 1 not played", "at the gate, which is must: 0",]
    );
}

/// A run that came to its end.
fn report(finished: Vec<Finished>) -> Report {
    Report {
        finished,
        course: Course::default(),
        survey: Survey::sample(),
        ending: Ending::Complete,
        outages: Vec::new(),
        second_looks: SecondLooks::default(),
        minimals: std::collections::BTreeMap::new(),
        duration: Duration::from_secs(2),
        max_time: Duration::from_secs(300),
    }
}

fn context() -> Context {
    Context {
        url: String::new(),
        course: Course::default(),
        traces: None,
        seed: 7,
        started: String::new(),
        terms: Terms::default(),
        again: Again::default(),
    }
}
