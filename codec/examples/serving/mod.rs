//! Sessions on axum: one task owns each session, and everything else sends it calls.
//!
//! The servers of the examples share it. A program implements [`Host`] once, and [`Guest`] for its side of each session.
//!
//! ```text
//!  request ──▶ endpoint ──▶ Router ──▶ call ───▶ ┌────────────────────┐
//!              ◀────────── Answer (oneshot) ──── │ run: one session's │ ──▶ Guest::react
//!  WebSocket ──▶ converse ──▶ one call at a time │ Driver             │ ◀── emit, acknowledge
//!            ◀──          ◀── Outbox ─────────── └────────────────────┘ ◀── Guest::letter
//! ```
//!
//! A message that is too large ends its session without the close code 1009, which axum leaves to the program.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Request, State};
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::{Either, select};
use futures_util::{SinkExt as _, StreamExt as _};
use http::request::Parts;
use sio_codec::engineio::server::{
    Answer, Config, Driver, Gone, Handshake, Input, Outlet, Reply, RequestId, Route, Router, ServerSession, WsId,
};
use sio_codec::engineio::{self, ConfigError, HttpError, RequestHead, Sid};
use sio_codec::socketio::{self, Connection, EmitError, Event, Peer};
use sio_codec::{Clock, Frame, Text, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use crate::fresh_sid;

/// How long a client may take to take a message, and to answer a Close frame.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many messages wait for the writer of a WebSocket. The others wait in the session, which counts them.
const OUTBOX: usize = 16;

/// The program that the sessions belong to.
pub(crate) trait Host: Send + Sync + 'static {
    type Guest: Guest;

    /// A client asks for a session.
    ///
    /// # Errors
    ///
    /// What the client is told, if it gets none.
    fn admit(&self) -> Result<Self::Guest, &'static str>;
}

/// The program's side of one session. It is dropped when the session is over.
pub(crate) trait Guest: Send + 'static {
    /// What other sessions have for this one.
    type Letter: Send;

    /// Acts on an event of the session.
    ///
    /// # Errors
    ///
    /// If the client takes less than the program has to say. Then the session is closed.
    fn react(&mut self, now: Timestamp, io: &mut Connection, event: Event) -> Result<(), EmitError>;

    /// Waits for a letter. Nothing is lost if the wait is given up.
    fn letter(&mut self) -> impl Future<Output = Self::Letter> + Send;

    /// Acts on a letter.
    ///
    /// # Errors
    ///
    /// As [`react`](Self::react).
    fn read(&mut self, now: Timestamp, io: &mut Connection, letter: Self::Letter) -> Result<(), EmitError>;
}

/// What all requests share.
pub(crate) struct App<H> {
    host: H,
    router: Router,
    clock: Clock,
    numbers: AtomicU64,
    /// The lock is held for a look-up only.
    sessions: Mutex<HashMap<Sid, Mailbox>>,
}

type Session = Driver<Peer<ServerSession>, Waiting, Outbox>;

/// What somebody wants done to a session.
type Call = Box<dyn FnOnce(&mut Session, Timestamp) + Send>;

/// How a session's task is reached.
#[derive(Clone)]
struct Mailbox {
    /// There are few: each request makes at most three, and the task never waits.
    calls: mpsc::UnboundedSender<Call>,
    /// What comes on its WebSocket, one message at a time. It is left here while the session does not want it.
    messages: mpsc::Sender<Call>,
}

/// A request that waits for its answer.
struct Waiting(oneshot::Sender<Answer>);

/// The messages that a WebSocket's task has not sent yet. When this is dropped, it sends them, and a Close frame.
struct Outbox(mpsc::Sender<Frame>);

impl Reply for Waiting {
    fn answer(self, answer: Answer) -> Result<(), Gone> {
        self.0.send(answer).map_err(|_| Gone)
    }
}

impl Outlet for Outbox {
    fn has_room(&self) -> bool {
        self.0.capacity() > 0
    }

    fn send(&mut self, frame: Frame) {
        // It fails if the WebSocket is lost, which its task reports.
        let _ = self.0.try_send(frame);
    }
}

impl Mailbox {
    fn tell(&self, call: impl FnOnce(&mut Session, Timestamp) + Send + 'static) {
        // It fails if the session is over. Then the call is dropped, and with it the reply that may be in there.
        let _ = self.calls.send(Box::new(call));
    }
}

// Requests.

/// Answers all requests to `/socket.io/`.
pub(crate) async fn endpoint<H: Host>(State(app): State<Arc<App<H>>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    match serve(&app, &mut parts, body).await {
        Ok(response) => response,
        Err(error) => into_http(error.response_to(&RequestHead::from(&parts))),
    }
}

async fn serve<H: Host>(app: &Arc<App<H>>, parts: &mut Parts, body: Body) -> Result<Response, HttpError> {
    let head = RequestHead::from(&*parts);
    let (wants_websocket, is_post) = (head.wants_websocket, head.method == "POST");
    let route = app.router.route(&head)?;
    // First what may fail: a session has one place for a WebSocket.
    let upgrade = if wants_websocket { Some(app.upgrade(parts).await?) } else { None };
    let id = RequestId(app.numbers.fetch_add(1, Ordering::Relaxed));
    let (reply, answer) = oneshot::channel();
    let mailbox = match route {
        Route::Handshake(handshake) => match app.host.admit() {
            Ok(guest) => app.open(guest, handshake, id, Waiting(reply)),
            Err(words) => return Ok(into_http(handshake.forbid(words))),
        },
        Route::Session(request) => {
            let mailbox = app.sessions().get(&request.sid).cloned().ok_or(HttpError::UnknownSid)?;
            mailbox.tell(move |session, now| session.request(now, request, id, Waiting(reply)));
            mailbox
        }
    };
    let _guard = Departure(mailbox.clone(), id);
    if is_post {
        let input = match to_bytes(body, app.max_payload()).await {
            Ok(body) => Input::Body { id, body },
            // axum does not say whether the body is too large or the client gone. If it is gone, nobody hears the 413.
            Err(_) => Input::BodyTooLarge { id },
        };
        mailbox.tell(move |session, now| session.handle(now, input));
    }
    // Without an answer, the session is over.
    match (answer.await.map_err(|_| HttpError::UnknownSid)?, upgrade) {
        (Answer::WebSocket(ws), Some(upgrade)) => {
            let session = mailbox.clone();
            let upgrade = upgrade.on_failed_upgrade(move |_| {
                session.tell(move |session, now| session.handle(now, Input::WsClosed { ws }));
            });
            Ok(upgrade.on_upgrade(async move |socket| {
                let (outbox, outgoing) = mpsc::channel(OUTBOX);
                // The session may have given it up. Then the outbox comes back, and is dropped.
                mailbox.tell(move |session, _| drop(session.attach(ws, Outbox(outbox))));
                converse(socket, ws, mailbox, outgoing).await;
            }))
        }
        (Answer::WebSocket(_), None) => Err(HttpError::NotAnUpgrade),
        (Answer::Response(response), _) => Ok(into_http(response)),
    }
}

fn into_http(response: engineio::Response) -> Response {
    http::Response::from(response).map(Body::from)
}

/// Tells a session that the client of a request has gone: then axum drops what waits for the answer. If there is an answer
/// already, it changes nothing.
struct Departure(Mailbox, RequestId);

impl Drop for Departure {
    fn drop(&mut self) {
        let id = self.1;
        self.0.tell(move |session, now| session.handle(now, Input::Aborted { id }));
    }
}

impl<H: Host> App<H> {
    /// # Errors
    ///
    /// If the settings contradict each other.
    pub(crate) fn new(config: Config, host: H) -> Result<Arc<Self>, ConfigError> {
        let (router, clock) = (Router::new(config)?, Clock::start());
        Ok(Arc::new(Self { host, router, clock, numbers: AtomicU64::new(1), sessions: Mutex::default() }))
    }

    fn max_payload(&self) -> usize {
        self.router.config().limits.max_payload
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<Sid, Mailbox>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn upgrade(&self, parts: &mut Parts) -> Result<WebSocketUpgrade, HttpError> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, &()).await.map_err(|_| HttpError::NotAnUpgrade)?;
        Ok(upgrade.max_message_size(self.max_payload()).max_frame_size(self.max_payload()))
    }

    fn open(self: &Arc<Self>, guest: H::Guest, handshake: Handshake, id: RequestId, reply: Waiting) -> Mailbox {
        let (sid, carrier) = (fresh_sid(), handshake.carrier(id));
        let session = handshake.accept(self.clock.now(), sid.clone(), carrier);
        let peer = Peer::new(session, Connection::new(socketio::Config::default()));
        let ((calls, told), (messages, heard)) = (mpsc::unbounded_channel(), mpsc::channel(1));
        let (app, mailbox) = (Arc::clone(self), Mailbox { calls, messages });
        app.sessions().insert(sid.clone(), mailbox.clone());
        tokio::spawn(async move {
            run(&app.clock, guest, Driver::new(peer, carrier, reply), told, heard).await;
            app.sessions().remove(&sid);
        });
        mailbox
    }
}

// One session.

async fn run(
    clock: &Clock,
    mut guest: impl Guest,
    mut session: Session,
    mut told: mpsc::UnboundedReceiver<Call>,
    mut heard: mpsc::Receiver<Call>,
) {
    loop {
        while let Some(event) = session.poll_event() {
            if let Event::Closed(_) = event {
                return;
            }
            if guest.react(clock.now(), session.machine().socketio(), event).is_err() {
                // The program says more than its client takes.
                session.machine().socketio().close();
            }
        }
        let left = clock.until(session.next_deadline());
        tokio::select! {
            Some(call) = told.recv() => call(&mut session, clock.now()),
            Some(call) = heard.recv(), if session.wants_input() => call(&mut session, clock.now()),
            letter = guest.letter() => {
                if guest.read(clock.now(), session.machine().socketio(), letter).is_err() {
                    session.machine().socketio().close();
                }
            }
            () = sleep(left) => session.handle_timeout(clock.now()),
        }
    }
}

// One WebSocket.

/// Hands on what comes, and sends what the session wants sent, until it drops the other half of `outgoing`.
async fn converse(socket: WebSocket, ws: WsId, mailbox: Mailbox, mut outgoing: mpsc::Receiver<Frame>) {
    let (mut sink, mut stream) = socket.split();
    let tell = async |input| {
        mailbox.messages.send(Box::new(move |session: &mut Session, now| session.handle(now, input))).await
    };
    let read = async {
        while let Some(Ok(message)) = stream.next().await {
            let frame = match message {
                Message::Text(text) => Text::try_from(Bytes::from(text)).map(Frame::Text),
                Message::Binary(bytes) => Ok(Frame::Binary(bytes)),
                Message::Ping(_) | Message::Pong(_) => continue,
                Message::Close(_) => break,
            };
            let Ok(frame) = frame else { break };
            if tell(Input::WsFrame { ws, frame }).await.is_err() {
                break;
            }
        }
        let _ = tell(Input::WsClosed { ws }).await;
        // The session is over, or has given the WebSocket up: what still comes is thrown away.
        while let Some(Ok(_)) = stream.next().await {}
    };
    let write = async {
        while let Some(frame) = outgoing.recv().await {
            // There is room for another one.
            mailbox.tell(|_, _| {});
            let message = match frame {
                Frame::Text(text) => Message::text(text.as_str()),
                Frame::Binary(bytes) => Message::Binary(bytes),
            };
            if !matches!(timeout(PATIENCE, sink.send(message)).await, Ok(Ok(()))) {
                break;
            }
        }
        let _ = timeout(PATIENCE, sink.close()).await;
        // For the case that sending failed.
        let _ = tell(Input::WsClosed { ws }).await;
    };
    // The end of what is read makes the session drop the other half of `outgoing`, too. A connection that is closed while
    // something is unread is reset, and then its client may not read what was sent last. So the rest is read as well.
    match select(pin!(read), pin!(write)).await {
        Either::Left(((), write)) => write.await,
        Either::Right(((), read)) => drop(timeout(PATIENCE, read).await),
    }
}
