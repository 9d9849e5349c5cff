//! A Socket.IO server on axum: one task owns each session, and requests send it mail.
//!
//! ```text
//! cargo run -p sio-codec --features http --example axum -- 127.0.0.1:3000
//! ```
//!
//! It serves what the protocol's own test suite expects of an application; `siospec run http://127.0.0.1:3000` judges it.
//! A message that is too large ends its session without the close code 1009, which axum leaves to the program.
//!
//! ```text
//!  request ──▶ endpoint ──▶ Router ──▶ Mail ──▶ ┌──────────────────────┐
//!              ◀────────── Answer (oneshot) ─── │ serve: one session's │ ──▶ application
//!  WebSocket ──▶ read ──▶ frames, one at a time │ Driver               │ ◀── emit, acknowledge
//!            ◀── write ◀── Outbox ───────────── └──────────────────────┘
//! ```

mod application;

use std::collections::HashMap;
use std::error::Error;
use std::future::{pending, poll_fn};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use application::{fresh_sid, react};
use axum::body::{Body, to_bytes};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Request, State};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt as _;
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use sio_codec::engineio::server::{
    Action, Answer, Carrier, Config, Driver, Gone, Handshake, Input, Outlet, Refused, Reply, RequestId, Route, Router,
    ServerSession, SessionRequest, WsId,
};
use sio_codec::engineio::{HttpError, RequestHead, Sid};
use sio_codec::socketio::{self, Connection, Event, Peer};
use sio_codec::{Clock, Frame, Text, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// How long a client may take to take a message.
const PATIENCE: Duration = Duration::from_secs(30);

type Session = Driver<Peer<ServerSession>, Waiting, Outbox>;

/// What all requests share. The lock is held for a look-up only.
#[derive(Clone)]
struct App(Arc<Shared>);

struct Shared {
    router: Router,
    clock: Clock,
    numbers: AtomicU64,
    sessions: Mutex<HashMap<Sid, mpsc::Sender<Mail>>>,
}

/// What a session's task is told.
enum Mail {
    Request(SessionRequest, RequestId, Waiting),
    Input(Input),
    /// A WebSocket that was accepted is there.
    Connected(WsId, Box<WebSocket>),
}

/// A request that waits for its answer.
struct Waiting(oneshot::Sender<Answer>);

/// The messages that a WebSocket's writer has not sent yet: a few. The others wait in the session, which counts them.
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
        // It fails if the WebSocket is lost, which its reader reports.
        let _ = self.0.try_send(frame);
    }

    // The writer sends what is left, and a Close frame.
    fn close(self) {}
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    // A short heartbeat, as the test suite wants it.
    let heartbeat = [300, 200].map(Duration::from_millis);
    let app = App(Arc::new(Shared {
        router: Router::new(Config::default().with_heartbeat(heartbeat[0], heartbeat[1]))?,
        clock: Clock::start(),
        numbers: AtomicU64::new(1),
        sessions: Mutex::default(),
    }));
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("http://{}", listener.local_addr()?);
    // Packets are small, and each is to leave at once.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let routes = axum::Router::new().route("/socket.io/", axum::routing::any(endpoint)).with_state(app);
    Ok(axum::serve(listener, routes).await?)
}

// Requests.

async fn endpoint(State(app): State<App>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let head = RequestHead::from(&parts);
    let refuse = |error: HttpError| into_http(error.response_to(&head));
    match app.router.route(&head) {
        Err(error) => refuse(error),
        Ok(Route::Handshake(handshake)) if head.wants_websocket => {
            match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
                Ok(upgrade) => app.limit(upgrade).on_upgrade(move |socket| app.open_websocket(handshake, socket)),
                Err(rejection) => rejection.into_response(),
            }
        }
        Ok(Route::Handshake(handshake)) => app.open(handshake).await,
        Ok(Route::Session(request)) => match (app.mailbox(&request.sid), request.action) {
            (None, _) => refuse(HttpError::UnknownSid),
            (Some(_), Action::Refuse(error)) => refuse(error),
            (Some(mailbox), Action::Poll) => into_answer(app.ask(&mailbox, request).await.1.await),
            (Some(mailbox), Action::Post(_)) => app.post(&mailbox, request, body).await,
            (Some(mailbox), Action::Upgrade) => {
                // First what may fail: a session has one place for a WebSocket.
                let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
                    Ok(upgrade) => app.limit(upgrade),
                    Err(rejection) => return rejection.into_response(),
                };
                match app.ask(&mailbox, request).await.1.await {
                    Ok(Answer::WebSocket(ws)) => upgrade.on_upgrade(async move |socket| {
                        let _ = mailbox.send(Mail::Connected(ws, Box::new(socket))).await;
                    }),
                    answer => into_answer(answer),
                }
            }
        },
    }
}

impl App {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<Sid, mpsc::Sender<Mail>>> {
        self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mailbox(&self, sid: &Sid) -> Option<mpsc::Sender<Mail>> {
        self.sessions().get(sid).cloned()
    }

    fn limit<F>(&self, upgrade: WebSocketUpgrade<F>) -> WebSocketUpgrade<F> {
        let longest = self.router.config().limits.max_payload;
        upgrade.max_message_size(longest).max_frame_size(longest)
    }

    /// Starts a session that is answered on polling.
    async fn open(&self, handshake: Handshake) -> Response {
        let (reply, answer) = oneshot::channel();
        let id = RequestId(self.number());
        let peer = self.peer(handshake, Carrier::Request(id));
        self.start(Driver::on_request(peer, id, Waiting(reply)), None);
        into_answer(answer.await)
    }

    /// Starts a session on a WebSocket.
    async fn open_websocket(self, handshake: Handshake, socket: WebSocket) {
        let ws = WsId(self.number());
        let peer = self.peer(handshake, Carrier::WebSocket(ws));
        let (outbox, frames) = connect(socket);
        self.start(Driver::on_websocket(peer, ws, outbox), Some((ws, frames)));
    }

    fn peer(&self, handshake: Handshake, carrier: Carrier) -> Peer<ServerSession> {
        let session = handshake.accept(self.now(), fresh_sid(), carrier);
        Peer::new(session, Connection::new(socketio::Config::default()))
    }

    fn start(&self, session: Session, frames: Option<(WsId, mpsc::Receiver<Frame>)>) {
        let (sender, mail) = mpsc::channel(16);
        let mut session = session;
        let sid = session.machine().session().sid().clone();
        self.sessions().insert(sid.clone(), sender);
        let app = self.clone();
        tokio::spawn(async move {
            serve(&app, session, mail, frames).await;
            app.sessions().remove(&sid);
        });
    }

    /// Sends a request to its session, which answers now or later.
    async fn ask(
        &self,
        mailbox: &mpsc::Sender<Mail>,
        request: SessionRequest,
    ) -> (RequestId, oneshot::Receiver<Answer>) {
        let (reply, answer) = oneshot::channel();
        let id = RequestId(self.number());
        let _ = mailbox.send(Mail::Request(request, id, Waiting(reply))).await;
        (id, answer)
    }

    async fn post(&self, mailbox: &mpsc::Sender<Mail>, request: SessionRequest, body: Body) -> Response {
        let (id, answer) = self.ask(mailbox, request).await;
        let input = match to_bytes(body, self.router.config().limits.max_payload).await {
            Ok(body) => Input::Body { id, body },
            // axum does not say whether the body is too large or the client gone. If it is gone, nobody hears the 413.
            Err(_) => Input::BodyTooLarge { id },
        };
        let _ = mailbox.send(Mail::Input(input)).await;
        into_answer(answer.await)
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

fn into_http(response: sio_codec::engineio::Response) -> Response {
    http::Response::from(response).map(Body::from)
}

fn into_answer<E>(answer: Result<Answer, E>) -> Response {
    match answer {
        Ok(Answer::Response(response)) => into_http(response),
        // The session ended before it could answer.
        Ok(Answer::WebSocket(_)) | Err(_) => into_http(HttpError::UnknownSid.response()),
    }
}

// One session.

async fn serve(
    app: &App,
    mut session: Session,
    mut mail: mpsc::Receiver<Mail>,
    mut frames: Option<(WsId, mpsc::Receiver<Frame>)>,
) {
    loop {
        while let Some(event) = session.poll_event() {
            if let Event::Closed(_) = event {
                return;
            }
            if react(session.machine().socketio(), event).is_err() {
                // The application says more than its client takes.
                session.machine().socketio().close();
            }
        }
        let now = || app.now();
        let (deadline, listening) = (session.next_deadline(), session.wants_input());
        tokio::select! {
            letter = mail.recv() => match letter {
                Some(Mail::Request(request, id, reply)) => {
                    if let Err(Refused { error, reply }) = session.request(now(), request, id, reply) {
                        let _ = reply.answer(Answer::Response(error.response()));
                    }
                }
                Some(Mail::Input(input)) => session.handle(now(), input),
                Some(Mail::Connected(ws, socket)) => {
                    let (outbox, messages) = connect(*socket);
                    // The session may have given it up; then it closes by being dropped.
                    if session.attach(ws, outbox).is_none() {
                        frames = Some((ws, messages));
                    }
                }
                None => return,
            },
            message = next(&mut frames), if listening => {
                let (ws, message) = message;
                match message {
                    Some(frame) => session.handle(now(), Input::WsFrame { ws, frame }),
                    None => {
                        frames = None;
                        session.handle(now(), Input::WsClosed { ws });
                    }
                }
            }
            id = changes(&mut session) => if let Some(id) = id {
                session.handle(now(), Input::Aborted { id });
            },
            () = until(app, deadline) => session.handle_timeout(now()),
        }
    }
}

/// Returns when the client of a request has gone, with its number; or when a WebSocket that was full has room again.
async fn changes(session: &mut Session) -> Option<RequestId> {
    let waits_for_room = session.waits_for_room();
    let (replies, outlet) = session.ends();
    let mut replies: Vec<_> = replies.collect();
    let gone = poll_fn(|context| {
        let mut gone =
            replies.iter_mut().filter_map(|(id, reply)| reply.0.poll_closed(context).is_ready().then_some(*id));
        gone.next().map_or(Poll::Pending, Poll::Ready)
    });
    let room = async {
        match outlet {
            // If it is lost, its reader says so.
            Some((_, outbox)) if waits_for_room && !outbox.0.is_closed() => drop(outbox.0.reserve().await),
            _ => pending().await,
        }
    };
    tokio::select! {
        id = gone => Some(id),
        () = room => None,
    }
}

async fn next(frames: &mut Option<(WsId, mpsc::Receiver<Frame>)>) -> (WsId, Option<Frame>) {
    match frames {
        Some((ws, frames)) => (*ws, frames.recv().await),
        None => pending().await,
    }
}

async fn until(app: &App, deadline: Option<Timestamp>) {
    match deadline {
        Some(at) => tokio::time::sleep(at.saturating_since(app.now())).await,
        None => pending().await,
    }
}

// One WebSocket.

/// Starts the reader and the writer of a WebSocket. The reader hands on one message at a time: what is not wanted yet stays
/// with the client.
fn connect(socket: WebSocket) -> (Outbox, mpsc::Receiver<Frame>) {
    let (sink, stream) = socket.split();
    let (outbox, outgoing) = mpsc::channel(16);
    let (incoming, frames) = mpsc::channel(1);
    tokio::spawn(read(stream, incoming));
    tokio::spawn(write(sink, outgoing));
    (Outbox(outbox), frames)
}

async fn read(mut stream: SplitStream<WebSocket>, frames: mpsc::Sender<Frame>) {
    loop {
        let message = tokio::select! {
            message = stream.next() => message,
            // The session is over, or has given the WebSocket up.
            () = frames.closed() => return,
        };
        let Some(Ok(message)) = message else { return };
        let frame = match message {
            Message::Text(text) => match Text::try_from(Bytes::from(text)) {
                Ok(text) => Frame::Text(text),
                Err(_) => return,
            },
            Message::Binary(bytes) => Frame::Binary(bytes),
            Message::Ping(_) | Message::Pong(_) => continue,
            Message::Close(_) => return,
        };
        if frames.send(frame).await.is_err() {
            return;
        }
    }
}

async fn write(mut sink: SplitSink<WebSocket, Message>, mut frames: mpsc::Receiver<Frame>) {
    while let Some(frame) = frames.recv().await {
        let message = match frame {
            Frame::Text(text) => Message::text(text.as_str()),
            Frame::Binary(bytes) => Message::Binary(bytes),
        };
        if !matches!(timeout(PATIENCE, sink.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
    let _ = timeout(PATIENCE, sink.close()).await;
}
