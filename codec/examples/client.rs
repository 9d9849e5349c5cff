//! A Socket.IO client on tokio and hyper: over polling, an upgrade, and a new connection when one is lost.
//!
//! ```text
//! cargo run -p sio-codec --features http --example client -- http://127.0.0.1:3000/socket.io/ hello world
//! ```
//!
//! It emits an event `message` with each of the words, prints each `message-back`, and ends when all have come back. Start
//! the server later, or again: the client waits for it. The path is that of the server, by default `/socket.io/`; `https` needs
//! a connector with TLS in both libraries.
//!
//! ```text
//!  emit, connect ──▶ ┌────────┐ ──▶ Step::Request: a task exchanges it for an answer
//!                    │ Shared │ ──▶ Step::Connect: a task converses
//!  Step::Event ◀──── └────────┘ ◀── answers, messages
//! ```

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryFutureExt as _;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sio_codec::engineio::Conversation;
use sio_codec::engineio::client::{Config as Sessions, Endpoint, Request, Shared, Step};
use sio_codec::socketio::Namespace;
use sio_codec::socketio::client::{Auth, Client, Config, Event};
use sio_codec::{Frame, Text};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// How long a server may take to accept a WebSocket.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the tasks may take to end.
const GRACE: Duration = Duration::from_secs(5);

type Failure = Box<dyn Error + Send + Sync>;

type Http = hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1);
    let address = words.next().unwrap_or_else(|| "http://127.0.0.1:3000/socket.io/".into());
    let endpoint = Endpoint::new(&address.parse()?)?;
    let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http();
    let sessions = Sessions::default();
    // The longest answer, and the longest message of a WebSocket, in bytes.
    let longest = sessions.limits.max_payload;
    let client = Shared::new(Client::new(sessions, Config::default(), getrandom::u64()?));
    let words: Vec<_> = words.collect();
    let mut missing = words.len();
    client.act(|client, now| {
        let (io, root) = (client.socketio(now), Namespace::root());
        io.connect(&root, Auth::None)?;
        // What is emitted before the connection is there goes out then.
        words.into_iter().try_for_each(|word| io.emit(&root, "message", (word,)))
    })?;
    loop {
        match client.next(sleep).await {
            Step::Request(mut request) => {
                let sent = endpoint.request(&request.query, request.body.take())?;
                start(exchange(http.clone(), request, sent, longest));
            }
            Step::Connect { query, conversation } => {
                start(converse(endpoint.websocket(&query)?, conversation, longest));
            }
            Step::Event(Event::Received { name, args, .. }) => {
                println!("{name} {}", args.items());
                missing = missing.saturating_sub(usize::from(name == "message-back"));
                if missing == 0 {
                    client.act(|client, now| client.socketio(now).close());
                }
            }
            Step::Event(Event::Reconnecting { delay, .. }) => eprintln!("again in {delay:?}"),
            Step::Event(Event::Closed(reason)) => {
                eprintln!("closed: {reason}");
                if missing == 0 {
                    // The tasks send what is left.
                    let _ = timeout(GRACE, client.ended()).await;
                    return Ok(());
                }
            }
            Step::Event(Event::Refused { namespace, refusal }) => {
                return Err(format!("no place in {namespace}: {}", refusal.message).into());
            }
            Step::Event(Event::ReconnectFailed) => return Err("the server cannot be reached".into()),
            Step::Event(_) => {}
        }
    }
}

/// Starts a task. The client hears of its failure by itself; this is for whoever looks.
fn start(task: impl Future<Output = Result<(), Failure>> + Send + 'static) {
    tokio::spawn(task.inspect_err(|failure| eprintln!("{failure}")));
}

/// Sends a request, and reads the answer up to the limit.
async fn exchange(http: Http, request: Request, sent: http::Request<Bytes>, longest: usize) -> Result<(), Failure> {
    let exchange = async move {
        let (head, body) = http.request(sent.map(Full::new)).await?.into_parts();
        let body = Limited::new(body, longest).collect().await?.to_bytes();
        Ok(http::Response::from_parts(head, body))
    };
    request.answered_by(exchange).await
}

/// The life of a WebSocket.
async fn converse(address: http::Uri, conversation: Conversation, longest: usize) -> Result<(), Failure> {
    let limits = WebSocketConfig::default().max_message_size(Some(longest)).max_frame_size(Some(longest));
    let connect = tokio_tungstenite::connect_async_with_config(address, Some(limits), true);
    let (socket, _) = timeout(PATIENCE, connect).await??;
    let frame_of = |message| match message {
        Message::Text(text) => Text::try_from(Bytes::from(text)).ok().map(Frame::Text),
        Message::Binary(bytes) => Some(Frame::Binary(bytes)),
        _ => None,
    };
    let message_of = |frame| match frame {
        Frame::Text(text) => Message::text(text.as_str()),
        Frame::Binary(bytes) => Message::Binary(bytes),
    };
    Ok(conversation.run(socket, frame_of, message_of, sleep).await?)
}
