//! How a client gets into namespaces.

use super::script::{UNWANTED, joined, json, namespace, opened, waiting, waiting_within};
use crate::engineio::CloseReason;
use crate::limits::Limits;
use crate::socketio::client::Auth;
use crate::socketio::{DecodeErrorKind, DisconnectReason, EmitError, Violation};

//= SIO5-CLI-10
//= SIO5-CON-01
#[test]
fn every_namespace_is_asked_for_when_the_session_opens() {
    waiting()
        .connect("/b", Auth::None)
        .connect("/", Auth::None)
        .connect("/a", Auth::Fixed(json(r#"{"token":"123"}"#)))
        .expect_nothing()
        .open()
        .expect_sent("40/b,")
        .expect_sent("40")
        .expect_sent(r#"40/a,{"token":"123"}"#)
        .expect_namespaces(&[])
        .message(r#"0{"sid":"x"}"#)
        .expect_connected("/", "x")
        .message(r#"0/a,{"sid":"y"}"#)
        .expect_connected("/a", "y")
        .expect_namespaces(&["/", "/a"])
        .connect("/c", Auth::None)
        .expect_sent("40/c,");
}

//= SIO5-CON-16
#[test]
fn a_query_is_no_part_of_a_namespace() {
    opened()
        .connect("/admin?x=1", Auth::None)
        .expect_sent("40/admin,")
        .message(r#"0/admin,{"sid":"x"}"#)
        .expect_connected("/admin", "x")
        .cannot(EmitError::ConnectTwice, |connection, _| connection.connect(&namespace("/admin?x=2"), Auth::None));
}

//= SIO5-CON-25
#[test]
fn auth_that_is_wanted_fresh() {
    opened()
        .connect("/a", Auth::Fresh)
        .expect_auth_wanted("/a")
        .connect("/", Auth::None)
        .expect_sent("40")
        .does(|connection, _| connection.authenticate(&namespace("/a"), Some(json(r#"{"token":1}"#))))
        .expect_sent(r#"40/a,{"token":1}"#)
        .message(r#"0/a,{"sid":"x"}"#)
        .expect_connected("/a", "x")
        .message(r#"0{"sid":"y"}"#)
        .expect_connected("/", "y")
        .cannot(EmitError::NotAsking, |connection, _| connection.authenticate(&namespace("/a"), None))
        .lost(&["/a", "/"])
        .open()
        .expect_auth_wanted("/a")
        .expect_sent("40")
        .does(|connection, _| connection.authenticate(&namespace("/a"), Some(json(r#"{"token":2}"#))))
        .expect_sent(r#"40/a,{"token":2}"#);
}

#[test]
fn auth_that_comes_too_late() {
    opened()
        .connect("/", Auth::Fresh)
        .expect_auth_wanted("/")
        .lost(&[])
        .cannot(EmitError::NotAsking, |connection, _| connection.authenticate(&namespace("/"), None))
        .open()
        .expect_auth_wanted("/")
        .does(|connection, _| connection.authenticate(&namespace("/"), None))
        .expect_sent("40");
}

#[test]
fn auth_that_no_server_takes() {
    for auth in ["[]", "\"token\"", "7", "null"] {
        opened()
            .cannot(EmitError::NotAnObject, |connection, _| {
                connection.connect(&namespace("/"), Auth::Fixed(json(auth)))
            })
            .connect("/", Auth::Fresh)
            .expect_auth_wanted("/")
            .cannot(EmitError::NotAnObject, |connection, _| connection.authenticate(&namespace("/"), Some(json(auth))));
    }
}

/// The refused one is not asked for again, not even by the next session.
//= SIO5-CON-19
#[test]
fn the_server_refuses() {
    joined(&["/"])
        .connect("/admin", Auth::None)
        .expect_sent("40/admin,")
        .message(r#"4/admin,{"message":"no","data":{"code":1}}"#)
        .expect_refused("/admin", "no", Some(r#"{"code":1}"#))
        .lost(&["/"])
        .reopen(&["40"])
        .connect("/admin", Auth::Fixed(json("{}")))
        .expect_sent("40/admin,{}")
        .message(r#"4/admin,{"message":"no"}"#)
        .expect_refused("/admin", "no", None);
}

//= SIO5-CON-19
#[test]
fn who_is_refused_everywhere_closes_the_session() {
    opened()
        .connect("/", Auth::None)
        .expect_sent("40")
        .message(r#"4{"message":"no"}"#)
        .expect_refused("/", "no", None)
        .expect_close()
        .message(r#"2["late"]"#)
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(UNWANTED)
        .open()
        .expect_nothing();
}

#[test]
fn a_refusal_to_who_is_in_is_none() {
    joined(&["/"]).message(r#"4{"message":"no"}"#).expect_nothing().expect_namespaces(&["/"]);
}

//= SIO5-CON-18
#[test]
fn a_server_of_protocol_4_gives_no_id() {
    for answer in ["0", "0{}", r#"0{"sid":7}"#, r#"0{"sid":""}"#] {
        opened()
            .connect("/", Auth::None)
            .expect_sent("40")
            .message(answer)
            .expect_refused("/", "the server gives no id: it may speak protocol 4", None)
            .expect_close();
    }
}

//= SIO5-CON-20
#[test]
fn packets_of_unknown_namespaces_are_ignored() {
    let script = joined(&["/"]);
    [r#"0/a,{"sid":"x"}"#, r#"4/a,{"message":"no"}"#, "1/a,", r#"2/a,["x"]"#, r#"2/a,1["x"]"#, "3/a,0[]"]
        .into_iter()
        .fold(script, |script, packet| script.message(packet).expect_nothing())
        .message(r#"2["x"]"#)
        .expect_received("/", "x", "", None);
}

/// A second answer to one CONNECT.
#[test]
fn who_is_in_is_let_in_no_second_time() {
    joined(&["/"]).message(r#"0{"sid":"other"}"#).expect_nothing();
}

#[test]
fn nobody_asks_twice() {
    waiting()
        .connect("/", Auth::None)
        .cannot(EmitError::ConnectTwice, |connection, _| connection.connect(&namespace("/"), Auth::None))
        .open()
        .expect_sent("40")
        .cannot(EmitError::ConnectTwice, |connection, _| connection.connect(&namespace("/"), Auth::None));
}

//= SRV-LIM-01
#[test]
fn namespaces_are_counted() {
    let limits = Limits::default().with_max_namespaces(1);
    waiting_within(limits)
        .connect("/", Auth::None)
        .cannot(EmitError::TooManyNamespaces, |connection, _| connection.connect(&namespace("/a"), Auth::None))
        .disconnect("/")
        .expect_close()
        .connect("/a", Auth::None);
}

/// What the answer to the CONNECT led to was told before the fault: DIV-21.
//= SIO5-ERR-03
#[test]
fn a_fault_right_after_the_answer() {
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::InvalidPayload);
    opened()
        .connect("/", Auth::None)
        .expect_sent("40")
        .message(r#"0{"sid":"x"}"#)
        .expect_connected("/", "x")
        .message("2{}")
        .expect_disconnected("/", reason)
        .expect_close()
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(reason);
}

/// What a server may not send without end.
//= SRV-LIM-01
#[test]
fn too_many_events_before_the_answer() {
    let limits = Limits::default().with_max_buffered_bytes(256);
    waiting_within(limits)
        .open()
        .connect("/", Auth::None)
        .expect_sent("40")
        .message(r#"2["x"]"#)
        .message(r#"2["y"]"#)
        .expect_nothing()
        .message(r#"2["z"]"#)
        .expect_close()
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(DisconnectReason::Violation(Violation::TooEarly));
}
