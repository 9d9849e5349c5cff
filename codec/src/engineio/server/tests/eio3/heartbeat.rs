//! The client pings.

use bytes::Bytes;

use super::super::script::{config, open_with, s};
use super::{polling, probed, websocket};
use crate::engineio::server::{Carrier, RequestId};
use crate::engineio::{CloseReason, Encoded, Event, SendError};
use crate::limits::Limits;

//= EIO3-HB-02
//= EIO3-HB-07
#[test]
fn a_ping_is_answered_with_its_data() {
    websocket().frame(0, "2").expect_send(0, "3").frame(0, "2abc").expect_send(0, "3abc");
    polling()
        .get(1)
        .post(2)
        .body(2, "1:2")
        .expect_respond(2, 200, "ok")
        .expect_respond(1, 200, "1:3")
        .post(3)
        .body(3, "6:2probe2:4a")
        .expect_message("a")
        .expect_respond(3, 200, "ok")
        .get(4)
        .expect_respond(4, 200, "6:3probe");
}

//= EIO3-HB-03
//= EIO3-HB-04
//= EIO3-HS-06
#[test]
fn a_silent_client_is_closed_and_never_pinged() {
    websocket()
        .expect_deadline(Some(s(45)))
        .at(s(44))
        .expect_nothing()
        .at(s(45))
        .expect_ws_close(0)
        .expect_closed(CloseReason::PingTimeout);
    polling()
        .get(1)
        .at(s(44))
        .expect_nothing()
        .at(s(45))
        .expect_respond(1, 200, "1:1")
        .expect_closed(CloseReason::PingTimeout);
}

//= EIO3-HB-04
//= EIO3-HB-06
#[test]
fn only_pings_count() {
    websocket()
        .at(s(40))
        .frame(0, "2")
        .expect_send(0, "3")
        .expect_deadline(Some(s(85)))
        .at(s(50))
        .frame(0, "4a")
        .expect_message("a")
        .expect_deadline(Some(s(85)));
}

//= EIO3-HB-08
#[test]
fn a_pong_from_the_client_changes_nothing() {
    websocket().at(s(40)).frame(0, "3").expect_deadline(Some(s(45)));
    polling().get(1).post(2).body(2, "1:3").expect_respond(2, 200, "ok").expect_deadline(Some(s(45)));
}

//= EIO3-HB-09
#[test]
fn the_heartbeat_survives_an_upgrade() {
    probed()
        .at(s(5))
        .post(1)
        .body(1, "1:2")
        .expect_respond(1, 200, "ok")
        .frame(1, "5")
        .expect_event(&Event::Upgraded)
        .expect_send(1, "3")
        .expect_deadline(Some(s(50)))
        .at(s(50))
        .expect_ws_close(1)
        .expect_closed(CloseReason::PingTimeout);
}

/// The application's messages do not keep a pong from a client that reads.
//= EIO3-HB-02
#[test]
fn a_full_queue_has_room_for_a_pong() {
    let limits = Limits::default().with_max_queued_bytes(256);
    let config = config().with_limits(limits).with_allow_eio3(true);
    let mut script = open_with(config, "EIO=3&transport=polling", Carrier::Request(RequestId(0)));
    let _ = script.rest();
    script
        .send(&["a"])
        .cannot_send(&Encoded::text("b"), SendError::QueueFull)
        .post(1)
        .body(1, "1:2")
        .expect_respond(1, 200, "ok")
        .get(2)
        .expect_respond(2, 200, "2:4a1:3")
        .expect_event(&Event::Writable);
}

/// A client that pings and does not read: what waits for it stays within the limits, and one pong.
//= SRV-LIM-01
#[test]
fn pings_cannot_fill_the_memory() {
    let limits = Limits::default().with_max_queued_bytes(3 * 130).with_max_payload(1_000);
    let config = config().with_limits(limits).with_allow_eio3(true);
    let mut script = open_with(config, "EIO=3&transport=polling", Carrier::Request(RequestId(0)));
    let _ = script.rest();
    script = script.post(1).body(1, Bytes::from("2:2a".repeat(250))).expect_respond(1, 200, "ok");
    script.get(2).expect_respond(2, 200, "2:3a2:3a2:3a");

    let limits = Limits::default().with_max_queued_bytes(3).with_max_payload(1_000);
    let config = super::super::script::config().with_limits(limits).with_allow_eio3(true);
    let mut script = open_with(config, "EIO=3&transport=polling", Carrier::Request(RequestId(0)));
    let _ = script.rest();
    script
        .send(&["long enough"])
        .post(1)
        .body(1, Bytes::from("2:2a".repeat(250)))
        .expect_respond(1, 200, "ok")
        .get(2)
        .expect_respond(2, 200, "12:4long enough1:3");
}
