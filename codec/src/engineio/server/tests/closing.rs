//! How sessions end.

use super::script::{config, polling, polling_with, s, seconds, upgraded, websocket};
use crate::engineio::Session as _;
use crate::engineio::server::{Input, RequestId, WsId};
use crate::engineio::{CloseReason, Encoded, PacketErrorKind, SendError};
use crate::frame::Frame;

//= EIO4-CL-01
//= EIO4-ERR-17
//= EIO4-PLD-05
#[test]
fn the_client_closes_on_polling() {
    polling()
        .get(1)
        .post(2)
        .body(2, "4a\x1e1\x1e4b")
        .expect_message("a")
        .expect_respond(2, 200, "ok")
        .expect_respond(1, 200, "6")
        .expect_closed(CloseReason::TransportClose)
        .get(3)
        .expect_refusal(3, 1, "Session ID unknown")
        .post(4)
        .expect_refusal(4, 1, "Session ID unknown")
        .body(4, "4late")
        .expect_nothing();
}

//= EIO4-CL-03
//= EIO4-CL-06
#[test]
fn the_server_closes_while_a_get_waits() {
    polling().get(1).close().expect_respond(1, 200, "1").expect_closed(CloseReason::ForcedClose);
}

/// L1: the farewell has an answer of its own, as in the reference: its client acts on a farewell before it has handed out
/// the messages of the same body.
//= EIO4-CL-03
//= EIO4-CL-06
//= EIO4-CL-09
#[test]
fn the_server_closes_and_waits_for_a_get_to_tell() {
    polling()
        .send(&["a", "b"])
        .close()
        .expect_nothing()
        .expect_deadline(Some(s(30)))
        .post(1)
        .body(1, "4late")
        .expect_respond(1, 200, "ok")
        .get(2)
        .expect_respond(2, 200, "4a\x1e4b")
        .expect_deadline(Some(s(30)))
        .get(3)
        .expect_respond(3, 200, "6\x1e1")
        .expect_closed(CloseReason::ForcedClose);
    polling()
        .get(1)
        .without_draining(|session| {
            session.send(&Encoded::text("a")).unwrap();
            session.close(s(0));
        })
        .at(s(0))
        .expect_respond(1, 200, "4a")
        .get(2)
        .expect_respond(2, 200, "6\x1e1")
        .expect_closed(CloseReason::ForcedClose);
}

//= EIO4-CL-01
//= EIO4-ERR-17
#[test]
fn a_client_that_closes_too_is_not_waited_for() {
    polling()
        .close()
        .post(1)
        .body(1, "4late\x1e1")
        .expect_respond(1, 200, "ok")
        .expect_closed(CloseReason::ForcedClose)
        .get(2)
        .expect_refusal(2, 1, "Session ID unknown");
}

//= EIO4-CL-05
#[test]
fn no_get_is_waited_for_longer_than_half_a_minute() {
    polling().at(s(5)).close().expect_deadline(Some(s(35))).at(s(35)).expect_closed(CloseReason::ForcedClose);
    polling_with(config().with_close_timeout(seconds(1))).close().at(s(1)).expect_closed(CloseReason::ForcedClose);
}

#[test]
fn a_client_at_fault_is_not_waited_for() {
    polling().close().expect_nothing().post(1).abort(1).expect_closed(CloseReason::ForcedClose);
}

//= EIO4-CL-05
//= EIO4-CL-11
#[test]
fn closing_twice_is_closing_once() {
    polling()
        .close()
        .at(s(10))
        .close()
        .expect_deadline(Some(s(30)))
        .get(1)
        .expect_respond(1, 200, "6\x1e1")
        .expect_closed(CloseReason::ForcedClose)
        .close()
        .ws_closed(0)
        .at(s(100))
        .expect_nothing();
}

//= EIO4-CL-06
//= EIO4-CL-07
#[test]
fn the_server_closes_a_websocket() {
    let late = Encoded::text("late");
    websocket()
        .close()
        .expect_ws_close(0)
        .expect_closed(CloseReason::ForcedClose)
        .cannot_send(&late, SendError::Closed);
    upgraded().close().expect_ws_close(1).expect_closed(CloseReason::ForcedClose);
}

//= EIO4-CL-03
//= EIO4-PLD-03
//= EIO4-POST-05
#[test]
fn an_undecodable_post_ends_the_session() {
    polling()
        .get(1)
        .post(2)
        .body(2, "4a\x1ezz\x1e4b")
        .expect_message("a")
        .expect_respond(2, 400, "")
        .expect_respond(1, 200, "1")
        .expect_closed(CloseReason::ParseError(PacketErrorKind::UnknownType));
    polling()
        .post(1)
        .body(1, "")
        .expect_respond(1, 400, "")
        .expect_closed(CloseReason::ParseError(PacketErrorKind::Empty));
}

#[test]
fn a_post_in_progress_is_answered_when_the_session_ends() {
    polling()
        .get(1)
        .post(2)
        .close()
        .expect_respond(1, 200, "1")
        .expect_refusal(2, 1, "Session ID unknown")
        .expect_closed(CloseReason::ForcedClose);
}

//= EIO4-CL-11
#[test]
fn the_first_reason_is_the_one_reported() {
    let frame = |text| Input::WsFrame { ws: WsId(0), frame: Frame::from(text) };
    websocket()
        .together([frame("1"), frame("2"), frame("zz"), Input::WsClosed { ws: WsId(0) }])
        .expect_closed(CloseReason::TransportClose);
    polling()
        .post(1)
        .together([Input::Body { id: RequestId(1), body: "zz".into() }, Input::Aborted { id: RequestId(1) }])
        .expect_respond(1, 400, "")
        .expect_closed(CloseReason::ParseError(PacketErrorKind::UnknownType));
}
