//! A client that writes and reads bytes in any order.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::served::Served;

/// The headers of a WebSocket's opening handshake.
pub(crate) const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                           Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

pub(crate) const TEXT: u8 = 1;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;

/// A connection.
pub(crate) struct Raw(BufReader<TcpStream>);

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// One line for each header, with its name in lower case.
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl Raw {
    pub(crate) fn connect(served: &Served) -> Self {
        let stream = TcpStream::connect(served.url.trim_start_matches("http://")).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(BufReader::new(stream))
    }

    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// Sends a request with these header lines, and no body.
    pub(crate) fn request(&mut self, method: &str, target: &str, headers: &str) {
        self.write(format!("{method} {target} HTTP/1.1\r\nHost: x\r\n{headers}\r\n"));
    }

    /// Sends a request and waits for its answer.
    pub(crate) fn ask(&mut self, method: &str, target: &str, headers: &str) -> Answer {
        self.request(method, target, headers);
        self.answer()
    }

    pub(crate) fn answer(&mut self) -> Answer {
        let status = self.line().split(' ').nth(1).expect("a status line").parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push(format!("{}: {}", name.to_ascii_lowercase(), value.trim()));
        }
        let mut answer = Answer { status, headers, body: String::new() };
        let len = answer.header("content-length").map_or(0, |len| len.parse().unwrap());
        let mut body = vec![0; len];
        self.0.read_exact(&mut body).unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Reads one short frame: its opcode and its payload.
    pub(crate) fn frame(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).unwrap();
        let len = match head[1] {
            126 => {
                let mut len = [0; 2];
                self.0.read_exact(&mut len).unwrap();
                u64::from(u16::from_be_bytes(len))
            }
            127 => {
                let mut len = [0; 8];
                self.0.read_exact(&mut len).unwrap();
                u64::from_be_bytes(len)
            }
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(len).unwrap()];
        self.0.read_exact(&mut payload).unwrap();
        (head[0] & 0x0f, payload)
    }

    /// Reads frames up to one that is not an Engine.IO ping, and answers the pings.
    pub(crate) fn message(&mut self) -> (u8, Vec<u8>) {
        loop {
            match self.frame() {
                (TEXT, ping) if ping == b"2" => self.write(frame(TEXT, b"3")),
                other => return other,
            }
        }
    }

    /// Whether the server closes the connection properly without sending anything more.
    pub(crate) fn is_at_end(&mut self) -> bool {
        match self.0.read(&mut [0]) {
            Ok(len) => len == 0,
            Err(error) => {
                assert_ne!(error.kind(), ErrorKind::WouldBlock, "the connection is still open");
                false
            }
        }
    }

    /// Another handle to the same connection, for a thread that writes.
    pub(crate) fn writer(&self) -> TcpStream {
        self.0.get_ref().try_clone().unwrap()
    }
}

/// Opens a session over polling, and returns its id.
pub(crate) fn open(connection: &mut Raw, path: &str) -> String {
    let answer = connection.ask("GET", &format!("{path}?EIO=4&transport=polling"), "");
    sid(&answer.body)
}

/// A session over WebSocket whose open packet was read.
pub(crate) fn open_websocket(served: &Served, path: &str) -> Raw {
    let mut socket = Raw::connect(served);
    let answer = socket.ask("GET", &format!("{path}?EIO=4&transport=websocket"), UPGRADE);
    assert_eq!(answer.status, 101, "{answer:?}");
    let (_, open) = socket.frame();
    assert_eq!(open.first(), Some(&b'0'));
    socket
}

fn sid(open: &str) -> String {
    open.strip_prefix(r#"0{"sid":""#).unwrap().split('"').next().unwrap().to_owned()
}

/// One final frame, with a mask of zeros.
pub(crate) fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(len @ ..126), _) => frame.push(0x80 | len),
        (_, Ok(len)) => {
            frame.push(0x80 | 126);
            frame.extend(len.to_be_bytes());
        }
        (_, Err(_)) => {
            frame.push(0x80 | 127);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}
