//! GETs and POSTs.

use super::script::{ms, polling, websocket};
use crate::engineio::{BodyFormat, CloseReason, PacketErrorKind, Violation};

//= EIO4-GET-05
//= EIO4-GET-08
#[test]
fn one_get_follows_the_other() {
    polling()
        .answer(2, "4a\u{1e}4b")
        .expect_message("a")
        .expect_message("b")
        .expect_get(3)
        .answer(3, "6")
        .expect_get(4)
        // An answer that was given already, and one to a request that never was.
        .answer(3, "4again")
        .answer(9, "4never")
        .expect_nothing();
}

//= EIO4-POST-03
#[test]
fn one_post_at_a_time() {
    polling()
        .send(&["a", "b"])
        .expect_post(3, "4a\u{1e}4b")
        .send(&["c"])
        .send(&["d"])
        .expect_nothing()
        .answer(3, "ok")
        .expect_post(4, "4c\u{1e}4d")
        .answer(4, "ok")
        .expect_nothing()
        .send_binary(&[1, 2, 3, 4])
        .expect_post(5, "bAQIDBA==");
}

//= EIO4-POST-06
#[test]
fn any_answer_with_status_200_will_do() {
    for body in ["", "fine", "4a", "1"] {
        polling().send(&["a"]).expect_post(3, "4a").answer(3, body).send(&["b"]).expect_post(4, "4b");
    }
}

//= EIO4-ERR-16
//= EIO4-POST-12
#[test]
fn a_request_that_fails_ends_the_session() {
    polling().answer_with(2, 400, "").expect_closed(CloseReason::TransportError(Violation::Status(400)));
    polling().fail(2).expect_closed(CloseReason::TransportError(Violation::NoAnswer));
    polling()
        .send(&["a"])
        .expect_post(3, "4a")
        .answer_with(3, 413, "")
        .expect_cancel(2)
        .expect_closed(CloseReason::TransportError(Violation::Status(413)));
    polling()
        .send(&["a"])
        .expect_post(3, "4a")
        .fail(3)
        .expect_cancel(2)
        .expect_closed(CloseReason::TransportError(Violation::NoAnswer))
        .answer(2, "4late")
        .fail(2)
        .expect_nothing();
}

#[test]
fn what_comes_before_a_fault_is_delivered() {
    polling()
        .send(&["x"])
        .expect_post(3, "4x")
        .answer(2, "4one\u{1e}zz\u{1e}4two")
        .expect_message("one")
        .expect_cancel(3)
        .expect_closed(CloseReason::ParseError(PacketErrorKind::UnknownType));
    polling()
        .answer_bytes(2, BodyFormat::Text, b"4\xff\xfe")
        .expect_closed(CloseReason::ParseError(PacketErrorKind::Utf8));
    polling().answer(2, "").expect_closed(CloseReason::ParseError(PacketErrorKind::Empty));
}

#[test]
fn binary_messages_come_as_base64() {
    polling().answer(2, "bAQIDBA==\u{1e}b").expect_binary(&[1, 2, 3, 4]).expect_binary(&[]).expect_get(3);
    // Revision 4 has no binary bodies, whatever the label.
    polling().answer_bytes(2, BodyFormat::Binary, b"4a").expect_message("a").expect_get(3);
}

//= EIO4-CL-02
#[test]
fn the_server_closes() {
    polling()
        .send(&["x"])
        .expect_post(3, "4x")
        .send(&["queued"])
        .answer(2, "4a\u{1e}1\u{1e}4b")
        .expect_message("a")
        .expect_cancel(3)
        .expect_closed(CloseReason::TransportClose)
        .at(ms(100_000))
        .expect_nothing();
    websocket().frame(1, "1").expect_ws_close(1).expect_closed(CloseReason::TransportClose);
}
