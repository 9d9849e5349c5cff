//! Tasks that share a client.

use core::future::pending;
use core::time::Duration;

use smol::future::{or, poll_once, yield_now};

use crate::engineio::client::{ClientSession, Config, Request, Shared, Step, Transports};
use crate::engineio::{BodyFormat, CloseReason, Conversation, Encoded, Event, Session as _};
use crate::frame::Frame;
use crate::time::Timestamp;

type Client = Shared<ClientSession>;

fn client(transports: Transports) -> Client {
    Shared::new(ClientSession::connect(Timestamp::ZERO, Config::default().with_transports(transports)))
}

fn never(_: Duration) -> core::future::Pending<()> {
    pending()
}

async fn request(client: &Client) -> Request {
    match client.next(never).await {
        Step::Request(request) => request,
        other => panic!("no request: {other:?}"),
    }
}

async fn event(client: &Client) -> Event {
    match client.next(never).await {
        Step::Event(event) => event,
        other => panic!("no event: {other:?}"),
    }
}

async fn connect(client: &Client) -> Conversation {
    match client.next(never).await {
        Step::Connect { conversation, .. } => conversation,
        other => panic!("no WebSocket: {other:?}"),
    }
}

const OPEN: &str = r#"0{"sid":"S","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

#[test]
fn a_request_is_answered_or_has_failed() {
    smol::block_on(async {
        let polling = client(Transports::PollingOnly);
        let open = request(&polling).await;
        assert_eq!((&*open.query, open.body.is_none()), ("EIO=4&transport=polling", true));
        open.answer(200, BodyFormat::Text, OPEN.into());
        assert_eq!(event(&polling).await, Event::Opened);

        let polling = client(Transports::PollingOnly);
        drop(request(&polling).await);
        assert!(matches!(event(&polling).await, Event::Closed(CloseReason::TransportError(_))));
        polling.ended().await;
    });
}

#[cfg(feature = "http")]
#[test]
fn an_exchange_answers_a_request() {
    use crate::engineio::Sid;

    let answer = || {
        let answer = http::Response::builder().header("content-type", "text/plain; charset=UTF-8");
        Ok::<_, Sid>(answer.body(OPEN.into()).unwrap())
    };
    smol::block_on(async {
        let polling = client(Transports::PollingOnly);
        assert_eq!(request(&polling).await.answered_by(async { answer() }).await, Ok(()));
        assert_eq!(event(&polling).await, Event::Opened);

        // It ends when nobody wants the answer any more.
        let poll = request(&polling).await;
        let gives_up = async {
            polling.act(|session, now| session.close(now));
            while !matches!(polling.next(never).await, Step::Event(Event::Closed(_))) {}
            pending().await
        };
        assert_eq!(or(poll.answered_by(pending::<Result<_, Sid>>()), gives_up).await, Ok(()));

        let polling = client(Transports::PollingOnly);
        let error = Sid::from_entropy([7; 15]);
        assert_eq!(request(&polling).await.answered_by(async { Err(error.clone()) }).await, Err(error));
        assert!(matches!(event(&polling).await, Event::Closed(CloseReason::TransportError(_))));
    });
}

#[test]
fn a_request_may_be_given_up() {
    smol::block_on(async {
        let polling = client(Transports::PollingOnly);
        request(&polling).await.answer(200, BodyFormat::Text, OPEN.into());
        assert_eq!(event(&polling).await, Event::Opened);
        let poll = request(&polling).await;
        assert_eq!(poll_once(poll.given_up()).await, None);
        let loses = async {
            // The answer is no packet: the session ends.
            polling.act(|session, _| session.send(&Encoded::text("a"))).unwrap();
            let post = request(&polling).await;
            assert!(post.body.is_some());
            post.answer(400, BodyFormat::Text, "".into());
            while !matches!(event(&polling).await, Event::Closed(_)) {}
            pending::<()>().await;
        };
        or(poll.given_up(), loses).await;
        assert_eq!(poll_once(polling.ended()).await, None, "its task still has it");
        drop(poll);
        polling.ended().await;
    });
}

#[test]
fn what_another_task_does_is_the_next_step() {
    smol::block_on(async {
        let websocket = client(Transports::WebSocketOnly);
        let (reader, mut writer) = connect(&websocket).await.open();
        assert!(poll_once(websocket.next(never)).await.is_none());
        let reads = async {
            assert!(reader.ready().await);
            reader.frame(OPEN.into());
            pending().await
        };
        assert_eq!(or(event(&websocket), reads).await, Event::Opened);

        let says = async {
            websocket.act(|session, _| session.send(&Encoded::text("a"))).unwrap();
            pending::<()>().await;
        };
        let written = async { assert_eq!(writer.next().await, Some(Frame::from("4a"))) };
        let steps = async {
            websocket.next(never).await;
        };
        or(written, or(says, steps)).await;

        // Messages wait until the events are taken.
        for text in ["4a", "4b"] {
            reader.frame(text.into());
        }
        assert_eq!(poll_once(reader.ready()).await, None);
        let takes = async {
            for text in ["a", "b"] {
                assert_eq!(event(&websocket).await, Event::Message(text.into()));
            }
            websocket.next(never).await;
        };
        or(async { assert!(reader.ready().await) }, takes).await;
        // The writer fails while the reader waits.
        for text in ["4c", "4d"] {
            reader.frame(text.into());
        }
        let fails = async {
            yield_now().await;
            drop(writer);
            pending().await
        };
        assert!(!or(reader.ready(), fails).await);
        for text in ["c", "d"] {
            assert_eq!(event(&websocket).await, Event::Message(text.into()));
        }
        assert_eq!(event(&websocket).await, Event::Closed(CloseReason::TransportClose));
    });
}

#[test]
fn a_websocket_that_cannot_be_established_is_lost() {
    smol::block_on(async {
        let websocket = client(Transports::WebSocketOnly);
        drop(connect(&websocket).await);
        assert!(matches!(event(&websocket).await, Event::Closed(_)));
        websocket.ended().await;

        // One that is given up before it is there has nothing to read or write.
        let websocket = client(Transports::WebSocketOnly);
        let late = connect(&websocket).await;
        websocket.act(|session, now| session.close(now));
        assert!(matches!(event(&websocket).await, Event::Closed(_)));
        let (reader, mut writer) = late.open();
        assert!(!reader.ready().await);
        assert_eq!(writer.next().await, None);
    });
}

#[test]
fn deadlines_are_kept_while_the_next_step_is_awaited() {
    smol::block_on(async {
        let websocket = client(Transports::WebSocketOnly);
        let _conversation = connect(&websocket).await;
        // The timer says that the time is over, which is not true: it is asked again.
        let slept = core::cell::Cell::new(0);
        let step = websocket.next(|time| {
            slept.set(slept.get() + 1);
            assert!(time > Duration::from_secs(1), "{time:?}");
            async { yield_now().await }
        });
        let some = async {
            while slept.get() < 3 {
                yield_now().await;
            }
            None
        };
        assert!(or(async { Some(step.await) }, some).await.is_none());
        assert_eq!(slept.get(), 3);
    });
}
