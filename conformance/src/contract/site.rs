//! The two applications of one server, and their paths.

use std::sync::Arc;
use std::time::Duration;

use sio_codec::cluster::node::Command;
use sio_codec::engineio::server::{Carrier, Config, Handshake, Route, Router};
use sio_codec::engineio::{ConfigError, HttpError, RequestHead, Response, Sid};
use sio_codec::socketio::hub::{self, Hub};
use sio_codec::socketio::{self, Connection, Parser, Peer};
use sio_codec::{Limits, Timestamp};
use tokio::sync::mpsc;

use super::bus::Bus;
use super::clustered::{Clustered, Membership};
use super::lobby::{self, Lobby};
use super::rooms::Rooms;
use super::{Application, Entropy};
use crate::mutants::{Beginning, Lapses, Mutant, Request, Settings, Shared, Tap};

/// How long a client that lost its connection can come back, if the server offers that.
const AWAY: Duration = Duration::from_millis(1500);

/// An application, which is chosen by the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Engine.IO: the echo.
    Engine,
    /// Socket.IO: namespaces, events, acknowledgements.
    Socket,
}

impl Kind {
    /// Its path in the contract.
    #[must_use]
    pub const fn default_path(self) -> &'static str {
        match self {
            Self::Engine => "/engine.io/",
            Self::Socket => "/socket.io/",
        }
    }
}

/// Whether clients of Engine.IO 3 are served in addition to those of 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eio3 {
    /// They are refused, as the contract says.
    Refused,
    /// They are served.
    Allowed,
}

/// Whether a client can come back to where it was after a lost connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It is a new client then, as the contract says.
    None,
    /// It can, for 1.5 s, or in a cluster for as long as its adapter says.
    Offered,
}

/// What a server needs to know to run the contract. Clones share the rooms of their clients.
#[derive(Clone, Debug)]
pub struct Site {
    router: Router,
    connection: socketio::Config,
    parser: Parser,
    recovery: Recovery,
    away: Duration,
    lobby: Lobby,
    planted: Option<Planted>,
}

/// The defect of a site.
#[derive(Clone, Debug)]
struct Planted {
    mutant: &'static Mutant,
    /// The settings without the defect.
    contract: Config,
    shared: Arc<Shared>,
}

impl Site {
    /// The contract's timings and limits.
    ///
    /// # Errors
    ///
    /// None: the contract's numbers are valid. The error type is that of [`Router::new`].
    pub fn contract(eio3: Eio3) -> Result<Self, ConfigError> {
        // Each `message` with an acknowledgement is answered with one that requests another.
        let limits = Limits::default().with_max_pending_acks(1 << 16);
        let engine = Config::default()
            .with_heartbeat(Duration::from_millis(300), Duration::from_millis(200))
            .with_upgrade_timeout(Duration::from_secs(1))
            .with_allow_eio3(eio3 == Eio3::Allowed)
            .with_limits(limits);
        let connection = socketio::Config::default().with_connect_timeout(Duration::from_secs(1));
        Ok(Self {
            router: Router::new(engine)?,
            connection,
            parser: Parser::Json,
            recovery: Recovery::None,
            away: AWAY,
            lobby: Lobby::new(Rooms::Alone(Box::new(Hub::new(hub::Config::default())))),
            planted: None,
        })
    }

    /// The same site with other timings of the heartbeat. A defect is to be planted afterwards.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Heartbeat`] if one of them is below a millisecond.
    pub fn with_heartbeat(self, interval: Duration, timeout: Duration) -> Result<Self, ConfigError> {
        let engine = self.router.config().clone().with_heartbeat(interval, timeout);
        Ok(Self { router: Router::new(engine)?, ..self })
    }

    /// The same site for clients whose packets have this form, and with or without connection state recovery. Its
    /// rooms are empty.
    #[must_use]
    pub fn with(self, parser: Parser, recovery: Recovery, entropy: &mut Entropy) -> Self {
        let config = hub::Config::default().with_parser(parser);
        let config = match recovery {
            Recovery::None => config,
            Recovery::Offered => config.with_recovery(lobby::recovery(entropy.draw(), self.away)),
        };
        Self { parser, recovery, lobby: Lobby::new(Rooms::Alone(Box::new(Hub::new(config)))), ..self }
    }

    /// The same site in a cluster: the [bus](Bus) brings what others say, and the commands are for Redis. Its rooms are
    /// empty, and its clients can come back after a lost connection if the adapter has that.
    #[must_use]
    pub fn in_cluster(
        self,
        membership: Membership,
        entropy: &mut Entropy,
    ) -> (Self, Bus, mpsc::UnboundedReceiver<Command>) {
        let recovery = if membership.recovers() { Recovery::Offered } else { Recovery::None };
        let tap = self.planted.as_ref().map(|planted| planted.mutant.bus_tap(&membership.adapter));
        let (clustered, commands) = Clustered::new(membership, self.parser, tap, entropy.draw());
        let lobby = Lobby::new(Rooms::Clustered(Box::new(clustered)));
        (Self { recovery, lobby: lobby.clone(), ..self }, Bus::new(lobby), commands)
    }

    /// The same site with a defect. What [`with`](Self::with) sets is to be set afterwards.
    ///
    /// # Errors
    ///
    /// None: the numbers of all mutants are valid. The error type is that of [`Router::new`].
    pub fn with_mutant(self, mutant: &'static Mutant) -> Result<Self, ConfigError> {
        let contract = self.router.config().clone();
        let mut settings = Settings { engine: contract.clone(), connection: self.connection, away: self.away };
        mutant.set(&mut settings);
        let planted = Planted { mutant, contract, shared: Arc::default() };
        let Settings { engine, connection, away } = settings;
        Ok(Self { router: Router::new(engine)?, connection, away, planted: Some(planted), ..self })
    }

    /// The application that a path names.
    //= EIO4-URL-06
    #[must_use]
    pub fn kind(path: &str) -> Option<Kind> {
        [Kind::Engine, Kind::Socket].into_iter().find(|kind| kind.default_path() == path)
    }

    /// The router, the same for both applications.
    #[must_use]
    pub const fn router(&self) -> &Router {
        &self.router
    }

    /// What a request is for.
    ///
    /// # Errors
    ///
    /// As [`Router::route`]; answer with [`refusal`](Self::refusal).
    pub fn route(&self, head: &RequestHead<'_>) -> Result<Route, HttpError> {
        match &self.planted {
            Some(Planted { mutant, .. }) if mutant.reads_requests() => {
                let mut request = Request::new(head);
                mutant.read(&mut request)?;
                self.router.route(&request.head())
            }
            Some(_) | None => self.router.route(head),
        }
    }

    /// The answer to a request that is refused without asking a session.
    #[must_use]
    pub fn refusal(&self, error: HttpError, wants_websocket: bool) -> Response {
        let mut response = if wants_websocket { error.upgrade_response() } else { error.response() };
        if let Some(planted) = &self.planted {
            planted.mutant.answer(&mut response);
        }
        response
    }

    /// Starts a session with the application on top.
    pub fn accept(
        &self,
        kind: Kind,
        handshake: Handshake,
        now: Timestamp,
        carrier: Carrier,
        entropy: &mut Entropy,
    ) -> (Sid, Application) {
        let number = self.planted.as_ref().map_or(0, |planted| planted.shared.begin());
        let sid = self.sid(number, entropy);
        let revision = handshake.revision();
        let session = handshake.accept(now, sid.clone(), carrier);
        let application = match kind {
            Kind::Engine => Application::echo(now, session),
            Kind::Socket => {
                let connection = Connection::new(self.connection.clone()).with_parser(self.parser);
                let peer = Peer::new(session, connection);
                let lapses = self.planted.as_ref().map_or_else(Lapses::default, |planted| planted.mutant.lapses());
                Application::sockets(now, peer, self.lobby.seat(lapses), self.recovery, entropy.fork())
            }
        };
        let application = match &self.planted {
            Some(Planted { mutant, contract, shared }) => {
                let begin = Beginning { now, carrier, revision, shared: Arc::clone(shared) };
                let tap = Tap::new(mutant, begin, contract, self.router.config());
                Application::defective(now, application, tap)
            }
            None => application,
        };
        (sid, application)
    }

    fn sid(&self, number: u64, entropy: &mut Entropy) -> Sid {
        let forged = self.planted.as_ref().and_then(|planted| planted.mutant.sid(number));
        forged.and_then(|sid| Sid::from_wire(&sid)).unwrap_or_else(|| Sid::from_entropy(entropy.draw()))
    }
}
