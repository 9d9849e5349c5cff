//! Clients of protocol 4, on a server of their own time and on one of ours.

use super::script::{Script, joined, namespace, opened_by, s};
use crate::engineio::CloseReason;
use crate::socketio::{
    Args, Config, Connection, DecodeErrorKind, Dialect, DisconnectReason, EmitError, Json, Namespace, Violation,
};

const BOTH: [Dialect; 2] = [Dialect::V4, Dialect::Hybrid];

fn opened(dialect: Dialect) -> Script {
    opened_by(Connection::new(Config::default()).with_dialect(dialect))
}

/// A client that was let into the main namespace.
fn in_root(dialect: Dialect) -> Script {
    opened(dialect).expect_requested("/", None).accept("/").expect_sent("40")
}

fn in_chat(dialect: Dialect) -> Script {
    in_root(dialect).message("0/chat,").expect_requested("/chat", None).accept("/chat").expect_sent("40/chat,")
}

//= SIO4-CON-01
//= HYB-01
#[test]
fn the_main_namespace_is_joined_without_a_question() {
    for dialect in BOTH {
        in_root(dialect).expect_namespaces(&["/"]).expect_deadline(None);
        opened(dialect)
            .expect_requested("/", None)
            .refuse("/", "no", None)
            .expect_sent(r#"44"no""#)
            .expect_deadline(Some(s(45)))
            .message("0")
            .expect_requested("/", None)
            .accept("/")
            //= SIO4-CON-08
            .expect_sent("40");
    }
    //= HYB-03
    opened(Dialect::V5).expect_nothing();
}

//= SIO4-CON-06
//= SIO4-CON-07
//= HYB-04
#[test]
fn another_namespace_is_asked_for_with_a_query() {
    for dialect in BOTH {
        in_root(dialect)
            .message("0/admin?token=1&x=y,")
            .expect_requested("/admin", Some(r#"{"token":"1","x":"y"}"#))
            .accept("/admin")
            //= SIO4-CON-08
            .expect_sent("40/admin,")
            .message("0/b?,")
            .expect_requested("/b", Some("{}"))
            .message(r#"0/c,{"ignored":true}"#)
            .expect_requested("/c", None)
            .accept("/c")
            .expect_sent("40/c,")
            .emit("/admin", "hello", "[1]")
            .expect_sent(r#"42/admin,["hello",1]"#)
            .message(r#"2/admin,3["x"]"#)
            .expect_received("/admin", "x", "", Some(3));
    }
    joined(&["/"]).message("0/admin?token=1,").expect_requested("/admin?token=1", None);
}

/// As `querystring` of Node reads it.
//= SIO4-CON-07
#[test]
fn queries() {
    let json = |query: &str| alloc::string::String::from(Json::query(query.as_bytes()).as_str());
    assert_eq!(json("token=1234&uid=abcd"), r#"{"token":"1234","uid":"abcd"}"#);
    assert_eq!(json("a=1&b=2&a=3"), r#"{"a":["1","3"],"b":"2"}"#);
    assert_eq!(json("a=1&a=&a"), r#"{"a":["1","",""]}"#);
    assert_eq!(json("%C3%A9=%22+%22&=x"), r#"{"":"x","é":"\" \""}"#);
    assert_eq!(json(""), "{}");
}

//= SIO4-ERR-01
//= HYB-04
#[test]
fn a_refusal_is_the_data_or_else_the_message() {
    for dialect in BOTH {
        in_root(dialect)
            .message("0/mw,")
            .expect_requested("/mw", None)
            .refuse("/mw", "nope", None)
            .expect_sent(r#"44/mw,"nope""#)
            .message("0/mw2?x=1,")
            .expect_requested("/mw2", Some(r#"{"x":"1"}"#))
            .refuse("/mw2", "nope", Some(r#"{"c":1}"#))
            .expect_sent(r#"44/mw2,{"c":1}"#);
    }
}

//= SIO4-ERR-02
#[test]
fn an_unknown_namespace() {
    for (dialect, answer) in [
        (Dialect::V4, r#"44/nope,"Invalid namespace""#),
        (Dialect::Hybrid, r#"44/nope,{"message":"Invalid namespace"}"#),
    ] {
        in_root(dialect)
            .message("0/nope,")
            .expect_requested("/nope", None)
            .does(|connection, _| connection.refuse_unknown(&namespace("/nope")))
            .expect_sent(answer);
    }
}

//= SIO4-EVT-01
#[test]
fn what_makes_no_sense_is_ignored_by_the_old_server() {
    let stray = [r#"2/chat,["a"]"#, "3/chat,0[]", "1/chat,", r#"4"x""#, r#"4/chat,"x""#, "0", "0/?x=1,", "9", "x"];
    let script = stray.into_iter().fold(in_root(Dialect::V4), |script, packet| script.message(packet).expect_nothing());
    script.message(r#"2["still"]"#).expect_received("/", "still", "", None);

    let asking = in_root(Dialect::V4).message("0/chat,").expect_requested("/chat", None);
    asking.message("0/chat,").message(r#"2/chat,["a"]"#).expect_nothing().accept("/chat").expect_sent("40/chat,");

    in_chat(Dialect::V4).message("0/chat?again=1,").expect_sent("40/chat,").expect_namespaces(&["/", "/chat"]);
}

//= SIO4-EVT-01
#[test]
fn what_makes_no_sense_closes_the_hybrid() {
    use Violation::{ConnectError, ConnectTwice, NotJoined};
    for (packet, violation) in [
        (r#"2/chat,["a"]"#, NotJoined),
        ("3/chat,0[]", NotJoined),
        ("1/chat,", NotJoined),
        (r#"4"x""#, ConnectError),
        ("0", ConnectTwice),
        ("0/?x=1,", ConnectTwice),
    ] {
        let reason = DisconnectReason::Violation(violation);
        in_root(Dialect::Hybrid).message(packet).expect_disconnected("/", reason).expect_close();
    }
    let reason = DisconnectReason::Violation(ConnectTwice);
    in_chat(Dialect::Hybrid)
        .message("0/chat,")
        .expect_disconnected("/", reason)
        .expect_disconnected("/chat", reason)
        .expect_close();
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::UnknownType);
    in_root(Dialect::Hybrid).message("9").expect_disconnected("/", reason).expect_close();
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::InvalidPayload);
    in_root(Dialect::Hybrid).message("0/chat,[]").expect_disconnected("/", reason).expect_close();
    in_root(Dialect::V4).message("0/chat,[]").expect_requested("/chat", None);
}

//= SIO4-ERR-04
#[test]
fn an_undecodable_payload_closes_both() {
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::InvalidPayload);
    assert_eq!(reason.as_str(), "forced close");
    for dialect in BOTH {
        in_root(dialect)
            .message("2{}")
            .expect_disconnected("/", reason)
            .expect_close()
            .session_closed(CloseReason::ForcedClose)
            .expect_closed(reason);
    }
}

//= SIO4-EVT-02
#[test]
fn reserved_names_are_refused_by_both() {
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::ReservedName);
    for dialect in BOTH {
        for name in ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"] {
            in_root(dialect).message(&alloc::format!(r#"2["{name}"]"#)).expect_disconnected("/", reason).expect_close();
        }
        in_root(dialect).cannot(EmitError::ReservedName, |connection, _| {
            connection.emit(&Namespace::root(), "connect", Args::empty())
        });
    }
}

//= SIO4-DIS-01
#[test]
fn leaving_the_main_namespace_is_leaving_one() {
    for dialect in BOTH {
        in_chat(dialect)
            .message("1")
            .expect_disconnected("/", DisconnectReason::ClientNamespace)
            .message(r#"2/chat,["x"]"#)
            .expect_received("/chat", "x", "", None)
            .disconnect("/chat")
            .expect_sent("41/chat,")
            .expect_disconnected("/chat", DisconnectReason::ServerNamespace)
            .expect_namespaces(&[])
            .message("0/chat,")
            .expect_requested("/chat", None);
        in_chat(dialect)
            .close()
            .expect_sent("41")
            .expect_sent("41/chat,")
            .expect_disconnected("/", DisconnectReason::ServerNamespace)
            .expect_disconnected("/chat", DisconnectReason::ServerNamespace)
            .expect_close();
    }
}

//= SIO4-ATT-01
#[test]
fn attachments() {
    for dialect in BOTH {
        in_root(dialect).message(r#"51-["e",{"_placeholder":true,"num":0}]"#).attachment(&[1, 2]).expect_received(
            "/",
            "e",
            r#"{"_placeholder":true,"num":0}"#,
            None,
        );
    }
}

//= SRV-LIM-01
#[test]
fn a_client_that_is_never_let_in_is_cut_off() {
    for dialect in BOTH {
        let reason = DisconnectReason::Violation(Violation::ConnectTimeout);
        opened(dialect)
            .expect_requested("/", None)
            .at(s(45))
            .expect_close()
            .session_closed(CloseReason::ForcedClose)
            .expect_closed(reason);
    }
}
