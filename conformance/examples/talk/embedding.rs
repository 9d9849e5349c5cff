//! The event loop around one client machine, with its requests, its WebSockets and a clock.

use std::collections::HashMap;
use std::time::Duration;

use sio_codec::engineio::client::{Config, Input, Transmit};
use sio_codec::engineio::{RequestId, Revision, WsId};
use sio_codec::{Clock, Frame, Machine, Output, Timestamp};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

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
    machine: M,
    revision: Revision,
    clock: Clock,
    target: Target,
    max_payload: usize,
    /// The results of the requests, one for each.
    mailbox: mpsc::UnboundedSender<Input>,
    mail: mpsc::UnboundedReceiver<Input>,
    /// The results of the WebSockets. They are read only while the machine takes input, so that a full machine stops the reading.
    messages: (mpsc::Sender<Input>, mpsc::Receiver<Input>),
    requests: HashMap<RequestId, AbortHandle>,
    websockets: HashMap<WsId, mpsc::Sender<Frame>>,
    /// The WebSocket whose writer is full.
    full: Option<WsId>,
    tasks: JoinSet<()>,
    heartbeats: usize,
}

impl<M: Machine<Input = Input, Transmit = Transmit>> Embedding<M> {
    /// `start` creates the machine from the configuration of its sessions and the current time.
    pub(crate) fn new(target: Target, config: Config, start: impl FnOnce(Timestamp, Config) -> M) -> Self {
        let clock = Clock::start();
        let (mailbox, mail) = mpsc::unbounded_channel();
        Self {
            revision: config.revision,
            max_payload: config.limits.max_payload,
            machine: start(clock.now(), config),
            clock,
            target,
            mailbox,
            mail,
            messages: mpsc::channel(1),
            requests: HashMap::new(),
            websockets: HashMap::new(),
            full: None,
            tasks: JoinSet::new(),
            heartbeats: 0,
        }
    }

    /// The machine and the current time. [`next`](Self::next) carries out what a call causes.
    pub(crate) fn machine(&mut self) -> (&mut M, Timestamp) {
        (&mut self.machine, self.clock.now())
    }

    /// Runs until the machine emits an event. It is safe to drop this future and call the function again.
    pub(crate) async fn next(&mut self) -> M::Event {
        loop {
            while let Some(output) = self.machine.poll_output() {
                match output {
                    Output::Event(event) => return event,
                    Output::Transmit(transmit) => self.carry_out(transmit),
                }
            }
            let wait = self.machine.next_deadline().map(|at| at.saturating_since(self.clock.now()));
            tokio::select! {
                // Input that has arrived is handled before deadlines that have passed.
                biased;
                Some(input) = self.mail.recv() => self.machine.handle(self.clock.now(), input),
                Some(input) = self.messages.1.recv(), if self.machine.wants_input() => {
                    self.machine.handle(self.clock.now(), input);
                }
                ws = has_room(self.full, &self.websockets) => {
                    self.full = None;
                    self.machine.handle(self.clock.now(), Input::WsWritable { ws });
                }
                () = sleep(wait) => self.machine.handle_timeout(self.clock.now()),
            }
        }
    }

    /// The number of heartbeat packets that were sent.
    pub(crate) const fn heartbeats(&self) -> usize {
        self.heartbeats
    }

    /// Sends the remaining messages after the last session has closed.
    pub(crate) async fn finish(mut self) {
        self.websockets.clear();
        let _ = tokio::time::timeout(GRACE, async { while self.tasks.join_next().await.is_some() {} }).await;
    }

    fn carry_out(&mut self, transmit: Transmit) {
        self.count_heartbeat(&transmit);
        match transmit {
            Transmit::Request { id, query, body } => {
                let (target, mailbox, limit) = (self.target.clone(), self.mailbox.clone(), self.max_payload);
                let task = self.tasks.spawn(async move {
                    let answer = http::exchange(&target, &query, body, limit).await;
                    let report = match answer {
                        Ok(http::Answer { status, format, body }) => Input::Response { id, status, format, body },
                        Err(_) => Input::Failed { id },
                    };
                    let _ = mailbox.send(report);
                });
                self.requests.retain(|_, request| !request.is_finished());
                self.requests.insert(id, task);
            }
            Transmit::Cancel { id } => {
                if let Some(request) = self.requests.remove(&id) {
                    request.abort();
                }
            }
            Transmit::WsConnect { ws, query } => {
                let (frames, outbox) = mpsc::channel(OUTBOX);
                let (target, mailbox, limit) = (self.target.clone(), self.messages.0.clone(), self.max_payload);
                self.tasks.spawn(async move {
                    // The session does the same, whatever the reason of the end.
                    let _ = socket::pump(&target, &query, limit, ws, outbox, &mailbox).await;
                    let _ = mailbox.send(Input::WsClosed { ws }).await;
                });
                self.websockets.insert(ws, frames);
            }
            Transmit::WsSend { ws, frame } => {
                let Some(frames) = self.websockets.get(&ws) else { return };
                // There is room, because the machine sends nothing to a full WebSocket. A closed WebSocket reports its end.
                let _ = frames.try_send(frame);
                if frames.capacity() == 0 {
                    self.full = Some(ws);
                    self.machine.handle(self.clock.now(), Input::WsFull { ws });
                }
            }
            // Its task sends the remaining messages and closes.
            Transmit::WsClose { ws } => drop(self.websockets.remove(&ws)),
        }
    }

    fn count_heartbeat(&mut self, transmit: &Transmit) {
        let (text, body) = match self.revision {
            Revision::V3 => ("2", "1:2"),
            Revision::V4 => ("3", "3"),
        };
        self.heartbeats += usize::from(match transmit {
            Transmit::WsSend { frame, .. } => *frame == Frame::from(text),
            Transmit::Request { body: Some(sent), .. } => sent.bytes == body,
            _ => false,
        });
    }
}

/// Resolves when a full WebSocket has room again or has closed.
async fn has_room(full: Option<WsId>, websockets: &HashMap<WsId, mpsc::Sender<Frame>>) -> WsId {
    let Some(ws) = full else { return std::future::pending().await };
    if let Some(frames) = websockets.get(&ws) {
        let _ = frames.reserve().await;
    }
    ws
}

async fn sleep(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
