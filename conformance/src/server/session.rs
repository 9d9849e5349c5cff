//! One task per session: it runs the machines on tokio.
//!
//! | event | when the task waits for it |
//! |---|---|
//! | a message: a request, a body, a WebSocket, the end of the server | always |
//! | a deadline of the machine | always |
//! | the client of a request goes away | while the request is not answered |
//! | a message on the WebSocket | while the machine wants input |
//! | the WebSocket has sent what was written | while something is not sent yet |
//! | another session has something for this one | always |
//!
//! Nothing queues up here. What the WebSocket has no room for stays in the machine, which counts it. What the machine
//! has no room for stays in the WebSocket, and so at the peer.

use std::collections::HashMap;
use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::Poll;

use sio_codec::engineio::Response;
use sio_codec::engineio::server::{Carrier, Handshake, Input, RequestId, Transmit, WsId};
use sio_codec::{Clock, Frame, Machine as _, Output, Timestamp};
use tokio::sync::{Notify, mpsc, oneshot};

use super::app::App;
use super::bounds;
use super::mail::Mail;
use super::websocket::{End, Happening, Socket};
use crate::contract::{Application, Entropy, Kind};

/// Where the open packet is sent.
pub(super) enum First {
    Request(RequestId, oneshot::Sender<Response>),
    WebSocket(WsId, Box<Socket>),
}

/// Starts a session and its task.
pub(super) fn open(app: &Arc<App>, kind: Kind, handshake: Handshake, first: First) {
    let (carrier, replies, line) = match first {
        First::Request(id, reply) => (Carrier::Request(id), HashMap::from([(id, reply)]), Line::None),
        First::WebSocket(ws, socket) => (Carrier::WebSocket(ws), HashMap::new(), Line::Open(ws, socket)),
    };
    let (sid, application) = app.site.accept(kind, handshake, app.clock.now(), carrier, &mut Entropy::System);
    let task = Task { application, app: Arc::clone(app), replies, decisions: HashMap::new(), line, full: None };
    let (mailbox, mail) = mpsc::channel(bounds::MAILBOX);
    app.sessions.enter(kind, sid.clone(), mailbox);
    let app = Arc::clone(app);
    app.tasks.clone().spawn(async move {
        task.run(mail).await;
        app.sessions.leave(kind, sid);
    });
}

struct Task {
    application: Application,
    app: Arc<App>,
    replies: HashMap<RequestId, oneshot::Sender<Response>>,
    decisions: HashMap<WsId, oneshot::Sender<Result<(), Response>>>,
    line: Line,
    /// The WebSocket that has no room, as the machine knows.
    full: Option<WsId>,
}

/// The WebSocket of a session: the one that carries it, or a candidate for an upgrade.
enum Line {
    None,
    /// It was accepted, and its 101 is being sent.
    Promised(WsId),
    Open(WsId, Box<Socket>),
}

impl Task {
    async fn run(mut self, mut mail: mpsc::Receiver<Mail>) {
        let call = self.application.call();
        while self.drain() {
            let deadline = self.application.next_deadline();
            let listening = self.application.wants_input();
            tokio::select! {
                letter = mail.recv() => match letter {
                    Some(letter) => self.open_letter(letter),
                    None => return,
                },
                () = until(self.app.clock, deadline) => self.application.handle_timeout(self.app.clock.now()),
                id = abandoned(&mut self.replies) => {
                    self.replies.remove(&id);
                    self.handle(Input::Aborted { id });
                }
                (ws, happening) = self.line.next(listening) => self.on_happening(ws, happening),
                // It is drained next.
                () = called(call.as_deref()) => {}
            }
        }
    }

    fn open_letter(&mut self, letter: Mail) {
        match letter {
            Mail::Request { id, input, reply } => {
                self.replies.insert(id, reply);
                self.handle(input);
            }
            Mail::Input(input) => self.handle(input),
            Mail::Upgrade { ws, revision, binary, decision } => {
                self.decisions.insert(ws, decision);
                self.handle(Input::Upgrade { ws, revision, binary });
            }
            Mail::Upgraded { ws, socket } => match (socket, self.line.is_promised(ws)) {
                (Some(socket), true) => self.line = Line::Open(ws, socket),
                (None, true) => self.lose(ws),
                // The session dropped it before it was established.
                (Some(socket), false) => self.dismiss(socket, End::Ours),
                (None, false) => {}
            },
            Mail::ShutDown => self.application.close(self.app.clock.now()),
        }
    }

    fn on_happening(&mut self, ws: WsId, happening: Happening) {
        match happening {
            Happening::Message(frame) => self.handle(Input::WsFrame { ws, frame }),
            // The machine gets this before it is asked for more output.
            Happening::Written => {}
            Happening::Ended(end) => {
                if let Some(socket) = self.line.take(ws) {
                    self.dismiss(socket, end);
                }
                self.lose(ws);
            }
        }
    }

    /// Carries out the machine's actions; `false` when the session has ended.
    fn drain(&mut self) -> bool {
        loop {
            self.watch_room();
            match self.application.poll_output() {
                None => return true,
                Some(Output::Event(_ended)) => return false,
                Some(Output::Transmit(transmit)) => self.transmit(transmit),
            }
        }
    }

    /// Tells the machine when its WebSocket has no room for messages, and when it has room again.
    fn watch_room(&mut self) {
        let full = match &self.line {
            Line::Open(ws, socket) if !socket.has_room() => Some(*ws),
            Line::None | Line::Promised(_) | Line::Open(..) => None,
        };
        if full != self.full {
            let before = std::mem::replace(&mut self.full, full);
            let news = match (before, full) {
                (_, Some(ws)) => Input::WsFull { ws },
                (Some(ws), None) => Input::WsWritable { ws },
                (None, None) => return,
            };
            self.handle(news);
        }
    }

    fn transmit(&mut self, transmit: Transmit) {
        match transmit {
            Transmit::Respond { id, response } => {
                if let Some(reply) = self.replies.remove(&id) {
                    let _ = reply.send(response);
                }
            }
            Transmit::WsAccept { ws } => {
                self.line = Line::Promised(ws);
                if self.decide(ws, Ok(())).is_err() {
                    self.lose(ws);
                }
            }
            Transmit::WsRefuse { ws, response } => drop(self.decide(ws, Err(response))),
            Transmit::WsSend { ws, frame } => self.line.write(ws, frame),
            Transmit::WsClose { ws } => {
                if let Some(socket) = self.line.take(ws) {
                    self.dismiss(socket, End::Ours);
                }
            }
        }
    }

    /// Tells a request whether it becomes a WebSocket; fails if its client is gone.
    fn decide(&mut self, ws: WsId, decision: Result<(), Response>) -> Result<(), Gone> {
        let waiting = self.decisions.remove(&ws).ok_or(Gone)?;
        waiting.send(decision).map_err(|_| Gone)
    }

    /// A WebSocket is lost.
    fn lose(&mut self, ws: WsId) {
        drop(self.line.take(ws));
        self.handle(Input::WsClosed { ws });
    }

    /// Closes a WebSocket in its own task; the session does not wait for it.
    fn dismiss(&self, socket: Box<Socket>, end: End) {
        self.app.tasks.spawn(socket.say_goodbye(end));
    }

    fn handle(&mut self, input: Input) {
        self.application.handle(self.app.clock.now(), input);
    }
}

/// The client of a request is gone.
struct Gone;

impl Line {
    async fn next(&mut self, listening: bool) -> (WsId, Happening) {
        match self {
            Self::Open(ws, socket) => (*ws, socket.next(listening).await),
            Self::None | Self::Promised(_) => pending().await,
        }
    }

    fn is_promised(&self, ws: WsId) -> bool {
        matches!(self, Self::Promised(promised) if *promised == ws)
    }

    /// A session has one WebSocket at a time, and writes to a new one only after that has sent something. So output for
    /// another WebSocket is for one that is gone.
    fn write(&mut self, ws: WsId, frame: Frame) {
        if let Self::Open(open, socket) = self
            && *open == ws
        {
            socket.write(frame);
        }
    }

    /// Ends the session's use of a WebSocket, and returns it if it was established.
    fn take(&mut self, ws: WsId) -> Option<Box<Socket>> {
        match self {
            Self::Open(open, _) if *open == ws => {}
            Self::Promised(promised) if *promised == ws => {}
            Self::None | Self::Promised(_) | Self::Open(..) => return None,
        }
        match std::mem::replace(self, Self::None) {
            Self::Open(_, socket) => Some(socket),
            Self::None | Self::Promised(_) => None,
        }
    }
}

async fn until(clock: Clock, deadline: Option<Timestamp>) {
    match deadline {
        Some(at) => tokio::time::sleep(at.saturating_since(clock.now())).await,
        None => pending().await,
    }
}

async fn called(call: Option<&Notify>) {
    match call {
        Some(call) => call.notified().await,
        None => pending().await,
    }
}

/// Returns when the client of an unanswered request has gone.
async fn abandoned(replies: &mut HashMap<RequestId, oneshot::Sender<Response>>) -> RequestId {
    poll_fn(|context| {
        let mut gone =
            replies.iter_mut().filter_map(|(id, reply)| reply.poll_closed(context).is_ready().then_some(*id));
        gone.next().map_or(Poll::Pending, Poll::Ready)
    })
    .await
}
