//! The loop: one machine of a client, its requests and WebSockets, and a clock.

use std::collections::HashMap;
use std::time::Duration;

use sio_codec::engineio::client::{Config, Input, Transmit};
use sio_codec::engineio::{RequestId, Revision, WsId};
use sio_codec::{Clock, Frame, Machine, Output, Timestamp};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use crate::{http, socket};

/// How many messages may wait for a WebSocket's writer before the machine has to keep them.
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

/// A machine with all that it needs: `ClientSession`, or a `Client` of Socket.IO, which asks for the same.
pub(crate) struct Embedding<M> {
    machine: M,
    revision: Revision,
    clock: Clock,
    target: Target,
    max_payload: usize,
    /// What requests report: one thing each.
    mailbox: mpsc::UnboundedSender<Input>,
    mail: mpsc::UnboundedReceiver<Input>,
    /// What WebSockets report, taken while the machine wants input. Until then they do not read on.
    messages: (mpsc::Sender<Input>, mpsc::Receiver<Input>),
    requests: HashMap<RequestId, AbortHandle>,
    websockets: HashMap<WsId, mpsc::Sender<Frame>>,
    /// The WebSocket whose writer has no room.
    full: Option<WsId>,
    tasks: JoinSet<()>,
    heartbeats: usize,
}

impl<M: Machine<Input = Input, Transmit = Transmit>> Embedding<M> {
    /// `start` makes the machine, from the configuration of its sessions and the time that it is.
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

    /// The machine, to be told something, and the time. What comes of it is carried out by [`next`](Self::next).
    pub(crate) fn machine(&mut self) -> (&mut M, Timestamp) {
        (&mut self.machine, self.clock.now())
    }

    /// Lives until the machine has something to tell. May be given up and called again.
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
                // What has arrived comes before what is overdue.
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

    /// How many halves of the heartbeat were sent.
    pub(crate) const fn heartbeats(&self) -> usize {
        self.heartbeats
    }

    /// Lets the last messages out, after the last session has closed.
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
                    // Why it ended makes no difference to the session.
                    let _ = socket::pump(&target, &query, limit, ws, outbox, &mailbox).await;
                    let _ = mailbox.send(Input::WsClosed { ws }).await;
                });
                self.websockets.insert(ws, frames);
            }
            Transmit::WsSend { ws, frame } => {
                let Some(frames) = self.websockets.get(&ws) else { return };
                // There is room, or the machine would know. A WebSocket that is gone reports so.
                let _ = frames.try_send(frame);
                if frames.capacity() == 0 {
                    self.full = Some(ws);
                    self.machine.handle(self.clock.now(), Input::WsFull { ws });
                }
            }
            // Its task sends what it was given, and closes.
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

/// Resolves when a WebSocket that was full has room again, or is gone.
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
