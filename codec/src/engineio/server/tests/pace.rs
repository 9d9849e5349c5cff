//! How fast a session goes, and what becomes of clients that do not read.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::script::{Script, candidate, config, ms, open, polling_with, probed, s, websocket, websocket_as};
use crate::engineio::server::{Carrier, Config, Input, RequestId, ServerSession, Transmit, WsId};
use crate::engineio::{CloseReason, Encoded, Event, PacketErrorKind, Session as _, Violation};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::machine::{Machine as _, Output};

/// Room for a handful of packets; incoming messages are handed on while six wait.
fn small() -> Config {
    config().with_limits(Limits::default().with_max_payload(10_000).with_max_queued_bytes(1_024))
}

fn frame(text: &str) -> Input {
    Input::WsFrame { ws: WsId(0), frame: Frame::Text(String::from(text).into()) }
}

/// Takes everything out of a server that sends every message back: how many came, and what was answered.
fn echo(session: &mut ServerSession) -> (usize, Vec<(u64, String)>) {
    let (mut heard, mut answers) = (0, Vec::new());
    while let Some(output) = session.poll_output() {
        match output {
            Output::Event(Event::Message(message)) => {
                heard += 1;
                session.send(&Encoded::from(message)).expect("room for a direct reaction");
            }
            Output::Transmit(Transmit::Respond { id, response }) => {
                answers.push((id.0, String::from_utf8(response.body.to_vec()).unwrap()));
            }
            _ => {}
        }
    }
    (heard, answers)
}

/// L11, L12: each GET makes room for as much as it takes away, and the POST is answered when its last packet was handed on.
//= EIO4-POST-02
//= SRV-LIM-01
#[test]
fn a_post_that_causes_more_than_there_is_room_for() {
    let mut script = polling_with(small()).post(1);
    let session = &mut script.machine;
    let body: Vec<_> = (0..100).map(|number| format!("4{number}")).collect();
    session.handle(s(0), Input::Body { id: RequestId(1), body: body.join("\x1e").into() });
    let (mut heard, answers) = echo(session);
    assert!((5..20).contains(&heard) && answers.is_empty(), "{heard}: {answers:?}");
    assert!(!session.wants_input());
    let (mut read, mut id) = (Vec::new(), 1);
    while heard < 100 {
        id += 1;
        let revision = Some(session.revision());
        session.handle(s(0), Input::Poll { id: RequestId(id), revision });
        let (more, answers) = echo(session);
        heard += more;
        for (answered, text) in answers {
            match answered {
                1 => assert_eq!((text.as_str(), heard), ("ok", 100)),
                _ => read.extend(text.split('\x1e').map(String::from)),
            }
        }
    }
    session.handle(s(0), Input::Poll { id: RequestId(id + 1), revision: Some(session.revision()) });
    read.extend(
        echo(session).1.into_iter().flat_map(|(_, text)| text.split('\x1e').map(String::from).collect::<Vec<_>>()),
    );
    assert_eq!(read, body);
    assert!(session.wants_input());
}

/// The limits by default, and a body of 6,000 messages, sent back.
#[test]
fn a_large_body_with_the_limits_by_default() {
    let mut script = polling_with(Config::default()).post(1);
    let session = &mut script.machine;
    let body: Vec<_> = (0..6_000).map(|number| format!("4{number}")).collect();
    session.handle(s(0), Input::Body { id: RequestId(1), body: body.join("\x1e").into() });
    assert_eq!(echo(session), (6_000, [(1, String::from("ok"))].into()));
    session.handle(s(0), Input::Poll { id: RequestId(2), revision: Some(session.revision()) });
    assert_eq!(echo(session).1, [(2, body.join("\x1e"))]);
}

/// Sends `count` messages and lets the application answer none of them.
fn full(count: usize) -> Script {
    let mut script = polling_with(small());
    for _ in 0..count {
        script = script.send(&["filler"]);
    }
    script
}

/// A pong, a close packet and a fault have their effect in their place.
//= EIO4-CL-01
//= EIO4-POST-05
#[test]
fn what_is_behind_a_message_waits_with_it() {
    // The program's half is full; one direct reaction more, and nothing is handed on.
    let held = |body: &'static str| {
        full(4).post(1).without_draining(move |session| {
            session.handle(s(0), Input::Body { id: RequestId(1), body: "4a\x1e4b".into() });
            for _ in 0..2 {
                let Some(Output::Event(Event::Message(_))) = session.poll_output() else { panic!("no message") };
                session.send(&Encoded::text("reaction")).unwrap();
            }
            assert!(matches!(session.poll_output(), Some(Output::Transmit(Transmit::Respond { .. }))));
            assert_eq!(session.poll_output(), None);
            session.handle(
                s(0),
                Input::Post {
                    id: RequestId(2),
                    revision: Some(session.revision()),
                    format: crate::engineio::BodyFormat::Text,
                },
            );
            session.handle(s(0), Input::Body { id: RequestId(2), body: body.into() });
            assert_eq!(session.poll_output(), None, "it is full");
        })
    };
    let all = "4filler\x1e4filler\x1e4filler\x1e4filler\x1e4reaction\x1e4reaction";
    held("4c\x1e1\x1e4d")
        .get(3)
        .expect_respond(3, 200, all)
        .expect_message("c")
        .expect_respond(2, 200, "ok")
        .expect_closed(CloseReason::TransportClose);
    held("4c\x1ezz")
        .get(3)
        .expect_respond(3, 200, all)
        .expect_message("c")
        .expect_respond(2, 400, "")
        .expect_closed(CloseReason::ParseError(PacketErrorKind::UnknownType));
    // Nothing left for a whole ping timeout.
    held("4c").at(s(20)).expect_message("c").expect_respond(2, 200, "ok").expect_closed(CloseReason::PingTimeout);
    held("4c")
        .at(s(10))
        .get(3)
        .expect_respond(3, 200, all)
        .expect_message("c")
        .expect_respond(2, 200, "ok")
        .at(s(25))
        .get(4)
        .expect_respond(4, 200, "2");
}

/// L12: who reads is waited for, who does not read anything for a ping timeout is gone.
//= EIO4-HB-04
#[test]
fn a_websocket_that_is_not_read() {
    let held = || {
        let mut script = open(small(), Carrier::WebSocket(WsId(0)));
        let _ = script.rest();
        script.without_draining(|session| {
            session.handle(s(0), Input::WsFull { ws: WsId(0) });
            let mut heard = 0;
            while session.wants_input() {
                session.handle(s(0), frame("4ask"));
                heard += echo(session).0;
            }
            assert!((5..20).contains(&heard), "{heard}");
            assert_eq!(session.next_deadline(), Some(s(20)));
        })
    };
    held().at(s(20)).expect_ws_close(0).expect_closed(CloseReason::TransportError(Violation::SlowReader));
    // One message leaves every 19 seconds, and the session lives for as long as there are any.
    let mut script = held();
    let session = &mut script.machine;
    let mut left = 0;
    for round in 1.. {
        let now = s(round * 19);
        session.handle(now, Input::WsWritable { ws: WsId(0) });
        let output = session.poll_output();
        assert!(!matches!(output, Some(Output::Event(Event::Closed(_)))), "after {left}");
        if output.is_none() || session.wants_input() && left > 3 {
            break;
        }
        left += 1;
        session.handle(now, Input::WsFull { ws: WsId(0) });
    }
    assert!(left > 3, "{left}");
}

/// A ping that could not leave is not unanswered, and a pong may be where nobody listens.
//= EIO4-HB-04
#[test]
fn silence_while_nobody_listens() {
    let mut script = open(small(), Carrier::WebSocket(WsId(0)));
    let _ = script.rest();
    let session = &mut script.machine;
    session.handle_timeout(s(25));
    assert!(matches!(session.poll_output(), Some(Output::Transmit(Transmit::WsSend { .. }))), "the ping");
    // The pong is behind more than there is room for.
    session.handle(s(26), Input::WsFull { ws: WsId(0) });
    while session.wants_input() {
        session.handle(s(26), frame("4ask"));
        echo(session);
    }
    for text in ["4the last", "3"] {
        session.handle(s(26), frame(text));
    }
    // Something leaves from time to time, each time one message.
    let (mut now, mut heard) = (26, 0);
    while !session.wants_input() {
        now += 15;
        session.handle(s(now), Input::WsWritable { ws: WsId(0) });
        match session.poll_output() {
            Some(Output::Transmit(_)) => {}
            Some(Output::Event(Event::Message(_))) => heard += 1,
            other => panic!("{other:?} at {now}"),
        }
        session.handle(s(now), Input::WsFull { ws: WsId(0) });
    }
    assert_eq!((heard, session.next_deadline()), (1, Some(s(now + 25))), "the pong was heard");
}

/// What is handed in although nothing is wanted stays in its order, up to a payload.
#[test]
fn messages_that_are_not_wanted() {
    let mut script = websocket();
    let session = &mut script.machine;
    let mut fed = 0;
    while session.transport().is_some() && fed < 100 {
        session.handle(ms(0), frame(&format!("4{fed}")));
        fed += 1;
    }
    let mut told = Vec::new();
    let mut end = None;
    while let Some(output) = session.poll_output() {
        match output {
            Output::Event(Event::Message(Frame::Text(text))) => told.push(String::from(text.as_str())),
            Output::Event(Event::Closed(reason)) => end = Some(reason),
            _ => {}
        }
    }
    assert_eq!(end, Some(CloseReason::TransportError(Violation::Overrun)));
    assert!(told.len() > 3 && told.iter().enumerate().all(|(at, text)| *text == format!("{at}")), "{told:?}");
}

/// A program goes on listening while it cannot write.
#[test]
fn a_writer_that_is_full() {
    let session = websocket()
        .input(Input::WsFull { ws: WsId(0) })
        .send(&["a"])
        .send_volatile(&[("never", false)])
        .expect_nothing()
        .frame(0, "4x")
        .expect_message("x")
        .input(Input::WsFull { ws: WsId(7) })
        .input(Input::WsWritable { ws: WsId(0) })
        .expect_send(0, "4a");
    // Also before the end, which waits for a while.
    session
        .input(Input::WsFull { ws: WsId(0) })
        .send(&["last"])
        .close()
        .expect_nothing()
        .expect_deadline(Some(s(25)))
        .input(Input::WsWritable { ws: WsId(0) })
        .expect_send(0, "4last")
        .expect_ws_close(0)
        .expect_closed(CloseReason::ForcedClose);
    websocket()
        .input(Input::WsFull { ws: WsId(0) })
        .send(&["lost"])
        .close()
        .at(s(30))
        .expect_ws_close(0)
        .expect_closed(CloseReason::ForcedClose);
}

/// Also when the session closes, nothing is sent for which there is no room.
#[test]
fn a_writer_that_is_full_at_the_end() {
    let ws = WsId(0);
    let mut script = websocket();
    let session = &mut script.machine;
    session.send(&Encoded::text("a")).unwrap();
    session.send(&Encoded::text("b")).unwrap();
    session.close(s(0));
    let send = |text: &'static str| Some(Output::Transmit(Transmit::WsSend { ws, frame: Frame::from(text) }));
    assert_eq!(session.poll_output(), send("4a"));
    session.handle(s(0), Input::WsFull { ws });
    assert_eq!(session.poll_output(), None);
    // The client expects its heartbeat for as long as there is something to read. Nothing waits without end.
    assert_eq!(session.next_deadline(), Some(s(25)));
    session.handle_timeout(s(25));
    session.handle(s(26), Input::WsWritable { ws });
    assert_eq!(session.poll_output(), send("2"));
    assert_eq!(session.next_deadline(), Some(s(30)));
    assert_eq!(session.poll_output(), send("4b"));
    session.handle(s(1), Input::WsFull { ws });
    assert_eq!(session.poll_output(), Some(Output::Transmit(Transmit::WsClose { ws })));
    assert_eq!(session.poll_output(), Some(Output::Event(Event::Closed(CloseReason::ForcedClose))));
}

/// In revision 3 the client pings, also while it has not read the end.
//= EIO3-HB-02
#[test]
fn a_ping_before_the_end_is_read() {
    websocket_as("EIO=3&transport=websocket")
        .input(Input::WsFull { ws: WsId(0) })
        .send(&["last"])
        .close()
        .frame(0, "2x")
        .expect_nothing()
        .input(Input::WsWritable { ws: WsId(0) })
        .expect_send(0, "3x")
        .expect_send(0, "4last")
        .expect_ws_close(0)
        .expect_closed(CloseReason::ForcedClose);
}

/// A candidate that has no room is asked for nothing, and is still full after the upgrade.
//= EIO4-UP-22
#[test]
fn a_candidate_that_is_full() {
    let (full, writable) = (Input::WsFull { ws: WsId(1) }, Input::WsWritable { ws: WsId(1) });
    // One answer for all probes that came in the meantime.
    candidate()
        .input(full.clone())
        .frame(1, "2probe")
        .frame(1, "2probe")
        .expect_nothing()
        .input(writable.clone())
        .expect_send(1, "3probe")
        .expect_nothing();
    let upgraded = probed().input(full).frame(1, "5").expect_event(&Event::Upgraded);
    upgraded.send(&["a"]).expect_nothing().input(writable).expect_send(1, "4a");
}

/// What arrived before its carrier was lost is handed on before the end is told.
#[test]
fn a_carrier_that_is_lost() {
    websocket()
        .together([frame("4a"), frame("4b"), frame("4c"), Input::WsClosed { ws: WsId(0) }])
        .expect_message("a")
        .expect_message("b")
        .expect_message("c")
        .expect_closed(CloseReason::TransportClose);
}

/// A pong may be behind much else, which shows that the client is there.
//= EIO4-HB-14
#[test]
fn messages_before_the_pong() {
    let script = websocket().at(s(25)).expect_send(0, "2").later(s(44)).frame(0, "4a").expect_message("a");
    script
        .expect_deadline(Some(s(64)))
        .later(s(63))
        .frame(0, "3")
        .expect_deadline(Some(s(88)))
        .later(s(70))
        .frame(0, "4b")
        .expect_message("b")
        .expect_deadline(Some(s(88)));
}

/// A beat goes before what waits: a slow line is no lost one.
//= EIO4-HB-01
//= EIO3-HB-02
#[test]
fn heartbeats_go_before_messages() {
    websocket()
        .input(Input::WsFull { ws: WsId(0) })
        .send(&["a", "b"])
        .at(s(25))
        .input(Input::WsWritable { ws: WsId(0) })
        .expect_send(0, "2")
        .expect_send(0, "4a")
        .expect_send(0, "4b");
    websocket_as("EIO=3&transport=websocket")
        .input(Input::WsFull { ws: WsId(0) })
        .send(&["a"])
        .frame(0, "2x")
        .frame(0, "2y")
        .input(Input::WsWritable { ws: WsId(0) })
        .expect_send(0, "3x")
        .expect_send(0, "3y")
        .expect_send(0, "4a");
}
