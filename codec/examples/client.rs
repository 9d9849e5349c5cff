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
//!  emit, connect ──▶ ┌────────┐ ──▶ Request, WsConnect ──▶ one task each
//!                    │ Client │                              │
//!  events ◀───────── └────────┘ ◀── answers, frames ─────────┘
//! ```

use std::collections::HashMap;
use std::error::Error;
use std::future::pending;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sio_codec::engineio::client::{Config as Sessions, Endpoint, Input, Transmit};
use sio_codec::engineio::{RequestId, WsId};
use sio_codec::socketio::Namespace;
use sio_codec::socketio::client::{Auth, Client, Config, Event};
use sio_codec::{Clock, Frame, Limits, Machine as _, Output, Text};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// How long a server may take to accept a WebSocket, and to take a message.
const PATIENCE: Duration = Duration::from_secs(30);

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1);
    let address = words.next().unwrap_or_else(|| "http://127.0.0.1:3000/socket.io/".into());
    let mut connections = Connections::new(Endpoint::new(&address.parse()?)?);
    let clock = Clock::start();
    let mut client = Client::new(Sessions::default(), Config::default(), getrandom::u64()?);

    let root = Namespace::root();
    let io = client.socketio(clock.now());
    io.connect(&root, Auth::None)?;
    let mut missing = 0;
    for word in words {
        // What is emitted before the connection is there goes out then.
        io.emit(&root, "message", (word,))?;
        missing += 1;
    }
    loop {
        while let Some(output) = client.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    if let Some(input) = connections.carry_out(transmit)? {
                        client.handle(clock.now(), input);
                    }
                }
                Output::Event(Event::Received { name, args, .. }) => {
                    println!("{name} {}", args.items());
                    missing -= usize::from(name == "message-back");
                    if missing == 0 {
                        client.socketio(clock.now()).close();
                    }
                }
                Output::Event(Event::Reconnecting { delay, .. }) => eprintln!("again in {delay:?}"),
                Output::Event(Event::Closed(reason)) => {
                    eprintln!("closed: {reason}");
                    if missing == 0 {
                        return Ok(());
                    }
                }
                Output::Event(_) => {}
            }
        }
        let deadline = client.next_deadline();
        let input = connections.next(client.wants_input());
        tokio::select! {
            input = input => client.handle(clock.now(), input),
            () = async {
                match deadline {
                    Some(at) => tokio::time::sleep(at.saturating_since(clock.now())).await,
                    None => pending().await,
                }
            } => client.handle_timeout(clock.now()),
        }
    }
}

/// The requests and the WebSocket of a client, each with a task of its own.
struct Connections {
    endpoint: Endpoint,
    http: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    requests: HashMap<RequestId, AbortHandle>,
    answers: (mpsc::Sender<Input>, mpsc::Receiver<Input>),
    /// Apart from the answers: they are left where they are while the client does not want them.
    frames: (mpsc::Sender<Input>, mpsc::Receiver<Input>),
    socket: Option<(WsId, mpsc::Sender<Frame>)>,
    /// The WebSocket that had no room when the client was last told.
    full: Option<WsId>,
}

impl Connections {
    fn new(endpoint: Endpoint) -> Self {
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http();
        let (answers, frames) = (mpsc::channel(16), mpsc::channel(1));
        Self { endpoint, http, requests: HashMap::new(), answers, frames, socket: None, full: None }
    }

    /// Does what the client wants done. Says so if a WebSocket has no room for more.
    fn carry_out(&mut self, transmit: Transmit) -> Result<Option<Input>, Failure> {
        match transmit {
            Transmit::Request { id, query, body } => {
                let answer = self.http.request(self.endpoint.request(&query, body)?.map(Full::new));
                let answers = self.answers.0.clone();
                let task = tokio::spawn(async move {
                    let input = receive(id, answer).await.unwrap_or(Input::Failed { id });
                    let _ = answers.send(input).await;
                });
                self.requests.retain(|_, task| !task.is_finished());
                self.requests.insert(id, task.abort_handle());
            }
            Transmit::Cancel { id } => {
                if let Some(task) = self.requests.remove(&id) {
                    task.abort();
                }
            }
            Transmit::WsConnect { ws, query } => {
                let (outbox, outgoing) = mpsc::channel(16);
                let (address, frames) = (self.endpoint.websocket(&query)?, self.frames.0.clone());
                self.socket = Some((ws, outbox));
                tokio::spawn(async move {
                    let _ = run(ws, address, outgoing, &frames).await;
                    let _ = frames.send(Input::WsClosed { ws }).await;
                });
            }
            Transmit::WsSend { ws, frame } => {
                if let Some((_, outbox)) = self.socket.as_ref().filter(|(open, _)| *open == ws) {
                    // It fails if the WebSocket is lost, which its task reports.
                    let _ = outbox.try_send(frame);
                    self.full = (outbox.capacity() == 0).then_some(ws);
                    return Ok(self.full.map(|ws| Input::WsFull { ws }));
                }
            }
            // Its task sends what is left, and a Close frame.
            Transmit::WsClose { ws } => drop(self.socket.take_if(|(open, _)| *open == ws)),
        }
        Ok(None)
    }

    /// What happens next.
    async fn next(&mut self, wants_frames: bool) -> Input {
        let Self { answers, frames, socket, full, .. } = self;
        let room = async {
            match (&*full, socket) {
                (Some(ws), Some((open, outbox))) if ws == open => {
                    let input = Input::WsWritable { ws: *ws };
                    drop(outbox.reserve().await);
                    *full = None;
                    input
                }
                _ => pending().await,
            }
        };
        tokio::select! {
            Some(answer) = answers.1.recv() => answer,
            Some(frame) = frames.1.recv(), if wants_frames => frame,
            writable = room => writable,
        }
    }
}

/// Reads an answer, up to the limit.
async fn receive(id: RequestId, answer: hyper_util::client::legacy::ResponseFuture) -> Result<Input, Failure> {
    let (head, body) = answer.await?.into_parts();
    let body = Limited::new(body, Limits::default().max_payload).collect().await?.to_bytes();
    Ok(Input::response(id, http::Response::from_parts(head, body)))
}

/// The life of one WebSocket: it ends when the client drops the other half of `outgoing`, or when the server closes.
async fn run(
    ws: WsId,
    address: http::Uri,
    mut outgoing: mpsc::Receiver<Frame>,
    reports: &mpsc::Sender<Input>,
) -> Result<(), Failure> {
    let longest = Some(Limits::default().max_payload);
    let limits = WebSocketConfig::default().max_message_size(longest).max_frame_size(longest);
    let connect = tokio_tungstenite::connect_async_with_config(address, Some(limits), true);
    let (socket, _) = timeout(PATIENCE, connect).await??;
    let (mut sink, mut stream) = socket.split();
    reports.send(Input::WsOpened { ws }).await?;
    let read = async {
        while let Some(message) = stream.next().await {
            let frame = match message? {
                Message::Text(text) => Frame::Text(Text::try_from(Bytes::from(text))?),
                Message::Binary(bytes) => Frame::Binary(bytes),
                _ => continue,
            };
            reports.send(Input::WsFrame { ws, frame }).await?;
        }
        Ok(())
    };
    let write = async {
        while let Some(frame) = outgoing.recv().await {
            let message = match frame {
                Frame::Text(text) => Message::Text(Utf8Bytes::try_from(text.into_bytes())?),
                Frame::Binary(bytes) => Message::Binary(bytes),
            };
            timeout(PATIENCE, sink.send(message)).await??;
        }
        timeout(PATIENCE, sink.close()).await??;
        Ok(())
    };
    tokio::select! {
        end = read => end,
        end = write => end,
    }
}
