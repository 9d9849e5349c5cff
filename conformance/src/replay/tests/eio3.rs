//! Sessions of Engine.IO 3: the client pings, and packets have lengths.

use super::*;
use crate::replay::Offsets;

fn told(covers: &str, body: &str) -> Told {
    Told::of(&format!("title     A test\ncovers    {covers}\nlevel     should\n\n{body}"), Conditions::default())
}

fn on_websocket(covers: &str, body: &str) -> Told {
    let mut told = told(covers, &format!("ws C session  websocket  eio3\n{body}"));
    told.see(0, Seen::Opened);
    told.text(0, OPEN);
    told
}

fn on_polling(body: &str) -> Told {
    let mut told = told("EIO3-POLL-01", &format!("hs C session  polling  eio3\n{body}"));
    told.answer(0, 200, &format!("{}:{OPEN}", OPEN.len()));
    told
}

fn pings(told: &Told) -> usize {
    let is_ping = |command: &&Command| match command {
        Command::Text { text, .. } => text == "2",
        Command::Request { request, .. } => request.body == "1:2",
        _ => false,
    };
    told.commands.iter().filter(is_ping).count()
}

//= EIO3-HB-01: every `pingInterval`
#[test]
fn a_client_of_revision_3_pings_by_itself() {
    let mut told = on_websocket("EIO3-WS-01", "   C wait  1000ms\nws C text  4a\nws S text  4a\n");
    for _ in 0..3 {
        told.pass(300);
        told.text(0, "3");
    }
    assert_eq!(pings(&told), 3);
    told.pass(101);
    told.text(0, "4a");
    told.passes();
}

#[test]
fn on_polling_it_pings_in_a_post() {
    let mut told = on_polling("g  C get   EIO=3&transport=polling&sid=$sid\ng  S 200\ng  S packet  4a\n");
    told.pass(300);
    assert_eq!(told.queries().last(), Some(&"EIO=3&transport=polling&sid=A"));
    assert_eq!(pings(&told), 1);
    told.answer(2, 200, "ok");
    told.answer(1, 200, "1:3");
    // The poll is repeated, since the pong is no part of the conversation.
    told.answer(3, 200, "2:4a");
    told.passes();
}

//= EIO3-HB-04
#[test]
fn it_leaves_the_pings_to_a_trace_that_has_some_or_is_about_their_absence() {
    let mut with_pings = on_websocket("EIO3-HB-02", "   C wait  400ms\nws C text  2\nws S text  3\n");
    with_pings.pass(401);
    assert_eq!(pings(&with_pings), 1);
    with_pings.text(0, "3");
    with_pings.passes();

    let silent = "ws S closed  @ $interval + $timeout..2s\n";
    let mut told = on_websocket("EIO3-HB-04", silent);
    told.pass(500);
    assert_eq!(pings(&told), 0);
    told.see(0, Seen::Closed(None));
    told.passes();
}

//= EIO3-HB-03
#[test]
fn a_server_must_not_ping_a_client_of_revision_3() {
    let mut told = on_websocket("EIO3-HB-03", "ws S quiet  400ms\n");
    told.text(0, "2");
    assert_eq!(told.fails(), "text 2");
}

#[test]
fn a_pong_that_answers_no_ping_is_seen() {
    let mut told = on_websocket("EIO3-HB-02", "ws S quiet  200ms\n");
    told.text(0, "3");
    assert_eq!(told.fails(), "text 3");
}

//= SIO4-CON-02
#[test]
fn packets_behind_the_open_packet_are_read_by_the_next_poll() {
    let mut partly = told("SIO4-CON-01", "hs C session  polling /  eio3\n");
    partly.answer(0, 200, &format!("{}:{OPEN}2:40", OPEN.len()));
    partly.answer(1, 200, "13:42[\"auth\",{}]");
    partly.passes();

    let mut at_once = told("SIO4-CON-01", "hs C session  polling /  eio3\n");
    at_once.answer(0, 200, &format!("{}:{OPEN}2:4013:42[\"auth\",{{}}]", OPEN.len()));
    at_once.passes();
    assert_eq!(at_once.queries().len(), 1);
}

#[test]
fn where_clients_join_by_themselves_a_trace_about_sessions_does_not_see_it() {
    let source = "title     A test\ncovers    EIO3-WS-01\nlevel     must\nneeds     eio3\n\n\
                  ws C session  websocket  eio3\nws C text  2\nws S text  3\n";
    let mut told = Told::of(source, socket_path());
    told.see(0, Seen::Opened);
    told.text(0, OPEN);
    told.text(0, "40");
    told.text(0, r#"42["hello"]"#);
    told.text(0, "3");
    told.passes();
}

#[test]
fn a_binary_payload_is_read_by_its_content_type() {
    let mut told =
        on_polling("g  C get   EIO=3&transport=polling&sid=$sid\ng  S 200\ng  S packet  4a\ng  S binary  04ff\n");
    let headers = vec![("content-type".to_owned(), "application/octet-stream".to_owned())];
    let body = Bytes::from_static(b"\x00\x02\xff4a\x01\x02\xff\x04\xff");
    told.see(1, Seen::Answer(Answer { status: 200, headers, body }));
    told.passes();
}

//= EIO3-JSONP-01
#[test]
fn a_script_must_call_the_index_of_the_session() {
    let body = "hs C get     EIO=3&transport=polling&j=7\nhs S 200\nhs S script  7\nhs S packet  4a\n";
    let mut right = told("EIO3-JSONP-01", body);
    right.answer(0, 200, "___eio[7](\"2:4a\");");
    right.passes();
    let mut wrong = told("EIO3-JSONP-01", body);
    wrong.answer(0, 200, "___eio[8](\"2:4a\");");
    assert!(matches!(wrong.verdict(), Verdict::Departed(_)));
}

/// A busy machine must not remove lines from a trace.
#[test]
fn a_recording_fails_if_a_timer_may_have_ended_the_session() {
    let source = "title     A test\ncovers    EIO3-PKT-03\nlevel     should\n\n\
                  ws C session  websocket  eio3\nws C text  zz\nws S closed\n";
    let trace = Trace::parse("test", source).unwrap();
    let replay = Replay::record(&trace, Timestamp::ZERO, Conditions::default());
    let mut told = Told { replay, now: Timestamp::ZERO, commands: Vec::new(), outcome: None };
    told.drain();
    told.see(0, Seen::Opened);
    told.text(0, OPEN);
    told.pass(500);
    told.see(0, Seen::Closed(None));
    assert!(matches!(told.verdict(), Verdict::HeldUp(_)), "{:?}", told.verdict());
}

#[test]
fn a_second_get_that_crosses_a_pong_is_not_judged() {
    let query = "EIO=3&transport=polling&sid=$sid";
    let mut told = on_polling(&format!("g  C get   {query}\n   C wait  300ms\nh  C get   {query}\nh  S 400\n"));
    told.pass(301);
    assert_eq!(pings(&told), 1);
    told.answer(1, 200, "1:3");
    told.answer(3, 200, "1:1");
    assert!(matches!(told.verdict(), Verdict::HeldUp(_)), "{:?}", told.verdict());
}

/// A server that offers recovery adds offsets for clients of protocol 4 as well, which are never told of it.
//= SIO5-CSR-01
#[test]
fn offsets_of_a_server_that_offers_recovery_are_set_aside() {
    let body = "ws C session  websocket  eio3\nws C text  42[\"a\"]\nws S text  42[\"b\"]\n";
    let trace = format!("title     A test\ncovers    SIO4-EVT-01\nlevel     must\n\n{body}");
    let verdict = |offsets| {
        let mut told = Told::of(&trace, Conditions { offsets, ..Conditions::default() });
        told.see(0, Seen::Opened);
        told.text(0, OPEN);
        told.text(0, "42[\"b\",\"9HJvrElK.14\"]");
        told
    };
    verdict(Offsets::Added).passes();
    let unknown = verdict(Offsets::None);
    assert!(matches!(unknown.verdict(), Verdict::Departed(_)));
}
