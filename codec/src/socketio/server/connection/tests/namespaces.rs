//! Who is let into which namespace.

use super::script::{joined, namespace, opened, opened_with, opened_within, s, seconds};
use crate::engineio::{CloseReason, Sid};
use crate::limits::Limits;
use crate::socketio::{Config, DisconnectReason, EmitError, Json, Namespace, Violation};
use crate::text::Text;

fn violation(violation: Violation) -> DisconnectReason {
    DisconnectReason::Violation(violation)
}

//= SIO5-CON-02
//= SIO5-CON-07
//= SIO5-CON-08
#[test]
fn a_client_asks_and_is_let_in() {
    opened()
        .message("0")
        .expect_requested("/", None)
        .expect_namespaces(&[])
        .accept("/")
        .expect_sent(r#"40{"sid":"s"}"#)
        .expect_namespaces(&["/"])
        .message(r#"0/admin,{"token":"123"}"#)
        .expect_requested("/admin", Some(r#"{"token":"123"}"#))
        .accept("/admin")
        .expect_sent(r#"40/admin,{"sid":"s"}"#)
        .expect_namespaces(&["/", "/admin"]);
}

/// The ids are the application's to draw; nothing of the session's goes into the answer.
//= SIO5-CON-03
//= SRV-ID-01
#[test]
fn the_public_id_is_the_one_given() {
    let [one, other] = [1, 2].map(|seed| Sid::from_entropy([seed; 15]));
    opened()
        .message("0")
        .expect_requested("/", None)
        .message("0/a,")
        .expect_requested("/a", None)
        .does(|connection, _| connection.accept(&Namespace::root(), &one))
        .expect_sent(r#"40{"sid":"AQEBAQEBAQEBAQEBAQEB"}"#)
        .does(|connection, _| connection.accept(&namespace("/a"), &other))
        .expect_sent(r#"40/a,{"sid":"AgICAgICAgICAgICAgIC"}"#);
}

/// What the application says as soon as it has let the client in leaves behind the answer.
//= SRV-HS-02
#[test]
fn the_answer_goes_first() {
    opened()
        .message("0")
        .expect_requested("/", None)
        .does(|connection, _| {
            connection.accept(&Namespace::root(), &Sid::from_wire("s").unwrap())?;
            connection.emit(&Namespace::root(), "hello", super::script::args("[]"))
        })
        .expect_sent(r#"40{"sid":"s"}"#)
        .expect_sent(r#"42["hello"]"#);
}

//= SIO5-CON-08
//= SRV-HS-02
#[test]
fn nothing_is_sent_before_the_client_is_in() {
    opened()
        .message("0")
        .expect_requested("/", None)
        .cannot(EmitError::NotJoined, |connection, _| {
            connection.emit(&Namespace::root(), "early", super::script::args("[]"))
        })
        .cannot(EmitError::NotJoined, |connection, _| connection.disconnect(&Namespace::root()))
        .expect_nothing();
}

//= SIO5-CON-04
//= SIO5-CON-06
//= SRV-MW-02
#[test]
fn a_client_is_turned_away_and_may_ask_again() {
    opened()
        .message("0/admin,")
        .expect_requested("/admin", None)
        .refuse("/admin", "not \"you\"", Some(r#"{"code":1}"#))
        .expect_sent(r#"44/admin,{"message":"not \"you\"","data":{"code":1}}"#)
        .message("0/admin,{}")
        .expect_requested("/admin", Some("{}"))
        .refuse("/admin", "no", None)
        .expect_sent(r#"44/admin,{"message":"no"}"#)
        .message("0/admin,")
        .expect_requested("/admin", None)
        .accept("/admin")
        .expect_sent(r#"40/admin,{"sid":"s"}"#);
}

//= SIO5-CON-05
//= SIO5-CON-15
//= SRV-NSP-03
#[test]
fn an_unknown_namespace() {
    opened()
        .message("0/admin?x=1,")
        .expect_requested("/admin?x=1", None)
        .does(|connection, _| connection.refuse_unknown(&namespace("/admin?x=1")))
        .expect_sent(r#"44/admin?x=1,{"message":"Invalid namespace"}"#);
}

//= SIO5-CON-15
//= SIO5-PKT-04
//= SRV-NSP-01
#[test]
fn names() {
    assert_eq!(namespace("admin"), namespace("/admin"));
    assert_eq!(namespace(""), Namespace::root());
    assert_ne!(namespace("/admin?x=1"), namespace("/admin"));
    assert!(Namespace::new("a,b").is_err());
}

#[test]
fn only_who_asks_is_answered() {
    let sid = Sid::from_entropy([1; 15]);
    opened()
        .cannot(EmitError::NotAsking, |connection, _| connection.accept(&Namespace::root(), &sid))
        .message("0")
        .expect_requested("/", None)
        .cannot(EmitError::NotAsking, |connection, _| connection.accept(&namespace("/a"), &sid))
        .accept("/")
        .expect_sent(r#"40{"sid":"s"}"#)
        .cannot(EmitError::NotAsking, |connection, _| connection.accept(&Namespace::root(), &sid))
        .cannot(EmitError::NotAsking, |connection, _| connection.refuse(&Namespace::root(), "late", None));
}

//= SIO5-CON-09
//= SIO5-CON-10
#[test]
fn a_packet_for_a_namespace_that_is_not_joined_closes_the_connection() {
    let reason = violation(Violation::NotJoined);
    for first in [r#"2["a"]"#, "30[]", "1", r#"51-["a"]"#] {
        let script = opened().message(first);
        let script = if first.starts_with('5') { script.attachment(&[1]) } else { script };
        script.expect_close().session_closed(CloseReason::ForcedClose).expect_closed(reason);
    }
    joined(&["/"]).message(r#"2/a,["a"]"#).expect_disconnected("/", reason).expect_close();
    let asking = joined(&["/"]).message("0/a,").expect_requested("/a", None);
    asking.message(r#"2/a,["a"]"#).expect_disconnected("/", reason).expect_close();
    let left = joined(&["/", "/a"]).message("1/a,").expect_disconnected("/a", DisconnectReason::ClientNamespace);
    left.message(r#"2/a,["a"]"#).expect_disconnected("/", reason).expect_close();
}

//= SIO5-CON-11
//= SIO5-CON-22
#[test]
fn asking_twice_closes_the_connection() {
    let reason = violation(Violation::ConnectTwice);
    joined(&["/"]).message("0").expect_disconnected("/", reason).expect_close();
    opened()
        .message("0")
        .expect_requested("/", None)
        .message("0")
        .expect_close()
        .cannot(EmitError::Closed, |connection, _| connection.accept(&Namespace::root(), &Sid::from_entropy([1; 15])));
}

//= SIO5-CON-12
#[test]
fn a_client_cannot_refuse() {
    for (names, text) in [(&[][..], r#"4{"message":"x"}"#), (&["/"][..], "4"), (&["/"][..], r#"4/b,"x""#)] {
        let script = joined(names).message(text);
        let reason = violation(Violation::ConnectError);
        names.iter().fold(script, |script, name| script.expect_disconnected(name, reason)).expect_close();
    }
}

//= SIO5-CON-13
#[test]
fn a_client_has_45_seconds_to_join() {
    let reason = violation(Violation::ConnectTimeout);
    opened()
        .expect_deadline(Some(s(45)))
        .message("0")
        .expect_requested("/", None)
        .at(s(44))
        .expect_nothing()
        .at(s(45))
        .expect_close()
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(reason);
    let refused = opened().message("0").expect_requested("/", None).refuse("/", "no", None);
    refused.expect_sent(r#"44{"message":"no"}"#).expect_deadline(Some(s(45)));
    opened_with(Config::default().with_connect_timeout(seconds(1))).expect_deadline(Some(s(1)));
}

//= SIO5-CON-26
//= SIO5-DIS-03
#[test]
fn the_first_namespace_ends_the_wait_for_good() {
    joined(&["/"])
        .expect_deadline(None)
        .message("1")
        .expect_disconnected("/", DisconnectReason::ClientNamespace)
        .expect_deadline(None)
        .at(s(1_000))
        .message("0")
        .expect_requested("/", None)
        .accept("/")
        .expect_sent(r#"40{"sid":"s"}"#);
}

//= SRV-LIM-01
#[test]
fn namespaces_are_counted_from_the_question_on() {
    let limits = Limits::default().with_max_namespaces(2);
    opened_within(limits)
        .message("0/a,")
        .expect_requested("/a", None)
        .message("0/b,")
        .expect_requested("/b", None)
        .refuse("/a", "no", None)
        .expect_sent(r#"44/a,{"message":"no"}"#)
        .message("0/c,")
        .expect_requested("/c", None)
        .message("0/d,")
        .expect_close()
        .session_closed(CloseReason::ForcedClose)
        .expect_closed(violation(Violation::TooManyNamespaces));
}

//= SRV-MW-02
#[test]
fn what_a_refusal_says() {
    let data = Json::new(Text::from("[1]")).unwrap();
    assert_eq!(Json::refusal("a\nb", None).as_str(), r#"{"message":"a\nb"}"#);
    assert_eq!(Json::refusal("", Some(&data)).as_str(), r#"{"message":"","data":[1]}"#);
}
