//! What waits to be sent, and how much of it may.

use bytes::Bytes;

use super::script::{candidate, config, ms, open, polling, polling_with, probed, s, upgraded, websocket};
use crate::engineio::server::{Carrier, Input, RequestId, WsId};
use crate::engineio::{CloseReason, Encoded, Event, Revision, SendError, Session as _};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::machine::Machine as _;
use crate::text::Text;

//= SRV-LIM-01
#[test]
fn the_handles_of_packets_are_counted() {
    // The program's half has room for two packets of two bytes.
    let limits = Limits::default().with_max_queued_bytes(512);
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
    let limits = Limits::default().with_max_queued_bytes(300);
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
    let limits = Limits::default().with_max_queued_bytes(256);
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
    polling_with(config().with_limits(Limits::default().with_max_queued_bytes(256)))
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
    let full = || polling_with(config().with_limits(Limits::default().with_max_queued_bytes(256))).send(&["a"]);
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

#[test]
fn a_volatile_message_leaves_at_once_or_not_at_all() {
    polling()
        .send_volatile(&[("no GET", false)])
        .get(1)
        .expect_nothing()
        .send_volatile(&[("a", true), ("b", false)])
        .expect_respond(1, 200, "4a")
        .send(&["waits"])
        .send_volatile(&[("c", false)])
        .get(2)
        .expect_respond(2, 200, "4waits");
    websocket()
        .send_volatile(&[("a", true), ("b", false)])
        .expect_send(0, "4a")
        .send_volatile(&[("c", true)])
        .expect_send(0, "4c");
    polling().get(1).send_volatile(&[("a\x1eb", false)]).send_volatile(&[("a", true)]).expect_respond(1, 200, "4a");
}

#[test]
fn during_an_upgrade_the_get_is_what_counts() {
    candidate().send_volatile(&[("a", false)]).get(1).send_volatile(&[("b", true)]).expect_respond(1, 200, "4b");
    probed()
        .send_volatile(&[("a", false)])
        .frame(1, "5")
        .expect_event(&Event::Upgraded)
        .send_volatile(&[("b", true)])
        .expect_send(1, "4b");
}

#[test]
fn the_end_takes_no_volatile_messages() {
    polling()
        .close()
        .send_volatile(&[("a", false)])
        .get(1)
        .expect_respond(1, 200, "6\x1e1")
        .expect_closed(CloseReason::ForcedClose)
        .send_volatile(&[("b", false)]);
    upgraded().ws_closed(1).expect_closed(CloseReason::TransportClose).send_volatile(&[("a", false)]);
}

/// A program whose WebSocket is stuck leaves the outputs where they are, and inputs go on.
#[test]
fn what_was_not_taken_out_is_in_the_way() {
    websocket()
        .without_draining(|session| {
            session.send(&Encoded::text("a")).unwrap();
            session.handle(ms(0), Input::WsFrame { ws: WsId(0), frame: Frame::from("4x") });
            assert!(!session.send_volatile(&Encoded::text("b")));
        })
        .at(ms(0))
        .expect_message("x")
        .expect_send(0, "4a")
        .send_volatile(&[("c", true)])
        .expect_send(0, "4c");
}
