//! How memberships and sessions end.

use super::script::{LOST, UNWANTED, joined, namespace, opened, waiting};
use crate::engineio::{CloseReason, PacketErrorKind};
use crate::socketio::client::Auth;
use crate::socketio::{DecodeErrorKind, DisconnectReason, EmitError, Violation};

//= SIO5-DIS-01
//= SIO5-DIS-05
#[test]
fn the_client_leaves() {
    let reason = DisconnectReason::ClientNamespace;
    joined(&["/", "/a"])
        .disconnect("/a")
        .expect_sent("41/a,")
        .expect_disconnected("/a", reason)
        .expect_namespaces(&["/"])
        .cannot(EmitError::NotJoined, |connection, _| connection.disconnect(&namespace("/a")))
        .disconnect("/")
        .expect_sent("41")
        .expect_disconnected("/", reason)
        .expect_close()
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(UNWANTED);
}

//= SIO5-CLI-05
//= SIO5-DIS-06
#[test]
fn the_server_makes_the_client_leave() {
    let reason = DisconnectReason::ServerNamespace;
    joined(&["/", "/a"])
        .message("1/a,")
        .expect_disconnected("/a", reason)
        .lost(&["/"])
        .reopen(&["40"])
        .message(r#"0{"sid":"x"}"#)
        .expect_connected("/", "x")
        .message("1")
        .expect_disconnected("/", reason)
        .expect_close()
        .session_closed(CloseReason::TransportClose)
        .expect_closed(UNWANTED)
        .open()
        .expect_nothing();
}

//= SIO5-DIS-07
#[test]
fn who_has_left_may_come_back() {
    joined(&["/", "/a"])
        .message("1/a,")
        .expect_disconnected("/a", DisconnectReason::ServerNamespace)
        .connect("/a", Auth::None)
        .expect_sent("40/a,")
        .message(r#"0/a,{"sid":"x"}"#)
        .expect_connected("/a", "x")
        .disconnect("/a")
        .expect_sent("41/a,")
        .expect_disconnected("/a", DisconnectReason::ClientNamespace)
        .connect("/a", Auth::None)
        .expect_sent("40/a,");
}

#[test]
fn a_disconnection_for_an_answer() {
    joined(&["/"])
        .connect("/a", Auth::None)
        .expect_sent("40/a,")
        .message("1/a,")
        .expect_refused("/a", "the server answers with a disconnection", None)
        .message(r#"0/a,{"sid":"x"}"#)
        .expect_nothing();
}

/// The server would let the client in for nothing, and would close at a second question before the first is answered.
//= SIO5-DIS-01
//= SIO5-DIS-07
#[test]
fn who_leaves_before_the_answer_says_so_after_it() {
    let asked = || joined(&["/"]).connect("/a", Auth::None).expect_sent("40/a,").disconnect("/a").expect_nothing();
    asked()
        .message(r#"2/a,["early"]"#)
        .expect_nothing()
        .message(r#"0/a,{"sid":"x"}"#)
        .expect_sent("41/a,")
        .message(r#"0/a,{"sid":"x"}"#)
        .expect_nothing();
    let wanted_back = || asked().connect("/a", Auth::None).emit("/a", "x", "[]").expect_nothing();
    wanted_back()
        .message(r#"0/a,{"sid":"x"}"#)
        .expect_sent("41/a,")
        .expect_sent("40/a,")
        .message(r#"0/a,{"sid":"y"}"#)
        .expect_connected("/a", "y")
        .expect_sent(r#"42/a,["x"]"#);
    wanted_back()
        .message(r#"4/a,{"message":"no"}"#)
        .expect_sent("40/a,")
        .message(r#"4/a,{"message":"no"}"#)
        .expect_refused("/a", "no", None);
    wanted_back().message("1/a,").expect_sent("40/a,");
    wanted_back().lost(&["/"]).reopen(&["40", "40/a,"]);
}

//= SIO5-CLI-05
#[test]
fn the_client_closes() {
    joined(&["/c", "/", "/a"])
        .connect("/b", Auth::None)
        .expect_sent("40/b,")
        .close()
        .expect_sent("41/c,")
        .expect_disconnected("/c", DisconnectReason::ClientNamespace)
        .expect_sent("41")
        .expect_disconnected("/", DisconnectReason::ClientNamespace)
        .expect_sent("41/a,")
        .expect_disconnected("/a", DisconnectReason::ClientNamespace)
        .expect_close()
        .expect_namespaces(&[])
        .message(r#"2["late"]"#)
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(UNWANTED);
}

/// The session that closes is no place for the new wish, the next one is.
#[test]
fn who_wants_back_while_the_session_closes() {
    joined(&["/"])
        .disconnect("/")
        .expect_sent("41")
        .expect_disconnected("/", DisconnectReason::ClientNamespace)
        .expect_close()
        .connect("/", Auth::None)
        .emit("/", "x", "[]")
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(UNWANTED)
        .reopen(&["40"])
        .message(r#"0{"sid":"y"}"#)
        .expect_connected("/", "y")
        .expect_sent(r#"42["x"]"#);
}

#[test]
fn a_session_that_is_not_wanted_any_more_when_it_is_about_to_open() {
    waiting()
        .connect("/", Auth::None)
        .disconnect("/")
        .expect_close()
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(UNWANTED);
}

//= SIO5-CON-25
#[test]
fn every_active_namespace_is_asked_for_again() {
    let reason = DisconnectReason::Engine(CloseReason::PingTimeout);
    joined(&["/", "/a"])
        .connect("/b", Auth::None)
        .expect_sent("40/b,")
        .session_closed(CloseReason::PingTimeout)
        .expect_disconnected("/", reason)
        .expect_disconnected("/a", reason)
        .expect_closed(reason)
        .reopen(&["40", "40/a,", "40/b,"]);
    opened().lost(&[]).lost(&[]).open();
}

//= SIO5-ATT-16
//= SIO5-ERR-03
#[test]
fn an_undecodable_packet_ends_the_session() {
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::UnknownType);
    joined(&["/"])
        .message("9")
        .expect_disconnected("/", reason)
        .expect_close()
        .message(r#"2["late"]"#)
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(reason)
        .reopen(&["40"])
        .message(r#"0{"sid":"y"}"#)
        .expect_connected("/", "y");
    joined(&["/"])
        .message(r#"51-["e",{"_placeholder":true,"num":0}]"#)
        .lost(&["/"])
        .reopen(&["40"])
        .message(r#"0{"sid":"y"}"#)
        .expect_connected("/", "y");
}

//= SIO5-DIS-06
//= SIO5-ERR-03
#[test]
fn the_words_for_reasons() {
    let table = [
        (LOST, "transport close"),
        (DisconnectReason::Engine(CloseReason::PingTimeout), "ping timeout"),
        (DisconnectReason::Engine(CloseReason::ParseError(PacketErrorKind::Empty)), "parse error"),
        (UNWANTED, "forced close"),
        (DisconnectReason::ClientNamespace, "io client disconnect"),
        (DisconnectReason::ServerNamespace, "io server disconnect"),
        (DisconnectReason::InvalidPacket(DecodeErrorKind::UnknownType), "parse error"),
        (DisconnectReason::Violation(Violation::NotJoined), "transport error"),
    ];
    for (reason, words) in table {
        assert_eq!(reason.as_client_str(), words);
    }
}
