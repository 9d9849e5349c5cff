//! Acknowledgements in both directions.

use bytes::Bytes;

use super::script::{LOST, args, joined, joined_with, joined_within, namespace, s, seconds, waiting};
use crate::engineio::{CloseReason, Event as EngineEvent, SendError};
use crate::limits::Limits;
use crate::machine::Machine as _;
use crate::socketio::client::{Auth, Config};
use crate::socketio::{Args, DisconnectReason, EmitError};

//= SIO5-ACK-01
//= SIO5-ACK-02
#[test]
fn an_event_is_acknowledged() {
    joined(&["/", "/a"])
        .message(r#"20["x"]"#)
        //= SIO5-ACK-07
        .expect_received("/", "x", "", Some(0))
        .acknowledge(&args("[]"))
        .expect_sent("430[]")
        .message(r#"2/a,7["y"]"#)
        .expect_received("/a", "y", "", Some(7))
        //= SIO5-ACK-08
        .ask("/a", "mine", 0)
        .expect_sent(r#"42/a,0["mine"]"#)
        .acknowledge(&args(r#"["ok",1]"#))
        .expect_sent(r#"43/a,7["ok",1]"#);
}

//= SIO5-ACK-12
#[test]
fn an_acknowledgement_with_attachments() {
    joined(&["/"])
        .message(r#"27["x"]"#)
        .expect_received("/", "x", "", Some(7))
        .acknowledge(&Args::builder().binary(Bytes::from_static(&[1, 2])).build().unwrap())
        .expect_sent_with(r#"461-7[{"_placeholder":true,"num":0}]"#, &[&[1, 2]]);
}

/// The server counts anew, and the id may be that of something else by now.
//= SIO5-ACK-01
#[test]
fn an_acknowledgement_belongs_to_its_membership() {
    let mut reply = None;
    let script = joined(&["/"]).message(r#"27["x"]"#).expect_received("/", "x", "", Some(7)).take_reply(&mut reply);
    script
        .lost(&["/"])
        .reopen(&["40"])
        .message(r#"0{"sid":"y"}"#)
        .expect_connected("/", "y")
        .cannot(EmitError::NotJoined, |connection, _| connection.acknowledge(reply.unwrap(), Args::empty()));
}

//= SIO5-ACK-03
//= SIO5-ACK-04
//= SIO5-ACK-05
#[test]
fn acknowledgements_that_are_waited_for() {
    joined(&["/", "/a"])
        .ask("/", "q", 0)
        .expect_sent(r#"420["q"]"#)
        .ask("/a", "q", 0)
        .expect_sent(r#"42/a,0["q"]"#)
        .ask("/", "q", 1)
        .expect_sent(r#"421["q"]"#)
        .message("3/a,1[]")
        .message("35[]")
        .expect_nothing()
        .message(r#"3/a,0["a"]"#)
        .expect_acked("/a", 0, r#"["a"]"#)
        .message(r#"3/a,0["again"]"#)
        .expect_nothing()
        .message("31[1]")
        .expect_acked("/", 1, "[1]")
        .message("30[0]")
        .expect_acked("/", 0, "[0]")
        .expect_deadline(None);
}

/// What is kept back ends once, after it was sent.
//= SIO5-ACK-03
//= SIO5-ACK-04
#[test]
fn an_acknowledgement_of_what_was_not_sent() {
    joined(&["/"])
        .ask("/", "one", 0)
        .expect_sent_in_vain(r#"420["one"]"#, SendError::QueueFull)
        .ask("/", "two", 1)
        .message("31[1]")
        .expect_nothing()
        .writable()
        .expect_sent(r#"420["one"]"#)
        .expect_sent(r#"421["two"]"#)
        .message("31[2]")
        .expect_acked("/", 1, "[2]")
        .session_closed(CloseReason::TransportClose)
        .expect_disconnected("/", LOST)
        .expect_ack_lost("/", 0)
        .expect_closed(LOST);
}

//= SIO5-ACK-09
#[test]
fn an_acknowledgement_that_comes_too_late() {
    joined(&["/"])
        .ask("/", "q", 0)
        .expect_sent(r#"420["q"]"#)
        .expect_deadline(Some(s(10)))
        .at(s(10))
        .expect_timed_out("/", 0)
        .expect_deadline(None)
        .message("30[]")
        .expect_nothing();
}

//= SIO5-ACK-09
#[test]
fn the_time_comes_from_the_caller_or_from_the_configuration_or_is_not_limited() {
    joined_with(Config::default().with_ack_timeout(seconds(3)), &["/"])
        .ask_within(None, "/", "q", 0)
        .expect_sent(r#"420["q"]"#)
        .expect_deadline(Some(s(3)))
        .ask_within(Some(seconds(1)), "/", "q", 1)
        .expect_sent(r#"421["q"]"#)
        .expect_deadline(Some(s(1)))
        .at(s(3))
        .expect_timed_out("/", 1)
        .expect_timed_out("/", 0);
    joined(&["/"])
        .ask_within(None, "/", "q", 0)
        .expect_sent(r#"420["q"]"#)
        .expect_deadline(None)
        .at(s(1_000_000))
        .message("30[]")
        .expect_acked("/", 0, "[]");
}

//= SIO5-CLI-11
#[test]
fn an_event_that_timed_out_is_not_sent_any_more() {
    waiting()
        .connect("/", Auth::None)
        .ask("/", "one", 0)
        .emit("/", "two", "[]")
        .at(s(5))
        .ask("/", "three", 1)
        .at(s(10))
        .expect_timed_out("/", 0)
        .open()
        .expect_sent("40")
        .message(r#"0{"sid":"x"}"#)
        .expect_connected("/", "x")
        .expect_sent(r#"42["two"]"#)
        .expect_sent(r#"421["three"]"#)
        .message("30[]")
        .expect_nothing()
        .message("31[]")
        .expect_acked("/", 1, "[]");
}

/// The one in flight is lost, the one that waits is not; and ids are never used again.
//= SIO5-ACK-05
//= SIO5-ACK-10
#[test]
fn what_a_loss_does_to_those_that_wait() {
    joined(&["/"])
        .ask_within(None, "/", "one", 0)
        .expect_sent(r#"420["one"]"#)
        .session_closed(CloseReason::TransportClose)
        .expect_disconnected("/", LOST)
        .expect_ack_lost("/", 0)
        .expect_closed(LOST)
        .ask("/", "two", 1)
        .reopen(&["40"])
        .message(r#"0{"sid":"y"}"#)
        .expect_connected("/", "y")
        .expect_sent(r#"421["two"]"#)
        .message("30[]")
        .expect_nothing()
        .message("31[]")
        .expect_acked("/", 1, "[]")
        .expect_deadline(None);
}

//= SIO5-ACK-05
//= SIO5-ACK-10
#[test]
fn who_leaves_waits_for_nothing() {
    joined(&["/", "/a"])
        .ask("/a", "one", 0)
        .expect_sent(r#"42/a,0["one"]"#)
        .disconnect("/a")
        .expect_sent("41/a,")
        .expect_disconnected("/a", DisconnectReason::ClientNamespace)
        .expect_ack_lost("/a", 0)
        .expect_deadline(None)
        .connect("/a", Auth::None)
        .expect_sent("40/a,")
        .ask("/a", "two", 1)
        .disconnect("/a")
        .expect_ack_lost("/a", 1)
        .expect_deadline(None);
}

//= SRV-LIM-01
#[test]
fn acknowledgements_are_counted() {
    let limits = Limits::default().with_max_pending_acks(1);
    joined_within(Config::default(), limits, &["/"])
        .ask("/", "q", 0)
        .expect_sent(r#"420["q"]"#)
        .cannot(EmitError::TooManyAcks, |connection, now| {
            connection.emit_with_ack(now, &namespace("/"), "q", Args::empty(), None)
        })
        .message("30[]")
        .expect_acked("/", 0, "[]")
        .ask("/", "q", 1)
        .expect_sent(r#"421["q"]"#);
}

/// The timer and the socket wake up in either order.
//= SIO5-ACK-09
#[test]
fn the_deadline_comes_before_the_acknowledgement_of_the_same_moment() {
    joined(&["/"])
        .ask("/", "q", 0)
        .expect_sent(r#"420["q"]"#)
        .does(|connection, _| connection.handle(s(10), EngineEvent::Message("30[]".into())))
        .expect_timed_out("/", 0);
}
