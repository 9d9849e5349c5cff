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
//!  emit, connect ──▶ ┌────────┐ ──▶ Step::Request: a task exchanges it for an answer
//!                    │ Shared │ ──▶ Step::Connect: a task converses
//!  Step::Event ◀──── └────────┘ ◀── answers, messages
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
use sio_codec::engineio::Conversation;
use sio_codec::engineio::client::{Config as Sessions, Endpoint, Request, Shared, Step};
use sio_codec::socketio::Namespace;
use sio_codec::socketio::client::{Auth, Client, Config, Event};
use sio_codec::{Frame, Text};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// How long a server may take to accept a WebSocket, and to take a message.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the tasks may take to end.
const GRACE: Duration = Duration::from_secs(5);

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1);
    let address = words.next().unwrap_or_else(|| "http://127.0.0.1:3000/socket.io/".into());
    let sessions = Sessions::default();
    let network = Network {
        endpoint: Endpoint::new(&address.parse()?)?,
        http: hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http(),
        longest: sessions.limits.max_payload,
    };
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
            Step::Request(request) => drop(tokio::spawn(network.clone().exchange(request))),
            Step::Connect { query, conversation } => drop(tokio::spawn(network.clone().converse(query, conversation))),
            Step::Event(Event::Received { name, args, .. }) => {
                println!("{name} {}", args.items());
                missing -= usize::from(name == "message-back");
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

#[derive(Clone)]
struct Network {
    endpoint: Endpoint,
    http: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
    /// The longest answer, and the longest message of a WebSocket, in bytes.
    longest: usize,
}

impl Network {
    /// Sends a request, and reads the answer up to the limit.
    async fn exchange(self, mut request: Request) {
        let body = request.body.take();
        let answer = async {
            let sent = self.endpoint.request(&request.query, body)?.map(Full::new);
            let (head, body) = self.http.request(sent).await?.into_parts();
            let body = Limited::new(body, self.longest).collect().await?.to_bytes();
            Ok::<_, Failure>(http::Response::from_parts(head, body))
        };
        let answer = match select(pin!(answer), pin!(request.given_up())).await {
            Either::Left((Ok(answer), _)) => answer,
            // It has failed when it is dropped.
            Either::Left((Err(_), _)) | Either::Right(_) => return,
        };
        request.answer_with(answer);
    }

    /// The life of a WebSocket. It is lost if it ends by an error.
    async fn converse(self, query: String, conversation: Conversation) -> Result<(), Failure> {
        let limits = WebSocketConfig::default().max_message_size(Some(self.longest)).max_frame_size(Some(self.longest));
        let address = self.endpoint.websocket(&query)?;
        let connect = tokio_tungstenite::connect_async_with_config(address, Some(limits), true);
        let (mut sink, mut stream) = timeout(PATIENCE, connect).await??.0.split();
        let (reader, mut writer) = conversation.open();
        let read = async move {
            while reader.ready().await {
                match stream.next().await.ok_or("closed")?? {
                    Message::Text(text) => reader.frame(Frame::Text(Text::try_from(Bytes::from(text))?)),
                    Message::Binary(bytes) => reader.frame(Frame::Binary(bytes)),
                    _ => {}
                }
            }
            drop(reader);
            // The client has given it up: what still comes is thrown away.
            while let Some(Ok(_)) = stream.next().await {}
            Ok(())
        };
        let write = async move {
            while let Some(frame) = writer.next().await {
                let message = match frame {
                    Frame::Text(text) => Message::Text(Utf8Bytes::try_from(text.into_bytes())?),
                    Frame::Binary(bytes) => Message::Binary(bytes),
                };
                timeout(PATIENCE, sink.send(message)).await??;
            }
            Ok(timeout(PATIENCE, sink.close()).await??)
        };
        // A connection that is closed while something is unread is reset, and then the server may not read what was sent last.
        // So the rest is read as well.
        match select(pin!(read), pin!(write)).await {
            Either::Left((end, write)) => end.and(write.await),
            Either::Right((end, read)) => timeout(PATIENCE, read).await?.and(end),
        }
    }
}
