//! WebSockets that behave, and others.

use alloc::collections::VecDeque;
use alloc::string::ToString as _;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::{Ready, pending, ready};
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Mutex;

use futures_core::Stream;
use futures_sink::Sink;
use smol::future::{or, yield_now};

use super::ConversationError;
use crate::engineio::server::{Answered, Config, ServerSession, Shared};
use crate::engineio::{CloseReason, Conversation, Encoded, Event, RequestHead, Session as _, Sid, Violation};
use crate::frame::Frame;

type Sessions = Shared<ServerSession>;

/// A WebSocket whose messages are frames. One without text or bytes is a ping.
struct Socket {
    comes: VecDeque<Comes>,
    peer: Peer,
    log: Log,
}

enum Comes {
    Message(Message),
    Failure,
    /// Nothing, until the Close frame was written.
    Silence,
}

enum Peer {
    Takes,
    Stalls,
    Fails,
}

type Message = Option<Frame>;
type Log = Arc<Mutex<Vec<Did>>>;

#[derive(Debug, PartialEq, Eq)]
enum Did {
    Wrote(Frame),
    Flushed,
    Closed,
    ReadToTheEnd,
}

#[derive(Debug, PartialEq, Eq)]
struct Broken;

impl Socket {
    fn did(&self, did: Did) {
        self.log.lock().unwrap().push(did);
    }

    fn poll_peer(&self) -> Poll<Result<(), Broken>> {
        match self.peer {
            Peer::Takes => Poll::Ready(Ok(())),
            Peer::Stalls => Poll::Pending,
            Peer::Fails => Poll::Ready(Err(Broken)),
        }
    }
}

impl Stream for Socket {
    type Item = Result<Message, Broken>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = Pin::into_inner(self);
        match this.comes.front() {
            Some(Comes::Silence) if !this.log.lock().unwrap().contains(&Did::Closed) => {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(Comes::Silence) => drop(this.comes.pop_front()),
            _ => {}
        }
        match this.comes.pop_front() {
            Some(Comes::Message(message)) => Poll::Ready(Some(Ok(message))),
            Some(Comes::Failure) => Poll::Ready(Some(Err(Broken))),
            Some(Comes::Silence) => Poll::Pending,
            None => {
                this.did(Did::ReadToTheEnd);
                Poll::Ready(None)
            }
        }
    }
}

impl Sink<Message> for Socket {
    type Error = Broken;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.poll_peer()
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Broken> {
        message.into_iter().for_each(|frame| self.did(Did::Wrote(frame)));
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.did(Did::Flushed);
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.did(Did::Closed);
        Poll::Ready(Ok(()))
    }
}

/// A session on a WebSocket, which echoes, and its other events.
fn websocket() -> (Sessions, Conversation, Arc<Mutex<Vec<Event>>>) {
    let events = Arc::<Mutex<Vec<_>>>::default();
    let seen = Arc::clone(&events);
    let sessions = Sessions::new(Config::default(), move |table, _| {
        while let Some((session, event)) = table.poll_event() {
            match event {
                Event::Message(Frame::Text(text)) => drop(session.send(&Encoded::text(&text))),
                event => seen.lock().unwrap().push(event),
            }
        }
    });
    let sessions = sessions.unwrap();
    let query = "EIO=4&transport=websocket";
    let head = RequestHead { method: "GET", query, content_type: None, origin: None, wants_websocket: true };
    let pending = sessions
        .request(&head, |now, handshake, carrier| Ok(handshake.accept(now, Sid::from_entropy([7; 15]), carrier)));
    let Answered::WebSocket(conversation) = smol::block_on(pending) else { panic!("no WebSocket") };
    (sessions, conversation, events)
}

fn socket(comes: impl IntoIterator<Item = Comes>, peer: Peer) -> (Socket, Log) {
    let log = Log::default();
    (Socket { comes: comes.into_iter().collect(), peer, log: Arc::clone(&log) }, log)
}

async fn run(conversation: Conversation, socket: Socket) -> Result<(), ConversationError<Broken>> {
    conversation.run(socket, |message| message, Some, |_| pending::<()>()).await
}

/// As [`run`], with a timer that rings at once.
async fn run_out(conversation: Conversation, socket: Socket) -> Result<(), ConversationError<Broken>> {
    let sleep = |time| -> Ready<()> {
        assert_eq!(time, Duration::from_secs(30));
        ready(())
    };
    conversation.run(socket, |message| message, Some, sleep).await
}

fn message(text: &'static str) -> Comes {
    Comes::Message(Some(text.into()))
}

/// What was done, without the first packet of the session.
fn done(log: &Log) -> Vec<Did> {
    let mut log = core::mem::take(&mut *log.lock().unwrap());
    let is_open = |did: &Did| matches!(did, Did::Wrote(Frame::Text(open)) if open.as_str().starts_with("0{"));
    let open = log.iter().position(is_open).unwrap();
    log.remove(open);
    log
}

#[test]
fn messages_go_both_ways_until_the_peer_closes() {
    let (_sessions, conversation, events) = websocket();
    let (socket, log) = socket([message("4a"), Comes::Message(None), message("4b")], Peer::Takes);
    assert_eq!(smol::block_on(run(conversation, socket)), Ok(()));
    let (a, b) = (Did::Wrote("4a".into()), Did::Wrote("4b".into()));
    assert_eq!(done(&log), [Did::ReadToTheEnd, a, b, Did::Flushed, Did::Closed]);
    assert_eq!(*events.lock().unwrap(), [Event::Opened, Event::Closed(CloseReason::TransportClose)]);
}

#[test]
fn what_is_there_together_is_flushed_together() {
    let (sessions, conversation, _) = websocket();
    sessions.act(|table, _| {
        for session in table.machines() {
            session.send(&Encoded::text("a")).unwrap();
            session.send(&Encoded::text("b")).unwrap();
        }
    });
    let (socket, log) = socket([Comes::Silence], Peer::Takes);
    smol::block_on(or(async { drop(run(conversation, socket).await) }, yield_now()));
    assert_eq!(done(&log), [Did::Wrote("4a".into()), Did::Wrote("4b".into()), Did::Flushed]);
}

/// It sends without a pause, and gets what is for it nevertheless.
#[test]
fn a_peer_that_sends_much_is_written_to_meanwhile() {
    let (sessions, conversation, _) = websocket();
    sessions.act(|table, _| table.machines().for_each(|session| session.send(&Encoded::text("a")).unwrap()));
    let much = (0..100).map(|_| Comes::Message(None));
    let (socket, log) = socket(much.chain([Comes::Silence]), Peer::Takes);
    let wrote = async {
        yield_now().await;
        log.lock().unwrap().len()
    };
    let runs = async {
        drop(run(conversation, socket).await);
        0
    };
    assert_eq!(smol::block_on(or(runs, wrote)), 3, "{log:?}");
}

#[test]
fn the_session_ends_with_everything_written_and_read() {
    let (sessions, conversation, _) = websocket();
    let (socket, log) = socket([message("4a"), Comes::Silence, message("4late")], Peer::Takes);
    let ends = async {
        yield_now().await;
        sessions.shut_down(|now, session| session.close(now));
        pending().await
    };
    assert_eq!(smol::block_on(or(run(conversation, socket), ends)), Ok(()));
    assert_eq!(done(&log), [Did::Wrote("4a".into()), Did::Flushed, Did::Closed, Did::ReadToTheEnd]);
    smol::block_on(sessions.ended());
}

#[test]
fn a_failure_is_told_to_the_session_and_returned() {
    let (_sessions, conversation, events) = websocket();
    let (socket, _) = socket([Comes::Failure], Peer::Takes);
    let error = smol::block_on(run(conversation, socket)).unwrap_err();
    assert_eq!(error, ConversationError::Socket(Broken));
    assert_eq!(events.lock().unwrap().pop(), Some(Event::Closed(CloseReason::TransportClose)));

    let (_sessions, conversation, events) = websocket();
    let (socket, _) = self::socket([Comes::Silence], Peer::Fails);
    // The peer is not heard any more, and the timer that waits for it does not ring: only what was written fails.
    let error = smol::block_on(run_out(conversation, socket)).unwrap_err();
    assert_eq!(error, ConversationError::Socket(Broken));
    assert_eq!(events.lock().unwrap().pop(), Some(Event::Closed(CloseReason::TransportClose)));
}

#[test]
fn nobody_is_waited_for_without_end() {
    // It takes nothing.
    let (_sessions, conversation, events) = websocket();
    let (stalls, _) = socket([Comes::Silence], Peer::Stalls);
    assert_eq!(smol::block_on(run_out(conversation, stalls)), Err(ConversationError::TimedOut));
    assert_eq!(events.lock().unwrap().pop(), Some(Event::Closed(CloseReason::TransportClose)));

    // It does not answer the Close frame.
    let (sessions, conversation, _) = websocket();
    sessions.shut_down(|now, session| session.close(now));
    let (silent, log) = socket([Comes::Silence, Comes::Silence], Peer::Takes);
    assert_eq!(smol::block_on(run_out(conversation, silent)), Err(ConversationError::TimedOut));
    assert_eq!(log.lock().unwrap().last(), Some(&Did::Closed));
    assert_eq!(ConversationError::<Violation>::TimedOut.to_string(), "the peer took nothing for 30 s");
}
