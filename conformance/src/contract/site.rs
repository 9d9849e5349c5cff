//! The two applications of one server, and their paths.

use std::time::Duration;

use sio_codec::engineio::server::{Carrier, Config, Handshake, Router};
use sio_codec::engineio::{ConfigError, Revision, Sid};
use sio_codec::socketio::{self, Connection, Dialect, Peer};
use sio_codec::{Limits, Timestamp};

use super::{Application, Entropy};

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

/// What a server needs to know to run the contract.
#[derive(Clone, Debug)]
pub struct Site {
    router: Router,
    connection: socketio::Config,
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
        Ok(Self { router: Router::new(engine)?, connection })
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

    /// Starts a session with the application on top.
    pub fn accept(
        &self,
        kind: Kind,
        handshake: Handshake,
        now: Timestamp,
        carrier: Carrier,
        entropy: &mut Entropy,
    ) -> (Sid, Application) {
        let sid = Sid::from_entropy(entropy.draw());
        let dialect = dialect(handshake.revision());
        let session = handshake.accept(now, sid.clone(), carrier);
        let application = match kind {
            Kind::Engine => Application::echo(now, session),
            Kind::Socket => {
                let connection = Connection::new(self.connection.clone()).with_dialect(dialect);
                Application::sockets(now, Peer::new(session, connection), entropy.fork())
            }
        };
        (sid, application)
    }
}

/// The Socket.IO dialect of a client, which follows from its Engine.IO revision.
//= HYB-02
const fn dialect(revision: Revision) -> Dialect {
    match revision {
        Revision::V3 => Dialect::Hybrid,
        Revision::V4 => Dialect::V5,
    }
}
