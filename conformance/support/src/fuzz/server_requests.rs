//! Any clients of the embedded server, over streams in memory: no panic. Whatever they do, answers are HTTP, the server ends
//! when its connections do, and until then it serves another client.

use std::future::poll_fn;
use std::panic;
use std::pin::Pin;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use siospec::capture::{Body, Sighting, What};
use siospec::contract::Eio3;
use siospec::server::serve;
use siospec::trace::Side;
use tokio::io::{AsyncRead as _, AsyncWrite as _, DuplexStream, ReadBuf, duplex};
use tokio::task::yield_now;
use tokio::time::timeout;

use super::session;

/// What a stream holds in each direction.
const ROOM: usize = 1 << 16;

/// So often the server's tasks go on after each thing that a client said.
const TURNS: usize = 30;

/// Stands for the last sid that the server gave.
const SID: &[u8] = b"$sid";

/// How many tasks have panicked; tokio catches panics of tasks.
static PANICS: AtomicUsize = AtomicUsize::new(0);

/// The input is a session as [`session`] describes it, of which the client's half is played. What two connections say at the same
/// time, one right after the other, the server hears at once.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    static COUNTING: Once = Once::new();
    COUNTING.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            PANICS.fetch_add(1, Ordering::Relaxed);
            before(panicked);
        }));
    });
    let before = PANICS.load(Ordering::Relaxed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(play(&session::read(data)));
    assert_eq!(PANICS.load(Ordering::Relaxed), before, "a task of the server panicked");
}

async fn play(sightings: &[Sighting]) {
    let connections = sightings.iter().map(|sighting| sighting.exchange.connection as usize + 1).max().unwrap_or(0);
    let (clients, servers): (Vec<_>, Vec<_>) = (0..=connections).map(|_| duplex(ROOM)).unzip();
    let served = tokio::spawn(serve(Eio3::Allowed, servers));
    let mut clients: Vec<_> = clients.into_iter().map(Client::new).collect();
    let mut bystander = clients.pop().expect("one more than the session has");
    let mut sid = b"none".to_vec();
    for (number, Sighting { at, exchange, what }) in sightings.iter().enumerate() {
        let client = &mut clients[exchange.connection as usize];
        let Some(said) = spoken(what, &sid) else { continue };
        client.say(&said).await;
        if matches!(what, What::End(Side::Client)) {
            client.stream = None;
        }
        let next = sightings.get(number + 1);
        if next.is_some_and(|next| next.at == *at && next.exchange.connection != exchange.connection) {
            // The server hears both at once.
            continue;
        }
        server_goes_on().await;
        for client in &mut clients {
            sid = client.hear().await.unwrap_or(sid);
        }
    }
    bystander.say(&request("GET", "/socket.io/?EIO=4&transport=polling", b"")).await;
    server_goes_on().await;
    bystander.hear().await;
    assert!(bystander.heard.starts_with(b"HTTP/1.1 200 "), "another client got {:?}", bystander.text());
    for client in clients {
        assert!(client.heard.is_empty() || client.heard.starts_with(b"HTTP/1.1 "), "{:?}", client.text());
    }
    drop(bystander);
    let ended = timeout(Duration::from_secs(10), served).await;
    assert!(matches!(ended, Ok(Ok(Ok(())))), "the server did not end: {ended:?}");
}

async fn server_goes_on() {
    for _ in 0..TURNS {
        yield_now().await;
    }
}

/// One connection of a client.
struct Client {
    /// `None` when the client has ended it.
    stream: Option<DuplexStream>,
    heard: Vec<u8>,
}

impl Client {
    fn new(stream: DuplexStream) -> Self {
        Self { stream: Some(stream), heard: Vec::new() }
    }

    /// Sends what there is room for.
    async fn say(&mut self, mut bytes: &[u8]) {
        while let (Some(stream), false) = (&mut self.stream, bytes.is_empty()) {
            let written = poll_fn(|context| {
                Poll::Ready(match Pin::new(&mut *stream).poll_write(context, bytes) {
                    Poll::Ready(Ok(written)) => written,
                    _ => 0,
                })
            });
            match written.await {
                0 => break,
                written => bytes = &bytes[written..],
            }
        }
    }

    /// Reads what there is, and returns the sid in it.
    async fn hear(&mut self) -> Option<Vec<u8>> {
        let mut sid = None;
        let mut buffer = [0; 4096];
        while let Some(stream) = &mut self.stream {
            let read = poll_fn(|context| {
                let mut read = ReadBuf::new(&mut buffer);
                let outcome = Pin::new(&mut *stream).poll_read(context, &mut read);
                Poll::Ready(if outcome.is_ready() { read.filled().len() } else { 0 })
            });
            match read.await {
                0 => break,
                read => {
                    let heard = &buffer[..read];
                    sid = sid_in(heard).or(sid);
                    // Only the beginning is looked at later.
                    let room = buffer.len().saturating_sub(self.heard.len()).min(read);
                    self.heard.extend_from_slice(&heard[..room]);
                }
            }
        }
        sid
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.heard).into_owned()
    }
}

fn sid_in(heard: &[u8]) -> Option<Vec<u8>> {
    const KEY: &[u8] = br#""sid":""#;
    let at = heard.windows(KEY.len()).rposition(|window| window == KEY)? + KEY.len();
    let end = heard[at..].iter().position(|byte| *byte == b'"')?;
    Some(heard[at..at + end].to_vec())
}

/// The bytes of what a client says; `None` if the server says it. What is not readable is sent as it is.
fn spoken(what: &What, sid: &[u8]) -> Option<Vec<u8>> {
    let bytes = match what {
        What::Request { method, target, body, .. } => {
            let Body::Whole(body) = body else { return None };
            request(method, &text(&named(target.as_bytes(), sid)), &named(body, sid))
        }
        What::Open { target, .. } => {
            const HANDSHAKE: &str = "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
            format!("GET {} HTTP/1.1\r\n{HANDSHAKE}", text(&named(target.as_bytes(), sid))).into_bytes()
        }
        What::Text(Side::Client, text) => frame(1, &named(text.as_bytes(), sid)),
        What::Binary(Side::Client, bytes) => frame(2, bytes),
        What::Close(Side::Client, code) => frame(8, &code.map_or(Vec::new(), |code| code.to_be_bytes().to_vec())),
        What::Hidden(Side::Client, text) => frame(9, text.as_bytes()),
        What::Unreadable(Side::Client, bytes) => named(bytes.as_bytes(), sid),
        What::End(Side::Client) => Vec::new(),
        _ => return None,
    };
    Some(bytes)
}

fn request(method: &str, target: &str, body: &[u8]) -> Vec<u8> {
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    [format!("{method} {target} HTTP/1.1\r\nHost: a\r\n{length}\r\n").as_bytes(), body].concat()
}

/// A frame of a WebSocket, masked with zeros.
fn frame(opcode: u8, content: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match (u8::try_from(content.len()), u16::try_from(content.len())) {
        (Ok(short @ ..126), _) => frame.push(0x80 | short),
        (_, Ok(length)) => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(content.len() as u64).to_be_bytes());
        }
    }
    [&frame, &[0; 4][..], content].concat()
}

/// With the sid in place of the word that stands for it.
fn named(bytes: &[u8], sid: &[u8]) -> Vec<u8> {
    let mut named = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(SID.len()).position(|window| window == SID) {
        named.extend_from_slice(&rest[..at]);
        named.extend_from_slice(sid);
        rest = &rest[at + SID.len()..];
    }
    [&named, rest].concat()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
