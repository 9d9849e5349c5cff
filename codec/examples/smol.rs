//! A Socket.IO server on smol and hyper: all sessions behind one lock, which every request and every WebSocket takes in turn.
//!
//! ```text
//! cargo run -p sio-codec --features http --example smol -- 127.0.0.1:3000
//! ```
//!
//! It serves what the protocol's own test suite expects of an application; `siospec run http://127.0.0.1:3000` judges it.
//! A message that is too large ends its session without the close code 1009, to keep the example small.
//!
//! ```text
//!  request ──▶ endpoint ──────▶ act ──▶ ┌─────────────────┐
//!          ◀── Answer (channel) ─────── │ Sessions        │ ──▶ application
//!  WebSocket ──▶ converse ────▶ act ──▶ │ behind the lock │ ◀── emit, acknowledge
//!            ◀──        ◀── Outbox ──── │                 │
//!  keep_deadlines ────────────▶ act ──▶ └─────────────────┘
//! ```
//!
//! The lock is never held across an `await`: telling a session something, and taking out what it wants done, needs no waiting.
//! The example `axum` does the same without locks: a task owns each session.

mod application;

use std::convert::Infallible;
use std::error::Error;
use std::pin::pin;
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
    Answer, Config, Gone, Input, Outlet, Reply, RequestId, ServerSession, Sessions, WsId,
};
use sio_codec::engineio::{self, HttpError, RequestHead};
use sio_codec::socketio::{self, Connection, Peer};
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

type Table = Sessions<Peer<ServerSession>, Waiting, Outbox>;

/// What all connections share.
struct App {
    sessions: Mutex<Table>,
    clock: Clock,
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
    let sessions = Mutex::new(Sessions::new(config)?);
    let app = Arc::new(App { sessions, clock: Clock::start(), changed: Changed::new() });
    smol::spawn(keep_deadlines(Arc::clone(&app))).detach();
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
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn max_payload(&self) -> usize {
        self.lock().config().limits.max_payload
    }

    /// Tells the sessions something, does what they want done, and wakes who waits for them.
    fn act<T>(&self, tell: impl FnOnce(&mut Table, Timestamp) -> T) -> T {
        let mut sessions = self.lock();
        let told = tell(&mut sessions, self.clock.now());
        while let Some((peer, event)) = sessions.poll_event() {
            if react(peer.socketio(), event).is_err() {
                // The application says more than its client takes.
                peer.socketio().close();
            }
        }
        drop(sessions);
        self.changed.notify(usize::MAX);
        told
    }

    fn tell(&self, input: Input) {
        self.act(|sessions, now| sessions.handle(now, input));
    }

    /// Waits until a WebSocket's session wants to hear more; `false` if it need not be read any more.
    async fn listens(&self, ws: WsId) -> bool {
        loop {
            // First this, so that no change is missed.
            let changed = self.changed.listen();
            let wants_input = self.lock().wants_input(ws);
            match wants_input {
                Some(true) => return true,
                Some(false) => changed.await,
                None => return false,
            }
        }
    }
}

async fn keep_deadlines(app: Arc<App>) {
    loop {
        let changed = app.changed.listen();
        let left = app.clock.until(app.lock().next_deadline());
        let due = async {
            Timer::after(left).await;
            app.act(|sessions, now| sessions.handle_timeout(now));
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
    // First what may fail: a session has one place for a WebSocket.
    let upgrade = if head.wants_websocket { Some(upgrade(parts)?) } else { None };
    let (reply, answer) = bounded(1);
    let id = app.act(|sessions, now| {
        sessions.request(now, &head, Waiting(reply), |handshake, carrier| {
            let session = handshake.accept(now, fresh_sid(), carrier);
            Ok(Peer::new(session, Connection::new(socketio::Config::default())))
        })
    });
    let _departure = id.map(|id| Departure(app, id));
    if let (Some(id), "POST") = (id, head.method) {
        app.tell(match Limited::new(body, app.max_payload()).collect().await {
            Ok(body) => Input::Body { id, body: body.to_bytes() },
            Err(error) if error.is::<LengthLimitError>() => Input::BodyTooLarge { id },
            Err(_) => Input::Aborted { id },
        });
    }
    // Without an answer, the session is over.
    match (answer.recv().await.map_err(|_| HttpError::UnknownSid)?, upgrade) {
        (Answer::WebSocket(ws), Some((switching, upgraded))) => {
            let app = Arc::clone(app);
            smol::spawn(async move {
                match establish(&app, upgraded).await {
                    Ok(socket) => {
                        let (frames, outgoing) = bounded(OUTBOX);
                        // The session may have given it up. Then the outbox comes back, and is dropped.
                        drop(app.act(|sessions, _| sessions.attach(ws, Outbox(frames))));
                        converse(&app, ws, socket, outgoing).await;
                    }
                    Err(_) => app.tell(Input::WsClosed { ws }),
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

/// Tells that the client of a request has gone: then hyper drops what waits for the answer. If there is an answer already, it
/// changes nothing.
struct Departure<'a>(&'a App, RequestId);

impl Drop for Departure<'_> {
    fn drop(&mut self) {
        self.0.tell(Input::Aborted { id: self.1 });
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
async fn converse(app: &App, ws: WsId, socket: WebSocketStream<TcpStream>, outgoing: Receiver<Frame>) {
    let (mut sender, mut receiver) = socket.split();
    let read = async {
        while app.listens(ws).await {
            let frame = match receiver.next().await {
                Some(Ok(Message::Text(text))) => Text::try_from(Bytes::from(text)).map(Frame::Text),
                Some(Ok(Message::Binary(bytes))) => Ok(Frame::Binary(bytes)),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            };
            let Ok(frame) = frame else { break };
            app.tell(Input::WsFrame { ws, frame });
        }
        // The session drops the other half of `outgoing` then.
        app.tell(Input::WsClosed { ws });
        // The session is over, or has given the WebSocket up: what still comes is thrown away.
        while let Some(Ok(_)) = receiver.next().await {}
    };
    let write = async {
        while let Ok(frame) = outgoing.recv().await {
            // There is room for another one.
            app.tell(Input::WsWritable { ws });
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
        app.tell(Input::WsClosed { ws });
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
