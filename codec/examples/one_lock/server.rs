//! All sessions behind one lock: each request and each WebSocket has a task, and one task keeps the deadlines. A message that is
//! too large ends its session without the close code 1009, which axum leaves no place for.
//!
//! ```text
//!  request ────▶ endpoint ── request ──▶ ┌──────────┐
//!          ◀─── Response ─── Pending ─── │ Shared   │ ──▶ react
//!  WebSocket ◀─▶ converse, Conversation  │ sessions │ ◀── emit, acknowledge
//!  timer ──────────── keep_deadlines ──▶ └──────────┘
//! ```

use std::error::Error;
use std::future::{IntoFuture as _, pending};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts as _, Path, Request, State};
use axum::response::Response;
use axum::routing::{any, post};
use axum::serve::ListenerExt as _;
use bytes::Bytes;
use sio_codec::engineio::server::{Answered, Config, ServerSession, Shared};
use sio_codec::engineio::{self, Conversation, HttpError, RequestHead};
use sio_codec::socketio::{self, Args, Connection, EmitError, Namespace, Peer};
use sio_codec::{Frame, Text};
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use tokio::time::{sleep, timeout};

use crate::{fresh_sid, react};

/// How long clients may take to fetch what is left for them when the server is stopped.
const GRACE: Duration = Duration::from_secs(5);

type Sessions = Shared<Peer<ServerSession>>;

/// Serves `/socket.io/` until the program is interrupted, and says to all clients what is posted to `/say/`.
pub(crate) async fn serve(address: &str, config: Config) -> Result<(), Box<dyn Error>> {
    let sessions = Sessions::new(config, |table, _| {
        while let Some((peer, event)) = table.poll_event() {
            if react(peer.socketio(), event).is_err() {
                // The application says more than its client takes.
                peer.socketio().close();
            }
        }
    })?;
    let timed = sessions.clone();
    tokio::spawn(async move { timed.keep_deadlines(sleep).await });
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    // Packets are small, and each is to leave at once.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let routes = Router::new().route("/socket.io/", any(endpoint)).route("/say/{words}", post(say));
    let serving = axum::serve(listener, routes.with_state(sessions.clone())).with_graceful_shutdown(async move {
        interrupted().await;
        sessions.shut_down(|_, peer| peer.socketio().shut_down());
        let _ = timeout(GRACE, sessions.ended()).await;
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

/// Sends an event to all clients of the root namespace. One that does not keep up loses its connection.
async fn say(State(sessions): State<Sessions>, Path(words): Path<String>) {
    let Ok(args) = Args::encode(&(words,)) else { return };
    sessions.act(|table, _| {
        for peer in table.machines() {
            if peer.socketio().emit(&Namespace::root(), "said", &args) == Err(EmitError::BufferFull) {
                peer.socketio().close();
            }
        }
    });
}

/// Answers all requests to `/socket.io/`. If its client goes away, axum drops it, and what it waits for.
async fn endpoint(State(sessions): State<Sessions>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await.ok();
    // One that wants a WebSocket and cannot become one gets no session.
    let head = RequestHead { wants_websocket: upgrade.is_some(), ..RequestHead::from(&parts) };
    let pending = sessions.request(&head, |now, handshake, carrier| {
        let session = handshake.accept(now, fresh_sid(), carrier);
        Ok(Peer::new(session, Connection::new(socketio::Config::default())))
    });
    let longest = sessions.max_payload();
    if pending.takes_body() {
        match to_bytes(body, longest).await {
            Ok(body) => pending.body(body),
            // axum does not say whether the body is too large or the client gone. If it is gone, nobody hears the 413.
            Err(_) => pending.body_too_large(),
        }
    }
    match (pending.await, upgrade) {
        (Answered::WebSocket(conversation), Some(upgrade)) => upgrade
            .max_message_size(longest)
            .max_frame_size(longest)
            .on_upgrade(|socket| converse(conversation, socket)),
        // It never happens: such a request is refused.
        (Answered::WebSocket(_), None) => into_http(HttpError::NotAnUpgrade.response_to(&head)),
        (Answered::Response(response), _) => into_http(response),
    }
}

fn into_http(response: engineio::Response) -> Response {
    http::Response::from(response).map(Body::from)
}

/// The life of a WebSocket. Its session hears how it ends.
async fn converse(conversation: Conversation, socket: WebSocket) {
    let frame_of = |message| match message {
        Message::Text(text) => Text::try_from(Bytes::from(text)).ok().map(Frame::Text),
        Message::Binary(bytes) => Some(Frame::Binary(bytes)),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => None,
    };
    let message_of = |frame| match frame {
        Frame::Text(text) => Message::text(text.as_str()),
        Frame::Binary(bytes) => Message::Binary(bytes),
    };
    let _ = conversation.run(socket, frame_of, message_of, sleep).await;
}
