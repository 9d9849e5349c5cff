//! The embedded reference server: the contract application on real sockets.
//!
//! It embeds the machines of `sio-codec` as any user would: one task owns each session, and everything else talks to
//! it by mail. HTTP is hyper's, WebSockets are tungstenite's.

mod http;
mod session;
mod websocket;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use sio_codec::Clock;
use sio_codec::engineio::Sid;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::contract::{Eio3, Entropy, Kind, Site};
use session::Mail;

/// A server that listens; dropping it closes every connection.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    tasks: JoinSet<()>,
}

impl Server {
    /// Starts to serve the contract application at an address; port 0 is any free port.
    ///
    /// # Errors
    ///
    /// [`io::Error`] if the address cannot be listened on.
    pub async fn start(address: SocketAddr, eio3: Eio3) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let site = Site::contract(eio3).map_err(io::Error::other)?;
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::new(App::new(site))));
        Ok(Self { address, tasks })
    }

    /// The base URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until the task that waits here is dropped.
    pub async fn run(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

/// What every connection shares.
struct App {
    site: Site,
    clock: Clock,
    ids: AtomicU64,
    mailboxes: Mutex<HashMap<(Kind, Sid), mpsc::Sender<Mail>>>,
}

impl App {
    fn new(site: Site) -> Self {
        Self { site, clock: Clock::start(), ids: AtomicU64::new(0), mailboxes: Mutex::default() }
    }

    /// A name for one request, or for the WebSocket that it becomes.
    fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    fn entropy() -> Entropy {
        Entropy::System
    }

    fn mailbox(&self, kind: Kind, sid: &Sid) -> Option<mpsc::Sender<Mail>> {
        self.with_mailboxes(|mailboxes| mailboxes.get(&(kind, sid.clone())).cloned())
    }

    fn with_mailboxes<T>(&self, act: impl FnOnce(&mut HashMap<(Kind, Sid), mpsc::Sender<Mail>>) -> T) -> T {
        // The map is whole after every statement that changes it, whatever happened to another thread.
        act(&mut self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn accept(listener: TcpListener, app: Arc<App>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    connections.spawn(serve(stream, Arc::clone(&app)));
                }
                // Out of file descriptors, most likely: let some connections end first.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: tokio::net::TcpStream, app: Arc<App>) {
    let service = service_fn(|request| http::endpoint(Arc::clone(&app), request));
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the client's affair; the session hears of it through its dropped request.
    let _ = connection.with_upgrades().await;
}
