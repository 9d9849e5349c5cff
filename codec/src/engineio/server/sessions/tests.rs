//! Many sessions in one table.

use alloc::rc::Rc;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use proptest::prelude::*;

use crate::engineio::server::tests::driver::{Diary, Waiting, Writer, head};
use crate::engineio::server::{Config, Input, RequestId, ServerSession, Sessions, WsId};
use crate::engineio::{CloseReason, Encoded, Event, RequestHead, Session as _, Sid};
use crate::frame::Frame;
use crate::scenario::s;
use crate::time::Timestamp;

struct Scene {
    diary: Diary,
    sessions: Sessions<ServerSession, Waiting, Writer>,
}

impl Scene {
    fn new() -> Self {
        Self { diary: Diary::default(), sessions: Sessions::new(Config::default()).unwrap() }
    }

    /// A request, whose reply is told by its number; a session that it starts has this sid.
    fn request(&mut self, now: Timestamp, method: &str, query: &str, seed: u8) -> Option<RequestId> {
        let head = RequestHead { method, wants_websocket: query.contains("websocket"), ..head(query) };
        let reply = Waiting(self.sessions.last + 1, Rc::clone(&self.diary));
        self.sessions.request(now, &head, reply, |handshake, carrier| match seed {
            FORBIDDEN => Err(handshake.forbid("go away")),
            seed => Ok(handshake.accept(now, sid(seed), carrier)),
        })
    }

    fn open(&mut self, transport: &str, seed: u8) -> Option<RequestId> {
        self.request(s(0), "GET", &alloc::format!("EIO=4&transport={transport}"), seed)
    }

    fn attach(&mut self, ws: WsId) -> bool {
        let writer = Writer(None, Rc::clone(&self.diary));
        self.sessions.attach(ws, writer).is_none()
    }

    /// These events come, by the first byte of the sid.
    fn expect(&mut self, events: &[(u8, Event)], diary: &[&str]) {
        let mut seen = Vec::new();
        while let Some((session, event)) = self.sessions.poll_event() {
            let seed = (0..=9).find(|seed| sid(*seed) == *session.sid()).unwrap();
            seen.push((seed, event));
        }
        assert_eq!(seen, events);
        assert_eq!(self.diary.take(), diary);
        self.check();
    }

    /// What the table keeps beside its sessions is theirs.
    fn check(&self) {
        let table = &self.sessions;
        assert!(table.touched.is_empty());
        assert_eq!(table.owners.len(), table.entries.values().map(|entry| entry.ends.len()).sum::<usize>());
        let kept = table.entries.iter().filter_map(|(sid, entry)| Some((entry.deadline?, sid.clone())));
        assert_eq!(table.deadlines, kept.collect());
        for (sid, entry) in &table.entries {
            assert!(entry.ends.iter().all(|id| table.owners[id] == *sid && entry.driver.concerns(*id)));
            let deadline = entry.driver.next_deadline();
            assert!(deadline.is_none_or(|at| entry.deadline.is_some_and(|kept| kept <= at)), "it would sleep too long");
        }
    }
}

/// No session for this one.
const FORBIDDEN: u8 = 10;

fn sid(seed: u8) -> Sid {
    Sid::from_entropy([seed; 15])
}

fn query(transport: &str, seed: u8) -> String {
    alloc::format!("EIO=4&transport={transport}&sid={}", sid(seed).as_str())
}

#[test]
fn what_belongs_to_no_session_is_refused() {
    let mut scene = Scene::new();
    // Nothing follows, not even a body.
    assert_eq!(scene.request(s(0), "GET", "EIO=4&transport=pigeon", 1), None);
    scene.expect(&[], &[r#"1: 400 {"code"#]);
    assert_eq!(scene.request(s(0), "POST", &query("polling", 1), 1), None);
    scene.expect(&[], &[r#"1: 400 {"code"#]);
    assert_eq!(scene.open("polling", FORBIDDEN), None);
    scene.expect(&[], &[r#"1: 403 {"code"#]);
    assert!(scene.sessions.is_empty() && !scene.attach(WsId(1)));
    assert_eq!(scene.sessions.wants_input(WsId(1)), None);
    scene.sessions.handle(s(0), Input::Body { id: RequestId(1), body: "4hello".into() });
    // This one has a session, which cannot serve it.
    assert_eq!(scene.open("polling", 1), Some(RequestId(1)));
    scene.expect(&[(1, Event::Opened)], &[r#"1: 200 0{"sid"#]);
    assert_eq!(scene.request(s(0), "DELETE", &query("polling", 1), 1), None);
    scene.expect(&[], &["2: 400 "]);
}

#[test]
fn a_sid_that_is_taken_starts_no_second_session() {
    let mut scene = Scene::new();
    scene.open("polling", 1);
    scene.expect(&[(1, Event::Opened)], &[r#"1: 200 0{"sid"#]);
    scene.open("polling", 1);
    scene.expect(&[], &[]);
    // Nobody waits for an answer any more.
    assert_eq!((scene.sessions.len(), Rc::strong_count(&scene.diary)), (1, 1));
}

#[test]
fn who_comes_late_is_refused() {
    let mut scene = Scene::new();
    scene.sessions = scene.sessions.with_max_sessions(1);
    scene.open("polling", 1);
    scene.expect(&[(1, Event::Opened)], &[r#"1: 200 0{"sid"#]);
    assert_eq!(scene.open("polling", 2), None);
    scene.expect(&[], &[r#"2: 403 {"code"#]);
    scene.request(s(0), "GET", &query("polling", 1), 1);
    scene.expect(&[], &[]);
    scene.sessions.shut_down(|session| session.close(s(1)));
    scene.expect(&[(1, Event::Closed(CloseReason::ForcedClose))], &["2: 200 1"]);
    // There would be room.
    assert_eq!(scene.open("polling", 2), None);
    scene.expect(&[], &[r#"3: 403 {"code"#]);
}

#[test]
fn each_session_gets_its_own() {
    let mut scene = Scene::new();
    for seed in [1, 2] {
        scene.open("polling", seed);
        scene.expect(&[(seed, Event::Opened)], &[&alloc::format!(r#"{seed}: 200 0{{"sid"#)]);
    }
    scene.request(s(0), "GET", &query("polling", 1), 0);
    let post = scene.request(s(0), "POST", &query("polling", 2), 0).unwrap();
    scene.expect(&[], &[]);
    scene.sessions.handle(s(0), Input::Body { id: post, body: "4from two".into() });
    scene.sessions.machine(&sid(1)).unwrap().send(&Encoded::text("to one")).unwrap();
    scene.expect(&[(2, Event::Message(Frame::from("from two")))], &["4: 200 ok", "3: 200 4to on"]);
    assert!(scene.sessions.machine(&sid(3)).is_none());

    // All are told, in the order of their sids.
    scene.request(s(0), "GET", &query("polling", 2), 0);
    scene.expect(&[], &[]);
    scene.sessions.machines().for_each(|session| session.close(s(1)));
    scene.expect(&[(2, Event::Closed(CloseReason::ForcedClose))], &["5: 200 1"]);
    assert_eq!(scene.sessions.len(), 1);
}

#[test]
fn a_websocket_is_read_until_its_session_ends() {
    let mut scene = Scene::new();
    let ws = WsId(scene.open("websocket", 1).unwrap().0);
    scene.expect(&[(1, Event::Opened)], &["1: 101 for 1"]);
    assert!(scene.attach(ws));
    assert_eq!(scene.sessions.poll_event().map(|_| ()), None);
    assert!(scene.diary.take()[0].starts_with(r#"Text("0{\"sid"#));
    assert_eq!(scene.sessions.wants_input(ws), Some(true));
    for text in ["4a", "4b"] {
        scene.sessions.handle(s(0), Input::WsFrame { ws, frame: text.into() });
    }
    assert_eq!(scene.sessions.wants_input(ws), Some(false), "nothing was taken out");
    scene.expect(&[(1, Event::Message("a".into())), (1, Event::Message("b".into()))], &[]);
    assert_eq!(scene.sessions.wants_input(ws), Some(true));
    scene.sessions.handle(s(0), Input::WsClosed { ws });
    scene.expect(&[(1, Event::Closed(CloseReason::TransportClose))], &[]);
    assert_eq!(scene.sessions.wants_input(ws), None);
    scene.sessions.handle(s(0), Input::WsFrame { ws, frame: "4b".into() });
    scene.expect(&[], &[]);
    assert!(scene.sessions.is_empty() && scene.sessions.next_deadline().is_none());
}

/// Its writer was taken for a last Close frame; that it ended is told a moment later.
#[test]
fn a_websocket_that_was_detached_can_still_end() {
    let mut scene = Scene::new();
    let ws = WsId(scene.open("websocket", 1).unwrap().0);
    assert!(scene.attach(ws) && scene.sessions.detach(ws).is_some());
    scene.expect(&[(1, Event::Opened)], &["1: 101 for 1"]);
    scene.sessions.handle(s(0), Input::WsClosed { ws });
    scene.expect(&[(1, Event::Closed(CloseReason::TransportClose))], &[]);
    assert!(scene.sessions.is_empty());
}

/// What waited for a WebSocket leaves when that is there, and not when the session was last told the time.
#[test]
fn a_websocket_that_comes_late_gets_its_ping_late() {
    let mut scene = Scene::new();
    let ws = WsId(scene.open("websocket", 1).unwrap().0);
    scene.expect(&[(1, Event::Opened)], &["1: 101 for 1"]);
    scene.sessions.handle_timeout(s(25));
    scene.expect(&[], &[]);
    scene.sessions.handle_timeout(s(30));
    assert!(scene.attach(ws));
    for _ in 0..2 {
        assert!(scene.sessions.poll_event().is_none());
        scene.sessions.entries.values_mut().for_each(|entry| entry.driver.ends().1.unwrap().1.0 = None);
        scene.sessions.handle(s(30), Input::WsWritable { ws });
    }
    assert!(scene.sessions.poll_event().is_none());
    // The old deadline is looked at, and put off.
    scene.sessions.handle_timeout(s(45));
    assert!(scene.sessions.poll_event().is_none());
    assert_eq!(scene.sessions.next_deadline(), Some(s(50)));
}

#[test]
fn the_earliest_deadline_is_the_next() {
    let mut scene = Scene::new();
    let (first, second) = (s(1), s(2));
    for (now, seed) in [(second, 2), (first, 1)] {
        scene.request(now, "GET", "EIO=4&transport=polling", seed);
        while scene.sessions.poll_event().is_some() {}
    }
    scene.check();
    let due = scene.sessions.next_deadline().unwrap();
    let last = scene.sessions.machine(&sid(2)).and_then(|session| crate::Machine::next_deadline(session)).unwrap();
    assert_eq!(last.saturating_since(due), Duration::from_secs(1));
    scene.sessions.handle_timeout(due);
    assert_eq!(scene.sessions.touched.iter().filter(|touched| **touched == sid(1)).count(), 1);
}

/// What may happen to a table, to sessions 0 to 3 and to the latest requests.
#[derive(Clone, Debug)]
enum Happening {
    Open(&'static str, u8),
    Request(&'static str, &'static str, u8),
    Body(u64, &'static str),
    Aborted(u64),
    Attach(u64),
    Detach(u64),
    Frame(u64, &'static str),
    WsClosed(u64),
    Room,
    Send(u8),
    Close(u8),
    Wait(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::{Aborted, Attach, Body, Close, Detach, Frame, Open, Request, Room, Send, Wait, WsClosed};
    let (seed, back) = (0..4_u8, 0..5_u64);
    let transport = prop_oneof![Just("polling"), Just("websocket")];
    let method = prop_oneof![4 => Just("GET"), 2 => Just("POST"), 1 => Just("DELETE")];
    prop_oneof![
        2 => (transport.clone(), seed.clone()).prop_map(|(transport, seed)| Open(transport, seed)),
        6 => (method, transport, seed.clone()).prop_map(|(method, transport, seed)| Request(method, transport, seed)),
        3 => (back.clone(), prop_oneof![Just("4a"), Just("3"), Just("1"), Just("x")]).prop_map(|(id, body)| Body(id, body)),
        1 => back.clone().prop_map(Aborted),
        4 => back.clone().prop_map(Attach),
        1 => back.clone().prop_map(Detach),
        4 => (back.clone(), prop_oneof![Just("2probe"), Just("5"), Just("3"), Just("4a"), Just("x")])
            .prop_map(|(ws, text)| Frame(ws, text)),
        1 => back.prop_map(WsClosed),
        2 => Just(Room),
        3 => seed.clone().prop_map(Send),
        1 => seed.prop_map(Close),
        2 => (0..30_u64).prop_map(Wait),
    ]
}

proptest! {
    /// Whatever happens, the table keeps nothing of what is over, sleeps for nobody too long, and is empty in the end.
    #[test]
    fn nothing_is_left_behind(happenings in proptest::collection::vec(happening(), 1..80)) {
        let (mut scene, mut now) = (Scene::new(), s(0));
        for happening in happenings {
            let back = |back: u64| scene.sessions.last.saturating_sub(back);
            match happening {
                Happening::Open(transport, seed) => {
                    scene.request(now, "GET", &alloc::format!("EIO=4&transport={transport}"), seed);
                }
                Happening::Request(method, transport, seed) => {
                    scene.request(now, method, &query(transport, seed), seed);
                }
                Happening::Body(id, body) => {
                    scene.sessions.handle(now, Input::Body { id: RequestId(back(id)), body: body.to_string().into() });
                }
                Happening::Aborted(id) => scene.sessions.handle(now, Input::Aborted { id: RequestId(back(id)) }),
                Happening::Attach(ws) => {
                    let ws = WsId(back(ws));
                    scene.attach(ws);
                }
                Happening::Detach(ws) => drop(scene.sessions.detach(WsId(back(ws)))),
                Happening::Frame(ws, text) => {
                    scene.sessions.handle(now, Input::WsFrame { ws: WsId(back(ws)), frame: text.into() });
                }
                Happening::WsClosed(ws) => scene.sessions.handle(now, Input::WsClosed { ws: WsId(back(ws)) }),
                Happening::Room => scene.sessions.entries.values_mut().for_each(|entry| {
                    if let Some((_, writer)) = entry.driver.ends().1 {
                        writer.0 = None;
                    }
                }),
                Happening::Send(seed) => {
                    let _ = scene.sessions.machine(&sid(seed)).map(|session| session.send(&Encoded::text("b")));
                }
                Happening::Close(seed) => {
                    let _ = scene.sessions.machine(&sid(seed)).map(|session| session.close(now));
                }
                Happening::Wait(seconds) => {
                    now = now.saturating_add(Duration::from_secs(seconds));
                    scene.sessions.handle_timeout(now);
                }
            }
            while scene.sessions.poll_event().is_some() {}
            scene.check();
        }
        while let Some(due) = scene.sessions.next_deadline() {
            now = now.max(due);
            scene.sessions.handle_timeout(now);
            while scene.sessions.poll_event().is_some() {}
            scene.check();
        }
        prop_assert!(scene.sessions.is_empty());
    }
}
