//! A session on a WebSocket.

use bytes::Bytes;

use super::script::{OPEN_WS, connect, only_websocket, probed, upgraded, websocket, websocket_with};
use crate::engineio::{BinaryForm, CloseReason, Encoded, PacketErrorKind, Violation};
use crate::limits::Limits;

//= EIO4-WS-01
//= EIO4-WS-03
#[test]
fn one_message_for_each_packet() {
    websocket()
        .send(&["a", "b\u{1e}c"])
        .expect_send(1, "4a")
        .expect_send(1, "4b\u{1e}c")
        .send_binary(&[1, 2])
        .expect_send_binary(1, &[1, 2])
        .frame(1, "4a\u{1e}4b")
        .expect_message("a\u{1e}4b")
        .binary(1, &[])
        .expect_binary(&[])
        .binary(1, b"4a")
        .expect_binary(b"4a")
        .frame(1, "bAQID")
        .expect_binary(&[1, 2, 3]);
}

//= EIO4-WS-18
#[test]
fn packets_without_a_meaning_are_ignored() {
    for packet in ["6", "5", "3", "3probe", "6x"] {
        websocket().frame(1, packet).expect_nothing().frame(1, "4a").expect_message("a");
    }
}

//= EIO4-WS-19
#[test]
fn an_undecodable_packet_ends_the_session() {
    for (text, kind) in
        [("", PacketErrorKind::Empty), ("7", PacketErrorKind::UnknownType), ("b!", PacketErrorKind::Base64)]
    {
        websocket().frame(1, text).expect_ws_close(1).expect_closed(CloseReason::ParseError(kind));
    }
}

#[test]
fn a_message_above_the_limit_ends_the_session() {
    let config = only_websocket().with_limits(Limits::default().with_max_payload(100));
    websocket_with(config.clone()).binary(1, &[0; 100]).expect_binary(&[0; 100]);
    websocket_with(config)
        .binary(1, &[0; 101])
        .expect_ws_close(1)
        .expect_closed(CloseReason::TransportError(Violation::PayloadTooLarge));
}

#[test]
fn the_session_ends_with_its_websocket() {
    websocket().ws_closed(1).expect_closed(CloseReason::TransportClose).ws_closed(1).frame(1, "4late").expect_nothing();
    upgraded().ws_closed(2).expect_closed(CloseReason::TransportClose);
}

#[test]
fn other_websockets_are_not_listened_to() {
    websocket().frame(2, "4a").ws_opened(2).ws_closed(2).ws_opened(1).expect_nothing();
    connect(only_websocket()).expect_ws_handshake(1).ws_closed(2).frame(2, OPEN_WS).expect_nothing();
    probed().ws_opened(2).ws_opened(1).ws_closed(1).frame(1, "3probe").expect_nothing();
}

#[test]
fn a_client_without_binary_frames_asks_for_base64() {
    websocket_with(only_websocket().with_binary(BinaryForm::Base64))
        .send_group(&Encoded::binary(Bytes::from_static(&[1, 2, 3, 4])))
        .expect_send(1, "bAQIDBA==");
}
