//! What waits to be sent, and how much of it may.

use bytes::Bytes;

use super::script::{config, open, polling, polling_with, s};
use crate::engineio::server::{Carrier, Input, RequestId, WsId};
use crate::engineio::{Encoded, Event, Revision, SendError};
use crate::limits::Limits;
use crate::text::Text;

//= SRV-LIM-01
#[test]
fn packets_are_counted() {
    let limits = Limits::default().with_max_queued_packets(2);
    polling_with(config().with_limits(limits))
        .send(&["a", "b"])
        .cannot_send(&Encoded::text("c"), SendError::QueueFull)
        .cannot_send(&Encoded::text("d"), SendError::QueueFull)
        .get(1)
        .expect_respond(1, 200, "4a\x1e4b")
        .expect_event(&Event::Writable)
        .send(&["c"]);
}

//= SRV-LIM-01
#[test]
fn bytes_are_counted() {
    let limits = Limits::default().with_max_queued_bytes(3);
    polling_with(config().with_limits(limits))
        .send(&["a"])
        .send(&["many more than three"])
        .cannot_send(&Encoded::text("b"), SendError::QueueFull)
        .get(1)
        .expect_respond(1, 200, "4a\x1e4many more than three")
        .expect_event(&Event::Writable);
}

//= SIO5-ATT-04
//= SRV-LIM-01
#[test]
fn a_group_is_taken_whole_or_not_at_all() {
    let group = Encoded::packet(Text::from("451-[]"), &[Bytes::from_static(&[1])]);
    let limits = Limits::default().with_max_queued_packets(2);
    polling_with(config().with_limits(limits.clone()))
        .send(&["a"])
        .cannot_send(&group, SendError::QueueFull)
        .get(1)
        .expect_respond(1, 200, "4a")
        .expect_event(&Event::Writable);
    let mut script = open(config().with_limits(limits), Carrier::WebSocket(WsId(0)));
    let _ = script.rest();
    script.send_group(&group).expect_send(0, "451-[]").expect_send_binary(0, &[1]);
}

/// Refused, it could never be sent: there is always room again at once.
#[test]
fn a_group_above_the_limit_is_taken_when_nothing_waits() {
    let group = Encoded::packet(Text::from("451-[]"), &[Bytes::from_static(&[1])]);
    polling_with(config().with_limits(Limits::default().with_max_queued_packets(1)))
        .send_group(&group)
        .cannot_send(&Encoded::text("a"), SendError::QueueFull)
        .get(1)
        .expect_respond(1, 200, "451-[]\x1ebAQ==")
        .expect_event(&Event::Writable);
}

/// L7: the second GET finds the first one answered, whenever the program takes the answer out.
#[test]
fn inputs_that_are_fed_back_to_back() {
    let poll = |id| Input::Poll { id: RequestId(id), revision: Some(Revision::V4) };
    let aborted = |id| Input::Aborted { id: RequestId(id) };
    polling()
        .send(&["a"])
        .together([poll(1), poll(2)])
        .expect_respond(1, 200, "4a")
        .send(&["b"])
        .expect_respond(2, 200, "4b");
    polling().send(&["a"]).together([poll(1), aborted(1)]).expect_respond(1, 200, "4a");
    let full = || polling_with(config().with_limits(Limits::default().with_max_queued_packets(1))).send(&["a"]);
    full()
        .cannot_send(&Encoded::text("b"), SendError::QueueFull)
        .feed(poll(1))
        .at(s(25))
        .expect_respond(1, 200, "4a")
        .expect_event(&Event::Writable)
        .get(2)
        .expect_respond(2, 200, "2");
    full()
        .cannot_send(&Encoded::text("b"), SendError::QueueFull)
        .post(1)
        .together([poll(2), Input::Body { id: RequestId(1), body: "4x".into() }])
        .expect_respond(2, 200, "4a")
        .expect_event(&Event::Writable)
        .expect_message("x")
        .expect_respond(1, 200, "ok");
}
