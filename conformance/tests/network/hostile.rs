//! Small servers that send raw bytes.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A server on its own port, which passes every connection to the same function; stopped at the end of the test.
pub(crate) struct Hostile {
    pub(crate) url: String,
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Hostile {
    pub(crate) fn start(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let serve = Arc::new(serve);
        let listening = std::thread::spawn({
            let is_over = Arc::clone(&is_over);
            move || {
                for stream in listener.incoming() {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    let Ok(stream) = stream else { continue };
                    stream.set_nodelay(true).unwrap();
                    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                    stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
                    let serve = Arc::clone(&serve);
                    std::thread::spawn(move || serve(stream));
                }
            }
        });
        Self { url: format!("http://{address}"), address, is_over, listening: Some(listening) }
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        let _ = self.listening.take().map(JoinHandle::join);
    }
}

/// Reads the head of a request, and no byte after it.
pub(crate) fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read > 0) {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// The key for the answer to a WebSocket's opening handshake, if the head is one.
pub(crate) fn accept_key(head: &str) -> Option<String> {
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim().to_owned())
    });
    key.map(|key| tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes()))
}

/// Answers a WebSocket's opening handshake, with additional lines in the head.
pub(crate) fn accept_websocket_of(stream: &mut TcpStream, head: &str, lines: &str) {
    let accept = accept_key(head).unwrap();
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{lines}\r\n"
    );
    stream.write_all(answer.as_bytes()).unwrap();
}

/// Answers a WebSocket's opening handshake, and leaves the frames to the test.
pub(crate) fn accept_websocket(stream: &mut TcpStream) {
    let head = read_head(stream);
    accept_websocket_of(stream, &head, "");
}

/// Writes the same bytes as long as the peer accepts them.
pub(crate) fn repeat(stream: &mut TcpStream, bytes: &[u8]) {
    let many = bytes.repeat(1 + 65_536 / bytes.len());
    while stream.write_all(&many).is_ok() {}
}

/// Answers, and closes the connection properly.
pub(crate) fn answer(stream: &mut TcpStream, answer: impl AsRef<[u8]>) {
    let _ = stream.write_all(answer.as_ref());
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut Vec::new());
}
