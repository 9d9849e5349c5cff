//! What may be sent, and how it is divided.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use super::script::{
    OPEN, connect, only_polling, only_websocket, pausing, polling, polling_with, websocket, websocket_with,
};
use crate::engineio::{BinaryForm, Encoded, Event, SendError};
use crate::limits::Limits;

fn nines(count: usize) -> String {
    ["4xxxxxxxxx"].repeat(count).join("\u{1e}")
}

//= EIO4-LIM-01
//= EIO4-LIM-03
#[test]
fn bodies_are_no_larger_than_the_server_takes() {
    // Nine packets of 10 bytes and eight separators: 98 bytes of 100.
    let script = polling().send(&["xxxxxxxxx"; 30]).expect_post(3, &nines(9)).expect_nothing();
    let script = script.answer(3, "ok").expect_post(4, &nines(9));
    let script = script.answer(4, "ok").expect_post(5, &nines(9));
    script.answer(5, "ok").expect_post(6, &nines(3)).answer(6, "ok").expect_nothing();
}

//= EIO4-LIM-03
#[test]
fn binary_messages_count_as_the_base64_that_they_become() {
    // "bAQ==" and a separator each: 16 of them are 95 bytes.
    let mut script = polling().send(&["x"]).expect_post(3, "4x");
    for _ in 0..17 {
        script = script.send_binary(&[1]);
    }
    let all: Vec<_> = core::iter::repeat_n("bAQ==", 16).collect();
    script.answer(3, "ok").expect_post(4, &all.join("\u{1e}")).answer(4, "ok").expect_post(5, "bAQ==");
}

//= EIO4-LIM-02
#[test]
fn a_packet_that_the_server_does_not_take_is_refused() {
    let text = |len: usize| Encoded::text(&"x".repeat(len));
    polling()
        .cannot_send(&text(100), SendError::TooLarge)
        .send_group(&text(99))
        .expect_post(3, &["4", &"x".repeat(99)].concat());
    websocket()
        .cannot_send(&text(100), SendError::TooLarge)
        .send_group(&text(99))
        .expect_send(1, &["4", &"x".repeat(99)].concat());
    // 1 + 4 * 25 characters.
    let binary = |len: usize| Encoded::binary(Bytes::from([0].repeat(len)));
    polling()
        .cannot_send(&binary(73), SendError::TooLarge)
        .send_group(&binary(72))
        .expect_post(3, &["b", &"A".repeat(96)].concat());
    websocket().cannot_send(&binary(101), SendError::TooLarge).send_binary(&[0; 100]).expect_send_binary(1, &[0; 100]);
    websocket_with(only_websocket().with_binary(BinaryForm::Base64))
        .cannot_send(&binary(73), SendError::TooLarge)
        .send_group(&binary(72))
        .expect_send(1, &["b", &"A".repeat(96)].concat());
}

//= EIO4-LIM-02
#[test]
fn a_group_is_refused_as_a_whole() {
    let group = Encoded::packet(crate::text::Text::from("451-[]"), &[Bytes::from_static(&[0; 73])]);
    polling().cannot_send(&group, SendError::TooLarge).send(&["a"]).expect_post(3, "4a");
}

//= EIO4-HS-14
#[test]
fn a_server_that_names_no_limit_has_none() {
    let open = OPEN.replace(",\"maxPayload\":100", "");
    let large = "x".repeat(5_000);
    connect(only_polling())
        .expect_handshake(1)
        .answer(1, &open)
        .expect_event(&Event::Opened)
        .expect_get(2)
        .send(&[&large, &large])
        .expect_post(3, &["4", &large, "\u{1e}4", &large].concat());
}

#[test]
fn a_server_that_takes_nothing_is_still_answered() {
    let open = OPEN.replace("\"maxPayload\":100", "\"maxPayload\":0");
    connect(only_polling())
        .expect_handshake(1)
        .answer(1, &open)
        .expect_event(&Event::Opened)
        .expect_get(2)
        .cannot_send(&Encoded::text("a"), SendError::TooLarge)
        .answer(2, "2\u{1e}2")
        .expect_post(3, "3")
        .expect_get(4)
        .answer(3, "ok")
        .expect_post(5, "3")
        .close()
        .answer(5, "ok")
        .expect_post(6, "1");
}

#[test]
fn a_full_queue_is_told_and_so_is_its_end() {
    let config = only_polling().with_limits(Limits::default().with_max_queued_bytes(512));
    polling_with(config)
        .send(&["a"])
        .expect_post(3, "4a")
        .send(&["b", "c"])
        .cannot_send(&Encoded::text("d"), SendError::QueueFull)
        .answer(3, "ok")
        .expect_post(4, "4b\u{1e}4c")
        .expect_event(&Event::Writable)
        .send(&["d"])
        .answer(4, "ok")
        .expect_post(5, "4d");
    let config = only_websocket().with_limits(Limits::default().with_max_queued_bytes(256));
    websocket_with(config)
        .send_more("a", Some(SendError::QueueFull), false)
        .expect_send(1, "4a")
        .expect_event(&Event::Writable)
        .send(&["b"])
        .expect_send(1, "4b");
}

#[test]
fn pings_without_end_are_answered_within_bounds() {
    let config = only_polling().with_limits(Limits::default().with_max_queued_bytes(256));
    polling_with(config)
        .send(&["a"])
        .expect_post(3, "4a")
        .answer(2, &["2"; 50].join("\u{1e}"))
        .expect_get(4)
        .answer(3, "ok")
        .expect_post(5, "3\u{1e}3");
}

#[test]
fn what_cannot_leave_at_once_is_dropped_if_it_is_volatile() {
    websocket().send_volatile(&[("a", true)]).expect_send(1, "4a");
    polling()
        .send_volatile(&[("a", true)])
        .expect_post(3, "4a")
        .send_volatile(&[("b", false)])
        .answer(3, "ok")
        .expect_nothing()
        .send_volatile(&[("a\u{1e}b", false)])
        .send_volatile(&[("c", true)])
        .expect_post(4, "4c");
    websocket().send_more("a", None, false).expect_send(1, "4a");
    pausing().send_volatile(&[("a", false)]).answer(3, "6").expect_send(2, "5").expect_event(&Event::Upgraded);
    connect(only_polling()).expect_handshake(1).send_volatile(&[("a", false)]);
}
