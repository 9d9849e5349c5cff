//! The event loop around one client machine, with its requests, its WebSockets and a clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sio_codec::engineio::client::{Body, Config, Connector, Driver, Input, Transmit};
use sio_codec::engineio::{Outlet, RequestId, Revision, WsId};
use sio_codec::{Clock, Frame, Machine, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::{http, socket};

/// How many messages may wait in front of a WebSocket's writer. The machine keeps the others.
const OUTBOX: usize = 16;

/// How long connections may take to end after their session.
const GRACE: Duration = Duration::from_secs(1);

/// Where a server is.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// `host:port`.
    pub(crate) authority: String,
    pub(crate) path: String,
}

impl Target {
    pub(crate) fn new(url: &str, path: &str) -> Option<Self> {
        let uri: hyper::Uri = url.parse().ok()?;
        let authority = format!("{}:{}", uri.host()?, uri.port_u16().unwrap_or(80));
        (uri.scheme_str() == Some("http")).then(|| Self { authority, path: path.to_owned() })
    }
}

/// A client machine and its connections. Both `ClientSession` and the `Client` of Socket.IO fit.
pub(crate) struct Embedding<M> {
    driver: Driver<M, Network>,
    clock: Clock,
    answers: mpsc::UnboundedReceiver<Input>,
    /// What the WebSockets report. It is read only while the machine takes input, so that a full machine stops the reading.
    messages: mpsc::Receiver<Input>,
    heartbeats: Heartbeats,
}

/// Starts a task for each request and each WebSocket.
struct Network {
    target: Target,
    max_payload: usize,
    answers: mpsc::UnboundedSender<Input>,
    messages: mpsc::Sender<Input>,
    /// The WebSockets.
    tasks: JoinSet<()>,
    heartbeats: Heartbeats,
}

/// The messages of a WebSocket that its task has not sent yet. When this is dropped, it sends what is left, and closes.
struct Outbox(mpsc::Sender<Frame>, Heartbeats);

/// The number of heartbeat packets that were sent.
#[derive(Clone)]
struct Heartbeats {
    /// The packet, as a message and in a body.
    forms: [&'static str; 2],
    sent: Arc<AtomicUsize>,
}

impl<M: Machine<Input = Input, Transmit = Transmit>> Embedding<M> {
    /// `start` creates the machine from the configuration of its sessions and the current time.
    pub(crate) fn new(target: Target, config: Config, start: impl FnOnce(Timestamp, Config) -> M) -> Self {
        let clock = Clock::start();
        let (to_answers, answers) = mpsc::unbounded_channel();
        let (to_messages, messages) = mpsc::channel(1);
        let heartbeats = Heartbeats::of(config.revision);
        let network = Network {
            target,
            max_payload: config.limits.max_payload,
            answers: to_answers,
            messages: to_messages,
            tasks: JoinSet::new(),
            heartbeats: heartbeats.clone(),
        };
        let driver = Driver::new(start(clock.now(), config), network);
        Self { driver, clock, answers, messages, heartbeats }
    }

    /// The machine and the current time. [`next`](Self::next) carries out what a call causes.
    pub(crate) fn machine(&mut self) -> (&mut M, Timestamp) {
        (self.driver.machine(), self.clock.now())
    }

    /// Runs until the machine emits an event. It is safe to drop this future and call the function again.
    pub(crate) async fn next(&mut self) -> M::Event {
        loop {
            if let Some(event) = self.driver.poll_event() {
                return event;
            }
            let left = self.clock.until(self.driver.next_deadline());
            tokio::select! {
                // Input that has arrived is handled before deadlines that have passed.
                biased;
                Some(answer) = self.answers.recv() => self.driver.handle(self.clock.now(), answer),
                Some(message) = self.messages.recv(), if self.driver.wants_input() => {
                    self.driver.handle(self.clock.now(), message);
                }
                () = sleep(left) => self.driver.handle_timeout(self.clock.now()),
            }
        }
    }

    /// The number of heartbeat packets that were sent.
    pub(crate) fn heartbeats(&self) -> usize {
        self.heartbeats.sent.load(Ordering::Relaxed)
    }

    /// Sends the remaining messages after the last session has closed.
    pub(crate) async fn finish(mut self) {
        let tasks = &mut self.driver.connector().tasks;
        let _ = timeout(GRACE, async { while tasks.join_next().await.is_some() {} }).await;
    }
}

impl Connector for Network {
    type Request = AbortOnDropHandle<()>;
    type Outlet = Outbox;

    fn request(&mut self, id: RequestId, query: String, body: Option<Body>) -> Self::Request {
        self.heartbeats.count(|[_, form]| body.as_ref().is_some_and(|body| body.bytes == *form));
        let (target, answers, limit) = (self.target.clone(), self.answers.clone(), self.max_payload);
        AbortOnDropHandle::new(tokio::spawn(async move {
            let answer = http::exchange(&target, &query, body, limit).await;
            let _ = answers.send(answer.map_or(Input::Failed { id }, |answer| Input::response(id, answer)));
        }))
    }

    fn connect(&mut self, ws: WsId, query: String) -> Outbox {
        let (outbox, outgoing) = mpsc::channel(OUTBOX);
        let (target, limit) = (self.target.clone(), self.max_payload);
        let (answers, messages) = (self.answers.clone(), self.messages.clone());
        self.tasks.spawn(async move {
            // The session does the same, whatever the reason of the end.
            let _ = socket::pump(&target, &query, limit, ws, outgoing, &answers, &messages).await;
            let _ = messages.send(Input::WsClosed { ws }).await;
        });
        Outbox(outbox, self.heartbeats.clone())
    }
}

impl Outlet for Outbox {
    fn has_room(&self) -> bool {
        self.0.capacity() > 0
    }

    fn send(&mut self, frame: Frame) {
        self.1.count(|[form, _]| frame == Frame::from(form));
        // A closed WebSocket reports its end.
        let _ = self.0.try_send(frame);
    }
}

impl Heartbeats {
    fn of(revision: Revision) -> Self {
        let forms = match revision {
            Revision::V3 => ["2", "1:2"],
            Revision::V4 => ["3", "3"],
        };
        Self { forms, sent: Arc::default() }
    }

    fn count(&self, is_one: impl FnOnce([&'static str; 2]) -> bool) {
        if is_one(self.forms) {
            self.sent.fetch_add(1, Ordering::Relaxed);
        }
    }
}
