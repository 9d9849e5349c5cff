//! What is different in revision 3.

use bytes::Bytes;

use super::script::{
    OPEN, connect, framed, only_polling, only_websocket, polling_with, s, upgradable_with, websocket_with,
};
use crate::engineio::client::Config;
use crate::engineio::payload::Format;
use crate::engineio::{BinaryForm, BodyFormat, CloseReason, Encoded, Event, PacketErrorKind, Revision, SendError};

fn v3(config: Config) -> Config {
    config.with_revision(Revision::V3)
}

//= EIO3-HS-03
#[test]
fn the_handshake() {
    let open = r#"0{"sid":"S","upgrades":[],"pingInterval":300,"pingTimeout":200,"more":{"x":[1]},"pid":7}"#;
    connect(v3(only_polling()))
        .expect_handshake(1)
        .answer(1, &framed(Revision::V3, &[open, "4€", "4😀"]))
        .expect_event(&Event::Opened)
        .expect_message("€")
        .expect_message("😀")
        .expect_get(2);
}

//= EIO3-CLI-01
#[test]
fn a_client_without_binary_says_so_in_every_query() {
    polling_with(v3(only_polling()).with_binary(BinaryForm::Base64))
        .send_binary(&[1, 2, 3, 4])
        .expect_post(3, "10:b4AQIDBA==")
        .answer(2, "10:b4AQIDBA==")
        .expect_binary(&[1, 2, 3, 4])
        .expect_get(4);
    websocket_with(v3(only_websocket()).with_binary(BinaryForm::Base64))
        .send_binary(&[1, 2, 3, 4])
        .expect_send(1, "b4AQIDBA==")
        .frame(1, "b4AQID")
        .expect_binary(&[1, 2, 3]);
}

//= EIO3-CLI-02
//= EIO3-PKT-06
#[test]
fn posts_are_text_unless_there_is_a_binary_message() {
    assert_eq!(Format::V3Text.request_type(), "text/plain;charset=UTF-8");
    assert_eq!(Format::V3Binary.request_type(), "application/octet-stream");
    polling_with(v3(only_polling()))
        .send(&["€", "hello"])
        .expect_post(3, "2:4€6:4hello")
        .send(&["€"])
        .send_binary(&[1, 2, 3, 4])
        .answer(3, "ok")
        .expect_post_bytes(4, Format::V3Binary, b"\x00\x04\xff4\xe2\x82\xac\x01\x05\xff\x04\x01\x02\x03\x04");
}

//= EIO3-BIN-08
#[test]
fn the_label_of_an_answer_decides() {
    polling_with(v3(only_polling()))
        .answer_bytes(2, BodyFormat::Binary, b"\x00\x04\xff4\xe2\x82\xac\x01\x05\xff\x04\x01\x02\x03\x04")
        .expect_message("€")
        .expect_binary(&[1, 2, 3, 4])
        .expect_get(3)
        .answer_bytes(3, BodyFormat::Text, b"2:4a")
        .expect_message("a")
        .expect_get(4)
        .answer_bytes(4, BodyFormat::Binary, b"2:4a")
        .expect_closed(CloseReason::ParseError(PacketErrorKind::Marker));
    assert_eq!(BodyFormat::of_response(Some("application/octet-stream")), BodyFormat::Binary);
    assert_eq!(BodyFormat::of_response(Some("text/plain; charset=UTF-8")), BodyFormat::Text);
}

#[test]
fn a_handshake_without_packets_opens_nothing() {
    connect(v3(only_polling()))
        .expect_handshake(1)
        .answer_bytes(1, BodyFormat::Binary, b"")
        .expect_closed(CloseReason::TransportError(crate::engineio::Violation::NotOpen));
    polling_with(v3(only_polling())).answer_bytes(2, BodyFormat::Binary, b"").expect_get(3);
}

//= EIO3-WS-01
//= EIO3-PKT-06
#[test]
fn one_packet_for_each_message_of_a_websocket() {
    websocket_with(v3(only_websocket()))
        .send(&["a"])
        .expect_send(1, "4a")
        .send_binary(&[1, 2, 3])
        .expect_send_binary(1, &[4, 1, 2, 3])
        .binary(1, &[4, 9])
        .expect_binary(&[9])
        .frame(1, "4a\u{1e}b")
        .expect_message("a\u{1e}b")
        .binary(1, &[])
        .expect_ws_close(1)
        .expect_closed(CloseReason::ParseError(PacketErrorKind::Empty));
}

//= EIO3-UP-01
#[test]
fn the_upgrade() {
    upgradable_with(v3(Config::default()))
        .ws_opened(2)
        .expect_send(2, "2probe")
        .frame(2, "3probe")
        .answer(3, "1:6")
        .expect_send(2, "5")
        .expect_event(&Event::Upgraded)
        .send_binary(&[9])
        .expect_send_binary(2, &[4, 9]);
}

//= EIO3-HB-01
#[test]
fn the_client_pings() {
    websocket_with(v3(only_websocket()))
        .expect_deadline(Some(s(25)))
        .at(s(25))
        .expect_send(1, "2")
        .later(s(26))
        .frame(1, "3")
        .expect_nothing()
        .expect_deadline(Some(s(51)))
        .at(s(51))
        .expect_send(1, "2");
    polling_with(v3(only_polling()))
        .at(s(25))
        .expect_post(3, "1:2")
        .answer(3, "ok")
        .answer(2, "1:3")
        .expect_get(4)
        .expect_deadline(Some(s(50)));
}

//= EIO3-HB-05
#[test]
fn a_server_that_is_silent_after_a_ping_is_given_up() {
    websocket_with(v3(only_websocket()))
        .at(s(25))
        .expect_send(1, "2")
        .expect_deadline(Some(s(45)))
        .at(s(45))
        .expect_ws_close(1)
        .expect_closed(CloseReason::PingTimeout);
    // What it said before the ping does not count.
    websocket_with(v3(only_websocket()))
        .later(s(24))
        .frame(1, "4a")
        .expect_message("a")
        .at(s(25))
        .expect_send(1, "2")
        .expect_deadline(Some(s(45)))
        .at(s(45))
        .expect_ws_close(1)
        .expect_closed(CloseReason::PingTimeout);
    // Any packet after it shows that it is there, for an interval and a timeout.
    websocket_with(v3(only_websocket()))
        .at(s(25))
        .expect_send(1, "2")
        .later(s(40))
        .frame(1, "4a")
        .expect_message("a")
        .expect_deadline(Some(s(85)))
        .at(s(85))
        .expect_ws_close(1)
        .expect_closed(CloseReason::PingTimeout);
}

//= EIO3-HB-03
#[test]
fn a_ping_of_the_server_is_ignored() {
    websocket_with(v3(only_websocket())).frame(1, "2").expect_nothing();
}

#[test]
fn separators_are_text_like_any_other() {
    polling_with(v3(only_polling())).send(&["a\u{1e}b"]).expect_post(3, "4:4a\u{1e}b");
}

//= EIO4-LIM-01
//= EIO4-LIM-02
#[test]
fn sizes_are_those_of_the_form_that_is_written() {
    // The binary form of a text of 95 characters: a marker, two digits, their end, and 96 bytes.
    let text = |len: usize| Encoded::text(&"x".repeat(len));
    polling_with(v3(only_polling()))
        .cannot_send(&text(96), SendError::TooLarge)
        .send_group(&text(95))
        .expect_post(3, &["96:4", &"x".repeat(95)].concat())
        .send_group(&text(95))
        .send_binary(&[1])
        .answer(3, "ok")
        .expect_post_bytes(4, Format::V3Binary, &[b"\x00\x09\x06\xff4".as_slice(), &[b'x'; 95]].concat())
        .answer(4, "ok")
        .expect_post_bytes(5, Format::V3Binary, b"\x01\x02\xff\x04\x01")
        .cannot_send(&Encoded::binary(Bytes::from_static(&[0; 96])), SendError::TooLarge);
    // Without binary forms there is one less byte to count: two digits, a colon, and 97 bytes.
    polling_with(v3(only_polling()).with_binary(BinaryForm::Base64))
        .cannot_send(&text(97), SendError::TooLarge)
        .send_group(&text(96))
        .expect_post(3, &["97:4", &"x".repeat(96)].concat());
    let open = framed(Revision::V3, &[&OPEN.replace(",\"maxPayload\":100", "")]);
    connect(v3(only_polling()))
        .expect_handshake(1)
        .answer(1, &open)
        .expect_event(&Event::Opened)
        .expect_get(2)
        .send_group(&text(96))
        .expect_post(3, &["97:4", &"x".repeat(96)].concat());
}
