//! A Socket.IO server on smol and hyper: a lock for each session, which every request and the WebSocket take in turn.
//!
//! ```text
//! cargo run -p sio-codec --features http --example smol -- 127.0.0.1:3000
//! ```
//!
//! It serves what the protocol's own test suite expects of an application; `siospec run http://127.0.0.1:3000` judges it.
//! A message that is too large ends its session without the close code 1009, to keep the example small.
//!
//! ```text
//!  request ──▶ endpoint ──▶ Router ──▶ act ──▶ ┌─────────────────┐
//!              ◀───────── Answer (channel) ─── │ Slot: a session │ ──▶ application
//!  WebSocket ──▶ converse ──────────▶ act ───▶ │ behind a lock   │ ◀── emit, acknowledge
//!            ◀──          ◀── Outbox ───────── │                 │
//!  timer ─────── handle_timeout ───▶ act ────▶ └─────────────────┘
//! ```
//!
//! The lock is never held across an `await`: telling a session something, and taking out what it wants done, needs no waiting.
//! The example `axum` does the same without locks: a task owns each session.

mod application;

use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use application::{fresh_sid, react};
use async_tungstenite::WebSocketStream;
use async_tungstenite::tungstenite::handshake::server::create_response;
use async_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use async_tungstenite::tungstenite::{Message, Utf8Bytes};
use bytes::Bytes;
use event_listener::Event as Changed;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use sio_codec::engineio::server::{
    Answer, Config, Driver, Gone, Handshake, Input, Outlet, Reply, RequestId, Route, Router, ServerSession, WsId,
};
use sio_codec::engineio::{self, HttpError, RequestHead, Sid};
use sio_codec::socketio::{self, Connection, Event, Peer};
use sio_codec::{Clock, Frame, Text, Timestamp};
use smol::Timer;
use smol::channel::{Receiver, Sender, bounded};
use smol::future::or;
use smol::net::{TcpListener, TcpStream};
use smol_hyper::rt::{FuturesIo, SmolTimer};

/// How long a client may take to take a message, and to answer a Close frame.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many messages wait for the writer of a WebSocket. The others wait in the session, which counts them.
const OUTBOX: usize = 16;

type Failure = Box<dyn Error + Send + Sync>;

/// What all connections share.
struct App {
    router: Router,
    clock: Clock,
    numbers: AtomicU64,
    slots: Mutex<HashMap<Sid, Arc<Slot>>>,
}

type Session = Driver<Peer<ServerSession>, Waiting, Outbox>;

/// A session, which all connections of its client share.
struct Slot {
    session: Mutex<Session>,
    changed: Changed,
}

/// A request that waits for its answer.
struct Waiting(Sender<Answer>);

/// The messages that a WebSocket's task has not sent yet. When this is dropped, it sends them, and a Close frame.
struct Outbox(Sender<Frame>);

impl Reply for Waiting {
    fn answer(self, answer: Answer) -> Result<(), Gone> {
        self.0.try_send(answer).map_err(|_| Gone)
    }
}

impl Outlet for Outbox {
    fn has_room(&self) -> bool {
        !self.0.is_full()
    }

    fn send(&mut self, frame: Frame) {
        // It fails if the WebSocket is lost, which its task reports.
        let _ = self.0.try_send(frame);
    }
}

fn main() -> Result<(), Failure> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    // A short heartbeat, as the test suite wants it.
    let config = Config::default().with_heartbeat(Duration::from_millis(300), Duration::from_millis(200));
    let (router, clock) = (Router::new(config)?, Clock::start());
    let app = Arc::new(App { router, clock, numbers: AtomicU64::new(1), slots: Mutex::default() });
    smol::block_on(async {
        let listener = TcpListener::bind(address).await?;
        println!("http://{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            // Packets are small, and each is to leave at once.
            stream.set_nodelay(true)?;
            let app = Arc::clone(&app);
            smol::spawn(async move {
                let service = service_fn(|request| endpoint(&app, request));
                let http =
                    http1::Builder::new().timer(SmolTimer::new()).serve_connection(FuturesIo::new(stream), service);
                // A connection that breaks, or says what is no HTTP, ends.
                let _ = http.with_upgrades().await;
            })
            .detach();
        }
    })
}

// Sessions.

impl App {
    fn max_payload(&self) -> usize {
        self.router.config().limits.max_payload
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Sid, Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(self: &Arc<Self>, handshake: Handshake, id: RequestId, reply: Waiting) -> Arc<Slot> {
        let (sid, carrier) = (fresh_sid(), handshake.carrier(id));
        let session = handshake.accept(self.clock.now(), sid.clone(), carrier);
        let peer = Peer::new(session, Connection::new(socketio::Config::default()));
        let session = Mutex::new(Driver::new(peer, carrier, reply));
        let slot = Arc::new(Slot { session, changed: Changed::new() });
        self.slots().insert(sid, Arc::clone(&slot));
        self.act(&slot, |_, _| {});
        smol::spawn(keep_deadlines(Arc::clone(self), Arc::clone(&slot))).detach();
        slot
    }

    /// Tells a session something, does what it wants done, and wakes who waits for it.
    fn act<T>(&self, slot: &Slot, tell: impl FnOnce(&mut Session, Timestamp) -> T) -> T {
        let mut session = slot.lock();
        let told = tell(&mut session, self.clock.now());
        while let Some(event) = session.poll_event() {
            if let Event::Closed(_) = event {
                self.slots().remove(session.machine().session().sid());
            } else if react(session.machine().socketio(), event).is_err() {
                // The application says more than its client takes.
                session.machine().socketio().close();
            }
        }
        drop(session);
        slot.changed.notify(usize::MAX);
        told
    }
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the session wants to hear more; `false` if it is over.
    async fn listens(&self) -> bool {
        loop {
            // First this, so that no change is missed.
            let changed = self.changed.listen();
            let (is_over, wants_input) = {
                let mut session = self.lock();
                (session.machine().session().is_closed(), session.wants_input())
            };
            if is_over || wants_input {
                return !is_over;
            }
            changed.await;
        }
    }
}

async fn keep_deadlines(app: Arc<App>, slot: Arc<Slot>) {
    loop {
        let changed = slot.changed.listen();
        let left = {
            let mut session = slot.lock();
            if session.machine().session().is_closed() {
                return;
            }
            app.clock.until(session.next_deadline())
        };
        let due = async {
            Timer::after(left).await;
            app.act(&slot, |session, now| session.handle_timeout(now));
        };
        or(due, changed).await;
    }
}

// Requests.

async fn endpoint(app: &Arc<App>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    if parts.uri.path() != "/socket.io/" {
        let mut nothing = Response::new(Full::default());
        *nothing.status_mut() = StatusCode::NOT_FOUND;
        return Ok(nothing);
    }
    let served = serve(app, &parts, body).await;
    Ok(served.unwrap_or_else(|error| into_http(error.response_to(&RequestHead::from(&parts)))))
}

async fn serve(app: &Arc<App>, parts: &Parts, body: Incoming) -> Result<Response<Full<Bytes>>, HttpError> {
    let head = RequestHead::from(parts);
    let route = app.router.route(&head)?;
    // First what may fail: a session has one place for a WebSocket.
    let upgrade = if head.wants_websocket { Some(upgrade(parts)?) } else { None };
    let id = RequestId(app.numbers.fetch_add(1, Ordering::Relaxed));
    let (reply, answer) = bounded(1);
    let slot = match route {
        Route::Handshake(handshake) => app.open(handshake, id, Waiting(reply)),
        Route::Session(request) => {
            let slot = app.slots().get(&request.sid).cloned().ok_or(HttpError::UnknownSid)?;
            app.act(&slot, |session, now| session.request(now, request, id, Waiting(reply)));
            slot
        }
    };
    let _guard = Departure { app, slot: &slot, id };
    if head.method == "POST" {
        let input = match Limited::new(body, app.max_payload()).collect().await {
            Ok(body) => Input::Body { id, body: body.to_bytes() },
            Err(error) if error.is::<LengthLimitError>() => Input::BodyTooLarge { id },
            Err(_) => Input::Aborted { id },
        };
        app.act(&slot, |session, now| session.handle(now, input));
    }
    // Without an answer, the session is over.
    match (answer.recv().await.map_err(|_| HttpError::UnknownSid)?, upgrade) {
        (Answer::WebSocket(ws), Some((switching, upgraded))) => {
            let (app, slot) = (Arc::clone(app), Arc::clone(&slot));
            smol::spawn(async move {
                match establish(&app, upgraded).await {
                    Ok(socket) => {
                        let (frames, outgoing) = bounded(OUTBOX);
                        // The session may have given it up. Then the outbox comes back, and is dropped.
                        drop(app.act(&slot, |session, _| session.attach(ws, Outbox(frames))));
                        converse(&app, &slot, ws, socket, outgoing).await;
                    }
                    Err(_) => app.act(&slot, |session, now| session.handle(now, Input::WsClosed { ws })),
                }
            })
            .detach();
            Ok(switching)
        }
        (Answer::WebSocket(_), None) => Err(HttpError::NotAnUpgrade),
        (Answer::Response(response), _) => Ok(into_http(response)),
    }
}

fn into_http(response: engineio::Response) -> Response<Full<Bytes>> {
    Response::<Bytes>::from(response).map(Full::new)
}

/// Tells a session that the client of a request has gone: then hyper drops what waits for the answer. If there is an answer
/// already, it changes nothing.
struct Departure<'a> {
    app: &'a App,
    slot: &'a Slot,
    id: RequestId,
}

impl Drop for Departure<'_> {
    fn drop(&mut self) {
        let id = self.id;
        self.app.act(self.slot, |session, now| session.handle(now, Input::Aborted { id }));
    }
}

// WebSockets.

/// The answer to a request that asks for a WebSocket, and what becomes of the connection after it.
fn upgrade(parts: &Parts) -> Result<(Response<Full<Bytes>>, OnUpgrade), HttpError> {
    let mut request = Request::from_parts(parts.clone(), ());
    let switching = create_response(&request).map_err(|_| HttpError::NotAnUpgrade)?;
    Ok((switching.map(|()| Full::default()), hyper::upgrade::on(&mut request)))
}

async fn establish(app: &App, upgraded: OnUpgrade) -> Result<WebSocketStream<TcpStream>, Failure> {
    let connection = upgraded.await?.downcast::<FuturesIo<TcpStream>>().map_err(|_| "a connection of another kind")?;
    let longest = Some(app.max_payload());
    let limits = WebSocketConfig::default().max_message_size(longest).max_frame_size(longest);
    let (stream, read) = (connection.io.into_inner(), connection.read_buf.to_vec());
    Ok(WebSocketStream::from_partially_read(stream, read, Role::Server, Some(limits)).await)
}

/// Hands on what comes, and sends what the session wants sent, until it drops the other half of `outgoing`.
async fn converse(app: &App, slot: &Slot, ws: WsId, socket: WebSocketStream<TcpStream>, outgoing: Receiver<Frame>) {
    let (mut sender, mut receiver) = socket.split();
    let read = async {
        while slot.listens().await {
            let frame = match receiver.next().await {
                Some(Ok(Message::Text(text))) => Text::try_from(Bytes::from(text)).map(Frame::Text),
                Some(Ok(Message::Binary(bytes))) => Ok(Frame::Binary(bytes)),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            };
            let Ok(frame) = frame else { break };
            app.act(slot, |session, now| session.handle(now, Input::WsFrame { ws, frame }));
        }
        // The session drops the other half of `outgoing` then.
        app.act(slot, |session, now| session.handle(now, Input::WsClosed { ws }));
        // The session is over, or has given the WebSocket up: what still comes is thrown away.
        while let Some(Ok(_)) = receiver.next().await {}
    };
    let write = async {
        while let Ok(frame) = outgoing.recv().await {
            // There is room for another one.
            app.act(slot, |_, _| {});
            let message = match frame {
                Frame::Text(text) => Message::Text(Utf8Bytes::try_from(text.into_bytes()).unwrap_or_default()),
                Frame::Binary(bytes) => Message::Binary(bytes),
            };
            if !matches!(in_time(sender.send(message)).await, Some(Ok(()))) {
                break;
            }
        }
        in_time(sender.close(None)).await;
        // For the case that sending failed.
        app.act(slot, |session, now| session.handle(now, Input::WsClosed { ws }));
    };
    // A connection that is closed while something is unread is reset, and then its client may not read what was sent last. So
    // the rest is read as well.
    match select(pin!(read), pin!(write)).await {
        Either::Left(((), write)) => write.await,
        Either::Right(((), read)) => drop(in_time(read).await),
    }
}

/// What comes of something, if it is not too late.
async fn in_time<T>(deed: impl Future<Output = T>) -> Option<T> {
    let late = async {
        Timer::after(PATIENCE).await;
        None
    };
    or(async { Some(deed.await) }, late).await
}
