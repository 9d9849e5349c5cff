//! Broadcasts that are to be answered.

use alloc::format;
use core::time::Duration;

use super::script::{hub, hub_with, root, s, with_members};
use crate::engineio::CloseReason;
use crate::limits::Limits;
use crate::socketio::server::hub::{Config, Recovery};
use crate::socketio::{Args, DisconnectReason, EmitError};

const ASKED: [&str; 2] = [r#"ann< 421["ask"]"#, r#"bob< 421["ask"]"#];

//= SRV-BC-03
//= SRV-BC-04
#[test]
fn it_is_complete_when_all_have_answered() {
    with_members(&["ann", "bob"])
        .ask(&root(), 1, 2)
        .expect(&ASKED)
        .expect_deadline(Some(s(10)))
        .answer("bob", 1, "[2,3]")
        .expect_nothing()
        .answer("ann", 1, "[]")
        .expect(&["1: ann=[] bob=[2,3]"])
        .expect_deadline(None)
        .at(s(10))
        .expect_nothing()
        .ask(&root().to("bob"), 3, 1)
        .expect(&[r#"bob< 423["ask"]"#])
        .answer("bob", 3, "[]")
        .expect(&["3: bob=[]"]);
}

//= SRV-BC-04
//= SIO5-ACK-03
//= SIO5-ACK-04
#[test]
fn what_nobody_asked_is_ignored() {
    with_members(&["ann", "bob", "cid"])
        .ask(&root().except("cid"), 1, 2)
        .expect(&ASKED)
        .answer("cid", 1, "[0]")
        .answer("ann", 3, "[0]")
        .answer("ann", 1, "[1]")
        .answer("ann", 1, "[2]")
        .expect_nothing()
        .at(s(10))
        .expect(&["1: ann=[1] -bob"])
        .answer("bob", 1, "[3]")
        .expect_nothing();
}

//= SRV-BC-04
//= SRV-BC-05
#[test]
fn the_time_is_over() {
    with_members(&["ann", "bob"])
        .ask(&root(), 1, 2)
        .expect(&ASKED)
        .at(s(4))
        .ask(&root().to("ann"), 3, 1)
        .expect(&[r#"ann< 423["ask"]"#])
        .answer("bob", 1, "[]")
        .expect_deadline(Some(s(10)))
        .at(s(10))
        .expect(&["1: bob=[] -ann"])
        .expect_deadline(Some(s(14)))
        .at(s(14))
        .expect(&["3: -ann"])
        .expect_deadline(None);
}

#[test]
fn nobody_waits_for_who_has_left() {
    with_members(&["ann", "bob"])
        .ask(&root(), 1, 2)
        .expect(&ASKED)
        .answer("ann", 1, "[1]")
        .remove("bob")
        .expect(&["/#bob-bob", "-/#bob", "1: ann=[1] -bob"])
        .expect_deadline(None);
}

/// Of those who leave, only the one that is watched makes a broadcast look further.
#[test]
fn in_whatever_order_they_leave_and_answer() {
    with_members(&["ann", "bob", "cid", "dan", "eve"])
        .ask(&root(), 1, 5)
        .whatever()
        .ask(&root().to("cid").to("dan"), 3, 2)
        .whatever()
        .remove("cid")
        .expect(&["/#cid-cid", "-/#cid"])
        .answer("bob", 1, "[2]")
        .answer("eve", 1, "[5]")
        .expect_nothing()
        .remove("ann")
        .expect(&["/#ann-ann", "-/#ann"])
        .remove("bob")
        .expect(&["/#bob-bob", "-/#bob"])
        .remove("dan")
        .expect(&["/#dan-dan", "-/#dan", "1: bob=[2] eve=[5] -ann -cid -dan", "3: -cid -dan"])
        .expect_deadline(None);
}

/// Its new connection knows nothing of the question.
#[test]
fn who_has_left_is_not_waited_for_when_it_is_back() {
    let mut back = None;
    hub_with(Config::default().with_recovery(Recovery::new([0; 6])))
        .add_recoverable("/", "ann")
        .whatever()
        .add_recoverable("/", "bob")
        .whatever()
        .says(&root(), "seen", "[]")
        .whatever()
        .ask(&root(), 1, 2)
        .whatever()
        .lose("bob", DisconnectReason::Engine(CloseReason::TransportClose))
        .whatever()
        .recover("/", r#"{"pid":"bob-pid","offset":"AAAAAAAA.0"}"#, &mut back)
        .whatever()
        .ask(&root(), 3, 2)
        .whatever()
        .answer("bob", 1, "[0]")
        .expect_nothing()
        .answer("ann", 1, "[1]")
        .expect(&["1: ann=[1] -bob"])
        .answer("ann", 3, "[2]")
        .expect_nothing()
        .answer("bob", 3, "[3]")
        .expect(&["3: ann=[2] bob=[3]"]);
    assert!(back.is_some());
}

/// 192 bytes for each receiver, in which 32 have room.
//= SRV-LIM-01
#[test]
fn answers_are_counted() {
    let (short, long) = (format!(r#"["{}"]"#, "s".repeat(28)), format!(r#"["{}"]"#, "l".repeat(128)));
    hub_with(Config::default().with_max_answer_bytes(2 * 192 + 100))
        .add("/", "ann")
        .whatever()
        .add("/", "bob")
        .whatever()
        .ask(&root(), 1, 2)
        .whatever()
        .cannot(EmitError::TooManyAcks, |hub, now| {
            hub.broadcast_with_ack(now, &root().to("ann"), "ask", Args::empty(), Duration::from_secs(1)).map(|_| ())
        })
        .answer("ann", 1, &long)
        .answer("bob", 1, &short)
        .expect(&[&format!("1: ann={long} bob={short}")])
        .ask(&root(), 3, 2)
        .whatever()
        .answer("ann", 3, &long.replace("ll", "lll"))
        .answer("bob", 3, "[]")
        .expect(&["3: bob=[] -ann"]);
}

//= SRV-BC-06
#[test]
fn without_receivers_it_is_complete_at_once() {
    hub().ask(&root(), 1, 0).expect(&["1:"]).expect_deadline(None);
    with_members(&["ann"]).ask(&root().to("nowhere"), 1, 0).expect(&["1:"]);
}

//= SRV-LIM-01
#[test]
fn broadcasts_that_wait_are_counted() {
    hub_with(Config::default().with_limits(Limits::default().with_max_pending_acks(1)))
        .add("/", "ann")
        .whatever()
        .ask(&root(), 1, 1)
        .expect(&[r#"ann< 421["ask"]"#])
        .cannot(EmitError::TooManyAcks, |hub, now| {
            hub.broadcast_with_ack(now, &root(), "ask", Args::empty(), Duration::from_secs(1)).map(|_| ())
        })
        .answer("ann", 1, "[]")
        .expect(&["1: ann=[]"])
        .ask(&root(), 3, 1)
        .expect(&[r#"ann< 423["ask"]"#])
        .remove("ann")
        .whatever();
}
