//! How memberships and connections end.

use super::script::{joined, namespace, opened, opened_within};
use crate::engineio::{CloseReason, PacketErrorKind};
use crate::limits::Limits;
use crate::socketio::{Args, DecodeErrorKind, DisconnectReason, EmitError, Namespace};

const LOST: DisconnectReason = DisconnectReason::Engine(CloseReason::TransportClose);

//= SIO5-DIS-01
//= SIO5-DIS-02
//= SRV-DISC-01
#[test]
fn the_client_leaves_one_namespace() {
    joined(&["/", "/a"])
        .message("1/a,")
        .expect_disconnected("/a", DisconnectReason::ClientNamespace)
        .expect_namespaces(&["/"])
        .message(r#"2["still"]"#)
        .expect_received("/", "still", "", None);
}

//= SIO5-DIS-01
//= SIO5-DIS-02
//= SRV-DISC-01
#[test]
fn the_server_makes_the_client_leave() {
    joined(&["/", "/a"])
        .disconnect("/a")
        .expect_sent("41/a,")
        .expect_disconnected("/a", DisconnectReason::ServerNamespace)
        //= SIO5-DIS-03
        .disconnect("/")
        .expect_sent("41")
        .expect_disconnected("/", DisconnectReason::ServerNamespace)
        .cannot(EmitError::NotJoined, |connection, _| connection.disconnect(&Namespace::root()))
        .message("0/a,")
        .expect_requested("/a", None);
}

//= SIO5-DIS-04
//= SRV-DISC-01
#[test]
fn the_server_closes_the_connection() {
    joined(&["/", "/a"])
        .message("0/b,")
        .expect_requested("/b", None)
        .close()
        .expect_sent("41")
        .expect_sent("41/a,")
        .expect_disconnected("/", DisconnectReason::ServerNamespace)
        .expect_disconnected("/a", DisconnectReason::ServerNamespace)
        .expect_close()
        .expect_namespaces(&[])
        .close()
        .message(r#"2["late"]"#)
        .cannot(EmitError::Closed, |connection, _| connection.emit(&Namespace::root(), "x", Args::empty()))
        .cannot(EmitError::Closed, |connection, _| connection.disconnect(&Namespace::root()))
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(DisconnectReason::ServerNamespace)
        .session_closed(CloseReason::ForcedClose)
        .close()
        .expect_nothing();
}

//= SIO5-DIS-08
#[test]
fn the_server_goes_down() {
    let reason = DisconnectReason::ServerShuttingDown;
    joined(&["/", "/a"])
        .does(|connection, _| connection.shut_down())
        .expect_disconnected("/", reason)
        .expect_disconnected("/a", reason)
        .expect_close()
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(reason);
}

/// What was under way when the server made the client leave.
//= SIO5-EVT-04
#[test]
fn what_the_client_said_before_it_knew() {
    let script = joined(&["/", "/a"]).disconnect("/a").expect_sent("41/a,");
    let script = script.expect_disconnected("/a", DisconnectReason::ServerNamespace);
    let late = [r#"2/a,["late"]"#, "3/a,0[]", "1/a,", r#"2/a,["later"]"#];
    let script = late.into_iter().fold(script, |script, text| script.message(text).expect_nothing());
    script
        .cannot(EmitError::NotJoined, |connection, _| connection.disconnect(&namespace("/a")))
        .cannot(EmitError::NotAsking, |connection, _| connection.refuse_unknown(&namespace("/a")))
        .message("0/a,")
        .expect_requested("/a", None)
        .accept("/a")
        .expect_sent(r#"40/a,{"sid":"s"}"#)
        .message(r#"2/a,["x"]"#)
        .expect_received("/a", "x", "", None);
}

/// Those that a client was made to leave do not keep it out of others.
//= SRV-LIM-01
#[test]
fn namespaces_that_were_left_are_forgotten_first() {
    let limits = Limits::default().with_max_namespaces(1);
    let script = opened_within(limits).message("0/a,").expect_requested("/a", None).accept("/a");
    script
        .expect_sent(r#"40/a,{"sid":"s"}"#)
        .disconnect("/a")
        .expect_sent("41/a,")
        .expect_disconnected("/a", DisconnectReason::ServerNamespace)
        .message("0/b,")
        .expect_requested("/b", None)
        .message("1/a,")
        .expect_close();
}

//= SIO5-DIS-04
#[test]
fn namespaces_are_left_in_the_order_of_joining() {
    let reason = DisconnectReason::ServerNamespace;
    joined(&["/c", "/a", "/", "/b"])
        .disconnect("/a")
        .expect_sent("41/a,")
        .expect_disconnected("/a", reason)
        .message("0/a,")
        .expect_requested("/a", None)
        .accept("/a")
        .expect_sent(r#"40/a,{"sid":"s"}"#)
        .expect_namespaces(&["/c", "/", "/b", "/a"])
        .close()
        .expect_sent("41/c,")
        .expect_sent("41")
        .expect_sent("41/b,")
        .expect_sent("41/a,")
        .expect_disconnected("/c", reason)
        .expect_disconnected("/", reason)
        .expect_disconnected("/b", reason)
        .expect_disconnected("/a", reason)
        .expect_close();
}

//= SIO5-DIS-09
//= SRV-DISC-01
//= SRV-DISC-02
#[test]
fn the_session_ends() {
    joined(&["/", "/a"])
        .message("0/b,")
        .expect_requested("/b", None)
        .session_closed(CloseReason::TransportClose)
        .expect_disconnected("/", LOST)
        .expect_disconnected("/a", LOST)
        .expect_closed(LOST)
        //= SIO5-CON-24
        .cannot(EmitError::Closed, |connection, _| connection.refuse_unknown(&namespace("/b")));
    opened().session_closed(CloseReason::TransportClose).expect_closed(LOST);
}

//= SIO5-ERR-01
//= SIO5-ERR-02
#[test]
fn an_undecodable_packet_ends_every_namespace() {
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::InvalidPayload);
    joined(&["/", "/a"])
        .message("2{}")
        .expect_disconnected("/", reason)
        .expect_disconnected("/a", reason)
        .expect_close()
        .message(r#"2["late"]"#)
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(reason);
}

//= SIO5-ATT-16
#[test]
fn half_a_packet_is_dropped_with_the_connection() {
    joined(&["/"])
        .message(r#"51-["e",{"_placeholder":true,"num":0}]"#)
        .session_closed(CloseReason::TransportClose)
        .expect_disconnected("/", LOST)
        .expect_closed(LOST)
        .attachment(&[1])
        .expect_nothing();
}

#[test]
fn the_words_for_reasons() {
    let table = [
        (LOST, "transport close"),
        (DisconnectReason::Engine(CloseReason::PingTimeout), "ping timeout"),
        (DisconnectReason::Engine(CloseReason::ParseError(PacketErrorKind::Empty)), "parse error: empty packet"),
        (DisconnectReason::ClientNamespace, "client namespace disconnect"),
        (DisconnectReason::ServerNamespace, "server namespace disconnect"),
        (DisconnectReason::ServerShuttingDown, "server shutting down"),
        (DisconnectReason::InvalidPacket(DecodeErrorKind::UnknownType), "forced close: unknown packet type"),
    ];
    for (reason, words) in table {
        assert_eq!(alloc::format!("{reason}"), words);
    }
}
