//! Events in both directions.

use bytes::Bytes;

use super::script::{
    LOST, args, joined, joined_within, json, namespace, opened, s, seconds, waiting, waiting_with, waiting_within,
};
use crate::engineio::{CloseReason, SendError};
use crate::limits::Limits;
use crate::socketio::client::{Auth, Config, Event};
use crate::socketio::{Args, DisconnectReason, EmitError, Namespace, Parser, Violation};

const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

//= SIO5-EVT-01
#[test]
fn events_arrive_in_order_and_in_their_namespace() {
    joined(&["/", "/a"])
        .message(r#"2["x",1]"#)
        .expect_received("/", "x", "1", None)
        .message(r#"51-/a,["z",{"_placeholder":true,"num":0}]"#)
        .expect_nothing()
        .attachment(&[1, 2])
        .expect_received("/a", "z", r#"{"_placeholder":true,"num":0}"#, None);
}

//= SIO5-CON-21
//= SIO5-CSR-06
#[test]
fn events_that_arrive_before_the_answer() {
    opened()
        .connect("/", Auth::None)
        .expect_sent("40")
        .emit("/", "mine", "[]")
        .message(r#"2["early",1]"#)
        .message(r#"27["early",2]"#)
        .expect_nothing()
        .message(r#"0{"sid":"x"}"#)
        .expect_connected("/", "x")
        .expect_received("/", "early", "1", None)
        .expect_received("/", "early", "2", Some(7))
        .expect_sent(r#"42["mine"]"#)
        .acknowledge(&args("[3]"))
        .expect_sent("437[3]");
}

/// They belonged to a membership that never came to be.
#[test]
fn events_before_an_answer_that_never_comes() {
    opened()
        .connect("/", Auth::None)
        .expect_sent("40")
        .message(r#"2["early"]"#)
        .lost(&[])
        .reopen(&["40"])
        .message(r#"0{"sid":"x"}"#)
        .expect_connected("/", "x");
}

//= SIO5-EVT-04
#[test]
fn events_that_arrive_after_leaving() {
    joined(&["/", "/a"])
        .disconnect("/a")
        .expect_sent("41/a,")
        .expect_disconnected("/a", DisconnectReason::ClientNamespace)
        .message(r#"2/a,["late"]"#)
        .expect_nothing();
}

//= SIO5-EVT-02
//= SIO5-PKT-09
#[test]
fn reserved_names_are_not_emitted() {
    let (root, none) = (Namespace::root(), Args::empty());
    for name in RESERVED {
        joined(&["/"])
            .cannot(EmitError::ReservedName, |connection, _| connection.emit(&root, name, &none))
            .cannot(EmitError::ReservedName, |connection, _| connection.emit_volatile(&root, name, &none))
            .cannot(EmitError::ReservedName, |connection, now| {
                connection.emit_with_ack(now, &root, name, &none, Some(seconds(1)))
            })
            .expect_deadline(None);
    }
}

#[test]
fn events_are_emitted() {
    joined(&["/", "/a"])
        .emit("/", "x", r#"[1,"é€😀"]"#)
        .expect_sent(r#"42["x",1,"é€😀"]"#)
        .does(|connection, _| {
            let args = Args::builder().binary(Bytes::from_static(&[1])).build().unwrap();
            connection.emit(&namespace("/a"), "b", &args)
        })
        .expect_sent_with(r#"451-/a,["b",{"_placeholder":true,"num":0}]"#, &[&[1]])
        .cannot(EmitError::NotJoined, |connection, _| connection.emit(&namespace("/b"), "x", Args::empty()));
}

//= SIO5-CLI-06
//= SIO5-CON-17
#[test]
fn what_is_emitted_early_goes_out_with_the_answer() {
    waiting()
        .connect("/", Auth::None)
        .connect("/a", Auth::None)
        .emit("/", "one", "[]")
        .emit("/a", "two", "[]")
        .open()
        .expect_sent("40")
        .expect_sent("40/a,")
        .emit("/", "three", "[]")
        .expect_nothing()
        .message(r#"0{"sid":"x"}"#)
        .expect_connected("/", "x")
        .expect_sent(r#"42["one"]"#)
        .expect_sent(r#"42["three"]"#)
        .emit("/", "four", "[]")
        .expect_sent(r#"42["four"]"#)
        .message(r#"0/a,{"sid":"y"}"#)
        .expect_connected("/a", "y")
        .expect_sent(r#"42/a,["two"]"#);
}

//= SIO5-CLI-06
#[test]
fn what_is_emitted_between_two_sessions_goes_out_in_order() {
    joined(&["/"])
        .lost(&["/"])
        .emit("/", "one", "[]")
        .lost(&[])
        .emit("/", "two", "[]")
        .reopen(&["40"])
        .emit("/", "three", "[]")
        .message(r#"0{"sid":"y"}"#)
        .expect_connected("/", "y")
        .expect_sent(r#"42["one"]"#)
        .expect_sent(r#"42["two"]"#)
        .expect_sent(r#"42["three"]"#);
}

/// Who is refused may show something else, and has lost nothing.
//= SIO5-CLI-06
#[test]
fn what_is_emitted_before_a_refusal_waits_for_the_next_answer() {
    joined(&["/"])
        .connect("/a", Auth::None)
        .expect_sent("40/a,")
        .emit("/a", "one", "[]")
        .message(r#"4/a,{"message":"no"}"#)
        .expect_refused("/a", "no", None)
        .emit("/a", "two", "[]")
        .connect("/a", Auth::Fixed(json(r#"{"token":2}"#)))
        .expect_sent(r#"40/a,{"token":2}"#)
        .message(r#"0/a,{"sid":"x"}"#)
        .expect_connected("/a", "x")
        .expect_sent(r#"42/a,["one"]"#)
        .expect_sent(r#"42/a,["two"]"#);
}

//= SIO5-CLI-07
//= SIO5-CON-17
#[test]
fn volatile_events_do_not_wait() {
    waiting()
        .connect("/", Auth::None)
        .emit_volatile("/", "never")
        .open()
        .expect_sent("40")
        .emit_volatile("/", "never")
        .message(r#"0{"sid":"x"}"#)
        .expect_connected("/", "x")
        .emit_volatile("/", "now")
        .expect_sent_volatile(r#"42["now"]"#)
        .lost(&["/"])
        .emit_volatile("/", "never")
        .cannot(EmitError::NotJoined, |connection, _| connection.emit_volatile(&namespace("/a"), "x", Args::empty()));
}

//= SRV-LIM-01
#[test]
fn what_waits_is_counted() {
    let limits = Limits::default().with_max_buffered_bytes(3 * 128);
    let two = Args::builder().binary(Bytes::from_static(&[1])).build().unwrap();
    waiting_within(limits)
        .connect("/", Auth::None)
        .connect("/a", Auth::None)
        .emit("/", "one", "[]")
        .does(|connection, _| connection.emit(&namespace("/a"), "two", &two))
        .cannot(EmitError::BufferFull, |connection, _| connection.emit(&namespace("/"), "x", Args::empty()))
        .cannot(EmitError::BufferFull, |connection, now| {
            connection.emit_with_ack(now, &namespace("/"), "x", Args::empty(), Some(seconds(1)))
        })
        .expect_deadline(None)
        .open()
        .expect_sent("40")
        .expect_sent("40/a,")
        .message(r#"0{"sid":"x"}"#)
        .expect_connected("/", "x")
        .expect_sent(r#"42["one"]"#)
        .emit("/a", "three", "[]")
        .cannot(EmitError::BufferFull, |connection, _| connection.emit(&namespace("/a"), "x", Args::empty()))
        .emit("/", "passes", "[]")
        .expect_sent(r#"42["passes"]"#)
        .message(r#"0/a,{"sid":"y"}"#)
        .expect_connected("/a", "y")
        .expect_sent_with(r#"451-/a,["two",{"_placeholder":true,"num":0}]"#, &[&[1]])
        .expect_sent(r#"42/a,["three"]"#)
        .expect_event(&Event::Writable);
}

//= SRV-LIM-01
#[test]
fn what_waits_is_weighed() {
    let limits = Limits::default().with_max_buffered_bytes(8);
    let long = args(r#"["0123456789"]"#);
    waiting_within(limits)
        .connect("/", Auth::None)
        .does(|connection, _| connection.emit(&namespace("/"), "alone", &long))
        .cannot(EmitError::BufferFull, |connection, _| connection.emit(&namespace("/"), "x", Args::empty()));
}

/// MessagePack: one binary message for each packet, the CONNECT included.
//= MSG-09
#[test]
fn packets_in_the_other_form() {
    waiting_with(Config::default().with_parser(Parser::MsgPack))
        .connect("/", Auth::None)
        .open()
        .expect_sent_bytes(b"\x82\xa4type\x00\xa3nsp\xa1/")
        .attachment(b"\x83\xa4type\x00\xa4data\x81\xa3sid\xa1x\xa3nsp\xa1/")
        .expect_connected("/", "x")
        .emit("/", "a", "[true]")
        .expect_sent_bytes(b"\x83\xa4type\x02\xa4data\x92\xa1a\xc3\xa3nsp\xa1/");
}

//= SIO5-ACK-11
#[test]
fn an_event_may_stay_unacknowledged() {
    joined(&["/"]).message(r#"20["x"]"#).expect_received("/", "x", "", Some(0)).expect_deadline(None);
}

//= SIO5-EVT-01
#[test]
fn what_the_session_has_no_room_for_waits() {
    joined(&["/", "/a"])
        .emit("/", "one", "[]")
        .expect_sent_in_vain(r#"42["one"]"#, SendError::QueueFull)
        .emit("/", "two", "[]")
        .emit("/a", "three", "[]")
        .emit_volatile("/", "never")
        .ask("/", "four", 0)
        .message(r#"27["x"]"#)
        .expect_received("/", "x", "", Some(7))
        .acknowledge(&args("[]"))
        .expect_nothing()
        .writable()
        .expect_sent(r#"42["one"]"#)
        .expect_sent("437[]")
        .expect_sent(r#"42["two"]"#)
        .expect_sent(r#"420["four"]"#)
        .expect_sent(r#"42/a,["three"]"#)
        .writable()
        .expect_nothing()
        .emit("/", "five", "[]")
        .expect_sent(r#"42["five"]"#);
}

/// What left is lost, what was kept back is not.
//= SIO5-ACK-10
#[test]
fn a_session_that_is_lost_before_it_has_room() {
    joined(&["/"])
        .ask("/", "one", 0)
        .expect_sent_in_vain(r#"420["one"]"#, SendError::QueueFull)
        .ask("/", "two", 1)
        .session_closed(CloseReason::TransportClose)
        .expect_disconnected("/", LOST)
        .expect_ack_lost("/", 0)
        .expect_closed(LOST)
        .reopen(&["40"])
        .message(r#"0{"sid":"y"}"#)
        .expect_connected("/", "y")
        .expect_sent(r#"421["two"]"#)
        .message("31[]")
        .expect_acked("/", 1, "[]");
}

//= SIO5-CLI-11
#[test]
fn what_is_kept_back_for_too_long_is_not_sent() {
    joined(&["/"])
        .emit("/", "one", "[]")
        .expect_sent_in_vain(r#"42["one"]"#, SendError::QueueFull)
        .ask("/", "two", 0)
        .at(s(10))
        .expect_timed_out("/", 0)
        .writable()
        .expect_sent(r#"42["one"]"#);
}

//= SRV-LIM-01
#[test]
fn what_is_kept_back_is_counted() {
    let limits = Limits::default().with_max_buffered_bytes(128);
    joined_within(Config::default(), limits, &["/"])
        .emit("/", "one", "[]")
        .expect_sent_in_vain(r#"42["one"]"#, SendError::QueueFull)
        .emit("/", "two", "[]")
        .cannot(EmitError::BufferFull, |connection, _| connection.emit(&namespace("/"), "x", Args::empty()))
        .writable()
        .expect_sent(r#"42["one"]"#)
        .expect_sent(r#"42["two"]"#)
        .expect_event(&Event::Writable);
}

/// DIV-41: the reference sends it, and is cut off.
#[test]
fn a_message_that_the_server_would_not_take() {
    let reason = DisconnectReason::Violation(Violation::Unsendable(SendError::TooLarge));
    joined(&["/"])
        .emit("/", "one", "[]")
        .expect_sent_in_vain(r#"42["one"]"#, SendError::TooLarge)
        .expect_disconnected("/", reason)
        .expect_close()
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(reason);
}

/// Also before a farewell.
//= SIO5-DIS-01
#[test]
fn who_closes_while_the_session_has_no_room_is_patient() {
    joined(&["/"])
        .emit("/", "one", "[]")
        .expect_sent_in_vain(r#"42["one"]"#, SendError::QueueFull)
        .close()
        .expect_disconnected("/", DisconnectReason::ClientNamespace)
        .expect_nothing()
        .writable()
        .expect_sent(r#"42["one"]"#)
        .expect_sent("41")
        .expect_close();
}
