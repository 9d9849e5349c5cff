//! A Socket.IO client without a runtime: on threads, with ureq and tungstenite, which block. It connects again when it loses
//! its connection.
//!
//! ```text
//! cargo run -p sio-codec --features http --example client_blocking -- http://127.0.0.1:3000/socket.io/ upgrade hello world
//! ```
//!
//! It emits an event `message` with each of the words, prints each `message-back`, and ends when all have come back. Start
//! the server later, or again: the client waits for it. In place of `upgrade`, from polling to a WebSocket, there may be
//! `polling` or `websocket`.
//!
//! ```text
//!  emit, connect ──▶ ┌──────────────────────┐ ──▶ Network: a thread for each request, two for the WebSocket
//!                    │ Driver with a Client │                          │
//!  events ◀───────── └──────────────────────┘ ◀──── News (channel) ────┘
//! ```
//!
//! The client is the main thread's alone. So there is no lock, and nothing else keeps a deadline: the thread sleeps until the
//! next one, or until something is reported.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use sio_codec::engineio::client::{Body, Config as Sessions, Connector, Driver, Endpoint, Input, Transports};
use sio_codec::engineio::{Outlet, RequestId, WsId};
use sio_codec::socketio::Namespace;
use sio_codec::socketio::client::{Auth, Client, Config, Event};
use sio_codec::{Clock, Frame, Text};
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Message, Utf8Bytes, WebSocket};

/// How long a server may take to accept a WebSocket, and to take a message.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a server may take to answer: longer than any heartbeat.
const SILENCE: Duration = Duration::from_secs(120);

/// How long the threads may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// How many messages wait for the writer of the WebSocket. The others wait in the client, which counts them.
const OUTBOX: usize = 16;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1);
    let address = words.next().unwrap_or_else(|| "http://127.0.0.1:3000/socket.io/".into());
    let transports = transports(words.next().as_deref())?;
    let clock = Clock::start();
    let (news, reports) = channel();
    let http = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(SILENCE)).build();
    let sessions = Sessions::default().with_transports(transports);
    let longest = sessions.limits.max_payload;
    let network = Network { endpoint: Endpoint::new(&address.parse()?)?, longest, http: http.into(), news };
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
    let mut paused = None;
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
                        // The threads send what is left, and end.
                        drop((client, paused));
                        let start = Instant::now();
                        while reports.recv_timeout(GRACE.saturating_sub(start.elapsed())).is_ok() {}
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
        if client.wants_input() {
            // Dropping it lets the WebSocket's reader read on.
            paused = None;
        }
        match reports.recv_timeout(clock.until(client.next_deadline())) {
            Ok(News { input, pause }) => {
                paused = pause.or(paused);
                client.handle(clock.now(), input);
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => client.handle_timeout(clock.now()),
        }
    }
}

fn transports(word: Option<&str>) -> Result<Transports, Failure> {
    match word {
        Some("polling") => Ok(Transports::PollingOnly),
        Some("websocket") => Ok(Transports::WebSocketOnly),
        Some("upgrade") | None => Ok(Transports::PollingThenUpgrade),
        Some(other) => Err(format!("{other} is none of polling, websocket and upgrade").into()),
    }
}

/// What a thread reports. The reader of the WebSocket waits behind each message until its `pause` is dropped: what the client
/// does not want yet stays with the server.
struct News {
    input: Input,
    pause: Option<Sender<()>>,
}

impl From<Input> for News {
    fn from(input: Input) -> Self {
        Self { input, pause: None }
    }
}

/// Starts a thread for each request, and one for the WebSocket. They report to the main thread, and end by an error if that is
/// gone.
struct Network {
    endpoint: Endpoint,
    /// The longest answer, and the longest message of a WebSocket, in bytes.
    longest: usize,
    http: ureq::Agent,
    news: Sender<News>,
}

impl Connector for Network {
    /// A request that blocks cannot be cancelled. Its answer is ignored if it comes too late.
    type Request = ();
    type Outlet = Outbox;

    fn request(&mut self, id: RequestId, query: String, body: Option<Body>) {
        let (request, http, news) = (self.endpoint.request(&query, body), self.http.clone(), self.news.clone());
        let longest = self.longest;
        thread::spawn(move || {
            let answer = request.map_err(Failure::from).and_then(|request| exchange(&http, request, longest));
            news.send(answer.map_or(Input::Failed { id }, |answer| Input::response(id, answer)).into())
        });
    }

    fn connect(&mut self, ws: WsId, query: String) -> Outbox {
        let (frames, outgoing) = channel();
        let outbox = Outbox { frames, waiting: Arc::default() };
        let (address, news, waiting) =
            (self.endpoint.websocket(&query), self.news.clone(), Arc::clone(&outbox.waiting));
        let longest = self.longest;
        thread::spawn(move || {
            let _ = address
                .map_err(Failure::from)
                .and_then(|address| converse(ws, &address, longest, outgoing, waiting, &news));
            news.send(Input::WsClosed { ws }.into())
        });
        outbox
    }
}

/// The messages that the WebSocket's writer has not sent yet. When it is dropped, the writer sends them, and a Close frame.
struct Outbox {
    frames: Sender<Frame>,
    waiting: Arc<AtomicUsize>,
}

impl Outlet for Outbox {
    fn has_room(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) < OUTBOX
    }

    fn send(&mut self, frame: Frame) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // It fails if the WebSocket is lost, which its reader reports.
        let _ = self.frames.send(frame);
    }
}

// What follows is ureq's and tungstenite's.

/// Sends a request, and reads the answer up to the limit.
fn exchange(
    http: &ureq::Agent,
    request: http::Request<Bytes>,
    longest: usize,
) -> Result<http::Response<Bytes>, Failure> {
    let answer = match request.method() {
        &http::Method::GET => http.run(request.map(drop))?,
        _ => http.run(request.map(Vec::from))?,
    };
    let (head, mut body) = answer.into_parts();
    let body = body.with_config().limit(longest as u64).read_to_vec()?;
    Ok(http::Response::from_parts(head, body.into()))
}

/// The life of one WebSocket: this thread reads, another one writes. It ends when the client drops its outbox, or when the
/// server closes.
fn converse(
    ws: WsId,
    address: &http::Uri,
    longest: usize,
    outgoing: Receiver<Frame>,
    waiting: Arc<AtomicUsize>,
    news: &Sender<News>,
) -> Result<(), Failure> {
    // This example has no TLS.
    let stream = TcpStream::connect((address.host().unwrap_or_default(), address.port_u16().unwrap_or(80)))?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let both = Both { reading: stream.try_clone()?, writing: Arc::new(Mutex::new(stream)) };
    let longest = Some(longest);
    let limits = WebSocketConfig::default().max_message_size(longest).max_frame_size(longest).write_buffer_size(0);
    let writer = WebSocket::from_raw_socket(both.try_clone()?, Role::Client, Some(limits));
    let (mut reader, _) = tungstenite::client::client_with_config(address, both, Some(limits))?;
    reader.get_ref().reading.set_read_timeout(None)?;
    news.send(Input::WsOpened { ws }.into())?;
    let writers_news = news.clone();
    // Dropped when this thread has read everything.
    let (_reading, all_read) = channel();
    thread::spawn(move || write_all(writer, ws, &outgoing, &waiting, &writers_news, &all_read));
    loop {
        let frame = match reader.read()? {
            Message::Text(text) => Frame::Text(Text::try_from(Bytes::from(text))?),
            Message::Binary(bytes) => Frame::Binary(bytes),
            Message::Close(_) => return Ok(()),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
        };
        let (pause, go_on) = channel();
        news.send(News { input: Input::WsFrame { ws, frame }, pause: Some(pause) })?;
        // Nothing comes: it ends when the other half is dropped.
        let _ = go_on.recv();
    }
}

fn write_all(
    mut writer: WebSocket<Both>,
    ws: WsId,
    outgoing: &Receiver<Frame>,
    waiting: &AtomicUsize,
    news: &Sender<News>,
    all_read: &Receiver<()>,
) -> Result<(), Failure> {
    for frame in outgoing {
        waiting.fetch_sub(1, Ordering::Relaxed);
        // There is room for another one.
        let _ = news.send(Input::WsWritable { ws }.into());
        let message = match frame {
            Frame::Text(text) => Message::Text(Utf8Bytes::try_from(text.into_bytes())?),
            Frame::Binary(bytes) => Message::Binary(bytes),
        };
        if writer.send(message).is_err() {
            break;
        }
    }
    let _ = writer.close(None);
    // A connection that is closed while something is unread is reset, and then the server may not read what was sent last. So
    // the rest is read as well, for a while.
    let _ = all_read.recv_timeout(PATIENCE);
    Ok(writer.get_ref().reading.shutdown(Shutdown::Both)?)
}

/// One connection for two WebSockets of tungstenite: one reads, and answers pings; the other one writes. Each hands over whole
/// frames, which must not be mixed.
struct Both {
    reading: TcpStream,
    writing: Arc<Mutex<TcpStream>>,
}

impl Both {
    fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { reading: self.reading.try_clone()?, writing: Arc::clone(&self.writing) })
    }
}

impl Read for Both {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reading.read(buffer)
    }
}

impl Write for Both {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner).write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
