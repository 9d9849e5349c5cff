//! All sessions behind one lock: each request and each WebSocket has a task, and one task keeps the deadlines. A message that is
//! too large ends its session without the close code 1009, which axum leaves no place for.
//!
//! ```text
//!  request ────▶ endpoint ── act ──▶ ┌─────────────────┐
//!          ◀─── Answer (oneshot) ─── │ Sessions        │ ──▶ react
//!  WebSocket ──▶ converse ── act ──▶ │ behind the lock │ ◀── emit, acknowledge
//!            ◀── frames (channel) ── │                 │
//!  keep_deadlines ────────── act ──▶ └─────────────────┘
//! ```

use std::error::Error;
use std::future::{IntoFuture as _, pending};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts as _, Path, Request, State};
use axum::response::Response;
use axum::routing::{any, post};
use axum::serve::ListenerExt as _;
use bytes::Bytes;
use futures_util::future::{Either, select};
use futures_util::{SinkExt as _, StreamExt as _};
use sio_codec::engineio::server::{
    Answer, Config, Gone, Input, Outlet, Reply, RequestId, ServerSession, Sessions, WsId,
};
use sio_codec::engineio::{self, HttpError, RequestHead};
use sio_codec::socketio::{self, Args, Connection, EmitError, Namespace, Peer};
use sio_codec::{Clock, Frame, Text, Timestamp};
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use crate::{fresh_sid, react};

/// How long a client may take to take a message, and to answer a Close frame.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long clients may take to fetch what is left for them when the server is stopped.
const GRACE: Duration = Duration::from_secs(5);

/// How many messages wait for the writer of a WebSocket. The others wait in the session, which counts them.
const OUTBOX: usize = 16;

/// Serves `/socket.io/` until the program is interrupted, and says to all clients what is posted to `/say/`.
pub(crate) async fn serve(address: &str, config: Config) -> Result<(), Box<dyn Error>> {
    let app = Arc::new(App {
        sessions: Mutex::new(Sessions::new(config)?),
        clock: Clock::start(),
        changed: Notify::new(),
        conversations: TaskTracker::new(),
    });
    tokio::spawn(keep_deadlines(Arc::clone(&app)));
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    // Packets are small, and each is to leave at once.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let routes = Router::new().route("/socket.io/", any(endpoint)).route("/say/{words}", post(say));
    let serving = axum::serve(listener, routes.with_state(Arc::clone(&app))).with_graceful_shutdown(async move {
        interrupted().await;
        app.shut_down().await;
    });
    tokio::select! {
        served = serving.into_future() => Ok(served?),
        // Whoever does not let go of a request by then is cut off.
        () = async { interrupted().await; sleep(2 * GRACE).await } => Ok(()),
    }
}

async fn interrupted() {
    if ctrl_c().await.is_err() {
        // Without signals, the program is stopped by force.
        pending().await
    }
}

async fn say(State(app): State<Arc<App>>, Path(words): Path<String>) {
    if let Ok(args) = Args::encode(&(words,)) {
        app.emit_to_all(&Namespace::root(), "said", &args);
    }
}

type Table = Sessions<Peer<ServerSession>, Waiting, Outbox>;

/// What all connections share.
struct App {
    sessions: Mutex<Table>,
    clock: Clock,
    changed: Notify,
    /// The tasks of WebSockets.
    conversations: TaskTracker,
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

impl App {
    /// Refuses new sessions, ends all others, and waits until their clients were told.
    async fn shut_down(&self) {
        self.act(|sessions, _| sessions.shut_down(|peer| peer.socketio().shut_down()));
        let told = async {
            loop {
                let changed = self.changed.notified();
                if self.lock().is_empty() {
                    break;
                }
                changed.await;
            }
            self.conversations.close();
            self.conversations.wait().await;
        };
        let _ = timeout(GRACE, told).await;
    }

    /// Sends an event to all clients of a namespace. One that does not keep up loses its connection.
    fn emit_to_all(&self, namespace: &Namespace, name: &str, args: &Args) {
        self.act(|sessions, _| {
            for peer in sessions.machines() {
                if peer.socketio().emit(namespace, name, args) == Err(EmitError::BufferFull) {
                    peer.socketio().close();
                }
            }
        });
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.changed.notify_waiters();
        told
    }

    fn tell(&self, input: Input) {
        self.act(|sessions, now| sessions.handle(now, input));
    }

    /// Waits until a WebSocket's session wants to hear more; `false` if it need not be read any more.
    async fn listens(&self, ws: WsId) -> bool {
        loop {
            // First this, so that no change is missed.
            let changed = self.changed.notified();
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
        let changed = app.changed.notified();
        let deadline = app.lock().next_deadline();
        tokio::select! {
            () = sleep(app.clock.until(deadline)) => app.act(|sessions, now| sessions.handle_timeout(now)),
            () = changed => {}
        }
    }
}

/// Answers all requests to `/socket.io/`.
async fn endpoint(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await.ok();
    let head = RequestHead::from(&parts);
    if head.wants_websocket && upgrade.is_none() {
        // It may not take the place of one that can become a WebSocket.
        return into_http(HttpError::NotAnUpgrade.response_to(&head));
    }
    let (reply, answer) = oneshot::channel();
    let id = app.act(|sessions, now| {
        sessions.request(now, &head, Waiting(reply), |handshake, carrier| {
            let session = handshake.accept(now, fresh_sid(), carrier);
            Ok(Peer::new(session, Connection::new(socketio::Config::default())))
        })
    });
    let _departure = id.map(|id| Departure(&app, id));
    let longest = app.lock().config().limits.max_payload;
    if let (Some(id), "POST") = (id, head.method) {
        app.tell(match to_bytes(body, longest).await {
            Ok(body) => Input::Body { id, body },
            // axum does not say whether the body is too large or the client gone. If it is gone, nobody hears the 413.
            Err(_) => Input::BodyTooLarge { id },
        });
    }
    match (answer.await, upgrade) {
        (Ok(Answer::Response(response)), _) => into_http(response),
        (Ok(Answer::WebSocket(ws)), Some(upgrade)) => {
            let (failed, app) = (Arc::clone(&app), Arc::clone(&app));
            upgrade
                .max_message_size(longest)
                .max_frame_size(longest)
                .on_failed_upgrade(move |_| failed.tell(Input::WsClosed { ws }))
                .on_upgrade(move |socket| async move { converse(&app, ws, socket).await })
        }
        // Without an answer, the session is over.
        (Ok(Answer::WebSocket(_)) | Err(_), _) => into_http(HttpError::UnknownSid.response_to(&head)),
    }
}

fn into_http(response: engineio::Response) -> Response {
    http::Response::from(response).map(Body::from)
}

/// Tells that the client of a request has gone: then axum drops what waits for the answer. If there is an answer already, it
/// changes nothing.
struct Departure<'a>(&'a App, RequestId);

impl Drop for Departure<'_> {
    fn drop(&mut self) {
        self.0.tell(Input::Aborted { id: self.1 });
    }
}

/// The life of a WebSocket: hands on what comes, and sends what its session wants sent, until that drops the outbox.
async fn converse(app: &App, ws: WsId, socket: WebSocket) {
    let _conversation = app.conversations.token();
    let (outbox, mut outgoing) = mpsc::channel(OUTBOX);
    // The session may have given it up. Then the outbox comes back, and is dropped.
    drop(app.act(|sessions, _| sessions.attach(ws, Outbox(outbox))));
    let (mut sink, mut stream) = socket.split();
    let read = async {
        while app.listens(ws).await {
            let frame = match stream.next().await {
                Some(Ok(Message::Text(text))) => Text::try_from(Bytes::from(text)).map(Frame::Text),
                Some(Ok(Message::Binary(bytes))) => Ok(Frame::Binary(bytes)),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            };
            let Ok(frame) = frame else { break };
            app.tell(Input::WsFrame { ws, frame });
        }
        app.tell(Input::WsClosed { ws });
        // The session is over, or has given the WebSocket up: what still comes is thrown away.
        while let Some(Ok(_)) = stream.next().await {}
    };
    let write = async {
        while let Some(frame) = outgoing.recv().await {
            // There is room for another one.
            app.tell(Input::WsWritable { ws });
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
        app.tell(Input::WsClosed { ws });
    };
    // A connection that is closed while something is unread is reset, and then its client may not read what was sent last. So
    // the rest is read as well.
    match select(pin!(read), pin!(write)).await {
        Either::Left(((), write)) => write.await,
        Either::Right(((), read)) => drop(timeout(PATIENCE, read).await),
    }
}
