//! One task per session: it runs the machines on tokio.
//!
//! | event | when the task waits for it |
//! |---|---|
//! | a message: a request, a body, a WebSocket, the end of the server | always |
//! | a deadline of the machine | always |
//! | the client of a request goes away | while the request is not answered |
//! | a message on the WebSocket | while the machine wants input |
//! | the WebSocket has room again | while it has none |
//! | another session has something for this one | always |
//! | no request can come any more | while there is no WebSocket |
//!
//! Nothing queues up here. What the WebSocket has no room for stays in the machine, which counts it. What the machine
//! has no room for stays in the WebSocket, and so at the peer.

use std::future::{pending, poll_fn};
use std::iter;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use sio_codec::Frame;
use sio_codec::engineio::server::{Driver, Handshake, Input, Outlet, RequestId, WsId};
use tokio::sync::{Notify, mpsc};
use tokio_util::task::TaskTracker;

use super::alarm::Alarm;
use super::app::App;
use super::bounds;
use super::mail::{Mail, Mailbox, Waiting};
use super::websocket::{End, Happening, Socket};
use crate::contract::{Application, Entropy, Kind};

/// Starts a session and its task.
pub(super) fn open(app: &Arc<App>, kind: Kind, handshake: Handshake, id: RequestId, reply: Waiting) -> Mailbox {
    let carrier = handshake.carrier(id);
    let (sid, application) = app.site.accept(kind, handshake, app.clock.now(), carrier, &mut Entropy::System);
    let task = Task { driver: Driver::new(application, carrier, reply), app: Arc::clone(app) };
    let (mailbox, mail) = mpsc::channel(bounds::MAILBOX);
    app.sessions.enter(kind, sid.clone(), mailbox.clone());
    let app = Arc::clone(app);
    app.tasks.clone().spawn(async move {
        task.run(mail).await;
        app.sessions.leave(kind, sid);
    });
    mailbox
}

struct Task {
    driver: Driver<Application, Waiting, Line>,
    app: Arc<App>,
}

/// The WebSocket of a session: the one that carries it, or a candidate for an upgrade.
struct Line {
    socket: Box<Socket>,
    tasks: TaskTracker,
}

/// What a session's connections say by themselves.
enum Heard {
    /// The client of an unanswered request has gone.
    Abandoned(RequestId),
    /// Messages, which the machine has got, or that there is room again for what it sends.
    Progress,
    /// The WebSocket has ended.
    Ended(WsId, End),
    /// A message, which was the session's last.
    Over,
}

impl Task {
    async fn run(mut self, mut mail: mpsc::Receiver<Mail>) {
        let call = self.driver.machine().call();
        let stop_waiting = self.app.stop_waiting.clone();
        // What seldom happens is waited for once, and not anew for each message.
        let mut calling = pin!(called(call.as_deref()));
        let mut stopped = pin!(stop_waiting.cancelled());
        let mut alarm = Alarm::new(self.app.clock);
        // The machine's only event is its end.
        while self.driver.poll_event().is_none() {
            alarm.set(self.driver.next_deadline());
            let polls = self.driver.ends().1.is_none();
            tokio::select! {
                // What is seldom ready is looked at when there is nothing else; what it means is not lost until then.
                biased;
                () = alarm.ring() => self.driver.handle_timeout(self.app.clock.now()),
                letter = mail.recv() => {
                    let Some(letter) = letter else { return };
                    if self.open(letter, &mut mail).is_break() {
                        return;
                    }
                }
                heard = self.listen() => match heard {
                    Heard::Abandoned(id) => self.handle(Input::Aborted { id }),
                    Heard::Progress => {}
                    Heard::Ended(ws, end) => self.on_end(ws, end),
                    Heard::Over => return,
                },
                // It is drained next.
                () = &mut calling => calling.set(called(call.as_deref())),
                // Nobody can fetch the close packet.
                () = &mut stopped, if polls => return,
            }
        }
    }

    /// Waits for what the session's connections say by themselves.
    async fn listen(&mut self) -> Heard {
        poll_fn(|context| self.poll_heard(context)).await
    }

    fn poll_heard(&mut self, context: &mut Context<'_>) -> Poll<Heard> {
        if let Some(id) = abandoned(self.driver.ends().0, context) {
            return Poll::Ready(Heard::Abandoned(id));
        }
        // What arrived together is handled together.
        for handled in 0..bounds::MESSAGES_AT_ONCE {
            let listening = self.driver.wants_input();
            let happening = match self.driver.ends().1 {
                Some((ws, line)) => line.socket.poll(context, listening).map(|happening| (ws, happening)),
                None => Poll::Pending,
            };
            match happening {
                Poll::Ready((ws, Happening::Message(frame))) => self.handle(Input::WsFrame { ws, frame }),
                // The machine gets this before it is asked for more output.
                Poll::Ready((_, Happening::Written)) => break,
                Poll::Ready((ws, Happening::Ended(end))) => return Poll::Ready(Heard::Ended(ws, end)),
                Poll::Pending if handled == 0 => return Poll::Pending,
                Poll::Pending => break,
            }
            if self.driver.poll_event().is_some() {
                return Poll::Ready(Heard::Over);
            }
        }
        // A deadline may have changed, and others have a turn.
        Poll::Ready(Heard::Progress)
    }

    /// Opens a letter, and those that came with it, until the session is over.
    fn open(&mut self, first: Mail, mail: &mut mpsc::Receiver<Mail>) -> ControlFlow<()> {
        let others = iter::from_fn(|| mail.try_recv().ok()).take(bounds::MAILBOX);
        for letter in iter::once(first).chain(others) {
            self.open_letter(letter);
            if self.driver.poll_event().is_some() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn open_letter(&mut self, letter: Mail) {
        let now = self.app.clock.now();
        match letter {
            Mail::Request { id, to, reply } => self.driver.request(now, to, id, reply),
            Mail::Input(input) => self.handle(input),
            Mail::Upgraded { ws, socket: Some(socket) } => {
                let line = Line { socket, tasks: self.app.tasks.clone() };
                // The session may have dropped it before it was established.
                if let Some(line) = self.driver.attach(ws, line) {
                    line.close();
                }
            }
            Mail::Upgraded { ws, socket: None } => self.handle(Input::WsClosed { ws }),
            Mail::ShutDown => self.driver.machine().close(now),
        }
    }

    fn on_end(&mut self, ws: WsId, end: End) {
        if let Some(line) = self.driver.detach(ws) {
            line.dismiss(end);
        }
        self.handle(Input::WsClosed { ws });
    }

    fn handle(&mut self, input: Input) {
        self.driver.handle(self.app.clock.now(), input);
    }
}

impl Outlet for Line {
    fn has_room(&self) -> bool {
        self.socket.has_room()
    }

    fn send(&mut self, frame: Frame) {
        self.socket.write(frame);
    }

    fn close(self) {
        self.dismiss(End::Ours);
    }
}

impl Line {
    /// Closes the WebSocket in its own task; the session does not wait for it.
    fn dismiss(self, end: End) {
        self.tasks.spawn(self.socket.say_goodbye(end));
    }
}

async fn called(call: Option<&Notify>) {
    match call {
        Some(call) => call.notified().await,
        None => pending().await,
    }
}

/// An unanswered request whose client has gone.
fn abandoned<'a>(
    mut replies: impl Iterator<Item = (RequestId, &'a mut Waiting)>,
    context: &mut Context<'_>,
) -> Option<RequestId> {
    replies.find_map(|(id, reply)| reply.0.poll_closed(context).is_ready().then_some(id))
}
