//! Carries bytes between clients and a server, unchanged.
//!
//! There are three answers that the relay gives itself, all of them with status 502: if the server cannot be reached, if it
//! ends a connection on which it has never answered, and if its first answer sends a client of Engine.IO to another
//! address, where the relay would not see it.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::refusal::{self, redirect};
use super::sighting::Sighting;
use super::tap::Tap;
use crate::trace::Side;

/// How many pieces may be carried and not yet read by a tap. After that, the connections wait.
const PIECES: usize = 64;

/// The most bytes that are carried at once.
const PIECE: usize = 16 << 10;

/// A byte stream in both directions.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// Opens a connection to the server; `Err` says why that failed.
pub type Dial = dyn Fn() -> BoxFuture<'static, Result<Box<dyn Duplex>, String>> + Send + Sync;

/// A relay between clients and one server.
///
/// The bytes are the same on both sides, with the same borders where the network keeps them. If one side ends its
/// direction of a connection, the other side sees that; if a connection breaks, its other half is dropped. A side that
/// does not read makes the other one wait.
pub struct Relay {
    listener: TcpListener,
    dial: Arc<Dial>,
}

/// What a relay tells.
#[derive(Debug)]
pub enum Told {
    /// Something was said.
    Seen(Sighting),
    /// Nothing more is said on the connection with this number.
    Over(u32, Duration),
    /// The relay answered a client itself, with status 502, for this reason.
    Refused(String),
}

/// A piece of a connection.
struct Piece {
    connection: u32,
    at: Duration,
    what: Carried,
}

enum Carried {
    Bytes(Side, Vec<u8>),
    End(Side),
    Refused(String),
    /// No piece of this connection follows.
    Over,
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("listener", &self.listener).finish_non_exhaustive()
    }
}

impl Relay {
    /// Listens on an address; connections go on to `server`, which is `host:port`.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on.
    pub async fn bind(address: impl ToSocketAddrs, server: impl Into<String>) -> io::Result<Self> {
        let server: Arc<str> = server.into().into();
        let dial = move || {
            let server = Arc::clone(&server);
            let connect = async move {
                let unreachable = |error| format!("{server} cannot be reached: {error}");
                let stream = TcpStream::connect(&*server).await.map_err(unreachable)?;
                // Each piece goes on at once, as its sender meant it to.
                let _ = stream.set_nodelay(true);
                Ok(Box::new(stream) as Box<dyn Duplex>)
            };
            connect.boxed()
        };
        Self::before(address, Arc::new(dial)).await
    }

    /// Listens on an address; connections go on to a server that is reached in this way, for example with TLS.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on.
    pub async fn before(address: impl ToSocketAddrs, dial: Arc<Dial>) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, dial })
    }

    /// The address that clients connect to.
    ///
    /// # Errors
    ///
    /// If the system cannot tell it.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Carries connections until `stop` is over, and tells what is seen, in order. The connections that are open then
    /// are dropped, and what was carried before is told.
    pub async fn carry(&self, stop: impl Future<Output = ()>, mut tell: impl FnMut(Told)) {
        let started = Instant::now();
        let (sender, mut pieces) = mpsc::channel(PIECES);
        // Dropped at the end, which ends the connections.
        let mut connections = JoinSet::new();
        let mut taps = BTreeMap::new();
        let mut next = 0;
        tokio::pin!(stop);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(piece) = pieces.recv() => listen(&mut taps, piece, &mut tell),
                accepted = self.listener.accept() => {
                    // If accepting fails, for example since too many files are open, a later one can succeed.
                    let Ok((client, _)) = accepted else { tokio::time::sleep(Duration::from_millis(10)).await; continue };
                    let wire = Wire { connection: next, started, pieces: sender.clone() };
                    next += 1;
                    connections.spawn(wire.carry(client, Arc::clone(&self.dial)));
                }
                Some(_) = connections.join_next() => {}
            }
        }
        connections.shutdown().await;
        while let Ok(piece) = pieces.try_recv() {
            listen(&mut taps, piece, &mut tell);
        }
    }
}

/// Gives a piece to the tap of its connection.
fn listen(taps: &mut BTreeMap<u32, Tap>, piece: Piece, tell: &mut impl FnMut(Told)) {
    let Piece { connection, at, what } = piece;
    let tap = taps.entry(connection).or_insert_with(|| Tap::new(connection));
    let seen = match what {
        Carried::Bytes(side, bytes) => tap.feed(at, side, &bytes),
        Carried::End(side) => tap.end(at, side),
        Carried::Refused(reason) => return tell(Told::Refused(reason)),
        Carried::Over => {
            taps.remove(&connection);
            return tell(Told::Over(connection, at));
        }
    };
    seen.into_iter().for_each(|sighting| tell(Told::Seen(sighting)));
}

/// One connection.
struct Wire {
    connection: u32,
    started: Instant,
    pieces: mpsc::Sender<Piece>,
}

/// What the two directions of a connection need to know of each other.
#[derive(Debug, Default)]
struct Shared {
    /// The client has sent something that is to be answered.
    asked: AtomicBool,
    /// It was a request of Engine.IO.
    is_engine: AtomicBool,
}

impl Wire {
    async fn carry(self, mut client: TcpStream, dial: Arc<Dial>) {
        let _ = client.set_nodelay(true);
        match dial().await {
            Ok(server) => {
                let shared = Shared::default();
                let (mut from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = tokio::io::split(server);
                let up = self.up(&shared, &mut from_client, &mut to_server);
                let down = self.down(&shared, &mut from_server, &mut to_client);
                // A broken half ends the other one as well.
                let _ = tokio::try_join!(up, down);
            }
            Err(reason) => {
                self.tell(Carried::Refused(reason.clone())).await;
                refusal::answer(&mut client, &reason).await;
            }
        }
        self.tell(Carried::Over).await;
    }

    /// What the client sends.
    async fn up(
        &self,
        shared: &Shared,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
    ) -> io::Result<()> {
        let mut buffer = vec![0; PIECE];
        while let Some(bytes) = self.read(Side::Client, from, &mut buffer).await? {
            if !shared.asked.swap(true, Ordering::Relaxed) {
                shared.is_engine.store(refusal::is_engine(bytes), Ordering::Relaxed);
            }
            write(to, bytes).await?;
        }
        // A client that left waits for no answer.
        shared.asked.store(false, Ordering::Relaxed);
        to.shutdown().await
    }

    /// What the server sends.
    async fn down(
        &self,
        shared: &Shared,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
    ) -> io::Result<()> {
        let mut buffer = vec![0; PIECE];
        let first = self.read(Side::Server, from, &mut buffer).await;
        let reason = match &first {
            Ok(None) | Err(_) if shared.asked.load(Ordering::Relaxed) => {
                Some("the server ended a connection without an answer".to_owned())
            }
            Ok(Some(bytes)) if shared.is_engine.load(Ordering::Relaxed) => redirect(bytes),
            _ => None,
        };
        if let Some(reason) = reason {
            self.tell(Carried::Refused(reason.clone())).await;
            to.write_all(&refusal::text(&reason)).await?;
            to.shutdown().await?;
            // This ends the other direction.
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let Some(bytes) = first? else { return to.shutdown().await };
        write(to, bytes).await?;
        while let Some(bytes) = self.read(Side::Server, from, &mut buffer).await? {
            write(to, bytes).await?;
        }
        to.shutdown().await
    }

    /// Reads the next piece and tells it, before the other side has it: so its reaction comes later.
    async fn read<'b>(
        &self,
        side: Side,
        from: &mut (impl AsyncRead + Unpin),
        buffer: &'b mut [u8],
    ) -> io::Result<Option<&'b [u8]>> {
        match from.read(buffer).await {
            Ok(length @ 1..) => {
                let bytes = buffer.get(..length).unwrap_or_default();
                self.tell(Carried::Bytes(side, bytes.to_vec())).await;
                Ok(Some(bytes))
            }
            end => {
                self.tell(Carried::End(side)).await;
                end.map(|_| None)
            }
        }
    }

    async fn tell(&self, what: Carried) {
        let piece = Piece { connection: self.connection, at: self.started.elapsed(), what };
        // The receiver is gone if the relay stops, which drops this task.
        let _ = self.pieces.send(piece).await;
    }
}

async fn write(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes).await?;
    // With TLS, a part may wait in a buffer.
    to.flush().await
}
