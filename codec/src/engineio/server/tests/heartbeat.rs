//! Pings, pongs, and clients that fell silent.

use super::script::{ms, polling, probed, s, upgraded, websocket};
use crate::engineio::server::{Input, WsId};
use crate::engineio::{CloseReason, Event, Violation};
use crate::frame::Frame;
use crate::machine::Output;

//= EIO4-HB-01
//= EIO4-HB-04
#[test]
fn a_silent_client_is_pinged_and_then_closed() {
    websocket()
        .expect_deadline(Some(s(25)))
        .at(ms(24_999))
        .expect_nothing()
        .at(s(25))
        .expect_send(0, "2")
        .expect_deadline(Some(s(45)))
        .at(ms(44_999))
        .expect_nothing()
        .at(s(45))
        .expect_ws_close(0)
        .expect_closed(CloseReason::PingTimeout);
}

//= EIO4-HB-08
//= EIO4-HB-10
#[test]
fn the_next_ping_is_counted_from_the_pong() {
    websocket()
        .at(s(25))
        .expect_send(0, "2")
        .at(s(30))
        .frame(0, "3whatever")
        .expect_deadline(Some(s(55)))
        .at(s(55))
        .expect_send(0, "2");
}

//= EIO4-HB-09
#[test]
fn a_pong_nobody_asked_for_changes_nothing() {
    websocket()
        .at(s(20))
        .frame(0, "3")
        .expect_deadline(Some(s(25)))
        .at(s(25))
        .expect_send(0, "2")
        .expect_deadline(Some(s(45)));
}

//= EIO4-HB-07
#[test]
fn a_ping_from_the_client_ends_the_session() {
    let direction = CloseReason::TransportError(Violation::HeartbeatDirection);
    websocket().frame(0, "2").expect_ws_close(0).expect_closed(direction);
    upgraded().frame(1, "2probe").expect_ws_close(1).expect_closed(direction);
    polling()
        .get(1)
        .post(2)
        .body(2, "2\x1e4late")
        .expect_respond(2, 200, "ok")
        .expect_respond(1, 200, "1")
        .expect_closed(direction);
}

//= EIO4-HB-11
//= EIO4-HB-12
#[test]
fn on_polling_the_ping_is_an_ordinary_packet() {
    polling()
        .get(1)
        .at(s(25))
        .expect_respond(1, 200, "2")
        .get(2)
        .at(s(45))
        .expect_respond(2, 200, "1")
        .expect_closed(CloseReason::PingTimeout)
        .get(3)
        .expect_refusal(3, 1, "Session ID unknown");
    polling().send(&["a"]).at(s(25)).expect_nothing().get(1).expect_respond(1, 200, "4a\x1e2");
}

//= EIO4-HB-12
#[test]
fn without_a_get_there_is_nobody_to_tell() {
    polling().at(s(25)).expect_nothing().at(s(45)).expect_closed(CloseReason::PingTimeout);
}

//= EIO4-HB-13
#[test]
fn the_heartbeat_survives_an_upgrade() {
    probed()
        .at(s(9))
        .frame(1, "5")
        .expect_event(&Event::Upgraded)
        .at(s(25))
        .expect_send(1, "2")
        .at(s(45))
        .expect_ws_close(1)
        .expect_closed(CloseReason::PingTimeout);
}

//= EIO4-HB-13
#[test]
fn a_ping_that_waits_during_an_upgrade_is_still_answered_in_time_or_not_at_all() {
    polling()
        .at(s(25))
        .expect_nothing()
        .upgrade(1)
        .expect_accept(1)
        .frame(1, "2probe")
        .expect_send(1, "3probe")
        .frame(1, "5")
        .expect_event(&Event::Upgraded)
        .expect_send(1, "2")
        .expect_deadline(Some(s(45)))
        .frame(1, "3")
        .expect_deadline(Some(s(50)));
}

/// The timer and the socket wake up in either order.
//= EIO4-HB-04
#[test]
fn what_comes_too_late_does_not_count() {
    let ws = WsId(0);
    for late in [Input::WsFrame { ws, frame: Frame::from("3") }, Input::WsClosed { ws }] {
        let mut script = websocket().at(s(25)).expect_send(0, "2").later(s(45)).input(late);
        assert_eq!(script.rest().pop(), Some(Output::Event(Event::Closed(CloseReason::PingTimeout))));
    }
}
