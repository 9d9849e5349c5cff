//! A Socket.IO server without a runtime: a thread for each connection, one for the clock, and one lock for all sessions.
//!
//! ```text
//! cargo run -p sio-codec --features http --example threads -- 127.0.0.1:3000
//! ```
//!
//! It serves what the protocol's own test suite expects of an application; `siospec run http://127.0.0.1:3000` judges it.
//!
//! ```text
//!  connection's thread ── request, body, frame ──▶ ┌─────────────────┐
//!                      ◀── Answer (channel) ────── │ Sessions        │ ──▶ application
//!  writer's thread ◀────── bytes (channel) ─────── │ behind the lock │ ◀── emit, acknowledge
//!  clock's thread ─────── handle_timeout ────────▶ └─────────────────┘
//! ```
//!
//! A thread that waits for the answer to a GET does not notice when its client goes away. Then the heartbeat ends the session.

mod application;

use std::error::Error;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use application::{fresh_sid, react};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use sio_codec::engineio::server::{Answer, Config, Gone, Input, Outlet, Reply, ServerSession, Sessions, WsId};
use sio_codec::engineio::{HttpError, RequestHead};
use sio_codec::socketio::{self, Connection, Peer};
use sio_codec::{Clock, Frame, Text, Timestamp};
use tungstenite::handshake::server::create_response;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Message, WebSocket};

/// How long a client may be silent within a request, and how long it may take to take an answer, or to hang up.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long nothing may come on a WebSocket: longer than any heartbeat, so that it matters only after a Close frame that the
/// client does not answer.
const SILENCE: Duration = Duration::from_secs(60);

/// The longest head of a request.
const MAX_HEAD: u64 = 16 << 10;

/// How many messages wait for the writer of a WebSocket. The others wait in the session.
const OUTBOX: usize = 16;

/// While so many messages and pongs wait for the writer, nothing more is read.
const MOST: usize = 2 * OUTBOX;

type Failure = Box<dyn Error + Send + Sync>;

type Table = Sessions<Peer<ServerSession>, Waiting, Outbox>;

struct Server {
    sessions: Mutex<Table>,
    clock: Clock,
    changed: Condvar,
}

/// A connection's thread that waits for the answer to its request.
struct Waiting(Sender<Answer>);

/// The bytes that the writer of a WebSocket has not sent yet. Handing them over does not wait: it happens under the lock of the
/// sessions, which the writer takes, too.
#[derive(Clone)]
struct Outbox {
    bytes: Sender<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
}

impl Reply for Waiting {
    fn answer(self, answer: Answer) -> Result<(), Gone> {
        self.0.send(answer).map_err(|_| Gone)
    }
}

impl Outlet for Outbox {
    fn has_room(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) < OUTBOX
    }

    fn send(&mut self, frame: Frame) {
        let (kind, payload) = match frame {
            Frame::Text(text) => (Data::Text, text.into_bytes()),
            Frame::Binary(bytes) => (Data::Binary, bytes),
        };
        self.push(OpCode::Data(kind), &payload);
    }

    fn close(self) {
        self.push(OpCode::Control(Control::Close), &[]);
    }
}

impl Outbox {
    fn push(&self, opcode: OpCode, payload: &[u8]) {
        let header = FrameHeader { opcode, ..FrameHeader::default() };
        let mut bytes = Vec::with_capacity(payload.len() + 10);
        let _ = header.format(payload.len() as u64, &mut bytes);
        bytes.extend_from_slice(payload);
        // It fails if the WebSocket is lost, which its reader reports.
        let _ = self.hand_over(bytes);
    }

    fn hand_over(&self, bytes: Vec<u8>) -> io::Result<()> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.bytes.send(bytes).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

fn main() -> Result<(), Failure> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    // A short heartbeat, as the test suite wants it.
    let config = Config::default().with_heartbeat(Duration::from_millis(300), Duration::from_millis(200));
    let sessions = Mutex::new(Sessions::new(config)?);
    let server = Arc::new(Server { sessions, clock: Clock::start(), changed: Condvar::new() });
    let listener = TcpListener::bind(address)?;
    println!("http://{}", listener.local_addr()?);
    let clock = Arc::clone(&server);
    thread::spawn(move || clock.keep_deadlines());
    for stream in listener.incoming() {
        let server = Arc::clone(&server);
        let stream = stream?;
        thread::spawn(move || {
            // A connection that breaks, or says what is no HTTP, ends.
            let _ = serve(&server, &stream);
        });
    }
    Ok(())
}

// Sessions.

impl Server {
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
        self.changed.notify_all();
        told
    }

    fn tell(&self, input: Input) {
        self.act(|sessions, now| sessions.handle(now, input));
    }

    fn keep_deadlines(&self) {
        loop {
            let sessions = self.lock();
            let left = self.clock.until(sessions.next_deadline());
            // A change may bring an earlier deadline.
            let (sessions, _) = self.changed.wait_timeout(sessions, left).unwrap_or_else(PoisonError::into_inner);
            let is_due = sessions.next_deadline().is_some_and(|at| at <= self.clock.now());
            drop(sessions);
            if is_due {
                self.act(|sessions, now| sessions.handle_timeout(now));
            }
        }
    }

    /// Waits until a WebSocket's session listens, and its writer has little to do; `false` if it need not be read any more.
    fn listens(&self, ws: WsId, outbox: &Outbox) -> bool {
        let waits = |sessions: &mut Table| {
            let is_busy = outbox.waiting.load(Ordering::Relaxed) >= MOST;
            sessions.wants_input(ws).is_some_and(|wants_input| is_busy || !wants_input)
        };
        let sessions = self.changed.wait_while(self.lock(), waits).unwrap_or_else(PoisonError::into_inner);
        sessions.wants_input(ws).is_some()
    }
}

// Requests.

/// Serves the requests of a connection, one after the other.
fn serve(server: &Arc<Server>, stream: &TcpStream) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    loop {
        stream.set_read_timeout(Some(PATIENCE))?;
        let Some(request) = read_head(&mut reader)? else { return Ok(()) };
        if request.uri().path() != "/socket.io/" {
            return write_answer(stream, &Response::builder().status(StatusCode::NOT_FOUND).body(Bytes::new())?);
        }
        let (parts, ()) = request.into_parts();
        let head = RequestHead::from(&parts);
        // First what may fail: a session has one place for a WebSocket.
        let switching = match head.wants_websocket {
            true => Some(create_response(&Request::from_parts(parts.clone(), ()))?.map(|()| Bytes::new())),
            false => None,
        };
        // A body that is not read would be taken for the next request.
        let mut is_last = head.wants_websocket || head.method == "POST";
        let (reply, answer) = channel();
        let id = server.act(|sessions, now| {
            sessions.request(now, &head, Waiting(reply), |handshake, carrier| {
                let session = handshake.accept(now, fresh_sid(), carrier);
                Ok(Peer::new(session, Connection::new(socketio::Config::default())))
            })
        });
        if let (Some(id), "POST") = (id, head.method) {
            let body = read_body(server, &mut reader, &parts.headers)?;
            is_last = body.is_none();
            server.tell(body.map_or(Input::BodyTooLarge { id }, |body| Input::Body { id, body }));
        }
        let response = match (answer.recv(), switching) {
            (Ok(Answer::WebSocket(ws)), Some(switching)) => {
                let end = write_answer(stream, &switching).and_then(|()| converse(server, reader, ws));
                server.tell(Input::WsClosed { ws });
                return end;
            }
            (Ok(Answer::Response(response)), _) => response,
            // Without an answer, the session is over.
            (Ok(Answer::WebSocket(_)) | Err(_), _) => HttpError::UnknownSid.response_to(&head),
        };
        write_answer(stream, &response.into())?;
        if is_last {
            return Ok(());
        }
    }
}

/// Reads the head of a request; nothing if the client has no more.
fn read_head(reader: &mut BufReader<&TcpStream>) -> Result<Option<Request<()>>, Failure> {
    let mut bytes = Vec::new();
    let mut limited = reader.take(MAX_HEAD);
    while !bytes.ends_with(b"\r\n\r\n") {
        if limited.read_until(b'\n', &mut bytes)? == 0 {
            return if bytes.is_empty() { Ok(None) } else { Err("the head of a request is cut, or too long".into()) };
        }
    }
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut fields);
    head.parse(&bytes)?;
    let mut request = Request::builder().method(head.method.unwrap_or_default()).uri(head.path.unwrap_or_default());
    for field in head.headers {
        request = request.header(field.name, field.value);
    }
    Ok(Some(request.body(())?))
}

/// Reads a body; nothing if it is too large.
fn read_body(
    server: &Server,
    reader: &mut BufReader<&TcpStream>,
    headers: &http::HeaderMap,
) -> Result<Option<Bytes>, Failure> {
    let length =
        headers.get(http::header::CONTENT_LENGTH).ok_or("a body without a length")?.to_str()?.parse::<usize>()?;
    if length > server.lock().config().limits.max_payload {
        return Ok(None);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(body.into()))
}

fn write_answer(mut stream: &TcpStream, answer: &Response<Bytes>) -> Result<(), Failure> {
    let mut bytes = format!("HTTP/1.1 {}\r\n", answer.status()).into_bytes();
    for (name, value) in answer.headers() {
        write!(bytes, "{name}: ")?;
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        write!(bytes, "content-length: {}\r\n", answer.body().len())?;
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(answer.body());
    Ok(stream.write_all(&bytes)?)
}

// WebSockets.

/// The life of a WebSocket: this thread reads, another one writes.
fn converse(server: &Arc<Server>, reader: BufReader<&TcpStream>, ws: WsId) -> Result<(), Failure> {
    let stream = *reader.get_ref();
    stream.set_read_timeout(Some(SILENCE))?;
    let (bytes, outgoing) = channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let outbox = Outbox { bytes, waiting: Arc::clone(&waiting) };
    if server.act(|sessions, _| sessions.attach(ws, outbox.clone())).is_some() {
        // The session has given it up.
        return Ok(());
    }
    let (writer, server_of_writer) = (stream.try_clone()?, Arc::clone(server));
    thread::spawn(move || write_all(&server_of_writer, ws, writer, &outgoing, &waiting));
    let longest = Some(server.lock().config().limits.max_payload);
    let limits = WebSocketConfig::default().max_message_size(longest).max_frame_size(longest);
    let half = ReadingHalf { reader, outbox: outbox.clone() };
    let mut socket = WebSocket::from_raw_socket(half, Role::Server, Some(limits));
    while server.listens(ws, &outbox) {
        let frame = match socket.read() {
            Ok(Message::Text(text)) => Frame::Text(Text::try_from(Bytes::from(text))?),
            Ok(Message::Binary(bytes)) => Frame::Binary(bytes),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
            Ok(Message::Close(_)) | Err(_) => break,
        };
        server.tell(Input::WsFrame { ws, frame });
    }
    let _ = socket.flush();
    server.tell(Input::WsClosed { ws });
    // Without these two, the writer comes to its end.
    drop(outbox);
    let ReadingHalf { mut reader, .. } = socket.into_inner();
    // A connection that is closed while something is unread is reset, and then its client may not read what was sent last. So
    // the rest is read as well, and thrown away.
    let (start, mut rest) = (Instant::now(), [0; 4 << 10]);
    stream.set_read_timeout(Some(PATIENCE))?;
    while start.elapsed() < PATIENCE && reader.read(&mut rest)? > 0 {}
    Ok(())
}

/// Writes what the session and the reading half want written, and says after that that nothing more comes.
fn write_all(server: &Server, ws: WsId, mut stream: TcpStream, outgoing: &Receiver<Vec<u8>>, waiting: &AtomicUsize) {
    for bytes in outgoing {
        if stream.write_all(&bytes).is_err() {
            // The reader ends, too.
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
        waiting.fetch_sub(1, Ordering::Relaxed);
        server.tell(Input::WsWritable { ws });
    }
    let _ = stream.shutdown(Shutdown::Write);
}

/// What tungstenite reads from. What it writes itself, pongs and Close frames, goes to the writer.
struct ReadingHalf<'a> {
    reader: BufReader<&'a TcpStream>,
    outbox: Outbox,
}

impl Read for ReadingHalf<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl Write for ReadingHalf<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outbox.hand_over(bytes.to_vec())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
