//! Connection state recovery, the client's part.

use super::script::{Script, json, opened};
use crate::socketio::client::Auth;

const WELCOME: &str = r#"0{"sid":"x","pid":"p"}"#;

fn recoverable() -> Script {
    opened().connect("/", Auth::None).expect_sent("40").message(WELCOME).expect_connected("/", "x")
}

//= SIO5-CSR-01
//= SIO5-CSR-06
//= SIO5-CSR-07
#[test]
fn what_was_missed_comes_before_the_answer() {
    recoverable()
        .message(r#"2["e",1,"o1"]"#)
        .expect_received("/", "e", r#"1,"o1""#, None)
        .lost(&["/"])
        .reopen(&[r#"40{"pid":"p","offset":"o1"}"#])
        .message(r#"2["missed","o2"]"#)
        .message(WELCOME)
        .expect_recovered("/", "x")
        .expect_received("/", "missed", r#""o2""#, None)
        .lost(&["/"])
        .reopen(&[r#"40{"pid":"p","offset":"o2"}"#])
        .message(WELCOME)
        .expect_recovered("/", "x")
        .lost(&["/"])
        .reopen(&[r#"40{"pid":"p","offset":"o2"}"#]);
}

//= SIO5-CSR-07
#[test]
fn a_server_that_remembers_nothing() {
    recoverable()
        .message(r#"2["e","o1"]"#)
        .expect_received("/", "e", r#""o1""#, None)
        .lost(&["/"])
        .reopen(&[r#"40{"pid":"p","offset":"o1"}"#])
        .message(r#"0{"sid":"y","pid":"q"}"#)
        .expect_connected("/", "y")
        .lost(&["/"])
        .reopen(&[r#"40{"pid":"q"}"#])
        .message(r#"0{"sid":"z"}"#)
        .expect_connected("/", "z")
        .message(r#"2["e","no offset"]"#)
        .expect_received("/", "e", r#""no offset""#, None)
        .lost(&["/"])
        .reopen(&["40"]);
}

/// The reference takes any string at the end of any event.
//= SIO5-CSR-01
#[test]
fn what_is_no_offset() {
    recoverable()
        .message(r#"2["e","o1"]"#)
        .expect_received("/", "e", r#""o1""#, None)
        .message(r#"2["e",7]"#)
        .expect_received("/", "e", "7", None)
        .message(r#"2["o2"]"#)
        .expect_received("/", "o2", "", None)
        // The server keeps none that want an acknowledgement.
        .message(r#"23["e","text"]"#)
        .expect_received("/", "e", r#""text""#, Some(3))
        .lost(&["/"])
        .reopen(&[r#"40{"pid":"p","offset":"o1"}"#]);
}

//= SIO5-CSR-09
#[test]
fn auth_prevails() {
    opened()
        .connect("/", Auth::Fixed(json(r#"{"token":1,"offset":"mine"}"#)))
        .expect_sent(r#"40{"token":1,"offset":"mine"}"#)
        .message(WELCOME)
        .expect_connected("/", "x")
        .message(r#"2["e","o1"]"#)
        .expect_received("/", "e", r#""o1""#, None)
        .lost(&["/"])
        .reopen(&[r#"40{"pid":"p","token":1,"offset":"mine"}"#]);
}

/// The auth goes out as it was given: numbers that no double holds, escapes, and white space.
//= SIO5-CSR-09
//= SIO5-PKT-21
#[test]
fn auth_is_not_rewritten() {
    let auth = r#"{"x":95.25897878681405,"y":1e400,"z":"\ud800", "n":123456789012345678901234567890}"#;
    let asked = alloc::format!("40{auth}");
    let again = asked.replace("40{", r#"40{"pid":"p","#);
    opened()
        .connect("/", Auth::Fixed(json(auth)))
        .expect_sent(&asked)
        .message(WELCOME)
        .expect_connected("/", "x")
        .lost(&["/"])
        .reopen(&[&again]);
}

/// A session that ends while the answer is awaited changes nothing about what to ask for.
//= SIO5-CSR-01
#[test]
fn a_recovery_that_is_lost_in_turn() {
    recoverable()
        .message(r#"2["e","o1"]"#)
        .expect_received("/", "e", r#""o1""#, None)
        .lost(&["/"])
        .reopen(&[r#"40{"pid":"p","offset":"o1"}"#])
        .message(r#"2["missed","o2"]"#)
        .lost(&[])
        .reopen(&[r#"40{"pid":"p","offset":"o1"}"#]);
}
