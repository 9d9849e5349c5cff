//! GETs and POSTs of a session that goes on.

use super::script::{HANDSHAKE, config, open, polling, polling_with};
use crate::engineio::server::{BodyFormat, Carrier, Config, RequestId, Transports};
use crate::engineio::{CloseReason, Encoded, Event, Revision, SendError, Transport, Violation};

//= EIO4-HS-01
//= EIO4-HS-02
//= EIO4-HS-04
#[test]
fn the_handshake_is_answered_with_the_open_packet() {
    let open_packet = r#"0{"sid":"BwcHBwcHBwcHBwcHBwcH","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}"#;
    open(config(), Carrier::Request(RequestId(HANDSHAKE)))
        .expect_event(&Event::Opened)
        .expect_respond(HANDSHAKE, 200, open_packet)
        .expect_transport(Transport::Polling);
}

//= EIO4-HS-04
#[test]
fn no_upgrade_is_announced_where_none_is_taken() {
    for transports in [Transports::BothWithoutUpgrade, Transports::PollingOnly] {
        let config = Config::default().with_transports(transports);
        let mut script = open(config.clone(), Carrier::Request(RequestId(HANDSHAKE))).expect_event(&Event::Opened);
        let (_, response) = script.next_response();
        let body = core::str::from_utf8(&response.body).unwrap();
        assert!(body.contains(r#""upgrades":[],"#), "{body}");
        polling_with(config).upgrade(1).expect_refuse(1, "Bad request");
    }
}

//= EIO4-GET-01
//= EIO4-PLD-08
#[test]
fn a_get_waits_for_packets_and_takes_all_there_are() {
    polling()
        .get(1)
        .expect_nothing()
        .send(&["a", "b"])
        //= EIO4-GET-02
        .expect_respond(1, 200, "4a\x1e4b")
        .send(&["c"])
        .send_binary(&[1, 2, 3, 4])
        .expect_nothing()
        .get(2)
        //= EIO4-GET-10
        //= EIO4-GET-11
        .expect_respond(2, 200, "4c\x1ebAQIDBA==")
        .get(3)
        .expect_nothing();
}

//= EIO4-GET-03
//= EIO4-GET-04
//= EIO4-POST-01
#[test]
fn the_headers_of_the_answers() {
    let mut script = polling().get(1).send(&["a"]);
    let (_, payload) = script.next_response();
    let no_store = ("Cache-Control", "no-store");
    assert!(payload.headers().eq([("Content-Type", "text/plain; charset=UTF-8"), no_store]));
    let mut script = script.post(2).body(2, "4a").expect_message("a");
    let (_, ok) = script.next_response();
    assert!(ok.headers().eq([("Content-Type", "text/html"), no_store]));
    let mut script = script.post(3).body_too_large(3);
    let (_, empty) = script.next_response();
    assert!(empty.headers().eq([]));
}

//= EIO4-POST-02
//= EIO4-POST-13
#[test]
fn a_post_delivers_in_order_and_leaves_the_get_alone() {
    polling()
        .get(1)
        .post(2)
        .expect_nothing()
        .body(2, "4a\x1ebAQID\x1e4b")
        .expect_message("a")
        //= EIO4-PKT-12
        .expect_binary(&[1, 2, 3])
        .expect_message("b")
        //= EIO4-POST-01
        .expect_respond(2, 200, "ok")
        .send(&["echo"])
        .expect_respond(1, 200, "4echo");
}

//= EIO4-ERR-13
//= EIO4-ERR-14
#[test]
fn another_revision_is_refused_and_the_session_goes_on() {
    polling()
        .get_with(1, Some(Revision::V3))
        .expect_refusal(1, 3, "Bad request")
        .get_with(2, None)
        .expect_refusal(2, 3, "Bad request")
        .post(3)
        .body(3, "4still here")
        .expect_message("still here")
        .expect_respond(3, 200, "ok");
}

//= EIO4-GET-06
//= EIO4-GET-07
#[test]
fn a_second_get_ends_the_session() {
    polling()
        .get(1)
        .get(2)
        .expect_respond(2, 400, "")
        .expect_respond(1, 200, "1")
        .expect_closed(CloseReason::TransportError(Violation::OverlappingPoll));
}

//= EIO4-POST-04
#[test]
fn a_second_post_ends_the_session() {
    polling()
        .get(1)
        .post(2)
        .post(3)
        .expect_respond(3, 400, "")
        .expect_respond(2, 400, "")
        .expect_respond(1, 200, "1")
        .expect_closed(CloseReason::TransportError(Violation::OverlappingPost))
        .body(2, "4late")
        .expect_nothing();
}

//= EIO4-POST-08
#[test]
fn a_binary_body_is_refused_before_it_is_read() {
    polling()
        .post_with(1, BodyFormat::Binary)
        .expect_respond(1, 400, "")
        .expect_closed(CloseReason::TransportError(Violation::BinaryBody))
        .body(1, "4a")
        .expect_nothing();
}

//= EIO4-POST-09
//= EIO4-POST-10
#[test]
fn a_body_above_the_limit_is_refused_and_the_session_goes_on() {
    let body = "4".repeat(1_000);
    polling()
        .post(1)
        .body_too_large(1)
        .expect_respond(1, 413, "")
        .post(2)
        .body(2, alloc::format!("{body}4"))
        .expect_respond(2, 413, "")
        .post(3)
        .body(3, body.clone())
        .expect_message(&body[1..])
        .expect_respond(3, 200, "ok");
}

//= EIO4-GET-09
#[test]
fn a_dropped_get_ends_the_session() {
    polling().get(1).abort(1).expect_closed(CloseReason::TransportError(Violation::AbortedPoll));
}

#[test]
fn a_dropped_post_ends_the_session() {
    polling()
        .get(1)
        .post(2)
        .abort(2)
        .expect_respond(1, 200, "1")
        .expect_closed(CloseReason::TransportError(Violation::AbortedPost));
}

#[test]
fn what_is_reported_about_answered_requests_is_ignored() {
    polling()
        .abort(HANDSHAKE)
        .expect_nothing()
        .post(1)
        .body(1, "6")
        .expect_respond(1, 200, "ok")
        .body(1, "4again")
        .body_too_large(1)
        .abort(1)
        .abort(77)
        .expect_nothing();
}

//= EIO4-PLD-07
#[test]
fn a_separator_cannot_be_sent_on_polling() {
    polling().cannot_send(&Encoded::text("a\x1eb"), SendError::Separator).get(1).expect_nothing();
}
