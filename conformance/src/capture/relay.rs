//! Carries bytes between clients and a server, unchanged.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::sighting::Sighting;
use super::tap::Tap;
use crate::trace::Side;

/// How many pieces may be carried and not yet read by a tap. After that, the connections wait.
const PIECES: usize = 64;

/// The most bytes that are carried at once.
const PIECE: usize = 16 << 10;

/// A relay between clients and one server.
///
/// The bytes are the same on both sides, with the same borders where the network keeps them. If one side ends its
/// direction of a connection, the other side sees that; if a connection breaks, its other half is dropped.
#[derive(Debug)]
pub struct Relay {
    listener: TcpListener,
    server: String,
}

/// What a relay tells.
#[derive(Debug)]
pub enum Told {
    /// Something was said.
    Seen(Sighting),
    /// A client's connection was dropped, because the server could not be reached.
    Unreachable(io::Error),
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
    Unreachable(io::Error),
    /// No piece of this connection follows.
    Over,
}

impl Relay {
    /// Listens on an address; connections go on to `server`, which is `host:port`.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on.
    pub async fn bind(address: impl ToSocketAddrs, server: impl Into<String>) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, server: server.into() })
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
    /// are dropped.
    pub async fn carry(&self, stop: impl Future<Output = ()>, mut tell: impl FnMut(Told)) {
        let started = Instant::now();
        let (sender, mut pieces) = mpsc::channel(PIECES);
        // Dropped at the end, which ends the connections.
        let mut connections = JoinSet::new();
        let mut taps = std::collections::BTreeMap::new();
        let mut next = 0;
        tokio::pin!(stop);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => return,
                Some(piece) = pieces.recv() => listen(&mut taps, piece, &mut tell),
                accepted = self.listener.accept() => {
                    // If accepting fails, for example since too many files are open, a later one can succeed.
                    let Ok((client, _)) = accepted else { tokio::time::sleep(Duration::from_millis(10)).await; continue };
                    let wire = Wire { connection: next, started, pieces: sender.clone() };
                    next += 1;
                    connections.spawn(wire.carry(client, self.server.clone()));
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

/// Gives a piece to the tap of its connection.
fn listen(taps: &mut std::collections::BTreeMap<u32, Tap>, piece: Piece, tell: &mut impl FnMut(Told)) {
    let Piece { connection, at, what } = piece;
    let tap = taps.entry(connection).or_insert_with(|| Tap::new(connection));
    let seen = match what {
        Carried::Bytes(side, bytes) => tap.feed(at, side, &bytes),
        Carried::End(side) => tap.end(at, side),
        Carried::Unreachable(error) => return tell(Told::Unreachable(error)),
        Carried::Over => {
            taps.remove(&connection);
            return;
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

impl Wire {
    async fn carry(self, client: TcpStream, server: String) {
        let server = match TcpStream::connect(&server).await {
            Ok(server) => server,
            Err(error) => return self.tell(Carried::Unreachable(error)).await,
        };
        // Each piece goes on at once, as its sender meant it to.
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let up = self.direction(Side::Client, &mut from_client, &mut to_server);
        let down = self.direction(Side::Server, &mut from_server, &mut to_client);
        // A broken half ends the other one as well.
        let _ = tokio::try_join!(up, down);
        self.tell(Carried::Over).await;
    }

    async fn direction(
        &self,
        side: Side,
        from: &mut (impl tokio::io::AsyncRead + Unpin),
        to: &mut (impl tokio::io::AsyncWrite + Unpin),
    ) -> io::Result<()> {
        let mut buffer = vec![0; PIECE];
        loop {
            let read = from.read(&mut buffer).await;
            let bytes = match &read {
                Ok(length) => buffer.get(..*length).unwrap_or_default(),
                Err(_) => &[],
            };
            if bytes.is_empty() {
                self.tell(Carried::End(side)).await;
                read?;
                return to.shutdown().await;
            }
            // Before the other side has it, so that its reaction comes later.
            self.tell(Carried::Bytes(side, bytes.to_vec())).await;
            to.write_all(bytes).await?;
        }
    }

    async fn tell(&self, what: Carried) {
        let piece = Piece { connection: self.connection, at: self.started.elapsed(), what };
        // The receiver is gone if the relay stops, which drops this task.
        let _ = self.pieces.send(piece).await;
    }
}
