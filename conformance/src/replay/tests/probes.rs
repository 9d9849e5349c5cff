//! Probes: whether a session is gone, and whether a second client is served.

use super::*;
use crate::trace::Transport;

const GONE: &str = "   S gone   A\n";

fn websocket_only() -> Conditions {
    Conditions { probe: Transport::Websocket, ..Conditions::default() }
}

//= EIO4-ERR-17
#[test]
fn an_unknown_sid_is_gone_with_or_without_code_1() {
    for body in [r#"{"code":1,"message":"Session ID unknown"}"#, r#"{"code":"1"}"#, "", "Session ID unknown", "\"no\""]
    {
        let mut told = Told::new(GONE);
        told.answer(0, 400, body);
        told.passes();
    }
}

#[test]
fn another_code_says_that_the_sid_is_known() {
    let mut told = Told::new(GONE);
    told.answer(0, 400, r#"{"code":3,"message":"Bad request"}"#);
    told.answer(1, 400, r#"{"code":1,"message":"Session ID unknown"}"#);
    assert!(told.fails().contains("the session is alive"), "{}", told.fails());
}

#[test]
fn what_a_server_says_of_any_unknown_sid_is_as_good() {
    for (status, body, nobody) in [
        (400, r#"{"code":3}"#, r#"{"code":3}"#),
        (200, r#"{"code":1}"#, r#"{"code":1}"#),
        (200, r#"0{"sid":"B"}"#, r#"0{"sid":"C"}"#),
    ] {
        let mut told = Told::new(GONE);
        told.answer(0, status, body);
        assert_eq!(told.queries()[1], "EIO=4&transport=polling&sid=nobody-has-this-sid-");
        told.answer(1, status, nobody);
        told.passes();
    }
}

#[test]
fn one_wrong_answer_is_not_forgiven() {
    let mut told = Told::new(GONE);
    told.answer(0, 200, "6");
    told.answer(1, 400, "");
    assert_eq!(told.fails(), "the session is alive: its sid is answered 200");
}

#[test]
fn a_window_gives_the_server_a_moment() {
    let mut told = Told::new("   S gone   A  @ ..500ms\n");
    told.answer(0, 200, "6");
    told.answer(1, 400, "");
    told.pass(60);
    told.answer(2, 400, "");
    told.passes();

    let mut told = Told::new("   S gone   A  @ ..500ms\n");
    for id in 0..20 {
        told.answer(2 * id, 200, "6");
        told.answer(2 * id + 1, 400, "");
        told.pass(60);
    }
    told.fails();
}

#[test]
fn a_request_that_stays_open_is_waited_for_from_the_moment_it_is_sent() {
    let mut told = Told::new("ws C session  websocket\nws S closed  @ ..$timeout + 10s\n   S gone    $sid  @ ..1s\n");
    told.see(0, Seen::Opened);
    told.text(0, OPEN);
    told.pass(4000);
    told.see(0, Seen::Closed(None));
    told.pass(2500);
    told.answer(1, 400, "");
    told.passes();
}

#[test]
fn the_probe_is_part_of_the_timeline() {
    let mut told = Told::new(GONE);
    told.answer(0, 400, "");
    let timeline = &told.outcome.as_ref().unwrap().timeline;
    let texts: Vec<_> = timeline.entries.iter().map(|entry| (entry.channel.as_str(), entry.text.as_str())).collect();
    assert_eq!(texts[0], ("gone", "get EIO=4&transport=polling&sid=A"));
    assert_eq!(texts[1].0, "gone");
}

#[test]
fn a_server_without_polling_is_asked_over_websocket() {
    let mut refused = Told::with(GONE, websocket_only());
    assert_eq!(refused.queries(), ["EIO=4&transport=websocket&sid=A"]);
    refused.see(0, Seen::Refused(Answer { status: 400, headers: Vec::new(), body: Bytes::new() }));
    refused.passes();

    let mut closed = Told::with(GONE, websocket_only());
    closed.see(0, Seen::Opened);
    closed.see(0, Seen::Closed(None));
    closed.passes();

    let mut let_in = Told::with(GONE, websocket_only());
    let_in.see(0, Seen::Opened);
    let_in.pass(1000);
    assert_eq!(let_in.fails(), "the session is alive: its sid opens a WebSocket");
}

#[test]
fn a_second_client_comes_by_the_transport_that_is_served() {
    let mut told = Told::with("   S alive\n", websocket_only());
    assert_eq!(told.queries(), ["EIO=4&transport=websocket"]);
    told.see(0, Seen::Opened);
    told.text(0, OPEN);
    told.passes();

    let mut told = Told::new("   S alive\n");
    told.answer(0, 503, "");
    assert_eq!(told.fails(), "a second client is answered 503");
}

#[test]
fn sids_are_encoded_in_queries() {
    let mut told = Told::new("hs C session polling\n   S gone  $sid\n");
    told.answer(0, 200, r#"0{"sid":"a+b/c=","upgrades":[],"pingInterval":300,"pingTimeout":200}"#);
    assert_eq!(told.queries()[1], "EIO=4&transport=polling&sid=a%2Bb%2Fc%3D");
}

#[test]
fn the_sids_of_pongs_and_goodbyes_are_encoded_too() {
    let open = r#"0{"sid":"a+b","upgrades":[],"pingInterval":300,"pingTimeout":200}"#;
    let mut told = Told::new("hs C session  polling\n   S alive\n");
    told.answer(0, 200, &format!("{open}\u{1e}2"));
    told.answer(2, 200, open);
    let sid = "EIO=4&transport=polling&sid=a%2Bb";
    assert_eq!(told.queries(), ["EIO=4&transport=polling", sid, "EIO=4&transport=polling", sid]);
}

#[test]
fn a_session_that_is_unknown_in_the_middle_of_a_trace_has_ended() {
    let mut told = Told::new("g C get  EIO=4&transport=polling&sid=A\ng S 200\n");
    told.answer(0, 400, r#"{"code":1,"message":"Session ID unknown"}"#);
    let evidence = told.verdict().decisive().map(|difference| difference.evidence);
    assert_eq!(evidence, Some(crate::replay::Evidence::Ended));
}

//= EIO4-HB-04
#[test]
fn a_session_that_only_its_ping_timeout_ends_is_not_gone_within_its_moment() {
    let mut told = Told::new("hs C session  polling\n   S gone     $sid  @ ..1s\n");
    told.answer(0, 200, OPEN);
    told.pass(500);
    told.answer(1, 200, "1");
    told.answer(2, 400, "");
    told.pass(60);
    told.answer(3, 400, "");
    assert_eq!(told.fails(), "it was gone 560 ms after the last sign of life, when the ping timeout ends any session");
}
