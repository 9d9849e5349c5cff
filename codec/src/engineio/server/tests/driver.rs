//! A session with the ends of its connections.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use super::script::{config, s};
use crate::engineio::server::{
    Answer, Driver, Gone, Input, Outlet, Reply, RequestId, Route, Router, ServerSession, WsId,
};
use crate::engineio::{CloseReason, Encoded, Event, RequestHead, Session as _, Sid};
use crate::frame::Frame;

/// What happened outside, in order.
pub(crate) type Diary = Rc<RefCell<Vec<String>>>;

pub(crate) struct Waiting(pub(crate) u64, pub(crate) Diary);

/// The client of this request is gone when it is accepted.
pub(crate) const GONE: u64 = 9;

impl Reply for Waiting {
    fn answer(self, answer: Answer) -> Result<(), Gone> {
        self.1.borrow_mut().push(match answer {
            Answer::Response(response) => {
                alloc::format!("{}: {} {:.6}", self.0, response.status, String::from_utf8_lossy(&response.body))
            }
            Answer::WebSocket(ws) => alloc::format!("{}: 101 for {}", self.0, ws.0),
        });
        if self.0 == GONE { Err(Gone) } else { Ok(()) }
    }
}

/// An outlet with room for one message.
pub(crate) struct Writer(pub(crate) Option<Frame>, pub(crate) Diary);

impl Outlet for Writer {
    fn has_room(&self) -> bool {
        self.0.is_none()
    }

    fn send(&mut self, frame: Frame) {
        self.1.borrow_mut().push(alloc::format!("{frame:?}"));
        assert!(self.0.replace(frame).is_none(), "there was no room");
    }

    fn close(self) {
        self.1.borrow_mut().push("close".into());
    }
}

struct Scene {
    diary: Diary,
    router: Router,
    driver: Driver<ServerSession, Waiting, Writer>,
}

impl Scene {
    /// A session that a request opened.
    fn polling() -> Self {
        let router = Router::new(config()).unwrap();
        let Ok(Route::Handshake(handshake)) = router.route(&head("EIO=4&transport=polling")) else { unreachable!() };
        let carrier = handshake.carrier(RequestId(1));
        let session = handshake.accept(s(0), sid(), carrier);
        let diary = Diary::default();
        let driver = Driver::new(session, carrier, Waiting(1, Rc::clone(&diary)));
        let mut scene = Self { diary, router, driver };
        assert_eq!(scene.driver.poll_event(), Some(Event::Opened));
        scene.expect(&["1: 200 0{\"sid"]);
        scene
    }

    /// The same, which a WebSocket that is established asks for.
    fn upgrading() -> Self {
        let mut scene = Self::polling();
        scene.request(2, "websocket", "GET");
        scene.expect(&["2: 101 for 2"]);
        let writer = scene.writer();
        assert!(scene.driver.attach(WsId(2), writer).is_none());
        scene
    }

    fn writer(&self) -> Writer {
        Writer(None, Rc::clone(&self.diary))
    }

    fn request(&mut self, id: u64, transport: &str, method: &str) {
        let query = alloc::format!("EIO=4&transport={transport}&sid={}", sid().as_str());
        let head = RequestHead { method, wants_websocket: transport == "websocket", ..head(&query) };
        let Route::Session(request) = self.router.route(&head).unwrap() else { unreachable!() };
        let reply = Waiting(id, Rc::clone(&self.diary));
        self.driver.request(s(0), request, RequestId(id), reply);
    }

    fn frame(&mut self, text: &'static str) {
        self.driver.handle(s(0), Input::WsFrame { ws: WsId(2), frame: Frame::from(text) });
    }

    fn make_room(&mut self) {
        self.driver.ends().1.unwrap().1.0 = None;
    }

    /// No event comes, and this happens.
    fn expect(&mut self, diary: &[&str]) {
        assert_eq!(self.driver.poll_event(), None);
        assert_eq!(self.diary.take(), diary);
    }
}

fn sid() -> Sid {
    Sid::from_entropy([7; 15])
}

pub(crate) const fn head(query: &str) -> RequestHead<'_> {
    RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: false }
}

#[test]
fn a_reply_is_used_once() {
    let mut scene = Scene::polling();
    scene.request(2, "polling", "GET");
    scene.expect(&[]);
    assert_eq!(scene.driver.ends().0.map(|(id, _)| id).collect::<Vec<_>>(), [RequestId(2)]);
    scene.driver.machine().send(&Encoded::text("a")).unwrap();
    scene.driver.machine().send(&Encoded::text("b")).unwrap();
    scene.expect(&["2: 200 4a\u{1e}4b"]);
    assert_eq!(scene.driver.ends().0.count(), 0);
}

#[test]
fn a_request_that_is_gone_is_not_answered() {
    let mut scene = Scene::polling();
    scene.request(2, "polling", "GET");
    scene.driver.handle(s(0), Input::Aborted { id: RequestId(2) });
    assert!(matches!(scene.driver.poll_event(), Some(Event::Closed(CloseReason::TransportError(_)))));
    scene.expect(&[]);
}

#[test]
fn a_request_that_cannot_be_served_is_refused() {
    let mut scene = Scene::polling();
    scene.request(2, "polling", "DELETE");
    scene.expect(&["2: 400 "]);
    scene.request(3, "websocket", "POST");
    scene.expect(&["3: 400 Bad re"]);
    assert_eq!(scene.driver.ends().0.count(), 0);
    // A second candidate is the session's to refuse.
    let mut scene = Scene::upgrading();
    scene.request(3, "websocket", "GET");
    scene.expect(&["3: 400 Bad re"]);
}

/// One message at a time, at the probe, after the upgrade, and at the end.
#[test]
fn nothing_is_sent_without_room() {
    let mut scene = Scene::upgrading();
    scene.frame("2probe");
    scene.expect(&[r#"Text("3probe")"#]);
    // Another probe, and the upgrade, before the first answer left.
    scene.frame("2probe");
    scene.expect(&[]);
    scene.frame("5");
    assert_eq!(scene.driver.poll_event(), Some(Event::Upgraded));
    for text in ["a", "b", "c"] {
        scene.driver.machine().send(&Encoded::text(text)).unwrap();
    }
    scene.expect(&[]);
    // It is the outlet that knows.
    scene.driver.handle(s(0), Input::WsWritable { ws: WsId(2) });
    scene.expect(&[]);
    scene.make_room();
    scene.expect(&[r#"Text("4a")"#]);
    scene.driver.machine().close(s(1));
    scene.expect(&[]);
    scene.make_room();
    scene.expect(&[r#"Text("4b")"#]);
    scene.make_room();
    assert_eq!(scene.driver.poll_event(), Some(Event::Closed(CloseReason::ForcedClose)));
    scene.expect(&[r#"Text("4c")"#, "close"]);
    assert!(scene.driver.ends().1.is_none());
}

/// A ping that waited for room is answered from when it left.
#[test]
//= EIO4-HB-04
fn a_ping_leaves_when_there_is_room() {
    let mut scene = on_websocket(1);
    let writer = scene.writer();
    assert!(scene.driver.attach(WsId(1), writer).is_none());
    assert_eq!(scene.driver.poll_event(), Some(Event::Opened));
    assert_eq!(scene.driver.poll_event(), None);
    scene.driver.handle_timeout(s(25));
    assert_eq!(scene.driver.poll_event(), None);
    scene.make_room();
    scene.driver.handle(s(40), Input::WsWritable { ws: WsId(1) });
    assert_eq!(scene.driver.poll_event(), None);
    assert_eq!(scene.diary.take().last().map(String::as_str), Some(r#"Text("2")"#));
    assert_eq!(scene.driver.next_deadline(), Some(s(60)));
}

/// What comes on a WebSocket may be heard before its outlet is there.
#[test]
fn a_probe_that_is_early() {
    let mut scene = Scene::polling();
    scene.request(2, "websocket", "GET");
    scene.expect(&["2: 101 for 2"]);
    scene.frame("2probe");
    scene.expect(&[]);
    let writer = scene.writer();
    assert!(scene.driver.attach(WsId(2), writer).is_none());
    scene.expect(&[r#"Text("3probe")"#]);
}

/// A session whose first request becomes a WebSocket.
fn on_websocket(id: u64) -> Scene {
    let router = Router::new(config()).unwrap();
    let head = RequestHead { wants_websocket: true, ..head("EIO=4&transport=websocket") };
    let Ok(Route::Handshake(handshake)) = router.route(&head) else { unreachable!() };
    let carrier = handshake.carrier(RequestId(id));
    let session = handshake.accept(s(0), sid(), carrier);
    let diary = Diary::default();
    let driver = Driver::new(session, carrier, Waiting(id, Rc::clone(&diary)));
    Scene { diary, router, driver }
}

#[test]
fn the_open_packet_waits_for_its_websocket() {
    let mut scene = on_websocket(2);
    assert_eq!(scene.driver.poll_event(), Some(Event::Opened));
    scene.driver.machine().send(&Encoded::text("a")).unwrap();
    scene.expect(&["2: 101 for 2"]);
    let writer = scene.writer();
    assert!(scene.driver.attach(WsId(2), writer).is_none());
    assert_eq!(scene.driver.poll_event(), None);
    assert!(scene.diary.take()[0].starts_with(r#"Text("0{\"sid"#));
    scene.make_room();
    scene.expect(&[r#"Text("4a")"#]);
}

#[test]
fn a_session_ends_whose_websocket_never_comes() {
    let mut scene = on_websocket(GONE);
    assert_eq!(scene.driver.poll_event(), Some(Event::Opened));
    assert_eq!(scene.driver.poll_event(), Some(Event::Closed(CloseReason::TransportClose)));
    let mut scene = on_websocket(2);
    assert_eq!(scene.driver.poll_event(), Some(Event::Opened));
    assert_eq!(scene.driver.poll_event(), None);
    for _ in 0..9 {
        let Some(due) = scene.driver.next_deadline() else { break };
        scene.driver.handle_timeout(due);
        while scene.driver.poll_event().is_some() {}
    }
    assert_eq!(scene.driver.next_deadline(), None);
}

/// The session went on without the WebSocket.
#[test]
fn a_websocket_that_comes_too_late() {
    let mut scene = Scene::polling();
    scene.request(2, "websocket", "GET");
    scene.expect(&["2: 101 for 2"]);
    scene.driver.handle_timeout(s(10));
    scene.expect(&[]);
    let writer = scene.writer();
    assert!(scene.driver.attach(WsId(2), writer).is_some());
    assert!(scene.driver.ends().1.is_none());
}

#[test]
fn a_websocket_that_is_lost() {
    let mut scene = Scene::upgrading();
    assert!(scene.driver.detach(WsId(3)).is_none());
    assert!(scene.driver.detach(WsId(2)).is_some());
    scene.driver.handle(s(0), Input::WsClosed { ws: WsId(2) });
    scene.expect(&[]);
    // Its name is free, and so is its place.
    scene.request(4, "websocket", "GET");
    scene.expect(&["4: 101 for 4"]);
    scene.driver.handle(s(0), Input::WsClosed { ws: WsId(4) });
    scene.request(GONE, "websocket", "GET");
    scene.expect(&["9: 101 for 9"]);
    scene.request(5, "websocket", "GET");
    scene.expect(&["5: 101 for 5"]);
}
