//! How fast a session goes, and what becomes of servers that do not read.

use super::script::{only_polling, only_websocket, polling_with, response, s, websocket_with};
use crate::engineio::client::{Config, Input, Transmit};
use crate::engineio::{CloseReason, Encoded, Event, Session as _, Violation, WsId};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::machine::{Machine as _, Output};

/// Room for a handful of packets; incoming messages are handed on while six wait.
fn small(config: Config) -> Config {
    config.with_limits(Limits::default().with_max_queued_bytes(1_024))
}

/// L11, L12: the next GET is sent when all that the last one brought was handed on, which waits until the server takes
/// what it led to.
//= EIO4-GET-05
#[test]
fn an_answer_that_causes_more_than_there_is_room_for() {
    let mut script = polling_with(small(only_polling()));
    let session = &mut script.machine;
    let body = ["4ask"; 20].join("\u{1e}");
    session.handle(s(1), response(2, 200, &body));
    let (mut heard, mut post, mut polled) = (0, None, false);
    for _ in 0..100 {
        while let Some(output) = session.poll_output() {
            match output {
                Output::Event(Event::Message(_)) => {
                    heard += 1;
                    session.send(&Encoded::text("answer")).expect("room for a direct reaction");
                }
                Output::Transmit(Transmit::Request { id, body: Some(_), .. }) => post = Some(id.0),
                Output::Transmit(_) => {
                    assert_eq!(heard, 20, "it polls before it has told everything");
                    polled = true;
                }
                Output::Event(_) => {}
            }
        }
        if let Some(id) = post.take() {
            assert!(heard > 3 && (heard == 20 || !session.wants_input()), "{heard}");
            session.handle(s(1), response(id, 200, "ok"));
        }
    }
    assert!(polled);
}

/// A server that takes nothing for a whole ping timeout, while more is to be sent than there is room for, is gone.
//= EIO4-HB-05
#[test]
fn a_server_that_does_not_read() {
    let mut script = websocket_with(small(only_websocket()));
    let ws = WsId(1);
    let session = &mut script.machine;
    session.handle(s(1), Input::WsFull { ws });
    while session.wants_input() {
        session.handle(s(1), Input::WsFrame { ws, frame: Frame::from("4ask") });
        while let Some(output) = session.poll_output() {
            assert_eq!(output, Output::Event(Event::Message(Frame::from("ask"))));
            session.send(&Encoded::text("answer")).unwrap();
        }
    }
    assert_eq!(session.next_deadline(), Some(s(1 + 20)));
    let reason = CloseReason::TransportError(Violation::SlowReader);
    script.at(s(1 + 20)).expect_ws_close(1).expect_closed(reason);
}

/// A server is waited for anew after a time when it was not listened to. L7: none has passed if the queue was full only
/// until the outputs were taken.
//= EIO4-HB-05
#[test]
fn silence_while_nobody_listens() {
    let ws = WsId(1);
    let mut script = websocket_with(small(only_websocket()));
    let session = &mut script.machine;
    let mut deaf_between = |since, until| {
        session.handle(since, Input::WsFull { ws });
        while session.wants_input() {
            session.handle(since, Input::WsFrame { ws, frame: Frame::from("4ask") });
            assert_eq!(session.poll_output(), Some(Output::Event(Event::Message(Frame::from("ask")))));
            session.send(&Encoded::text("answer")).unwrap();
        }
        session.handle(until, Input::WsWritable { ws });
        while session.poll_output().is_some() {}
        assert!(session.wants_input());
        session.next_deadline()
    };
    assert_eq!(deaf_between(s(1), s(1)), Some(s(45)));
    assert_eq!(deaf_between(s(1), s(3)), Some(s(3 + 45)));
}

/// What arrived before its carrier was lost is handed on before the end is told.
#[test]
fn a_carrier_that_is_lost() {
    let ws = WsId(1);
    let frame = |text: &'static str| Input::WsFrame { ws, frame: Frame::from(text) };
    websocket_with(only_websocket())
        .together([frame("4a"), frame("4b"), frame("4c"), Input::WsClosed { ws }])
        .expect_message("a")
        .expect_message("b")
        .expect_message("c")
        .expect_closed(CloseReason::TransportClose);
}

/// A client that leaves shows that it is there until it has said everything.
//= EIO4-CL-06
//= EIO4-HB-02
#[test]
fn who_leaves_still_answers_pings() {
    websocket_with(only_websocket())
        .input(Input::WsFull { ws: WsId(1) })
        .send(&["last words"])
        .close()
        .frame(1, "2")
        .frame(1, "4late")
        .expect_nothing()
        .input(Input::WsWritable { ws: WsId(1) })
        .expect_send(1, "3")
        .expect_send(1, "4last words")
        .expect_ws_close(1)
        .expect_closed(CloseReason::ForcedClose);
    polling_with(only_polling())
        .send(&["a"])
        .expect_post(3, "4a")
        .send(&["b"])
        .close()
        .answer(2, "2\u{1e}4late")
        .expect_get(4)
        .answer(3, "ok")
        .expect_post(5, "3\u{1e}4b")
        .answer(5, "ok")
        .expect_post(6, "1")
        .answer(6, "ok")
        .expect_cancel(4)
        .expect_closed(CloseReason::ForcedClose);
}
