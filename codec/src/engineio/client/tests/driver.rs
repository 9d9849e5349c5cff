//! A session with its requests and its WebSocket.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use bytes::Bytes;

use super::script::{OPEN, OPEN_WS, only_polling, only_websocket, s};
use crate::engineio::client::{Body, ClientSession, Config, Connector, Driver, Input};
use crate::engineio::{BodyFormat, CloseReason, Encoded, Event, Outlet, RequestId, Session as _, WsId};
use crate::frame::Frame;

/// What happened outside, in order.
#[derive(Clone, Default)]
struct Diary(Rc<RefCell<Vec<String>>>);

impl Diary {
    fn note(&self, what: String) {
        self.0.borrow_mut().push(what);
    }
}

/// Says when a request or an outlet is given up.
struct Noted(Diary, String);

impl Drop for Noted {
    fn drop(&mut self) {
        self.0.note(format!("drop {}", self.1));
    }
}

/// Starts nothing, and lets each WebSocket take one message before there is room again.
#[derive(Default)]
struct Network {
    diary: Diary,
    room: Rc<Cell<bool>>,
}

impl Connector for Network {
    type Request = Noted;
    type Outlet = Writer;

    fn request(&mut self, RequestId(id): RequestId, _: String, body: Option<Body>) -> Noted {
        let method = if body.is_some() { "POST" } else { "GET" };
        self.diary.note(format!("{method} {id}"));
        Noted(self.diary.clone(), format!("{id}"))
    }

    fn connect(&mut self, WsId(ws): WsId, _: String) -> Writer {
        self.diary.note(format!("connect {ws}"));
        self.room.set(true);
        Writer(Noted(self.diary.clone(), format!("{ws}")), Rc::clone(&self.room))
    }
}

struct Writer(Noted, Rc<Cell<bool>>);

impl Outlet for Writer {
    fn has_room(&self) -> bool {
        self.1.get()
    }

    fn send(&mut self, frame: Frame) {
        assert!(self.1.replace(false), "there was no room");
        self.0.0.note(format!("{frame:?}"));
    }

    fn close(self) {
        self.0.0.note(format!("close {}", self.0.1));
    }
}

struct Scene {
    diary: Diary,
    room: Rc<Cell<bool>>,
    driver: Driver<ClientSession, Network>,
}

impl Scene {
    fn new(config: Config) -> Self {
        let network = Network::default();
        let (diary, room) = (network.diary.clone(), Rc::clone(&network.room));
        Self { diary, room, driver: Driver::new(ClientSession::connect(s(0), config), network) }
    }

    fn frame(&mut self, ws: u64, text: &'static str) {
        self.driver.handle(s(0), Input::WsFrame { ws: WsId(ws), frame: Frame::from(text) });
    }

    fn answer(&mut self, id: u64, body: &'static str) {
        let body = Bytes::from_static(body.as_bytes());
        self.driver.handle(s(0), Input::Response { id: RequestId(id), status: 200, format: BodyFormat::Text, body });
    }

    fn make_room(&mut self) {
        self.room.set(true);
        self.driver.handle(s(0), Input::WsWritable { ws: WsId(0) });
    }

    fn expect_event(&mut self, event: &Event) {
        assert_eq!(self.driver.poll_event().as_ref(), Some(event));
    }

    /// No event comes, and this happens.
    fn expect(&mut self, diary: &[&str]) {
        assert_eq!(self.driver.poll_event(), None);
        assert_eq!(self.diary.0.take(), diary);
    }
}

#[test]
fn requests_are_forgotten_when_they_are_answered_and_cancelled_when_they_are_given_up() {
    let mut scene = Scene::new(only_polling());
    scene.expect(&["GET 1"]);
    scene.answer(1, OPEN);
    scene.expect_event(&Event::Opened);
    scene.expect(&["drop 1", "GET 2"]);
    scene.driver.machine().send(&Encoded::text("a")).unwrap();
    scene.expect(&["POST 3"]);
    scene.driver.handle(s(0), Input::Failed { id: RequestId(3) });
    assert!(matches!(scene.driver.poll_event(), Some(Event::Closed(CloseReason::TransportError(_)))));
    scene.expect(&["drop 3", "drop 2"]);
}

/// One message at a time, after the upgrade and at the end.
#[test]
fn nothing_is_sent_without_room() {
    let mut scene = Scene::new(Config::default());
    scene.expect(&["GET 1"]);
    scene.answer(1, OPEN);
    scene.expect_event(&Event::Opened);
    scene.expect(&["drop 1", "connect 2", "GET 3"]);
    scene.driver.handle(s(0), Input::WsOpened { ws: WsId(2) });
    scene.expect(&[r#"Text("2probe")"#]);
    // The answer shows that it has left.
    scene.make_room();
    scene.frame(2, "3probe");
    scene.answer(3, "6");
    scene.expect_event(&Event::Upgraded);
    scene.expect(&["drop 3", r#"Text("5")"#]);
    for text in ["a", "b"] {
        scene.driver.machine().send(&Encoded::text(text)).unwrap();
    }
    scene.driver.machine().close(s(0));
    // It is the outlet that knows.
    scene.driver.handle(s(0), Input::WsWritable { ws: WsId(2) });
    scene.expect(&[]);
    scene.make_room();
    scene.expect(&[r#"Text("4a")"#]);
    scene.make_room();
    scene.expect_event(&Event::Closed(CloseReason::ForcedClose));
    scene.expect(&[r#"Text("4b")"#, "close 2", "drop 2"]);
}

/// What leaves because there is room leaves at that time.
#[test]
fn that_there_is_room_tells_the_time() {
    let mut scene = Scene::new(only_websocket());
    scene.driver.handle(s(0), Input::WsOpened { ws: WsId(1) });
    scene.frame(1, OPEN_WS);
    scene.expect_event(&Event::Opened);
    scene.driver.handle(s(100), Input::WsWritable { ws: WsId(1) });
    scene.expect_event(&Event::Closed(CloseReason::PingTimeout));
}

#[test]
fn a_websocket_that_is_lost() {
    let mut scene = Scene::new(only_websocket());
    scene.expect(&["connect 1"]);
    scene.driver.handle(s(0), Input::WsOpened { ws: WsId(1) });
    scene.frame(1, OPEN_WS);
    scene.expect_event(&Event::Opened);
    scene.driver.handle(s(0), Input::WsClosed { ws: WsId(9) });
    scene.expect(&[]);
    scene.driver.handle(s(0), Input::WsClosed { ws: WsId(1) });
    scene.expect_event(&Event::Closed(CloseReason::TransportClose));
    scene.expect(&["drop 1"]);
}

/// A WebSocket that is not established in time is given up.
#[test]
fn a_websocket_that_comes_too_late() {
    let mut scene = Scene::new(only_websocket());
    scene.expect(&["connect 1"]);
    scene.driver.handle_timeout(scene.driver.next_deadline().unwrap());
    scene.expect_event(&Event::Closed(CloseReason::ConnectTimeout));
    scene.expect(&["close 1", "drop 1"]);
}
