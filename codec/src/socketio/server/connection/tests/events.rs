//! Events and acknowledgements in both directions.

use bytes::Bytes;

use super::script::{args, joined, namespace, opened_within, s, seconds};
use crate::engineio::CloseReason;
use crate::limits::Limits;
use crate::socketio::{Args, DisconnectReason, EmitError, Namespace};

const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

//= SIO5-CON-14
//= SIO5-EVT-01
//= SIO5-EVT-03
#[test]
fn events_arrive_in_order_and_in_their_namespace() {
    joined(&["/", "/a"])
        .message(r#"2["x",1]"#)
        .expect_received("/", "x", "1", None)
        .message(r#"2/a,["y"]"#)
        .expect_received("/a", "y", "", None)
        .message(r#"51-/a,["z",{"_placeholder":true,"num":0}]"#)
        .expect_nothing()
        .attachment(&[1, 2])
        .expect_received("/a", "z", r#"{"_placeholder":true,"num":0}"#, None);
}

//= SIO5-EVT-02
//= SIO5-PKT-09
#[test]
fn reserved_names_are_not_emitted() {
    for name in RESERVED {
        joined(&["/"])
            .cannot(EmitError::ReservedName, |connection, _| connection.emit(&Namespace::root(), name, Args::empty()))
            .cannot(EmitError::ReservedName, |connection, now| {
                let (root, none) = (Namespace::root(), Args::empty());
                connection.emit_with_ack(now, &root, name, &none, seconds(1)).map(|_| ())
            })
            .expect_deadline(None);
    }
    joined(&["/"])
        .emit("/", "error", "[1]")
        .expect_sent(r#"42["error",1]"#)
        .emit("/", "", "[]")
        .expect_sent(r#"42[""]"#);
}

//= SIO5-CON-14
//= SIO5-PKT-22
#[test]
fn events_are_emitted() {
    joined(&["/", "/a"])
        .emit("/", "x", r#"[1,"é€😀"]"#)
        .expect_sent(r#"42["x",1,"é€😀"]"#)
        .emit("/a", "a \"b\" \n", "[]")
        .expect_sent(r#"42/a,["a \"b\" \n"]"#)
        .does(|connection, _| {
            let args = Args::builder().binary(Bytes::from_static(&[1])).build().unwrap();
            connection.emit(&namespace("/a"), "b", &args)
        })
        .expect_sent_with(r#"451-/a,["b",{"_placeholder":true,"num":0}]"#, &[&[1]])
        .cannot(EmitError::NotJoined, |connection, _| connection.emit(&namespace("/b"), "x", Args::empty()));
}

//= SIO5-ACK-01
//= SIO5-ACK-02
//= SIO5-ACK-07
#[test]
fn an_event_is_acknowledged() {
    joined(&["/", "/a"])
        .message(r#"20["x"]"#)
        .expect_received("/", "x", "", Some(0))
        .acknowledge(&args("[]"))
        .expect_sent("430[]")
        .message(r#"2/a,7["y"]"#)
        .expect_received("/a", "y", "", Some(7))
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

//= SIO5-ACK-11
#[test]
fn an_event_may_stay_unacknowledged() {
    joined(&["/"]).message(r#"20["x"]"#).expect_received("/", "x", "", Some(0)).expect_deadline(None);
}

#[test]
fn who_has_left_gets_no_acknowledgement() {
    let script = joined(&["/", "/a"]).message(r#"2/a,0["x"]"#).expect_received("/a", "x", "", Some(0));
    let mut reply = None;
    let script = script.take_reply(&mut reply).message("1/a,");
    script
        .expect_disconnected("/a", DisconnectReason::ClientNamespace)
        .cannot(EmitError::NotJoined, |connection, _| connection.acknowledge(reply.unwrap(), Args::empty()));
}

/// The client that is back has forgotten what it asked before.
//= SIO5-ACK-01
#[test]
fn who_has_left_and_is_back_gets_no_acknowledgement_either() {
    let script = joined(&["/"]).message(r#"20["x"]"#).expect_received("/", "x", "", Some(0));
    let mut reply = None;
    script
        .take_reply(&mut reply)
        .message("1")
        .expect_disconnected("/", DisconnectReason::ClientNamespace)
        .message("0")
        .expect_requested("/", None)
        .accept("/")
        .expect_sent(r#"40{"sid":"s"}"#)
        .cannot(EmitError::NotJoined, |connection, _| connection.acknowledge(reply.unwrap(), Args::empty()));
}

//= SIO5-ACK-06
//= SIO5-ACK-08
#[test]
fn acknowledgements_that_are_waited_for() {
    joined(&["/", "/a"])
        .ask("/", 0)
        .expect_sent(r#"420["ask"]"#)
        .ask("/a", 2)
        .expect_sent(r#"42/a,2["ask"]"#)
        .message(r#"20["mine"]"#)
        .expect_received("/", "mine", "", Some(0))
        .message("3/a,0[]")
        .expect_nothing()
        .message(r#"3/a,2["a"]"#)
        .expect_acked("/a", 2, r#"["a"]"#)
        //= SIO5-ACK-04
        .message(r#"3/a,2["again"]"#)
        //= SIO5-ACK-03
        .message("35[1]")
        .expect_nothing()
        .message("30[1]")
        .expect_acked("/", 0, "[1]")
        .expect_deadline(None);
}

//= SIO5-ACK-09
#[test]
fn an_acknowledgement_that_comes_too_late() {
    joined(&["/"])
        .ask("/", 0)
        .expect_sent(r#"420["ask"]"#)
        .at(s(5))
        .ask("/", 2)
        .expect_sent(r#"422["ask"]"#)
        .expect_deadline(Some(s(10)))
        .at(s(10))
        .expect_timed_out("/", 0)
        .expect_deadline(Some(s(15)))
        .message("30[]")
        .expect_nothing()
        .message("32[]")
        .expect_acked("/", 2, "[]")
        .at(s(20))
        .expect_nothing();
}

/// The timer and the socket wake up in either order.
//= SIO5-ACK-09
#[test]
fn the_deadline_comes_before_the_acknowledgement_of_the_same_moment() {
    use crate::engineio::Event as EngineEvent;
    use crate::machine::Machine as _;
    joined(&["/"])
        .ask("/", 0)
        .expect_sent(r#"420["ask"]"#)
        .does(|connection, _| connection.handle(s(10), EngineEvent::Message("30[]".into())))
        .expect_timed_out("/", 0);
}

#[test]
fn nobody_waits_for_who_has_left() {
    joined(&["/", "/a"])
        .ask("/", 0)
        .expect_sent(r#"420["ask"]"#)
        .ask("/a", 2)
        .expect_sent(r#"42/a,2["ask"]"#)
        .message("1")
        .expect_disconnected("/", DisconnectReason::ClientNamespace)
        .at(s(10))
        .expect_timed_out("/a", 2)
        .ask("/a", 4)
        .expect_sent(r#"42/a,4["ask"]"#)
        .session_closed(CloseReason::TransportClose)
        .expect_disconnected("/a", DisconnectReason::Engine(CloseReason::TransportClose))
        .expect_closed(DisconnectReason::Engine(CloseReason::TransportClose));
}

//= SRV-LIM-01
#[test]
fn acknowledgements_are_counted() {
    let limits = Limits::default().with_max_pending_acks(1);
    opened_within(limits)
        .message("0")
        .expect_requested("/", None)
        .accept("/")
        .expect_sent(r#"40{"sid":"s"}"#)
        .ask("/", 0)
        .expect_sent(r#"420["ask"]"#)
        .cannot(EmitError::TooManyAcks, |connection, now| {
            connection.emit_with_ack(now, &Namespace::root(), "ask", Args::empty(), seconds(1)).map(|_| ())
        })
        .message("30[]")
        .expect_acked("/", 0, "[]")
        .ask("/", 2)
        .expect_sent(r#"422["ask"]"#);
}
