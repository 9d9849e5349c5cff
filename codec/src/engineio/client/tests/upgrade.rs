//! From polling to a WebSocket.

use super::script::{pausing, probed, s, upgradable, upgraded};
use crate::engineio::client::Input;
use crate::engineio::{CloseReason, Encoded, Event, SendError, Transport, Violation, WsId};

/// A candidate that has no room is still full after the upgrade.
#[test]
fn a_candidate_that_is_full() {
    let full = pausing().input(Input::WsFull { ws: WsId(2) });
    let upgraded = full.answer(3, "6").expect_send(2, "5").expect_event(&Event::Upgraded);
    upgraded.send(&["a"]).expect_nothing().input(Input::WsWritable { ws: WsId(2) }).expect_send(2, "4a");
}

//= EIO4-UP-01
//= EIO4-UP-02
//= EIO4-UP-05
#[test]
fn a_whole_upgrade() {
    upgradable()
        .ws_opened(2)
        .expect_send(2, "2probe")
        .answer(3, "4meanwhile")
        .expect_message("meanwhile")
        .expect_get(4)
        .frame(2, "3probe")
        .expect_nothing()
        .expect_transport(Some(Transport::Polling))
        .answer(4, "6")
        .expect_send(2, "5")
        .expect_event(&Event::Upgraded)
        .expect_transport(Some(Transport::WebSocket))
        .frame(2, "4a")
        .expect_message("a")
        .send(&["b"])
        .expect_send(2, "4b");
}

//= EIO4-UP-05
//= EIO4-UP-08
#[test]
fn packets_wait_while_polling_pauses() {
    probed()
        .send(&["before"])
        .expect_post(4, "4before")
        .frame(2, "3probe")
        .send(&["held"])
        .send_binary(&[1, 2])
        .expect_nothing()
        .answer(3, "4last")
        .expect_message("last")
        .answer(4, "ok")
        .expect_send(2, "5")
        .expect_event(&Event::Upgraded)
        .expect_send(2, "4held")
        .expect_send_binary(2, &[1, 2]);
}

#[test]
fn packets_go_by_post_until_the_probe_is_answered() {
    upgradable().send(&["a"]).expect_post(4, "4a").ws_opened(2).expect_send(2, "2probe");
    probed().send(&["a"]).expect_post(4, "4a").answer(4, "ok").send(&["b"]).expect_post(5, "4b");
}

//= EIO4-UP-08
#[test]
fn a_ping_while_polling_pauses_is_answered_on_the_websocket() {
    pausing().answer(3, "2").expect_send(2, "5").expect_event(&Event::Upgraded).expect_send(2, "3");
}

//= EIO4-UP-14
#[test]
fn polling_goes_on_when_the_probe_fails() {
    // Not established, or lost.
    upgradable().ws_closed(2).expect_nothing().answer(3, "4a").expect_message("a").expect_get(4);
    probed().ws_closed(2).expect_nothing().answer(3, "4a").expect_message("a").expect_get(4);
    // Not the answer.
    for answer in ["3", "3prob", "2probe", "4a", "5", "6", "1", "zz", ""] {
        probed()
            .frame(2, answer)
            .expect_ws_close(2)
            .send(&["x"])
            .expect_post(4, "4x")
            .answer(3, "4a")
            .expect_message("a")
            .expect_get(5)
            .frame(2, "3probe")
            .expect_nothing();
    }
    probed().binary(2, b"3probe").expect_ws_close(2);
}

//= EIO4-UP-14
#[test]
fn polling_goes_on_when_the_websocket_is_lost_while_it_pauses() {
    pausing().send(&["held"]).ws_closed(2).expect_post(4, "4held").answer(3, "6").expect_get(5);
    probed()
        .send(&["a"])
        .expect_post(4, "4a")
        .frame(2, "3probe")
        .answer(3, "4b")
        .expect_message("b")
        .ws_closed(2)
        .expect_get(5);
}

//= EIO4-UP-20
#[test]
fn a_close_packet_while_polling_pauses_does_not_end_the_session() {
    pausing().answer(3, "1").expect_send(2, "5").expect_event(&Event::Upgraded).frame(2, "4on").expect_message("on");
    // Before that it does.
    probed().answer(3, "1").expect_ws_close(2).expect_closed(CloseReason::TransportClose);
}

#[test]
fn what_the_candidate_says_too_early_is_not_for_the_application() {
    pausing()
        .frame(2, "4early")
        .frame(2, "3probe")
        .expect_nothing()
        .answer(3, "6")
        .expect_send(2, "5")
        .expect_event(&Event::Upgraded);
}

#[test]
fn requests_that_fail_during_an_upgrade_end_the_session() {
    let reason = CloseReason::TransportError(Violation::Status(500));
    for script in [upgradable(), probed(), pausing()] {
        script.answer_with(3, 500, "").expect_ws_close(2).expect_closed(reason);
    }
}

#[test]
fn the_heartbeat_runs_on_across_an_upgrade() {
    upgraded()
        .expect_deadline(Some(s(45)))
        .later(s(25))
        .frame(2, "2")
        .expect_send(2, "3")
        .expect_deadline(Some(s(70)))
        .at(s(70))
        .expect_ws_close(2)
        .expect_closed(CloseReason::PingTimeout);
    pausing().at(s(45)).expect_cancel(3).expect_ws_close(2).expect_closed(CloseReason::PingTimeout);
}

#[test]
fn a_text_with_a_separator_has_to_wait_for_the_websocket() {
    let split = Encoded::text("a\u{1e}b");
    pausing().cannot_send(&split, SendError::Separator);
    upgraded().send_group(&split).expect_send(2, "4a\u{1e}b");
}
