//! Clients that want their packets in another form: scripts that poll, and WebSockets without binary frames.

use bytes::Bytes;

use crate::engineio::server::{
    BodyFormat, Carrier, Config, Input, RequestId, Route, Router, ServerSession, Transmit, WsId,
};
use crate::engineio::{BinaryForm, Encoded, Event, RequestHead, Revision, Session as _, Sid};
use crate::frame::Frame;
use crate::machine::{Machine as _, Output};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::ZERO;

/// A session by its handshake's query, with its opening taken out.
fn open(query: &str, carrier: Carrier) -> (ServerSession, Transmit) {
    let wants_websocket = matches!(carrier, Carrier::WebSocket(_));
    let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket };
    let Ok(Route::Handshake(handshake)) = Router::new(Config::default()).unwrap().route(&head) else { panic!() };
    let mut session = handshake.accept(NOW, Sid::from_entropy([7; 15]), carrier);
    assert_eq!(session.poll_output(), Some(Output::Event(Event::Opened)));
    let Some(Output::Transmit(opening)) = session.poll_output() else { panic!() };
    (session, opening)
}

fn post(session: &mut ServerSession, id: u64, body: &'static str) {
    let (id, revision) = (RequestId(id), Some(Revision::V4));
    session.handle(NOW, Input::Post { id, revision, format: BodyFormat::Text });
    session.handle(NOW, Input::Body { id, body: Bytes::from_static(body.as_bytes()) });
}

fn next_answer(session: &mut ServerSession) -> (u16, Bytes) {
    let Some(Output::Transmit(Transmit::Respond { response, .. })) = session.poll_output() else { panic!() };
    (response.status, response.body)
}

//= EIO4-JSONP-01
//= EIO4-JSONP-02
#[test]
fn scripts_are_answered_with_scripts_and_post_forms() {
    let query = "EIO=4&transport=polling&j=1);alert(2)//";
    let (mut session, opening) = open(query, Carrier::Request(RequestId(0)));
    let Transmit::Respond { response, .. } = opening else { panic!() };
    assert!(response.body.starts_with(br#"___eio[12]("0{\"sid\":"#), "{:?}", response.body);

    post(&mut session, 1, "d=4hello");
    assert_eq!(session.poll_output(), Some(Output::Event(Event::Message(Frame::from("hello")))));
    assert_eq!(next_answer(&mut session), (200, Bytes::from_static(b"ok")));
    post(&mut session, 2, "no=payload");
    assert_eq!(next_answer(&mut session), (200, Bytes::from_static(b"ok")));
    assert_eq!(session.poll_output(), None, "a form without a payload says nothing");

    session.handle(NOW, Input::Poll { id: RequestId(3), revision: Some(Revision::V4) });
    session.send(&Encoded::text("a\u{2028}b")).unwrap();
    assert_eq!(next_answer(&mut session).1, r#"___eio[12]("4a\u2028b");"#);
}

//= EIO4-PKT-15
#[test]
fn a_websocket_that_asks_for_base64_gets_text_frames() {
    let (mut session, _) = open("EIO=4&transport=websocket&b64=1", Carrier::WebSocket(WsId(0)));
    session.send(&Encoded::binary(Bytes::from_static(&[1, 2, 3]))).unwrap();
    let sent = Transmit::WsSend { ws: WsId(0), frame: Frame::from("bAQID") };
    assert_eq!(session.poll_output(), Some(Output::Transmit(sent)));
}

/// What counts is the request that opens the WebSocket, not the handshake.
//= EIO4-PKT-15
#[test]
fn a_candidate_says_for_itself_whether_it_takes_binary() {
    let (mut session, _) = open("EIO=4&transport=polling&b64=1", Carrier::Request(RequestId(0)));
    let ws = WsId(1);
    session.handle(NOW, Input::Upgrade { ws, revision: Some(Revision::V4), binary: BinaryForm::Native });
    session.handle(NOW, Input::WsFrame { ws, frame: Frame::from("5") });
    assert_eq!(session.poll_output(), Some(Output::Transmit(Transmit::WsAccept { ws })));
    assert_eq!(session.poll_output(), Some(Output::Event(Event::Upgraded)));
    session.send(&Encoded::binary(Bytes::from_static(&[1, 2, 3]))).unwrap();
    let sent = Transmit::WsSend { ws, frame: Frame::Binary(Bytes::from_static(&[1, 2, 3])) };
    assert_eq!(session.poll_output(), Some(Output::Transmit(sent)));
}
