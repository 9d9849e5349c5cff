//! From polling to a WebSocket, and the ways in which that fails.

use super::script::{candidate, config, ms, polling, polling_with, probed, s, seconds, upgraded};
use crate::engineio::server::{Input, WsId};
use crate::engineio::{BinaryForm, CloseReason, Encoded, Event, Revision, SendError, Transport};

//= EIO4-UP-03
//= EIO4-UP-06
#[test]
fn a_probe_and_an_upgrade() {
    candidate()
        .expect_transport(Transport::Polling)
        .frame(1, "2probe")
        .expect_send(1, "3probe")
        .expect_transport(Transport::Polling)
        .frame(1, "5")
        .expect_event(&Event::Upgraded)
        .expect_transport(Transport::WebSocket)
        .expect_deadline(Some(s(25)))
        .frame(1, "4hello")
        .expect_message("hello")
        .send(&["a\x1eb"])
        .expect_send(1, "4a\x1eb");
}

//= EIO4-UP-04
#[test]
fn a_parked_get_is_ended_soon_after_the_probe() {
    candidate()
        .get(1)
        .expect_nothing()
        .at(s(1))
        .frame(1, "2probe")
        .expect_send(1, "3probe")
        .expect_deadline(Some(ms(1_100)))
        .at(ms(1_099))
        .expect_nothing()
        .at(ms(1_100))
        .expect_respond(1, 200, "6")
        .get(2)
        .expect_deadline(Some(ms(1_200)))
        .at(ms(1_200))
        .expect_respond(2, 200, "6");
}

//= EIO4-UP-04
#[test]
fn a_get_that_is_answered_otherwise_needs_no_noop() {
    probed()
        .get(1)
        .expect_deadline(Some(ms(100)))
        .send(&["a"])
        .expect_respond(1, 200, "4a")
        .expect_deadline(Some(s(10)));
}

//= EIO4-UP-06
//= EIO4-UP-07
#[test]
fn what_waits_goes_out_on_the_websocket() {
    probed()
        .get(1)
        .send(&["a"])
        .expect_respond(1, 200, "4a")
        .send(&["b"])
        .send_binary(&[1])
        .expect_nothing()
        .frame(1, "5")
        .expect_event(&Event::Upgraded)
        .expect_send(1, "4b")
        .expect_send_binary(1, &[1]);
}

//= EIO4-UP-09
#[test]
fn posts_are_delivered_during_the_upgrade() {
    candidate()
        .post(1)
        .body(1, "4a")
        .expect_message("a")
        .expect_respond(1, 200, "ok")
        .frame(1, "2probe")
        .expect_send(1, "3probe")
        .post(2)
        .body(2, "4b")
        .expect_message("b")
        .expect_respond(2, 200, "ok");
}

//= EIO4-UP-10
#[test]
fn a_candidate_that_says_anything_else_is_closed() {
    for text in ["2", "2foo", "4x", "6", "1", "3probe", "", "zz"] {
        candidate()
            .get(1)
            .frame(1, text)
            .expect_ws_close(1)
            .expect_deadline(Some(s(25)))
            .frame(1, "5")
            .post(2)
            .body(2, "4still here")
            .expect_message("still here")
            .expect_respond(2, 200, "ok")
            .send(&["a"])
            .expect_respond(1, 200, "4a");
    }
    candidate().binary(1, &[1]).expect_ws_close(1);
    probed().get(1).frame(1, "4x").expect_ws_close(1).expect_deadline(Some(s(25)));
}

//= EIO4-UP-11
#[test]
fn an_upgrade_without_a_probe_is_taken() {
    candidate().frame(1, "5").expect_event(&Event::Upgraded);
}

//= EIO4-UP-12
#[test]
fn a_candidate_has_ten_seconds() {
    let late = |script: super::script::Script| {
        script
            .expect_deadline(Some(s(10)))
            .at(s(10))
            .expect_ws_close(1)
            .frame(1, "5")
            .expect_transport(Transport::Polling)
            .get(1)
            .send(&["a"])
            .expect_respond(1, 200, "4a")
            .upgrade(2)
            .expect_accept(2)
    };
    let _ = (late(candidate()), late(probed()));
    polling_with(config().with_upgrade_timeout(seconds(1))).upgrade(1).expect_accept(1).at(s(1)).expect_ws_close(1);
}

//= EIO4-UP-13
#[test]
fn a_candidate_that_goes_away_changes_nothing() {
    probed().get(1).ws_closed(1).expect_deadline(Some(s(25))).send(&["a"]).expect_respond(1, 200, "4a");
    candidate().ws_closed(1).upgrade(2).expect_accept(2);
}

//= EIO4-UP-15
//= EIO4-WS-09
#[test]
fn a_second_candidate_is_refused() {
    probed()
        .upgrade(2)
        .expect_refuse(2, "Bad request")
        .frame(2, "2probe")
        .ws_closed(2)
        .expect_nothing()
        .frame(1, "5")
        .expect_event(&Event::Upgraded);
}

//= EIO4-ERR-12
//= EIO4-ERR-14
//= EIO4-UP-16
#[test]
fn after_the_upgrade_everything_else_is_refused() {
    upgraded()
        .get(1)
        .expect_refusal(1, 3, "Bad request")
        .post(2)
        .expect_refusal(2, 3, "Bad request")
        .upgrade(2)
        //= EIO4-WS-09
        //= EIO4-UP-17
        .expect_refuse(2, "Bad request")
        .frame(1, "4still here")
        .expect_message("still here");
}

//= EIO4-UP-18
#[test]
fn a_get_in_the_way_of_the_upgrade_is_ended() {
    probed()
        .get(1)
        .frame(1, "5")
        .expect_respond(1, 200, "6")
        .expect_event(&Event::Upgraded)
        .expect_deadline(Some(s(25)));
}

//= EIO4-UP-19
#[test]
fn a_post_in_the_way_of_the_upgrade_is_refused() {
    probed()
        .post(1)
        .frame(1, "5")
        .expect_refusal(1, 3, "Bad request")
        .expect_event(&Event::Upgraded)
        .body(1, "4late")
        .expect_nothing();
}

//= EIO4-UP-21
#[test]
fn a_candidate_of_another_revision_is_refused() {
    for revision in [None, Some(Revision::V3)] {
        polling()
            .input(Input::Upgrade { ws: WsId(1), revision, binary: BinaryForm::Native })
            .expect_refuse(1, "Bad request");
    }
}

//= EIO4-UP-04
//= EIO4-UP-22
#[test]
fn every_probe_is_answered() {
    probed().frame(1, "2probe").expect_send(1, "3probe").frame(1, "5").expect_event(&Event::Upgraded);
    let again = probed().get(1).at(ms(50)).frame(1, "2probe").expect_send(1, "3probe");
    again.expect_deadline(Some(ms(100))).at(ms(100)).expect_respond(1, 200, "6");
}

//= EIO4-UP-23
#[test]
fn the_candidate_is_closed_with_the_session() {
    probed()
        .get(1)
        .close()
        .expect_respond(1, 200, "1")
        .expect_ws_close(1)
        .expect_closed(CloseReason::ForcedClose)
        .upgrade(2)
        .expect_refuse(2, "Session ID unknown");
    candidate()
        .post(1)
        .body(1, "1")
        .expect_respond(1, 200, "ok")
        .expect_ws_close(1)
        .expect_closed(CloseReason::TransportClose);
}

//= EIO4-UP-24
#[test]
fn a_close_during_the_upgrade_is_completed_on_the_websocket() {
    probed()
        .send(&["last words"])
        .close()
        .expect_nothing()
        .frame(1, "5")
        .expect_send(1, "4last words")
        .expect_ws_close(1)
        .expect_closed(CloseReason::ForcedClose);
}

#[test]
fn a_closing_session_outlives_its_candidate() {
    probed()
        .close()
        .ws_closed(1)
        .expect_deadline(Some(s(30)))
        .get(1)
        .expect_respond(1, 200, "6\x1e1")
        .expect_closed(CloseReason::ForcedClose);
}

//= EIO4-PLD-07
#[test]
fn a_separator_can_be_sent_once_polling_is_over() {
    let message = Encoded::text("a\x1eb");
    probed()
        .cannot_send(&message, SendError::Separator)
        .frame(1, "5")
        .expect_event(&Event::Upgraded)
        .send(&["a\x1eb"])
        .expect_send(1, "4a\x1eb");
}
