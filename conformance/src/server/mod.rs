//! The embedded reference server: the contract application on real sockets.
//!
//! It uses the machines of `sio-codec` like any other user: each session is behind a lock, which its requests take, and one task,
//! for its WebSocket and its deadlines. hyper does HTTP, and tungstenite does WebSockets.
//!
//! # The cost of a peer
//!
//! | what it does | what it costs |
//! |---|---|
//! | keeps an idle session on a WebSocket | less than 24 kB of the process's memory |
//! | sends a long message or body, above 32 KiB | its length, when there is room for it: at most 16 MiB of these are
//! arriving at a time, over all connections, and others wait at their senders |
//! | sends more than the limit | its answer (413, close code 1009), and reading and dropping the rest: at most 64 MiB,
//! for 5 s, until it pauses for 1 s |
//! | sends the head of a request slowly, or none | its connection, for 30 s |
//! | sends the body of a POST slowly | its session, by the heartbeat |
//! | reads slowly, or not | what its session stores within its [`Limits`](sio_codec::Limits), and one message or answer
//! that is being sent; if that takes longer than 5 s, the connection ends |
//! | pings its WebSocket without reading | one pong; the server does not read from it until that is sent |
//! | does not answer a Close frame | 2 s |
//! | is a server of the same [cluster](Cluster), and floods it | 1,024 messages that are not taken from Redis yet; of those
//! for Redis, 16 MiB |

mod alarm;
mod answer;
mod app;
mod body;
mod bounds;
mod cluster;
mod cors;
mod handshake;
mod http;
mod line;
mod linger;
mod pending;
mod quiet;
mod session;
mod sessions;
mod websocket;
mod wire;
mod write_timeout;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use std::{io, iter};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sio_codec::Clock;
use sio_codec::socketio::Parser;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::task::JoinSet;

pub use cluster::{AddressError, Cluster, Notice};
pub use cors::{Cors, CorsError};

use crate::contract::{Eio3, Entropy, Recovery, Site};
use crate::mutants::Mutant;
use app::App;
use cluster::Carrier;
use quiet::Quiet;
use write_timeout::WriteTimeout;

/// A server that is listening; dropping it closes every connection.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    app: Arc<App>,
    /// The listener, and every connection that still uses HTTP.
    tasks: JoinSet<()>,
    /// What carries messages between this server and the others of its cluster.
    carrier: Option<Carrier>,
}

/// The settings of a server beyond the contract.
#[derive(Clone, Debug)]
pub struct Settings {
    eio3: Eio3,
    parser: Parser,
    recovery: Recovery,
    cors: Option<Cors>,
    mutant: Option<&'static Mutant>,
    /// The ping interval and the ping timeout, if they are not those of the contract.
    heartbeat: Option<(Duration, Duration)>,
    cluster: Option<Cluster>,
}

impl Settings {
    /// Plants a defect.
    #[must_use]
    pub fn with_mutant(self, mutant: &'static Mutant) -> Self {
        Self { mutant: Some(mutant), ..self }
    }

    /// Allows pages of other origins.
    #[must_use]
    pub fn with_cors(self, cors: Cors) -> Self {
        Self { cors: Some(cors), ..self }
    }

    /// Serves clients whose packets have this form.
    #[must_use]
    pub fn with_parser(self, parser: Parser) -> Self {
        Self { parser, ..self }
    }

    /// Lets clients come back to where they were after a lost connection, or not.
    #[must_use]
    pub fn with_recovery(self, recovery: Recovery) -> Self {
        Self { recovery, ..self }
    }

    /// Pings at this interval, and waits for so long for a pong, both at least a millisecond.
    #[must_use]
    pub fn with_heartbeat(self, interval: Duration, timeout: Duration) -> Self {
        Self { heartbeat: Some((interval, timeout)), ..self }
    }

    /// Joins a cluster of servers. Whether clients can come back after a lost connection, its adapter says then. A defect of
    /// the rooms of a server that is alone does not show then.
    #[must_use]
    pub fn with_cluster(self, cluster: Cluster) -> Self {
        Self { cluster: Some(cluster), ..self }
    }

    /// What all connections of a server with these settings share.
    fn build(self) -> io::Result<(Arc<App>, Option<Carrier>)> {
        let Self { eio3, parser, recovery, cors, mutant, heartbeat, cluster } = self;
        let site = Site::contract(eio3).map_err(io::Error::other)?;
        let site = match heartbeat {
            Some((interval, timeout)) => site.with_heartbeat(interval, timeout).map_err(io::Error::other)?,
            None => site,
        };
        let site = match mutant {
            Some(mutant) => site.with_mutant(mutant).map_err(io::Error::other)?,
            None => site,
        };
        let site = site.with(parser, recovery, &mut Entropy::System);
        let clock = Clock::start();
        let (site, carrier) = match cluster {
            Some(cluster) => {
                let (site, carrier) = Carrier::start(site, cluster, clock);
                (site, Some(carrier))
            }
            None => (site, None),
        };
        Ok((Arc::new(App::new(site, cors, clock)), carrier))
    }
}

impl From<Eio3> for Settings {
    /// The contract, for these clients, and only for pages of its own origin.
    fn from(eio3: Eio3) -> Self {
        Self {
            eio3,
            parser: Parser::Json,
            recovery: Recovery::None,
            cors: None,
            mutant: None,
            heartbeat: None,
            cluster: None,
        }
    }
}

impl Server {
    /// Starts to serve the contract application at the first of several addresses that works; port 0 is any free port.
    ///
    /// # Errors
    ///
    /// [`io::Error`] if the server cannot listen on any address, or its heartbeat is too short.
    pub async fn start(address: impl ToSocketAddrs, settings: impl Into<Settings>) -> io::Result<Self> {
        let settings = settings.into();
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (app, carrier) = settings.build()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&app)));
        Ok(Self { address, app, tasks, carrier })
    }

    /// The base URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until the future is dropped.
    pub async fn run(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    /// Ends the server: it accepts no more connections, tells every session (by a Close frame, or in answer to its next
    /// GET), and sends every answer. Who polls is waited for while any connection is left. What was not sent within `patience`
    /// is cut off. Then it leaves its cluster, for which it has 2 s.
    pub async fn shut_down(mut self, patience: Duration) {
        self.app.stop_accepting.cancel();
        self.app.sessions.close();
        self.app.tasks.close();
        let app = Arc::clone(&self.app);
        let everybody_is_told = async {
            tokio::select! {
                () = app.tasks.wait() => {
                    app.stop_answering.cancel();
                    self.run().await;
                }
                () = self.run() => {
                    app.stop_waiting.cancel();
                    app.tasks.wait().await;
                }
            }
        };
        let _ = tokio::time::timeout(patience, everybody_is_told).await;
        if let Some(carrier) = self.carrier.take() {
            let _ = tokio::time::timeout(bounds::DEPARTURE, carrier.leave()).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.app.sessions.abandon();
    }
}

/// Serves connections over any streams, as a server of their own does, until all of them have ended. The sessions that are left
/// then are over.
///
/// # Errors
///
/// [`io::Error`] if the heartbeat of the settings is too short.
///
/// ```
/// use siospec::contract::Eio3;
/// use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let (mut client, server) = tokio::io::duplex(4096);
/// let client = async {
///     client.write_all(b"GET /socket.io/?EIO=5&transport=polling HTTP/1.1\r\nConnection: close\r\n\r\n").await?;
///     let mut answer = String::new();
///     client.read_to_string(&mut answer).await?;
///     Ok::<_, std::io::Error>(answer)
/// };
/// let (answer, served) = tokio::join!(client, siospec::server::serve(Eio3::Refused, [server]));
/// assert!(answer?.starts_with("HTTP/1.1 400 Bad Request"));
/// served
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn serve<S>(settings: impl Into<Settings>, streams: impl IntoIterator<Item = S>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (app, _carrier) = settings.into().build()?;
    let mut connections: JoinSet<()> = streams.into_iter().map(|stream| connection(stream, Arc::clone(&app))).collect();
    while connections.join_next().await.is_some() {}
    app.sessions.abandon();
    Ok(())
}

async fn accept(listener: TcpListener, app: Arc<App>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    connections.spawn(connection(stream, Arc::clone(&app)));
                }
                // Most likely there are no file descriptors left: wait until some connections end.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
            () = app.stop_accepting.cancelled() => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection<S>(stream: S, app: Arc<App>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let quiet = Quiet::begin();
    let service = service_fn(|request| http::endpoint(Arc::clone(&app), request, quiet.broken()));
    let stream = TokioIo::new(WriteTimeout::new(stream, bounds::WRITE));
    // It has no timer of hyper's, which would be set and dropped with each request.
    let connection = http1::Builder::new().serve_connection(stream, service).with_upgrades();
    let mut connection = pin!(connection);
    // A branch of `select!` is polled with each piece of a request. These are polled only when they wake the task.
    let mut seldom: FuturesUnordered<_> = iter::once(async {
        tokio::select! {
            () = quiet.too_long() => Seldom::TooQuiet,
            () = app.stop_answering.cancelled() => Seldom::Stopped,
        }
    })
    .collect();
    // A broken connection is not an error of the server; the session notices it by its dropped request.
    tokio::select! {
        biased;
        _ = &mut connection => {}
        happened = seldom.next() => if let Some(Seldom::Stopped) = happened {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                _ = connection => {}
                () = quiet.too_long() => {}
            }
        }
    }
}

/// What ends a connection from the side of the server.
enum Seldom {
    TooQuiet,
    Stopped,
}
