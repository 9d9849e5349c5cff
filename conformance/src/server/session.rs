//! One task per session: the loop of the machines, on tokio.

use std::collections::HashMap;
use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::Poll;

use sio_codec::engineio::server::{Carrier, Handshake, Input, RequestId, Transmit, WsId};
use sio_codec::engineio::{BinaryForm, Response, Revision};
use sio_codec::{Clock, Frame, Machine as _, Output, Timestamp};
use tokio::sync::{mpsc, oneshot};

use super::App;
use crate::contract::{Application, Kind};

/// How many messages may wait for a WebSocket's writer before the session has to hold them back.
pub(super) const OUTLET: usize = 16;

/// How many letters may wait for a session.
const MAILBOX: usize = 64;

/// What a session's task can be told.
pub(super) enum Mail {
    /// A request, and where its answer goes.
    Request { id: RequestId, input: Input, reply: oneshot::Sender<Response> },
    /// A WebSocket that wants the session, where its messages go, and where the decision goes.
    Upgrade {
        ws: WsId,
        revision: Option<Revision>,
        binary: BinaryForm,
        outlet: mpsc::Sender<Outbound>,
        decision: oneshot::Sender<Result<(), Response>>,
    },
    /// Anything that needs no answer.
    Input(Input),
}

/// What a WebSocket's writer can be told.
pub(super) enum Outbound {
    Frame(Frame),
    Close,
}

/// Where the first packet goes.
pub(super) enum First {
    Request(oneshot::Sender<Response>),
    Socket(mpsc::Sender<Outbound>),
}

/// Starts a session and its task.
pub(super) fn open(
    app: &Arc<App>,
    kind: Kind,
    handshake: Handshake,
    carrier: Carrier,
    first: First,
) -> mpsc::Sender<Mail> {
    let (sid, application) = app.site.accept(kind, handshake, app.clock.now(), carrier, &mut App::entropy());
    let (mailbox, mail) = mpsc::channel(MAILBOX);
    let mut task = Task {
        application,
        clock: app.clock,
        replies: HashMap::new(),
        decisions: HashMap::new(),
        outlets: HashMap::new(),
        stalled: None,
    };
    match (carrier, first) {
        (Carrier::Request(id), First::Request(reply)) => drop(task.replies.insert(id, reply)),
        (Carrier::WebSocket(ws), First::Socket(outlet)) => drop(task.outlets.insert(ws, outlet)),
        // The callers above build the two together.
        (Carrier::Request(_), First::Socket(_)) | (Carrier::WebSocket(_), First::Request(_)) => {}
    }
    app.with_mailboxes(|mailboxes| mailboxes.insert((kind, sid.clone()), mailbox.clone()));
    let app = Arc::clone(app);
    tokio::spawn(async move {
        task.run(mail).await;
        app.with_mailboxes(|mailboxes| mailboxes.remove(&(kind, sid)));
    });
    mailbox
}

struct Task {
    application: Application,
    clock: Clock,
    replies: HashMap<RequestId, oneshot::Sender<Response>>,
    decisions: HashMap<WsId, oneshot::Sender<Result<(), Response>>>,
    outlets: HashMap<WsId, mpsc::Sender<Outbound>>,
    /// A message that a WebSocket's writer could not take yet; nothing is taken out of the session until it can.
    stalled: Option<(WsId, Frame)>,
}

impl Task {
    async fn run(&mut self, mut mail: mpsc::Receiver<Mail>) {
        while self.drain() {
            let deadline = self.application.next_deadline();
            tokio::select! {
                letter = mail.recv() => match letter {
                    Some(letter) => self.open_letter(letter),
                    None => return,
                },
                () = until(self.clock, deadline) => self.application.handle_timeout(self.clock.now()),
                id = abandoned(&mut self.replies) => {
                    self.replies.remove(&id);
                    self.application.handle(self.clock.now(), Input::Aborted { id });
                }
                () = unstall(&mut self.stalled, &self.outlets) => {}
            }
        }
    }

    fn open_letter(&mut self, letter: Mail) {
        let input = match letter {
            Mail::Request { id, input, reply } => {
                self.replies.insert(id, reply);
                input
            }
            Mail::Upgrade { ws, revision, binary, outlet, decision } => {
                self.outlets.insert(ws, outlet);
                self.decisions.insert(ws, decision);
                Input::Upgrade { ws, revision, binary }
            }
            Mail::Input(input) => input,
        };
        self.application.handle(self.clock.now(), input);
    }

    /// Carries out what the session wants; `false` once it has ended.
    fn drain(&mut self) -> bool {
        while self.stalled.is_none() {
            match self.application.poll_output() {
                None => break,
                Some(Output::Event(_ended)) => return false,
                Some(Output::Transmit(transmit)) => self.transmit(transmit),
            }
        }
        true
    }

    fn transmit(&mut self, transmit: Transmit) {
        match transmit {
            Transmit::Respond { id, response } => {
                if let Some(reply) = self.replies.remove(&id) {
                    let _ = reply.send(response);
                }
            }
            Transmit::WsAccept { ws } => self.decide(ws, Ok(())),
            Transmit::WsRefuse { ws, response } => {
                self.outlets.remove(&ws);
                self.decide(ws, Err(response));
            }
            Transmit::WsSend { ws, frame } => {
                let Some(outlet) = self.outlets.get(&ws) else { return };
                match outlet.try_reserve() {
                    Ok(permit) => permit.send(Outbound::Frame(frame)),
                    Err(mpsc::error::TrySendError::Full(())) => self.stalled = Some((ws, frame)),
                    // The writer is gone; its reader reports that the WebSocket closed.
                    Err(mpsc::error::TrySendError::Closed(())) => {}
                }
            }
            Transmit::WsClose { ws } => {
                if let Some(outlet) = self.outlets.remove(&ws) {
                    // If there is no room, dropping the outlet closes the WebSocket just as well.
                    let _ = outlet.try_send(Outbound::Close);
                }
            }
        }
    }

    fn decide(&mut self, ws: WsId, decision: Result<(), Response>) {
        if let Some(waiting) = self.decisions.remove(&ws) {
            let _ = waiting.send(decision);
        }
    }
}

async fn until(clock: Clock, deadline: Option<Timestamp>) {
    match deadline {
        Some(at) => tokio::time::sleep(at.saturating_since(clock.now())).await,
        None => pending().await,
    }
}

/// Resolves when the client of a request that is not answered yet has gone.
async fn abandoned(replies: &mut HashMap<RequestId, oneshot::Sender<Response>>) -> RequestId {
    poll_fn(|context| {
        let mut gone =
            replies.iter_mut().filter_map(|(id, reply)| reply.poll_closed(context).is_ready().then_some(*id));
        gone.next().map_or(Poll::Pending, Poll::Ready)
    })
    .await
}

/// Resolves when the message that was held back could be handed on, or nobody wants it any more.
async fn unstall(stalled: &mut Option<(WsId, Frame)>, outlets: &HashMap<WsId, mpsc::Sender<Outbound>>) {
    let Some((ws, _)) = stalled else { return pending().await };
    let permit = match outlets.get(ws) {
        Some(outlet) => outlet.reserve().await.ok(),
        None => None,
    };
    if let (Some(permit), Some((_, frame))) = (permit, stalled.take()) {
        permit.send(Outbound::Frame(frame));
    }
    *stalled = None;
}
