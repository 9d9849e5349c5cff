//! A thread for each connection serves its requests, one after the other. When a request becomes a WebSocket, that thread reads it,
//! and a second one writes. All sessions are behind one lock; a thread waits for them with `block_on`.
//!
//! ```text
//!  connection's thread ── request ──▶ ┌──────────┐
//!        ◀── Response ─── Pending ─── │ Shared   │ ──▶ react
//!        ── message ────▶ Reader ───▶ │ sessions │ ◀── emit, acknowledge
//!  writer's thread ◀───── Writer ──── └──────────┘
//!  clock's thread ─── keep_deadlines ──▶
//! ```

use std::error::Error;
use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::{Method, Request, Response, StatusCode};
use sio_codec::engineio::server::{Answered, Config, ServerSession, Shared};
use sio_codec::engineio::{Conversation, HttpError, Reader, RequestHead, Writer};
use sio_codec::socketio::{self, Args, Connection, EmitError, Namespace, Peer};
use sio_codec::{Frame, Text};
use tungstenite::error::CapacityError;
use tungstenite::handshake::server::create_response;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tungstenite::{Message, WebSocket};

use crate::http1::{Body, Then, after, read_body, read_head, write_answer};
use crate::wait::{block_on, sleep};
use crate::{fresh_sid, react};

/// How many connections there are at a time, and twice as many threads at most.
const MAX_CONNECTIONS: usize = 4_000;

/// How long a client may be silent within a request, and how long it may take to take an answer or a message, or to hang up.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long nothing may come on a WebSocket: longer than any heartbeat, so that it matters only after a Close frame that the
/// client does not answer.
const SILENCE: Duration = Duration::from_secs(60);

/// How long clients may take to fetch what is left for them when the server is stopped.
const GRACE: Duration = Duration::from_secs(5);

type Sessions = Shared<Peer<ServerSession>>;

/// Serves `/socket.io/` until the program is interrupted, and says to all clients what is posted to `/say/`.
pub(crate) fn serve(address: &str, config: Config) -> Result<(), Box<dyn Error>> {
    let sessions = Sessions::new(config, |table, _| {
        while let Some((peer, event)) = table.poll_event() {
            if react(peer.socketio(), event).is_err() {
                // The application says more than its client takes.
                peer.socketio().close();
            }
        }
    })?;
    let timed = sessions.clone();
    thread::spawn(move || block_on(timed.keep_deadlines(sleep)));
    let stopped = sessions.clone();
    ctrlc::set_handler(move || stop(&stopped))?;
    let listener = TcpListener::bind(address)?;
    println!("http://{}", listener.local_addr()?);
    let connections = Arc::new(());
    for stream in listener.incoming() {
        let Ok(stream) = stream else {
            // Its client hung up before it was let in, or too many files are open.
            thread::sleep(Duration::from_millis(10));
            continue;
        };
        if Arc::strong_count(&connections) > MAX_CONNECTIONS {
            continue;
        }
        let (sessions, connection) = (sessions.clone(), Arc::clone(&connections));
        let serving = move || {
            // A connection that breaks, or says what is no HTTP, ends.
            let _ = requests(&sessions, &stream);
            drop(connection);
        };
        // Without another thread, the connection is closed.
        let _ = thread::Builder::new().spawn(serving);
    }
    Ok(())
}

/// Tells all clients that the server ends, waits until that has arrived, and ends the program.
fn stop(sessions: &Sessions) {
    sessions.shut_down(|_, peer| peer.socketio().shut_down());
    let ended = sessions.clone();
    thread::spawn(move || {
        block_on(ended.ended());
        std::process::exit(0);
    });
    // Whoever does not let go by then is cut off.
    thread::sleep(GRACE);
    std::process::exit(0);
}

/// Serves the requests of a connection, one after the other.
fn requests(sessions: &Sessions, stream: &TcpStream) -> Result<(), Box<dyn Error>> {
    // Packets are small, and each is to leave at once.
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let (mut incoming, mut then) = (BufReader::new(stream), Then::Next);
    while then == Then::Next
        && let Some(request) = read_head(&mut incoming)?
    {
        let path = request.uri().path();
        if path == "/socket.io/" {
            match answer(sessions, stream, &mut incoming, request)? {
                Answer::Whole(next) => then = next,
                Answer::WebSocket(conversation) => return converse(conversation, incoming, sessions.max_payload()),
            }
            continue;
        }
        let status = match path.strip_prefix("/say/") {
            Some(words) if request.method() == Method::POST => {
                say(sessions, words);
                StatusCode::OK
            }
            _ => StatusCode::NOT_FOUND,
        };
        let (parts, ()) = request.into_parts();
        then = after(&parts, None);
        write_answer(stream, &Response::builder().status(status).body(Bytes::new())?, then)?;
    }
    // A connection that is closed while something is unread is reset, and then its client may not read what was sent last.
    stream.shutdown(Shutdown::Write)?;
    Ok(discard(incoming)?)
}

/// Sends an event to all clients of the root namespace. One that does not keep up loses its connection.
fn say(sessions: &Sessions, words: &str) {
    let Ok(args) = Args::encode(&(words,)) else { return };
    sessions.act(|table, _| {
        for peer in table.machines() {
            if peer.socketio().emit(&Namespace::root(), "said", &args) == Err(EmitError::BufferFull) {
                peer.socketio().close();
            }
        }
    });
}

/// What a request to `/socket.io/` got.
enum Answer {
    /// All of it was written.
    Whole(Then),
    /// Status 101 was written.
    WebSocket(Conversation),
}

/// Answers a request to `/socket.io/`.
fn answer(
    sessions: &Sessions,
    stream: &TcpStream,
    incoming: &mut BufReader<&TcpStream>,
    request: Request<()>,
) -> Result<Answer, Box<dyn Error>> {
    // One that wants a WebSocket and cannot become one gets no session.
    let switching = switching(&request);
    let (parts, ()) = request.into_parts();
    let head = RequestHead { wants_websocket: switching.is_some(), ..RequestHead::from(&parts) };
    let mut pending = sessions.request(&head, |now, handshake, carrier| {
        let session = handshake.accept(now, fresh_sid(), carrier);
        Ok(Peer::new(session, Connection::new(socketio::Config::default())))
    });
    let body = pending.takes_body().then(|| read_body(incoming, &parts.headers, sessions.max_payload())).transpose()?;
    let then = if head.wants_websocket { Then::Close } else { after(&parts, body.as_ref()) };
    match body {
        Some(Body::Whole(body)) => pending.body(body),
        Some(Body::TooLarge) => pending.body_too_large(),
        Some(Body::WithoutLength) => {
            write_answer(stream, &Response::builder().status(StatusCode::LENGTH_REQUIRED).body(Bytes::new())?, then)?;
            return Ok(Answer::Whole(then));
        }
        None => {}
    }
    // It is dropped when its answer was written, which `ended` waits for.
    match (block_on(&mut pending), switching) {
        (Answered::WebSocket(conversation), Some(switching)) => {
            write_answer(stream, &switching.map(|()| Bytes::new()), Then::Next)?;
            return Ok(Answer::WebSocket(conversation));
        }
        // It never happens: such a request is refused.
        (Answered::WebSocket(_), None) => {
            write_answer(stream, &HttpError::NotAnUpgrade.response_to(&head).into(), then)?;
        }
        (Answered::Response(response), _) => write_answer(stream, &response.into(), then)?,
    }
    Ok(Answer::Whole(then))
}

/// The answer to a request that can become a WebSocket. Of the subprotocols that it offers, the first is taken.
fn switching(request: &Request<()>) -> Option<Response<()>> {
    let mut answer = create_response(request).ok()?;
    if let Some(offered) = request.headers().get(SEC_WEBSOCKET_PROTOCOL) {
        let first = offered.to_str().ok()?.split(',').next()?.trim();
        answer.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, first.parse().ok()?);
    }
    Some(answer)
}

/// The life of a WebSocket. Its session hears how it ends.
fn converse(conversation: Conversation, incoming: BufReader<&TcpStream>, longest: usize) -> Result<(), Box<dyn Error>> {
    let stream = *incoming.get_ref();
    stream.set_read_timeout(Some(SILENCE))?;
    let outgoing = Arc::new(Mutex::new(stream.try_clone()?));
    let (reader, writer) = conversation.open();
    let writing = websocket(Line { incoming: io::empty(), outgoing: Arc::clone(&outgoing) }, longest);
    thread::Builder::new().spawn(move || write(writer, writing))?;
    let mut socket = websocket(Line { incoming, outgoing }, longest);
    read(reader, &mut socket);
    Ok(discard(socket.get_mut())?)
}

fn websocket<S>(line: S, longest: usize) -> WebSocket<S> {
    let limits = WebSocketConfig::default().max_message_size(Some(longest)).max_frame_size(Some(longest));
    WebSocket::from_raw_socket(line, Role::Server, Some(limits.read_buffer_size(8 << 10)))
}

/// Reads until the session has ended, or the client has closed. Then the session is told, and the writer closes.
fn read(reader: Reader, socket: &mut WebSocket<Line<BufReader<&TcpStream>>>) {
    let code = loop {
        if !block_on(reader.ready()) {
            return;
        }
        let frame = match socket.read() {
            Ok(Message::Text(text)) => Text::try_from(Bytes::from(text)).ok().map(Frame::Text),
            Ok(Message::Binary(bytes)) => Some(Frame::Binary(bytes)),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => None,
            Err(tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. })) => break CloseCode::Size,
            Err(tungstenite::Error::Utf8(_)) => break CloseCode::Invalid,
            Ok(Message::Close(_)) | Err(_) => return,
        };
        frame.into_iter().for_each(|frame| reader.frame(frame));
    };
    // Behind a Close frame nothing is written any more.
    let _ = socket.close(Some(CloseFrame { code, reason: "".into() }));
    let _ = socket.get_mut().shut_down();
}

/// Writes what the session says, and then a Close frame.
fn write(mut writer: Writer, mut socket: WebSocket<Line<io::Empty>>) {
    while let Some(frame) = block_on(writer.next()) {
        let message = match frame {
            Frame::Text(text) => Message::text(text.as_str()),
            Frame::Binary(bytes) => Message::Binary(bytes),
        };
        if socket.send(message).is_err() {
            break;
        }
    }
    let _ = socket.close(None);
    let _ = socket.get_mut().shut_down();
}

/// Reads what a client still sends, and throws it away.
fn discard(mut incoming: impl Read) -> io::Result<()> {
    let (start, mut rest) = (Instant::now(), [0; 4 << 10]);
    while start.elapsed() < PATIENCE && incoming.read(&mut rest)? > 0 {}
    Ok(())
}

/// A connection that one thread reads and two write: the other one, and this one its pongs. Each writes whole frames.
struct Line<R> {
    incoming: R,
    outgoing: Arc<Mutex<TcpStream>>,
}

impl<R> Line<R> {
    fn shut_down(&self) -> io::Result<()> {
        self.outgoing.lock().unwrap_or_else(PoisonError::into_inner).shutdown(Shutdown::Write)
    }
}

impl<R: Read> Read for Line<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.incoming.read(buffer)
    }
}

impl<R> Write for Line<R> {
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        let mut outgoing = self.outgoing.lock().unwrap_or_else(PoisonError::into_inner);
        // All of it: half a frame must not have another one behind it. The thread that reads ends, too.
        outgoing.write_all(frames).inspect_err(|_| drop(outgoing.shutdown(Shutdown::Both)))?;
        Ok(frames.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
