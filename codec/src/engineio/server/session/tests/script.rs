//! The language of the scenarios: what happens, and what the session makes of it.
//!
//! Every step takes all outputs out; every expectation names the next one. A step, or the end of the scenario, with
//! an output that nothing expected is a failure.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use crate::engineio::BinaryForm;
use crate::engineio::server::{
    BodyFormat, Carrier, Config, Input, RequestId, Route, Router, ServerSession, Transmit, WsId,
};
use crate::engineio::{
    CloseReason, Encoded, Event, RequestHead, Response, Revision, SendError, Session as _, Sid, Transport,
};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::machine::{Machine as _, Output};
use crate::text::Text;
use crate::time::Timestamp;

/// The request and the WebSocket that scenarios start on.
pub(super) const HANDSHAKE: u64 = 0;

pub(super) struct Script {
    session: ServerSession,
    now: Timestamp,
    seen: VecDeque<Output<Transmit, Event>>,
}

pub(super) const fn ms(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) const fn s(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

/// The reference's timings: ping after 25 s, 20 s for the pong, 10 s for an upgrade, 30 s for a close. Small limits.
pub(super) fn config() -> Config {
    Config::default().with_limits(Limits::default().with_max_payload(1_000))
}

pub(super) fn open(config: Config, carrier: Carrier) -> Script {
    let websocket = matches!(carrier, Carrier::WebSocket(_));
    open_with(config, if websocket { "EIO=4&transport=websocket" } else { "EIO=4&transport=polling" }, carrier)
}

pub(super) fn open_with(config: Config, query: &str, carrier: Carrier) -> Script {
    let websocket = matches!(carrier, Carrier::WebSocket(_));
    let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: websocket };
    let Ok(Route::Handshake(handshake)) = Router::new(config).unwrap().route(&head) else {
        panic!("{query} is no handshake")
    };
    let session = handshake.accept(ms(0), Sid::from_entropy([7; 15]), carrier);
    Script { session, now: ms(0), seen: VecDeque::new() }.drain()
}

/// A session on polling whose handshake was answered.
pub(super) fn polling() -> Script {
    polling_with(config())
}

pub(super) fn polling_with(config: Config) -> Script {
    let mut script = open(config, Carrier::Request(RequestId(HANDSHAKE))).expect_event(&Event::Opened);
    let (id, response) = script.next_response();
    assert_eq!((id, response.status), (HANDSHAKE, 200));
    script
}

/// A session on polling that asked for something in its handshake.
pub(super) fn polling_as(query: &str) -> Script {
    let config = config().with_allow_eio3(true);
    let mut script = open_with(config, query, Carrier::Request(RequestId(HANDSHAKE))).expect_event(&Event::Opened);
    let _ = script.next_response();
    script
}

/// A session on a WebSocket.
pub(super) fn websocket() -> Script {
    websocket_as("EIO=4&transport=websocket")
}

/// A session on a WebSocket that asked for something in its handshake.
pub(super) fn websocket_as(query: &str) -> Script {
    let config = config().with_allow_eio3(true);
    let mut script = open_with(config, query, Carrier::WebSocket(WsId(HANDSHAKE))).expect_event(&Event::Opened);
    let open = script.next_output();
    assert!(matches!(open, Output::Transmit(Transmit::WsSend { ws: WsId(HANDSHAKE), .. })), "{open:?}");
    script
}

/// A polling session with a WebSocket, 1, that was accepted as a candidate.
pub(super) fn candidate() -> Script {
    polling().upgrade(1).expect_accept(1)
}

/// A polling session whose candidate was probed.
pub(super) fn probed() -> Script {
    candidate().frame(1, "2probe").expect_send(1, "3probe")
}

/// A session that moved to WebSocket 1.
pub(super) fn upgraded() -> Script {
    probed().frame(1, "5").expect_event(&Event::Upgraded)
}

/// What happens.
impl Script {
    /// Lets time pass.
    #[track_caller]
    pub(super) fn at(mut self, now: Timestamp) -> Self {
        self.assert_seen_all();
        self.now = now;
        self.session.handle_timeout(now);
        self.drain()
    }

    /// Lets time pass; the next step tells the session.
    pub(super) fn later(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    #[track_caller]
    pub(super) fn get(self, id: u64) -> Self {
        let revision = Some(self.session.revision());
        self.get_with(id, revision)
    }

    #[track_caller]
    pub(super) fn get_with(self, id: u64, revision: Option<Revision>) -> Self {
        self.input(Input::Poll { id: RequestId(id), revision })
    }

    /// The head of a POST.
    #[track_caller]
    pub(super) fn post(self, id: u64) -> Self {
        self.post_with(id, BodyFormat::Text)
    }

    #[track_caller]
    pub(super) fn post_with(self, id: u64, format: BodyFormat) -> Self {
        let revision = Some(self.session.revision());
        self.input(Input::Post { id: RequestId(id), revision, format })
    }

    #[track_caller]
    pub(super) fn body(self, id: u64, body: impl Into<Bytes>) -> Self {
        self.input(Input::Body { id: RequestId(id), body: body.into() })
    }

    #[track_caller]
    pub(super) fn body_too_large(self, id: u64) -> Self {
        self.input(Input::BodyTooLarge { id: RequestId(id) })
    }

    #[track_caller]
    pub(super) fn abort(self, id: u64) -> Self {
        self.input(Input::Aborted { id: RequestId(id) })
    }

    #[track_caller]
    pub(super) fn upgrade(self, ws: u64) -> Self {
        self.upgrade_with(ws, BinaryForm::Native)
    }

    #[track_caller]
    pub(super) fn upgrade_with(self, ws: u64, binary: BinaryForm) -> Self {
        let revision = Some(self.session.revision());
        self.input(Input::Upgrade { ws: WsId(ws), revision, binary })
    }

    #[track_caller]
    pub(super) fn frame(self, ws: u64, text: &str) -> Self {
        self.input(Input::WsFrame { ws: WsId(ws), frame: Frame::Text(Text::from(String::from(text))) })
    }

    #[track_caller]
    pub(super) fn binary(self, ws: u64, bytes: &'static [u8]) -> Self {
        self.input(Input::WsFrame { ws: WsId(ws), frame: Frame::Binary(Bytes::from_static(bytes)) })
    }

    #[track_caller]
    pub(super) fn ws_closed(self, ws: u64) -> Self {
        self.input(Input::WsClosed { ws: WsId(ws) })
    }

    #[track_caller]
    pub(super) fn input(self, input: Input) -> Self {
        self.together([input])
    }

    /// An input; its outputs are taken out by the next step.
    pub(super) fn feed(mut self, input: Input) -> Self {
        self.session.handle(self.now, input);
        self
    }

    /// What the program does without taking anything out.
    pub(super) fn without_draining(mut self, act: impl FnOnce(&mut ServerSession)) -> Self {
        act(&mut self.session);
        self
    }

    /// Several inputs before any output is taken out.
    #[track_caller]
    pub(super) fn together<const N: usize>(mut self, inputs: [Input; N]) -> Self {
        self.assert_seen_all();
        for input in inputs {
            self.session.handle(self.now, input);
        }
        self.drain()
    }

    /// The application sends a text, and more before the session is asked for its outputs.
    #[track_caller]
    pub(super) fn send(mut self, texts: &[&str]) -> Self {
        self.assert_seen_all();
        for text in texts {
            self.session.send(&Encoded::text(text)).unwrap();
        }
        self.drain()
    }

    #[track_caller]
    pub(super) fn send_binary(mut self, bytes: &'static [u8]) -> Self {
        self.assert_seen_all();
        self.session.send(&Encoded::binary(Bytes::from_static(bytes))).unwrap();
        self.drain()
    }

    /// The application sends texts that may be dropped, before the session is asked for its outputs.
    #[track_caller]
    pub(super) fn send_volatile(mut self, texts: &[(&str, bool)]) -> Self {
        self.assert_seen_all();
        for (text, taken) in texts {
            assert_eq!(self.session.send_volatile(&Encoded::text(text)), *taken, "{text}");
        }
        self.drain()
    }

    #[track_caller]
    pub(super) fn send_group(mut self, group: &Encoded) -> Self {
        self.assert_seen_all();
        self.session.send(group).unwrap();
        self.drain()
    }

    #[track_caller]
    pub(super) fn cannot_send(mut self, message: &Encoded, error: SendError) -> Self {
        self.assert_seen_all();
        assert_eq!(self.session.send(message), Err(error));
        self.drain()
    }

    #[track_caller]
    pub(super) fn close(mut self) -> Self {
        self.assert_seen_all();
        self.session.close(self.now);
        self.drain()
    }
}

/// What the session makes of it.
impl Script {
    #[track_caller]
    pub(super) fn expect_respond(mut self, id: u64, status: u16, body: &str) -> Self {
        let (found, response) = self.next_response();
        let text = String::from_utf8(response.body.to_vec()).unwrap();
        assert_eq!((found, response.status, text.as_str()), (id, status, body));
        self
    }

    /// An answer with a binary payload.
    #[track_caller]
    pub(super) fn expect_respond_binary(mut self, id: u64, body: &[u8]) -> Self {
        let (found, response) = self.next_response();
        assert_eq!((found, response.status, &response.body[..]), (id, 200, body));
        assert_eq!(response.content_type.as_str(), Some("application/octet-stream"));
        self
    }

    /// A refusal with the JSON body of its code.
    #[track_caller]
    pub(super) fn expect_refusal(self, id: u64, code: u8, message: &str) -> Self {
        self.expect_respond(id, 400, &format!(r#"{{"code":{code},"message":"{message}"}}"#))
    }

    #[track_caller]
    pub(super) fn expect_accept(self, ws: u64) -> Self {
        self.expect(&Output::Transmit(Transmit::WsAccept { ws: WsId(ws) }))
    }

    #[track_caller]
    pub(super) fn expect_refuse(mut self, ws: u64, words: &str) -> Self {
        let output = self.next_output();
        let Output::Transmit(Transmit::WsRefuse { ws: WsId(found), response }) = output else {
            panic!("no refused WebSocket: {output:?}")
        };
        assert_eq!((found, response.status, &response.body[..]), (ws, 400, words.as_bytes()));
        self
    }

    #[track_caller]
    pub(super) fn expect_send(self, ws: u64, text: &str) -> Self {
        let frame = Frame::Text(Text::from(String::from(text)));
        self.expect(&Output::Transmit(Transmit::WsSend { ws: WsId(ws), frame }))
    }

    #[track_caller]
    pub(super) fn expect_send_binary(self, ws: u64, bytes: &'static [u8]) -> Self {
        let frame = Frame::Binary(Bytes::from_static(bytes));
        self.expect(&Output::Transmit(Transmit::WsSend { ws: WsId(ws), frame }))
    }

    #[track_caller]
    pub(super) fn expect_ws_close(self, ws: u64) -> Self {
        self.expect(&Output::Transmit(Transmit::WsClose { ws: WsId(ws) }))
    }

    #[track_caller]
    pub(super) fn expect_message(self, text: &str) -> Self {
        self.expect_event(&Event::Message(Frame::Text(Text::from(String::from(text)))))
    }

    #[track_caller]
    pub(super) fn expect_binary(self, bytes: &'static [u8]) -> Self {
        self.expect_event(&Event::Message(Frame::Binary(Bytes::from_static(bytes))))
    }

    #[track_caller]
    pub(super) fn expect_closed(self, reason: CloseReason) -> Self {
        let script = self.expect_event(&Event::Closed(reason));
        assert!(script.session.is_closed());
        assert_eq!(script.session.next_deadline(), None);
        script
    }

    #[track_caller]
    pub(super) fn expect_event(self, event: &Event) -> Self {
        self.expect(&Output::Event(event.clone()))
    }

    #[track_caller]
    pub(super) fn expect_nothing(self) -> Self {
        self.assert_seen_all();
        self
    }

    #[track_caller]
    pub(super) fn expect_deadline(self, at: Timestamp) -> Self {
        assert_eq!(self.session.next_deadline(), Some(at));
        self
    }

    #[track_caller]
    pub(super) fn expect_transport(self, transport: Transport) -> Self {
        assert_eq!(self.session.transport(), Some(transport));
        self
    }

    #[track_caller]
    pub(super) fn next_response(&mut self) -> (u64, Response) {
        match self.next_output() {
            Output::Transmit(Transmit::Respond { id, response }) => (id.0, response),
            other => panic!("no response: {other:?}"),
        }
    }

    #[track_caller]
    pub(super) fn next_output(&mut self) -> Output<Transmit, Event> {
        self.seen.pop_front().expect("another output")
    }

    /// What is left, for tables.
    pub(super) fn rest(&mut self) -> Vec<Output<Transmit, Event>> {
        self.seen.drain(..).collect()
    }

    #[track_caller]
    fn expect(mut self, output: &Output<Transmit, Event>) -> Self {
        assert_eq!(self.next_output(), *output);
        self
    }

    fn drain(mut self) -> Self {
        while let Some(output) = self.session.poll_output() {
            self.seen.push_back(output);
        }
        self
    }

    #[track_caller]
    fn assert_seen_all(&self) {
        assert!(self.seen.is_empty(), "nobody expected {:?}", self.seen);
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // The first failure is the one to report.
        if !std::thread::panicking() {
            self.assert_seen_all();
        }
    }
}

pub(super) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
