//! The rule that a line tests, and the result when it is broken.

use super::*;
use crate::replay::Evidence;
use crate::trace::Level;

fn told(level: &str, covers: &str, body: &str) -> Told {
    Told::of(&format!("title     A test\ncovers    {covers}\nlevel     {level}\n\n{body}"), Conditions::default())
}

fn levels(told: &Told) -> Vec<(u32, Option<Level>)> {
    told.verdict().departures().map(|difference| (difference.line, difference.rule.level)).collect()
}

#[test]
fn a_line_weighs_what_its_trace_does() {
    let body = "ws C open    EIO=4&transport=websocket\nws S text    4x\n";
    for (level, expected) in [("must", Level::Must), ("should", Level::Should), ("reference", Level::Reference)] {
        let mut told = told(level, "EIO4-WS-01", body);
        told.see(0, Seen::Opened);
        told.text(0, "4y");
        assert_eq!(levels(&told), [(6, Some(expected))]);
    }
}

#[test]
fn a_line_that_names_a_rule_weighs_what_that_does_and_the_play_goes_on() {
    // Only the reference requires that a poll of a closing session brings `1`.
    let body = "g C get     EIO=4&transport=polling&sid=A\ng S 200\ng S packet  1  for EIO4-CL-03\n   S gone   A\n";
    let mut told = told("must", "SIO5-ERR-01", body);
    told.answer(0, 200, "6");
    told.answer(1, 400, "");
    assert_eq!(levels(&told), [(7, Some(Level::Should))]);
    assert_eq!(told.verdict().level(), Some(Level::Should));
}

#[test]
fn the_heaviest_difference_decides() {
    let body = "g C get     EIO=4&transport=polling&sid=A\ng S 200\ng S packet  1  for EIO4-CL-03\n   S gone   A\n";
    let mut told = told("must", "SIO5-ERR-01", body);
    told.answer(0, 200, "6");
    told.answer(1, 200, "6");
    told.answer(2, 400, "");
    assert_eq!(levels(&told), [(7, Some(Level::Should)), (8, Some(Level::Must))]);
    assert_eq!(told.verdict().decisive().map(|difference| difference.line), Some(8));
}

#[test]
fn what_is_accepted_is_only_told() {
    let mut told = told("must", "EIO4-ERR-01", "a C get  EIO=4&transport=abc\na S 400|404  lenient\n");
    told.answer(0, 404, "");
    assert_eq!(levels(&told), [(6, None)]);
    assert_eq!(told.verdict().level(), None);
}

#[test]
fn a_setup_that_fails_says_nothing_about_the_server() {
    let mut told = Told::new("ws C session  websocket\nws C text     4hi\nws S text     4hi\n");
    told.see(0, Seen::Opened);
    told.text(0, "4 what is this?");
    assert!(matches!(told.verdict(), Verdict::HeldUp(_)), "{:?}", told.verdict());
}

#[test]
fn a_setup_minds_neither_missing_nor_added_keys() {
    let mut told =
        Told::new("ws C session  websocket /\nws C text     42[\"message\",1]\nws S text     42[\"message-back\",1]\n");
    told.see(0, Seen::Opened);
    told.text(
        0,
        r#"0{ "pingTimeout":2e2, "sid":"A", "pingInterval":300.0, "upgrades":["webtransport"], "motd":"hi" }"#,
    );
    told.text(0, r#"40{"sid":"B","pid":"P","more":[1]}"#);
    told.text(0, r#"42["auth",{"token":null}]"#);
    told.text(0, r#"42["message-back",1]"#);
    told.passes();
}

#[test]
fn a_value_that_was_never_announced_holds_up() {
    let mut told = Told::new("ws C session  websocket\nws C text     4  fill $max\nws S text     4  fill $max\n");
    told.see(0, Seen::Opened);
    told.text(0, r#"0{"sid":"A","upgrades":[],"pingInterval":300,"pingTimeout":200}"#);
    assert!(matches!(told.verdict(), Verdict::HeldUp(_)), "{:?}", told.verdict());
}

#[test]
fn each_difference_says_how_it_was_seen() {
    let evidence = |told: &Told| told.verdict().decisive().map(|difference| difference.evidence);
    let open = |body| Told::opened(body, Conditions::default());

    let mut other = open("ws S text  4a\n");
    other.text(0, "4b");
    assert_eq!(evidence(&other), Some(Evidence::Content));

    let mut missing = open("ws S text  4a\n");
    missing.pass(5000);
    assert_eq!(evidence(&missing), Some(Evidence::Missing));

    let mut late = open("ws S text  4a  @ ..100ms\n");
    late.pass(200);
    late.text(0, "4a");
    assert_eq!(evidence(&late), Some(Evidence::Untimely));

    let mut ended = open("ws S text  4a\n");
    ended.see(0, Seen::Closed(None));
    assert_eq!(evidence(&ended), Some(Evidence::Ended));

    // For example, while the trace waits for a second client, or for silence.
    for last in ["   S alive\n", "   S quiet  1s\n"] {
        let mut over = open(last);
        over.see(0, Seen::Closed(None));
        over.answer(1, 200, OPEN);
        assert_eq!(evidence(&over), Some(Evidence::Ended), "{last}");
    }

    for (status, body) in [(400, r#"{"code":1}"#), (200, "1")] {
        let poll = "g C get  EIO=4&transport=polling&sid=A\ng S 200\ng S packet  4a\n";
        let mut over = Told::new(poll);
        over.answer(0, status, body);
        assert_eq!(evidence(&over), Some(Evidence::Ended), "{status} {body}");
    }
}

#[test]
fn an_answer_that_was_given_up_may_come_late() {
    let body = "g C get   EIO=4&transport=polling&sid=A\ng S 200   should\ng S body  x  should\nb C get   EIO=4&transport=polling&sid=B\nb S 200\n";
    let mut told = told("must", "EIO4-WS-01", body);
    told.pass(500);
    told.answer(0, 200, "x");
    told.answer(1, 200, "");
    assert_eq!(levels(&told), [(6, Some(Level::Should)), (7, Some(Level::Should))]);
}

#[test]
fn a_media_type_may_be_spelled_as_http_allows() {
    for (spelled, passes) in
        [("text/plain; charset=UTF-8", true), ("Text/Plain;Charset=\"utf-8\"", true), ("text/plain", false)]
    {
        let mut told = Told::new("g C get  EIO=4&transport=polling\ng S 200  text/plain; charset=UTF-8\ng S body  6\n");
        let headers = vec![("content-type".to_owned(), spelled.to_owned())];
        told.see(0, Seen::Answer(Answer { status: 200, headers, body: Bytes::from_static(b"6") }));
        assert_eq!(told.verdict() == &Verdict::Passed, passes, "{spelled}");
    }
}
