//! The heartbeat of revision 4: the server pings.

use super::script::{polling, s, upgraded, websocket};
use crate::engineio::{CloseReason, Encoded, SendError};

//= EIO4-HB-02
//= EIO4-HB-03
//= EIO4-HB-15
#[test]
fn pings_are_answered() {
    websocket().frame(1, "2").expect_send(1, "3").frame(1, "2foo").expect_send(1, "3");
    upgraded().frame(2, "2probe").expect_send(2, "3");
    polling().answer(2, "2").expect_post(3, "3").expect_get(4);
}

#[test]
fn a_pong_goes_before_what_waits() {
    polling()
        .send(&["a"])
        .expect_post(3, "4a")
        .send(&["b"])
        .answer(2, "2")
        .expect_get(4)
        .answer(3, "ok")
        .expect_post(5, "3\u{1e}4b");
}

//= EIO4-HB-05
//= EIO4-HB-06
//= EIO4-HB-15
#[test]
fn only_pings_keep_a_session_alive() {
    websocket()
        .expect_deadline(Some(s(45)))
        .later(s(25))
        .frame(1, "2")
        .expect_send(1, "3")
        .expect_deadline(Some(s(70)))
        .later(s(60))
        .frame(1, "4data")
        .expect_message("data")
        .frame(1, "3")
        .frame(1, "6")
        .expect_deadline(Some(s(70)))
        .at(s(70))
        .expect_ws_close(1)
        .expect_closed(CloseReason::PingTimeout);
    polling()
        .later(s(44))
        .answer(2, "4data")
        .expect_message("data")
        .expect_get(3)
        .at(s(45))
        .expect_cancel(3)
        .expect_closed(CloseReason::PingTimeout);
}

//= EIO4-HB-16
#[test]
fn a_client_that_slept_too_long_notices_before_it_writes() {
    // Whatever wakes it: the ping comes too late.
    websocket()
        .later(s(46))
        .frame(1, "2")
        .expect_ws_close(1)
        .expect_closed(CloseReason::PingTimeout)
        .cannot_send(&Encoded::text("a"), SendError::Closed);
    websocket().later(s(46)).close().expect_ws_close(1).expect_closed(CloseReason::PingTimeout);
}
