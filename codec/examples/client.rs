//! A Socket.IO client on tokio and hyper: over polling, an upgrade, and a new connection when one is lost.
//!
//! ```text
//! cargo run -p sio-codec --features http --example client -- http://127.0.0.1:3000/socket.io/ hello world
//! ```
//!
//! It emits an event `message` with each of the words, prints each `message-back`, and ends when all have come back. Start
//! the server later, or again: the client waits for it.
//!
//! ```text
//!  emit, connect ──▶ ┌─────────────────────┐ ──▶ Network: a task for each request, and one for the WebSocket
//!                    │ Driver with a Client │                        │
//!  events ◀───────── └─────────────────────┘ ◀── answers, messages ──┘
//! ```

use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sio_codec::engineio::client::{Body, Config as Sessions, Connector, Driver, Endpoint, Input};
use sio_codec::engineio::{Outlet, RequestId, WsId};
use sio_codec::socketio::Namespace;
use sio_codec::socketio::client::{Auth, Client, Config, Event};
use sio_codec::{Clock, Frame, Text};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_util::task::AbortOnDropHandle;

/// How long a server may take to accept a WebSocket, and to take a message.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the tasks may take to end.
const GRACE: Duration = Duration::from_secs(5);

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1);
    let address = words.next().unwrap_or_else(|| "http://127.0.0.1:3000/socket.io/".into());
    let clock = Clock::start();
    // Messages come through a channel of their own: they are left where they are while the client does not want them.
    let ((answers, mut answered), (messages, mut heard)) = (mpsc::channel(16), mpsc::channel(1));
    let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http();
    let sessions = Sessions::default();
    let longest = sessions.limits.max_payload;
    let network = Network { endpoint: Endpoint::new(&address.parse()?)?, longest, http, answers, messages };
    let mut client = Driver::new(Client::new(sessions, Config::default(), getrandom::u64()?), network);

    let root = Namespace::root();
    let io = client.machine().socketio(clock.now());
    io.connect(&root, Auth::None)?;
    let mut missing = 0;
    for word in words {
        // What is emitted before the connection is there goes out then.
        io.emit(&root, "message", (word,))?;
        missing += 1;
    }
    loop {
        while let Some(event) = client.poll_event() {
            match event {
                Event::Received { name, args, .. } => {
                    println!("{name} {}", args.items());
                    missing -= usize::from(name == "message-back");
                    if missing == 0 {
                        client.machine().socketio(clock.now()).close();
                    }
                }
                Event::Reconnecting { delay, .. } => eprintln!("again in {delay:?}"),
                Event::Closed(reason) => {
                    eprintln!("closed: {reason}");
                    if missing == 0 {
                        // The tasks send what is left, and end.
                        drop(client);
                        let _ = timeout(GRACE, async { while heard.recv().await.is_some() {} }).await;
                        return Ok(());
                    }
                }
                Event::Refused { namespace, refusal } => {
                    return Err(format!("no place in {namespace}: {}", refusal.message).into());
                }
                Event::ReconnectFailed => return Err("the server cannot be reached".into()),
                _ => {}
            }
        }
        let (left, listening) = (clock.until(client.next_deadline()), client.wants_input());
        tokio::select! {
            Some(answer) = answered.recv() => client.handle(clock.now(), answer),
            Some(message) = heard.recv(), if listening => client.handle(clock.now(), message),
            () = sleep(left) => client.handle_timeout(clock.now()),
        }
    }
}

/// Starts a task for each request, and one for the WebSocket. They report to the loop.
struct Network {
    endpoint: Endpoint,
    /// The longest answer, and the longest message of a WebSocket, in bytes.
    longest: usize,
    http: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    answers: mpsc::Sender<Input>,
    messages: mpsc::Sender<Input>,
}

impl Connector for Network {
    type Request = AbortOnDropHandle<()>;
    type Outlet = Outbox;

    fn request(&mut self, id: RequestId, query: String, body: Option<Body>) -> Self::Request {
        let (request, http, answers) = (self.endpoint.request(&query, body), self.http.clone(), self.answers.clone());
        let longest = self.longest;
        AbortOnDropHandle::new(tokio::spawn(async move {
            let answer = async { exchange(&http, request?, longest).await }.await;
            let _ = answers.send(answer.map_or(Input::Failed { id }, |answer| Input::response(id, answer))).await;
        }))
    }

    fn connect(&mut self, ws: WsId, query: String) -> Outbox {
        let (outbox, outgoing) = mpsc::channel(16);
        let address = self.endpoint.websocket(&query);
        let (answers, messages, longest) = (self.answers.clone(), self.messages.clone(), self.longest);
        tokio::spawn(async move {
            let _ = async { converse(ws, address?, longest, outgoing, &answers, &messages).await }.await;
            let _ = messages.send(Input::WsClosed { ws }).await;
        });
        Outbox(outbox)
    }
}

/// The messages that the WebSocket's task has not sent yet: a few. The others wait in the client, which counts them. When it is
/// dropped, the task sends what is left, and a Close frame.
struct Outbox(mpsc::Sender<Frame>);

impl Outlet for Outbox {
    fn has_room(&self) -> bool {
        self.0.capacity() > 0
    }

    fn send(&mut self, frame: Frame) {
        // It fails if the WebSocket is lost, which its task reports.
        let _ = self.0.try_send(frame);
    }
}

// What follows is hyper's and tungstenite's.

/// Sends a request, and reads the answer up to the limit.
async fn exchange(
    http: &hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    request: http::Request<Bytes>,
    longest: usize,
) -> Result<http::Response<Bytes>, Failure> {
    let (head, body) = http.request(request.map(Full::new)).await?.into_parts();
    let body = Limited::new(body, longest).collect().await?.to_bytes();
    Ok(http::Response::from_parts(head, body))
}

/// The life of one WebSocket: it ends when the client drops the other half of `outgoing`, or when the server closes.
async fn converse(
    ws: WsId,
    address: http::Uri,
    longest: usize,
    mut outgoing: mpsc::Receiver<Frame>,
    answers: &mpsc::Sender<Input>,
    messages: &mpsc::Sender<Input>,
) -> Result<(), Failure> {
    let limits = WebSocketConfig::default().max_message_size(Some(longest)).max_frame_size(Some(longest));
    let connect = tokio_tungstenite::connect_async_with_config(address, Some(limits), true);
    let (socket, _) = timeout(PATIENCE, connect).await??;
    let (mut sink, mut stream) = socket.split();
    messages.send(Input::WsOpened { ws }).await?;
    let read = async {
        while let Some(message) = stream.next().await {
            let frame = match message? {
                Message::Text(text) => Frame::Text(Text::try_from(Bytes::from(text))?),
                Message::Binary(bytes) => Frame::Binary(bytes),
                _ => continue,
            };
            messages.send(Input::WsFrame { ws, frame }).await?;
        }
        Ok(())
    };
    let write = async {
        while let Some(frame) = outgoing.recv().await {
            // There is room for another one.
            answers.send(Input::WsWritable { ws }).await?;
            let message = match frame {
                Frame::Text(text) => Message::Text(Utf8Bytes::try_from(text.into_bytes())?),
                Frame::Binary(bytes) => Message::Binary(bytes),
            };
            timeout(PATIENCE, sink.send(message)).await??;
        }
        timeout(PATIENCE, sink.close()).await??;
        Ok(())
    };
    match select(pin!(read), pin!(write)).await {
        Either::Left((end, _)) => end,
        // A connection that is closed while something is unread is reset, and then the server may not read what was sent last.
        // So the rest is read as well.
        Either::Right((end, read)) => timeout(PATIENCE, read).await?.and(end),
    }
}
