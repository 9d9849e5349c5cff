//! Messages on an established WebSocket.

use super::script::{polling, upgraded, websocket};
use crate::engineio::{CloseReason, Encoded, PacketErrorKind, SendError, Transport, Violation};

//= EIO4-WS-01
//= EIO4-WS-03
//= EIO4-PKT-12
#[test]
fn one_packet_is_one_message() {
    websocket()
        .expect_transport(Transport::WebSocket)
        .frame(0, "4a\x1e4b")
        .expect_message("a\x1e4b")
        .binary(0, &[])
        //= EIO4-WS-05
        .expect_binary(&[])
        .binary(0, &[4, 1])
        .expect_binary(&[4, 1])
        .frame(0, "bAQID")
        .expect_binary(&[1, 2, 3])
        .send(&["a\x1eb", ""])
        .expect_send(0, "4a\x1eb")
        .expect_send(0, "4")
        .send_binary(&[1, 2])
        .expect_send_binary(0, &[1, 2]);
}

//= EIO4-WS-04
#[test]
fn an_undecodable_message_ends_the_session() {
    for (text, kind) in [
        ("abc", PacketErrorKind::UnknownType),
        ("7", PacketErrorKind::UnknownType),
        ("", PacketErrorKind::Empty),
        ("b!", PacketErrorKind::Base64),
    ] {
        websocket().frame(0, text).expect_ws_close(0).expect_closed(CloseReason::ParseError(kind));
    }
}

//= EIO4-LIM-05
//= EIO4-WS-06
//= EIO4-WS-07
#[test]
fn a_message_above_the_limit_ends_the_session() {
    let full = "4".repeat(1_000);
    websocket()
        .frame(0, &full)
        .expect_message(&full[1..])
        .frame(0, &alloc::format!("{full}4"))
        .expect_ws_close(0)
        .expect_closed(CloseReason::TransportError(Violation::PayloadTooLarge));
    websocket()
        .binary(0, &[0; 1_001])
        .expect_ws_close(0)
        .expect_closed(CloseReason::TransportError(Violation::PayloadTooLarge));
}

//= EIO4-WS-17
#[test]
fn packets_that_mean_nothing_here_are_ignored() {
    websocket().frame(0, "5").frame(0, "6").frame(0, "0{}").frame(0, "3").frame(0, "4a").expect_message("a");
    polling().get(1).post(2).body(2, "5\x1e6\x1e0{}\x1e3\x1e4a").expect_message("a").expect_respond(2, 200, "ok");
}

//= EIO4-WS-12
//= EIO4-CL-09
#[test]
fn a_close_packet_ends_the_session() {
    websocket()
        .frame(0, "1")
        .expect_ws_close(0)
        .expect_closed(CloseReason::TransportClose)
        .frame(0, "4late")
        .ws_closed(0)
        .expect_nothing();
}

//= EIO4-WS-11
#[test]
fn a_lost_websocket_ends_the_session() {
    websocket()
        .ws_closed(0)
        .expect_closed(CloseReason::TransportClose)
        .cannot_send(&Encoded::text("late"), SendError::Closed);
    upgraded().ws_closed(1).expect_closed(CloseReason::TransportClose);
}

//= EIO4-WS-10
#[test]
fn a_second_websocket_is_refused() {
    websocket()
        .upgrade(1)
        .expect_refuse(1, "Bad request")
        .frame(1, "4not ours")
        .ws_closed(1)
        .frame(0, "4ours")
        .expect_message("ours");
}

//= EIO4-ERR-12
//= EIO4-ERR-14
#[test]
fn polling_requests_are_refused() {
    websocket()
        .get(1)
        .expect_refusal(1, 3, "Bad request")
        .post(2)
        .expect_refusal(2, 3, "Bad request")
        .body(2, "4a")
        .frame(0, "4b")
        .expect_message("b");
}
