//! Tasks that share sessions.

use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;
use core::future::pending;
use core::time::Duration;
use std::sync::Mutex;

use smol::future::{or, poll_once, yield_now};

use crate::engineio::server::{Answered, Config, Pending, ServerSession, Shared};
use crate::engineio::{CloseReason, Encoded, Event, Reader, RequestHead, Session as _, Sid, Violation, Writer};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::text::Text;
use crate::time::{Clock, Timestamp};

type Sessions = Shared<ServerSession>;

/// Sessions that echo, and their other events.
fn sessions(config: Config) -> (Sessions, Arc<Mutex<Vec<Event>>>) {
    let events = Arc::<Mutex<Vec<_>>>::default();
    let seen = Arc::clone(&events);
    let sessions = Sessions::new(config, move |table, _| {
        while let Some((session, event)) = table.poll_event() {
            match event {
                Event::Message(Frame::Text(text)) => drop(session.send(&Encoded::text(&text))),
                event => seen.lock().unwrap().push(event),
            }
        }
    });
    (sessions.unwrap(), events)
}

fn request(sessions: &Sessions, method: &str, query: &str) -> Pending {
    let wants_websocket = query.contains("websocket");
    let head = RequestHead { method, query, content_type: None, origin: None, wants_websocket };
    sessions.request(&head, |now, handshake, carrier| Ok(handshake.accept(now, Sid::from_entropy([7; 15]), carrier)))
}

const POLLING: &str = "EIO=4&transport=polling";
const WEBSOCKET: &str = "EIO=4&transport=websocket";

/// The query of a request of the session.
fn of_session(query: &str) -> String {
    alloc::format!("{query}&sid={}", Sid::from_entropy([7; 15]).as_str())
}

async fn response(pending: Pending) -> (u16, String) {
    match pending.await {
        Answered::Response(response) => (response.status, String::from_utf8(response.body.to_vec()).unwrap()),
        Answered::WebSocket(_) => panic!("it becomes a WebSocket"),
    }
}

async fn websocket(sessions: &Sessions) -> (Reader, Writer) {
    let Answered::WebSocket(conversation) = request(sessions, "GET", WEBSOCKET).await else { panic!("no WebSocket") };
    let (reader, mut writer) = conversation.open();
    assert!(matches!(writer.next().await, Some(Frame::Text(open)) if open.as_str().starts_with("0{")));
    (reader, writer)
}

#[test]
fn an_answer_wakes_who_waits_for_it() {
    let (sessions, _) = sessions(Config::default());
    smol::block_on(async {
        assert_eq!(response(request(&sessions, "GET", POLLING)).await.0, 200);
        let post = request(&sessions, "POST", &of_session(POLLING));
        assert!(post.takes_body());
        let later = async {
            post.body("4hello".into());
            assert_eq!(response(post).await, (200, "ok".to_string()));
            pending().await
        };
        let get = request(&sessions, "GET", &of_session(POLLING));
        assert_eq!(or(response(get), later).await, (200, "4hello".to_string()));
    });
}

#[test]
fn a_refused_request_takes_no_body() {
    let (sessions, _) = sessions(Config::default());
    let post = request(&sessions, "POST", &of_session(POLLING));
    assert!(!post.takes_body());
    assert_eq!(smol::block_on(response(post)).0, 400);
}

#[test]
fn a_request_that_is_dropped_was_left() {
    let (sessions, events) = sessions(Config::default());
    smol::block_on(response(request(&sessions, "GET", POLLING)));
    let get = request(&sessions, "GET", &of_session(POLLING));
    assert_eq!(smol::block_on(poll_once(async { 0 })), Some(0));
    assert_eq!(*events.lock().unwrap(), [Event::Opened]);
    drop(get);
    let closed = Event::Closed(CloseReason::TransportError(Violation::AbortedPoll));
    assert_eq!(*events.lock().unwrap(), [Event::Opened, closed]);
}

#[test]
fn a_websocket_that_nobody_opens_is_lost() {
    let (sessions, events) = sessions(Config::default());
    let lost = [Event::Opened, Event::Closed(CloseReason::TransportClose)];
    // Not even the answer is taken.
    drop(request(&sessions, "GET", WEBSOCKET));
    assert_eq!(*events.lock().unwrap(), lost);
    events.lock().unwrap().clear();
    drop(smol::block_on(request(&sessions, "GET", WEBSOCKET)));
    assert_eq!(*events.lock().unwrap(), lost);
}

/// The client sends more than it reads. Nothing is lost, and what waits is bounded.
#[test]
fn a_reader_waits_for_the_writer() {
    let limits = Limits::default().with_max_payload(1_000);
    let (sessions, _) = sessions(Config::default().with_limits(limits));
    smol::block_on(async {
        let (reader, mut writer) = websocket(&sessions).await;
        let message = || Frame::Text(Text::from(alloc::format!("4{}", "x".repeat(990))));
        let mut sent = 0;
        while poll_once(reader.ready()).await == Some(true) {
            reader.frame(message());
            sent += 1;
            assert!(sent < 10_000, "it is never full");
        }
        // Room for one is not yet room for what the next one may cause.
        let read_all = async {
            for _ in 0..sent {
                assert_eq!(writer.next().await, Some(message()));
            }
            pending::<()>().await;
        };
        let ready = async { assert!(reader.ready().await) };
        or(ready, read_all).await;
    });
}

/// It waits for a client that reads nothing, and then cannot any more.
#[test]
fn a_reader_that_waits_ends_with_its_writer() {
    let limits = Limits::default().with_max_payload(1_000);
    let (sessions, _) = sessions(Config::default().with_limits(limits));
    smol::block_on(async {
        let (reader, writer) = websocket(&sessions).await;
        while poll_once(reader.ready()).await == Some(true) {
            reader.frame(Frame::Text(Text::from(alloc::format!("4{}", "x".repeat(990)))));
        }
        let fails = async {
            yield_now().await;
            drop(writer);
            pending().await
        };
        assert!(!or(reader.ready(), fails).await);
    });
}

#[test]
fn the_end_is_when_everything_was_written() {
    let (sessions, _) = sessions(Config::default());
    smol::block_on(async {
        let (reader, mut writer) = websocket(&sessions).await;
        reader.frame("4a".into());
        sessions.shut_down(|now, session| session.close(now));
        assert!(!reader.ready().await);
        drop(reader);
        assert_eq!(poll_once(sessions.ended()).await, None);
        assert_eq!(writer.next().await, Some("4a".into()));
        assert_eq!(writer.next().await, None);
        let last = async {
            drop(writer);
            pending::<()>().await;
        };
        or(sessions.ended(), last).await;
        assert_eq!(response(request(&sessions, "GET", POLLING)).await.0, 403);
    });
}

/// A client that does not answer a ping is lost after 45 s, which have not passed.
#[test]
fn time_passes_when_the_program_says_so() {
    std::thread_local!(static NOW: Cell<Timestamp> = const { Cell::new(Timestamp::ZERO) });

    let (sessions, events) = sessions(Config::default());
    let sessions = sessions.with_clock(Clock::of(|| NOW.get()));
    let sleep = |time: Duration| async move {
        if time > Duration::ZERO {
            pending::<()>().await;
        }
    };
    smol::block_on(async {
        response(request(&sessions, "GET", POLLING)).await;
        for seconds in [25, 45] {
            NOW.set(Timestamp::from_millis(seconds * 1_000));
            assert_eq!(poll_once(sessions.keep_deadlines(sleep)).await, None);
        }
    });
    assert_eq!(*events.lock().unwrap(), [Event::Opened, Event::Closed(CloseReason::PingTimeout)]);
}

/// The timer never rings.
#[test]
fn an_earlier_deadline_wakes_who_keeps_them() {
    let (sessions, _) = sessions(Config::default());
    let slept = Mutex::new(vec![]);
    let sleep = |time: Duration| {
        slept.lock().unwrap().push(time.as_secs());
        pending::<()>()
    };
    smol::block_on(async {
        let comes = async {
            yield_now().await;
            response(request(&sessions, "GET", POLLING)).await;
            yield_now().await;
            sessions.shut_down(|now, session| session.close(now));
            response(request(&sessions, "GET", &of_session(POLLING))).await;
            pending::<()>().await;
        };
        or(comes, sessions.keep_deadlines(sleep)).await;
    });
    assert_eq!(slept.into_inner().unwrap()[..2], [Duration::MAX.as_secs(), 24]);
}
