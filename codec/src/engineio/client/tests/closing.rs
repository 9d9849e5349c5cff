//! How sessions end.

use super::script::{
    connect, only_polling, only_websocket, pausing, polling, probed, s, upgradable, upgraded, websocket,
};
use crate::engineio::{CloseReason, Encoded, SendError, Violation};

const CLOSED: CloseReason = CloseReason::ForcedClose;

//= EIO4-CL-04
#[test]
fn the_client_closes_on_polling() {
    polling()
        .close()
        .expect_post(3, "1")
        .cannot_send(&Encoded::text("late"), SendError::Closed)
        .answer(3, "ok")
        .expect_cancel(2)
        .expect_closed(CLOSED)
        .close()
        .expect_nothing();
    // The GET may be answered first, and is not followed by another.
    polling().close().expect_post(3, "1").answer(2, "6").expect_nothing().answer(3, "ok").expect_closed(CLOSED);
}

//= EIO4-CL-06
#[test]
fn what_is_queued_goes_out_first() {
    polling()
        .send(&["a"])
        .expect_post(3, "4a")
        .send(&["b", "c"])
        .close()
        .expect_nothing()
        .answer(3, "ok")
        .expect_post(4, "4b\u{1e}4c")
        .answer(4, "ok")
        .expect_post(5, "1")
        .answer(5, "ok")
        .expect_cancel(2)
        .expect_closed(CLOSED);
    polling().close_and_send("last").expect_post(3, "4last").answer(3, "ok").expect_post(4, "1");
    websocket().close_and_send("last").expect_send(1, "4last").expect_ws_close(1).expect_closed(CLOSED);
}

//= EIO4-CL-07
#[test]
fn the_client_closes_on_a_websocket() {
    websocket().close().expect_ws_close(1).expect_closed(CLOSED).ws_closed(1).expect_nothing();
    upgraded().close().expect_ws_close(2).expect_closed(CLOSED);
}

//= EIO4-CL-10
#[test]
fn an_upgrade_is_abandoned() {
    for script in [upgradable(), probed(), pausing()] {
        script
            .send(&[])
            .close()
            .expect_ws_close(2)
            .expect_post(4, "1")
            .frame(2, "3probe")
            .ws_closed(2)
            .expect_nothing()
            .answer(4, "ok")
            .expect_cancel(3)
            .expect_closed(CLOSED);
    }
    pausing().send(&["held"]).close().expect_ws_close(2).expect_post(4, "4held").answer(4, "ok").expect_post(5, "1");
}

//= EIO4-CL-09
#[test]
fn packets_after_the_close_are_dropped() {
    polling()
        .close()
        .expect_post(3, "1")
        .answer(2, "4late\u{1e}2")
        .expect_nothing()
        .answer(3, "ok")
        .expect_closed(CLOSED)
        .answer(2, "4late")
        .expect_nothing();
    websocket().close().expect_ws_close(1).expect_closed(CLOSED).frame(1, "4late").expect_nothing();
    // They count from the close on, even if they came before it.
    polling().feed_answer(2, "4unread\u{1e}1").close().expect_post(3, "1").answer(3, "ok").expect_closed(CLOSED);
}

#[test]
fn a_server_that_is_gone_is_not_waited_for() {
    polling().close().expect_post(3, "1").answer_with(2, 400, "").answer_with(3, 400, "").expect_closed(CLOSED);
    polling().close().expect_post(3, "1").fail(2).fail(3).expect_closed(CLOSED);
    polling().send(&["a"]).expect_post(3, "4a").send(&["b"]).close().fail(3).expect_cancel(2).expect_closed(CLOSED);
}

#[test]
fn a_close_takes_a_bounded_time() {
    polling()
        .later(s(30))
        .close()
        .expect_post(3, "1")
        .expect_deadline(Some(s(60)))
        .at(s(60))
        .expect_cancel(2)
        .expect_cancel(3)
        .expect_closed(CLOSED);
}

#[test]
fn an_attempt_is_given_up() {
    connect(only_polling()).expect_handshake(1).close().expect_cancel(1).expect_closed(CLOSED);
    connect(only_websocket()).expect_ws_handshake(1).close().expect_ws_close(1).expect_closed(CLOSED);
}

//= EIO4-CL-11
#[test]
fn the_first_reason_is_the_one() {
    websocket()
        .ws_closed(1)
        .expect_closed(CloseReason::TransportClose)
        .frame(1, "zz")
        .close()
        .at(s(100))
        .expect_nothing();
    polling()
        .fail(2)
        .expect_closed(CloseReason::TransportError(Violation::NoAnswer))
        .close()
        .answer_with(2, 500, "")
        .expect_nothing();
}
