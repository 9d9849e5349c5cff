//! A proxy in front of the embedded server that changes or blocks some requests.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// What happens to a request.
pub(crate) enum Way {
    /// It is passed to the server, with this head.
    On(String),
    /// It is answered with this.
    Answer(String),
    /// It is never answered.
    Mute,
}

type Rule = dyn Fn(String) -> Way + Send + Sync;
type Edit = dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync;

pub(crate) struct Front {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    pub(crate) requests: Arc<AtomicUsize>,
}

impl Front {
    /// A proxy for this server; `rule` decides by the head of each request.
    pub(crate) fn before(server: &str, rule: impl Fn(String) -> Way + Send + Sync + 'static) -> Self {
        Self::editing(server, rule, |bytes| bytes)
    }

    /// The same, but what the server sends is edited.
    pub(crate) fn editing(
        server: &str,
        rule: impl Fn(String) -> Way + Send + Sync + 'static,
        edit: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let server: SocketAddr = server.trim_start_matches("http://").parse().unwrap();
        let (rule, edit): (Arc<Rule>, Arc<Edit>) = (Arc::new(rule), Arc::new(edit));
        Self::listen(move |stream, requests| {
            let Some((head, rest)) = head(&stream) else { return };
            requests.fetch_add(1, Ordering::Relaxed);
            match rule(head) {
                Way::On(head) => relay(&stream, server, &head, &rest, &*edit),
                Way::Answer(answer) => drop((&stream).write_all(answer.as_bytes())),
                // Until the client gives up.
                Way::Mute => drop((&stream).read_to_end(&mut Vec::new())),
            }
        })
    }

    /// A proxy for several servers; `choose` returns the server for the head of a request.
    pub(crate) fn balancing<const N: usize>(
        servers: [String; N],
        choose: impl Fn(&str) -> usize + Send + Sync + 'static,
    ) -> Self {
        let servers = servers.map(|server| server.trim_start_matches("http://").parse().unwrap());
        Self::listen(move |stream, _| {
            let Some((head, rest)) = head(&stream) else { return };
            relay(&stream, servers[choose(&head)], &head, &rest, &|bytes| bytes);
        })
    }

    /// A server with its own protocol, which need not be HTTP.
    pub(crate) fn speaking(speak: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        Self::listen(move |stream, _| speak(stream))
    }

    /// A server that gives every request the same answer.
    pub(crate) fn answering(answer: impl Into<String>) -> Self {
        let answer = answer.into();
        Self::speaking(move |stream| {
            if head(&stream).is_some() {
                let _ = (&stream).write_all(answer.as_bytes());
            }
        })
    }

    fn listen(serve: impl Fn(TcpStream, &AtomicUsize) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (over, requests) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (serve, ended, counted) = (Arc::new(serve), Arc::clone(&over), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), serve, counted) = (stream, Arc::clone(&serve), Arc::clone(&counted)) else { return };
                thread::spawn(move || serve(stream, &counted));
            }
        });
        Self { address, over, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the listener, so that it notices the end.
        drop(TcpStream::connect(self.address));
    }
}

/// An answer with a body; the connection ends after it.
pub(crate) fn answer(status: &str, fields: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{fields}Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// The head of a request, and the bytes after it.
pub(crate) fn head(mut stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            return Some((String::from_utf8(bytes).ok()?, rest));
        }
        match stream.read(&mut piece) {
            Ok(read @ 1..) => bytes.extend_from_slice(piece.get(..read)?),
            _ => return None,
        }
    }
}

fn relay(client: &TcpStream, server: SocketAddr, head: &str, rest: &[u8], edit: &Edit) {
    let Ok(server) = TcpStream::connect(server) else { return };
    for stream in [client, &server] {
        stream.set_nodelay(true).unwrap();
        // Connections that are left open must not delay the end of the tests.
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    }
    let _ = (&server).write_all(head.as_bytes());
    let _ = (&server).write_all(rest);
    thread::scope(|scope| {
        scope.spawn(|| pump(client, &server, &|bytes| bytes));
        pump(&server, client, edit);
    });
}

fn pump(mut from: &TcpStream, mut to: &TcpStream, edit: &dyn Fn(Vec<u8>) -> Vec<u8>) {
    let mut piece = [0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut piece) {
        if to.write_all(&edit(piece[..read].to_vec())).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
