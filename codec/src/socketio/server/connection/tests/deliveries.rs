//! What a hub addressed to the client, and what it missed.

use core::time::Duration;

use super::script::{Script, joined, namespace, opened, opened_by, opened_within, s};
use crate::engineio::Encoded;
use crate::limits::Limits;
use crate::machine::{Machine as _, Output};
use crate::scenario::id;
use crate::socketio::server::hub::{self, Broadcast, Hub, Target, Transmit};
use crate::socketio::{Args, Config, Connection, Dialect, DisconnectReason, EmitError, Namespace};

/// What a hub has for its one member.
fn broadcast(make: impl FnOnce(&mut Hub, Target)) -> Broadcast {
    let mut hub = Hub::new(hub::Config::default());
    hub.add(&Namespace::root(), &id("s"));
    while hub.poll_output().is_some() {}
    make(&mut hub, Target::everyone(&Namespace::root()));
    let Some(Output::Transmit(Transmit::Deliver { broadcast, .. })) = hub.poll_output() else { panic!("nothing") };
    broadcast
}

/// The event `x`.
fn event(flags: impl FnOnce(Target) -> Target) -> Broadcast {
    broadcast(|hub, everyone| {
        hub.broadcast(s(0), &flags(everyone), "x", Args::empty()).unwrap();
    })
}

/// A question that is to be answered within ten seconds.
fn question() -> Broadcast {
    broadcast(|hub, everyone| {
        hub.broadcast_with_ack(s(0), &everyone, "ask", Args::empty(), Duration::from_secs(10)).unwrap();
    })
}

fn ask(script: Script, question: &Broadcast) -> Script {
    script.does(|connection, now| connection.deliver(now, question)).expect_sent(r#"421["ask"]"#)
}

#[test]
fn a_broadcast() {
    let hello = event(|everyone| everyone);
    joined(&["/"])
        .does(|connection, now| connection.deliver(now, &hello))
        .expect_sent(r#"42["x"]"#)
        .disconnect("/")
        .expect_sent("41")
        .expect_disconnected("/", DisconnectReason::ServerNamespace)
        .cannot(EmitError::NotJoined, |connection, now| connection.deliver(now, &hello));
}

//= SRV-ROOM-09
#[test]
fn nothing_is_delivered_to_who_still_waits() {
    let hello = event(|everyone| everyone);
    opened()
        .message("0")
        .expect_requested("/", None)
        .cannot(EmitError::NotJoined, |connection, now| connection.deliver(now, &hello));
}

//= SRV-BC-02
#[test]
fn volatile_packets() {
    let hello = event(Target::volatile);
    let (root, none) = (Namespace::root(), Args::empty());
    joined(&["/"])
        .does(|connection, now| connection.deliver(now, &hello))
        .expect_sent_volatile(r#"42["x"]"#)
        .does(|connection, _| connection.emit_volatile(&root, "y", &none))
        .expect_sent_volatile(r#"42["y"]"#)
        .cannot(EmitError::ReservedName, |connection, _| connection.emit_volatile(&root, "connect", &none))
        .cannot(EmitError::NotJoined, |connection, _| connection.emit_volatile(&namespace("/a"), "y", &none));
}

//= SRV-BC-03
//= SIO5-ACK-06
#[test]
fn a_broadcast_is_answered_once() {
    ask(joined(&["/"]), &question())
        .ask("/", 0)
        .expect_sent(r#"420["ask"]"#)
        //= SIO5-ACK-03
        .message("33[]")
        .expect_nothing()
        .message("31[1]")
        .expect_broadcast_acked("/", 1, "[1]")
        //= SIO5-ACK-04
        .message("31[2]")
        .expect_nothing()
        .message("30[3]")
        .expect_acked("/", 0, "[3]");
}

/// The hub tells who did not answer; the connection only forgets.
//= SRV-BC-04
#[test]
fn an_answer_that_comes_too_late() {
    ask(joined(&["/"]), &question()).at(s(10)).expect_nothing().message("31[1]").expect_nothing().expect_deadline(None);
}

//= SRV-LIM-01
#[test]
fn questions_are_counted_with_the_connections_own() {
    let limits = Limits::default().with_max_pending_acks(1);
    let script = opened_within(limits).message("0").expect_requested("/", None).accept("/");
    ask(script.expect_sent(r#"40{"sid":"s"}"#), &question())
        .cannot(EmitError::TooManyAcks, |connection, now| connection.deliver(now, &question()));
}

//= SIO5-CON-08
//= SIO5-CSR-01
//= SIO5-CSR-05
#[test]
fn who_is_back_gets_what_it_missed_before_the_answer() {
    let missed = [Encoded::text(r#"2["missed",2,"o"]"#), Encoded::text(r#"2["missed3","p"]"#)];
    let root = Namespace::root();
    opened()
        .message(r#"0{"pid":"p","offset":"n"}"#)
        .expect_requested("/", Some(r#"{"pid":"p","offset":"n"}"#))
        .does(|connection, _| connection.accept_recoverable(&root, &id("s"), &id("p"), &missed))
        .expect_sent(r#"42["missed",2,"o"]"#)
        .expect_sent(r#"42["missed3","p"]"#)
        //= SIO5-CSR-02
        .expect_sent(r#"40{"sid":"s","pid":"p"}"#)
        .expect_namespaces(&["/"])
        .cannot(EmitError::NotAsking, |connection, _| connection.accept_recoverable(&root, &id("s"), &id("p"), &missed))
        .expect_deadline(None);
}

//= SIO4-CON-08
#[test]
fn clients_of_protocol_4_are_told_no_id() {
    opened_by(Connection::new(Config::default()).with_dialect(Dialect::Hybrid))
        .expect_requested("/", None)
        .does(|connection, _| connection.accept_recoverable(&Namespace::root(), &id("s"), &id("p"), &[]))
        .expect_sent("40");
}
