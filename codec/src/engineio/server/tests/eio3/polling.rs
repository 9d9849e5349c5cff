//! Requests: payloads with lengths, as text, as bytes, and in scripts.

use super::super::script::{HANDSHAKE, config, open_with, polling_as};
use super::{polling, polling_b64};
use crate::engineio::server::{BodyFormat, Carrier, RequestId};
use crate::engineio::{CloseReason, Event, PacketErrorKind, Revision, Violation};

//= EIO3-HS-01
//= EIO3-HS-02
//= EIO3-HS-06
#[test]
fn the_handshake_is_answered_with_a_length_in_front() {
    let open_packet = r#"115:0{"sid":"BwcHBwcHBwcHBwcHBwcH","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}"#;
    let config = config().with_allow_eio3(true);
    open_with(config, "EIO=3&transport=polling", Carrier::Request(RequestId(HANDSHAKE)))
        .expect_event(&Event::Opened)
        .expect_respond(HANDSHAKE, 200, open_packet);
}

//= EIO3-BIN-05
//= EIO3-POLL-01
#[test]
fn a_get_waits_for_packets_and_takes_all_there_are() {
    polling()
        .get(1)
        .expect_nothing()
        .send(&["hello", "€"])
        .expect_respond(1, 200, "6:4hello2:4€")
        .send(&["😀"])
        .get(2)
        .expect_respond(2, 200, "3:4😀");
}

//= EIO3-BIN-02
//= EIO3-HS-06
#[test]
fn one_binary_message_makes_the_payload_binary() {
    let mut script = polling()
        .send(&["€"])
        .send_binary(&[1, 2, 3, 4])
        .get(1)
        .expect_respond_binary(1, b"\x00\x04\xff4\xe2\x82\xac\x01\x05\xff\x04\x01\x02\x03\x04");
    script = script.send(&["a"]).get(2);
    let (_, response) = script.next_response();
    assert_eq!(response.content_type.as_str(), Some("text/plain; charset=UTF-8"));
    assert_eq!(&response.body[..], b"2:4a");
}

//= EIO3-BIN-04
//= EIO3-HS-07
#[test]
fn a_client_that_takes_text_only_gets_base64() {
    polling_b64().send(&["a"]).send_binary(&[1, 2, 3, 4]).get(1).expect_respond(1, 200, "2:4a10:b4AQIDBA==");
}

//= EIO3-BIN-03
//= EIO3-POLL-01
//= EIO3-PLD-09
#[test]
fn the_label_of_a_post_tells_its_form() {
    polling_b64()
        .post(1)
        .body(1, "2:4€10:b4AQIDBA==")
        .expect_message("€")
        .expect_binary(&[1, 2, 3, 4])
        .expect_respond(1, 200, "ok")
        .post_with(2, BodyFormat::Binary)
        .body(2, &b"\x00\x04\xff4\xe2\x82\xac\x01\x05\xff\x04\x01\x02\x03\x04"[..])
        .expect_message("€")
        .expect_binary(&[1, 2, 3, 4])
        .expect_respond(2, 200, "ok");
}

/// Lengths carry what separators cannot.
#[test]
fn a_text_may_hold_the_separator_of_revision_4() {
    polling().send(&["a\x1eb"]).get(1).expect_respond(1, 200, "4:4a\x1eb");
}

//= EIO3-JSONP-01
//= EIO3-JSONP-02
#[test]
fn scripts_get_text_and_post_forms() {
    polling_as("EIO=3&transport=polling&j=7")
        .send(&["a"])
        .send_binary(&[1, 2, 3, 4])
        .get(1)
        .expect_respond(1, 200, r#"___eio[7]("2:4a10:b4AQIDBA==");"#)
        .post(2)
        .body(2, "d=2%3A4a10%3Ab4AQIDBA%3D%3D")
        .expect_message("a")
        .expect_binary(&[1, 2, 3, 4])
        .expect_respond(2, 200, "ok")
        // A form is text, whatever its label says.
        .post_with(3, BodyFormat::Binary)
        .body(3, "d=2%3A4b")
        .expect_message("b")
        .expect_respond(3, 200, "ok")
        .post(4)
        .body(4, "no=payload")
        .expect_respond(4, 200, "ok");
}

//= EIO3-POLL-01
#[test]
fn overlapping_requests_end_the_session() {
    polling()
        .get(1)
        .get(2)
        .expect_respond(2, 400, "")
        .expect_respond(1, 200, "1:1")
        .expect_closed(CloseReason::TransportError(Violation::OverlappingPoll));
    polling()
        .post_with(1, BodyFormat::Binary)
        .post(2)
        .expect_respond(2, 400, "")
        .expect_respond(1, 400, "")
        .expect_closed(CloseReason::TransportError(Violation::OverlappingPost));
}

//= EIO3-POLL-02
#[test]
fn an_undecodable_post_ends_the_session() {
    for (format, body, kind) in [
        (BodyFormat::Text, &b"2:4a9:4b"[..], PacketErrorKind::Truncated),
        (BodyFormat::Text, b"2:4a4b", PacketErrorKind::Length),
        (BodyFormat::Text, b"2:4a1:7", PacketErrorKind::UnknownType),
        (BodyFormat::Binary, b"\x00\x02\xff4a\x02\x01\xff4", PacketErrorKind::Marker),
        (BodyFormat::Binary, b"\x00\x02\xff4a\x01\x01\xff\x07", PacketErrorKind::UnknownType),
    ] {
        polling()
            .get(1)
            .post_with(2, format)
            .body(2, body)
            .expect_message("a")
            .expect_respond(2, 400, "")
            .expect_respond(1, 200, "1:1")
            .expect_closed(CloseReason::ParseError(kind));
    }
    polling()
        .post(1)
        .body(1, "")
        .expect_respond(1, 400, "")
        .expect_closed(CloseReason::ParseError(PacketErrorKind::Empty));
}

//= EIO3-POLL-03
#[test]
fn the_client_closes() {
    polling()
        .get(1)
        .post(2)
        .body(2, "2:4a1:12:4b")
        .expect_message("a")
        .expect_respond(2, 200, "ok")
        .expect_respond(1, 200, "1:6")
        .expect_closed(CloseReason::TransportClose);
}

#[test]
fn the_server_closes() {
    polling().get(1).close().expect_respond(1, 200, "1:1").expect_closed(CloseReason::ForcedClose);
    polling()
        .send_binary(&[1])
        .close()
        .get(1)
        .expect_respond_binary(1, b"\x01\x02\xff\x04\x01")
        .get(2)
        .expect_respond(2, 200, "1:61:1")
        .expect_closed(CloseReason::ForcedClose);
}

//= EIO4-ERR-13
//= EIO4-ERR-14
#[test]
fn another_revision_is_refused_and_the_session_goes_on() {
    for revision in [None, Some(Revision::V4)] {
        polling()
            .get_with(1, revision)
            .expect_refusal(1, 3, "Bad request")
            .get(2)
            .send(&["a"])
            .expect_respond(2, 200, "2:4a");
    }
}

//= EIO4-POST-10
#[test]
fn a_body_above_the_limit_is_refused_and_the_session_goes_on() {
    let message = alloc::format!("996:4{}", "x".repeat(995));
    polling()
        .post(1)
        .body(1, alloc::format!("{message}1:6"))
        .expect_respond(1, 413, "")
        .post(2)
        .body(2, message)
        .expect_message(&"x".repeat(995))
        .expect_respond(2, 200, "ok");
}
