//! A correct server behind a proxy that breaks it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use siospec::contract::Eio3;
use siospec::server::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It reaches the server.
    Served,
    /// It is answered with `ok`, and does not reach the server.
    Swallowed,
    /// It is never answered.
    Mute,
    /// It ends the server, which comes back after this time.
    Fatal(Option<Duration>),
}

/// Decides about each request by its head and body.
pub(crate) type Judge = dyn Fn(&str) -> Fate + Send + Sync;

/// A server behind a proxy. Dropping it ends both.
pub(crate) struct Proxy {
    pub(crate) url: String,
    _server: Server,
    _tasks: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn start(judge: impl Fn(&str) -> Fate + Send + Sync + 'static) -> Self {
        let server = Server::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Eio3::Refused).await.unwrap();
        let behind: SocketAddr = server.url().strip_prefix("http://").unwrap().parse().unwrap();
        let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(lives(listener, address, behind, Arc::new(judge)));
        Self { url: format!("http://{address}"), _server: server, _tasks: tasks }
    }
}

fn listen(address: SocketAddr) -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    socket.listen(64).unwrap()
}

/// Starts one server after another.
async fn lives(mut listener: TcpListener, address: SocketAddr, behind: SocketAddr, judge: Arc<Judge>) {
    loop {
        let death = Arc::new(Notify::new());
        let back = life(listener, behind, &judge, &death).await;
        match back {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return,
        }
        listener = listen(address);
    }
}

/// Serves until a request is fatal; then every connection ends.
async fn life(listener: TcpListener, behind: SocketAddr, judge: &Arc<Judge>, death: &Arc<Notify>) -> Option<Duration> {
    let mut connections: JoinSet<Option<Option<Duration>>> = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                connections.spawn(carry(stream, behind, Arc::clone(judge)));
            }
            // Handles every ended connection: if only fatal ones were handled, `accept` would block after the others.
            Some(ended) = connections.join_next() => {
                if let Ok(Some(back)) = ended {
                    death.notify_waiters();
                    return back;
                }
            }
        }
    }
}

/// Serves one connection; if a request is fatal, returns when the server comes back.
async fn carry(mut stream: TcpStream, behind: SocketAddr, judge: Arc<Judge>) -> Option<Option<Duration>> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !is_complete(&request) {
        match stream.read(&mut buffer).await {
            Ok(read @ 1..) => request.extend_from_slice(buffer.get(..read)?),
            _ => return None,
        }
    }
    match judge(&String::from_utf8_lossy(&request)) {
        Fate::Served => {
            let mut server = TcpStream::connect(behind).await.ok()?;
            server.write_all(&request).await.ok()?;
            let _ = copy_bidirectional(&mut stream, &mut server).await;
            None
        }
        Fate::Swallowed => {
            let answer =
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
            let _ = stream.write_all(answer.as_bytes()).await;
            None
        }
        Fate::Mute => std::future::pending().await,
        Fate::Fatal(back) => Some(back),
    }
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    body.len() >= length.map_or(0, |length| length.trim().parse().unwrap_or(0))
}
