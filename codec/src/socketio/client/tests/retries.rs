//! Events that are sent until they are acknowledged.

use alloc::format;
use alloc::vec::Vec;
use core::iter;

use super::script::{LOST, Script, joined_with, joined_within, namespace, s, seconds, waiting_with};
use crate::engineio::CloseReason;
use crate::frame::Frame;
use crate::limits::Limits;
use crate::machine::{Machine as _, Output};
use crate::socketio::client::{Auth, Config, Retries};
use crate::socketio::{Args, DisconnectReason, EmitError, Transmit};

fn config() -> Config {
    Config::default().with_retries(Retries { times: 2, timeout: seconds(10) })
}

fn joined() -> Script {
    joined_with(config(), &["/"])
}

//= SIO5-CLI-08
#[test]
fn one_at_a_time_each_with_new_ids() {
    joined()
        .ask_within(None, "/", "one", 0)
        .expect_sent(r#"420["one"]"#)
        .emit("/", "two", "[]")
        .ask_within(None, "/", "three", 1)
        .expect_nothing()
        .expect_deadline(Some(s(10)))
        .at(s(10))
        .expect_sent(r#"421["one"]"#)
        .message("30[]")
        .expect_nothing()
        .message(r#"31["ok"]"#)
        .expect_acked("/", 0, r#"["ok"]"#)
        .expect_sent(r#"422["two"]"#)
        .message("32[]")
        .expect_sent(r#"423["three"]"#)
        .message("33[]")
        .expect_acked("/", 1, "[]")
        .expect_deadline(None);
}

//= SIO5-CLI-08
#[test]
fn after_the_last_try_it_is_discarded() {
    joined()
        .ask_within(None, "/", "one", 0)
        .expect_sent(r#"420["one"]"#)
        .emit("/", "two", "[]")
        .at(s(10))
        .expect_sent(r#"421["one"]"#)
        .at(s(20))
        .expect_sent(r#"422["one"]"#)
        .at(s(30))
        .expect_timed_out("/", 0)
        .expect_sent(r#"423["two"]"#)
        .message("32[]")
        .expect_nothing();
}

/// Nothing is taken out for an hour, because the program cannot write. What waits is bounded, and leaves in its order.
//= SIO5-CLI-08
#[test]
fn tries_wait_while_the_program_cannot_write() {
    let mut script = joined_within(config(), Limits::default().with_max_buffered_bytes(500), &["/"]);
    let refused = (0..360).filter(|time| {
        script.machine.handle_timeout(s(time * 10));
        script.machine.emit(&namespace("/"), &format!("at-{time}"), Args::empty()).is_err()
    });
    assert_eq!(refused.count(), 355);
    let sent = iter::from_fn(|| script.machine.poll_output()).map(|output| match output {
        Output::Transmit(Transmit::Send(messages)) => messages.frames().next(),
        other => panic!("{other:?}"),
    });
    let expected = [r#"420["at-0"]"#, r#"421["at-0"]"#, r#"422["at-0"]"#, r#"423["at-1"]"#, r#"424["at-1"]"#];
    assert_eq!(sent.collect::<Vec<_>>(), expected.map(|text| Some(Frame::from(text))));
}

/// What the server says does not matter, only that it does.
//= SIO5-CLI-09
#[test]
fn any_acknowledgement_is_a_success() {
    joined()
        .ask_within(None, "/", "one", 0)
        .expect_sent(r#"420["one"]"#)
        .message(r#"30[{"error":"no"}]"#)
        .expect_acked("/", 0, r#"[{"error":"no"}]"#)
        .expect_deadline(None);
}

//= SIO5-ACK-05
//= SIO5-CLI-08
#[test]
fn a_reconnection_sends_the_first_one_again() {
    joined()
        .ask_within(None, "/", "one", 0)
        .expect_sent(r#"420["one"]"#)
        .emit("/", "two", "[]")
        .lost(&["/"])
        .expect_deadline(None)
        .reopen(&["40"])
        .message(r#"0{"sid":"y"}"#)
        .expect_connected("/", "y")
        .expect_sent(r#"421["one"]"#)
        .message("31[]")
        .expect_acked("/", 0, "[]")
        .expect_sent(r#"422["two"]"#);
}

/// A loss is a try that failed.
//= SIO5-ACK-10
//= SIO5-CLI-08
#[test]
fn losses_count() {
    let script = joined().ask_within(None, "/", "one", 0).expect_sent(r#"420["one"]"#);
    let sent_again = ["421", "422"].into_iter().fold(script, |script, id| {
        script
            .lost(&["/"])
            .reopen(&["40"])
            .message(r#"0{"sid":"y"}"#)
            .expect_connected("/", "y")
            .expect_sent(&format!(r#"{id}["one"]"#))
    });
    sent_again
        .session_closed(CloseReason::TransportClose)
        .expect_disconnected("/", LOST)
        .expect_ack_lost("/", 0)
        .expect_closed(LOST)
        .reopen(&["40"])
        .message(r#"0{"sid":"z"}"#)
        .expect_connected("/", "z");
}

//= SIO5-CLI-08
#[test]
fn what_waits_for_the_answer_waits_in_the_queue() {
    waiting_with(config())
        .connect("/", Auth::None)
        .emit("/", "one", "[]")
        .ask_within(Some(seconds(1)), "/", "two", 0)
        .expect_deadline(None)
        .open()
        .expect_sent("40")
        .message(r#"0{"sid":"x"}"#)
        .expect_connected("/", "x")
        .expect_sent(r#"420["one"]"#)
        .message("30[]")
        .expect_sent(r#"421["two"]"#)
        .expect_deadline(Some(s(1)))
        .emit_volatile("/", "now")
        .expect_sent_volatile(r#"42["now"]"#);
}

//= SIO5-ACK-10
#[test]
fn who_leaves_discards_all() {
    joined()
        .ask_within(None, "/", "one", 0)
        .expect_sent(r#"420["one"]"#)
        .emit("/", "two", "[]")
        .ask_within(None, "/", "three", 1)
        .disconnect("/")
        .expect_sent("41")
        .expect_disconnected("/", DisconnectReason::ClientNamespace)
        .expect_ack_lost("/", 0)
        .expect_ack_lost("/", 1)
        .expect_close()
        .expect_deadline(None);
}

/// What became of the first event may not be taken out yet.
#[test]
fn who_comes_back_counts_on() {
    joined()
        .ask_within(None, "/", "one", 0)
        .expect_sent(r#"420["one"]"#)
        .connect("/other", Auth::None)
        .expect_sent("40/other,")
        .disconnect("/")
        .expect_sent("41")
        .expect_disconnected("/", DisconnectReason::ClientNamespace)
        .expect_ack_lost("/", 0)
        .connect("/", Auth::None)
        .expect_sent("40")
        .ask_within(None, "/", "two", 1);
}

//= SRV-LIM-01
#[test]
fn the_queue_is_counted() {
    let limits = Limits::default().with_max_buffered_bytes(256);
    joined_within(config(), limits, &["/"])
        .emit("/", "one", "[]")
        .expect_sent(r#"420["one"]"#)
        .emit("/", "two", "[]")
        .cannot(EmitError::BufferFull, |connection, _| connection.emit(&namespace("/"), "x", Args::empty()))
        .message("30[]")
        .expect_sent(r#"421["two"]"#)
        .emit("/", "three", "[]");
}
