//! Connections to a server.

use std::net::SocketAddr;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use url::Host;

use super::target::{Target, Trust};
use super::wire::{Greeting, Wire};
use super::{foreign, plain, tls};

/// The longest time to open a connection, TLS included.
const PATIENCE: Duration = Duration::from_secs(5);

/// A byte stream in both directions.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// The stream of a connection, with or without TLS.
pub(super) type Stream = Box<dyn Duplex>;

/// A connection, and the first bytes that the server sent on it.
pub(super) struct Connection {
    pub(super) stream: Stream,
    pub(super) greeting: Greeting,
}

impl Target {
    /// Connects; `Err` says why it failed.
    pub(super) async fn connect(&self) -> Result<Connection, String> {
        match tokio::time::timeout(PATIENCE, self.dial()).await {
            Ok(connected) => connected,
            Err(_) => Err(format!("there is no connection within {} s", PATIENCE.as_secs())),
        }
    }

    /// A connection to the server, with TLS if its URL says so.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub async fn stream(&self) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + use<>, String> {
        self.connect().await.map(|connection| connection.stream)
    }

    /// Whether the port speaks TLS, after a plain request failed.
    pub(super) async fn speaks_tls(&self) -> bool {
        if self.server.tls.is_some() {
            return false;
        }
        let Ok(connector) = tls::connector(&Trust::Anyone) else { return false };
        let trial = async {
            let wire = self.tcp().await.ok()?;
            let greeting = wire.greeting();
            let _ = connector.connect(self.name().ok()?, wire).await;
            Some(foreign::is_tls(greeting.bytes()))
        };
        tokio::time::timeout(PATIENCE, trial).await.ok().flatten().unwrap_or(false)
    }

    async fn dial(&self) -> Result<Connection, String> {
        let wire = self.tcp().await?;
        let greeting = wire.greeting();
        let Some(connector) = &self.server.tls else { return Ok(Connection { stream: Box::new(wire), greeting }) };
        match connector.connect(self.name()?, wire).await {
            // The bytes of the TLS handshake say nothing about the protocol inside it.
            Ok(stream) => Ok(Connection { stream: Box::new(stream), greeting: Greeting::default() }),
            Err(error) if foreign::is_tls(greeting.bytes()) => Err(tls::words(&error)),
            Err(error) => Err(foreign::describe(greeting.bytes()).unwrap_or_else(|| tls::words(&error))),
        }
    }

    async fn tcp(&self) -> Result<Wire, String> {
        let origin = &self.server.origin;
        let port = origin.port_or_known_default().unwrap_or_default();
        let addresses: Vec<SocketAddr> = match origin.host() {
            Some(Host::Ipv4(address)) => vec![(address, port).into()],
            Some(Host::Ipv6(address)) => vec![(address, port).into()],
            Some(Host::Domain(name)) => match lookup_host((name, port)).await {
                Ok(addresses) => addresses.collect(),
                Err(_) => return Err(format!("the name {name} is not known")),
            },
            None => Vec::new(),
        };
        TcpStream::connect(&addresses[..]).await.map(Wire::new).map_err(|error| plain(&error))
    }

    /// The name that the certificate must be for.
    fn name(&self) -> Result<ServerName<'static>, String> {
        match self.server.origin.host() {
            Some(Host::Ipv4(address)) => Ok(ServerName::IpAddress(std::net::IpAddr::V4(address).into())),
            Some(Host::Ipv6(address)) => Ok(ServerName::IpAddress(std::net::IpAddr::V6(address).into())),
            Some(Host::Domain(name)) => {
                ServerName::try_from(name.to_owned()).map_err(|_| format!("no certificate can be for the name {name}"))
            }
            None => Err("the URL has no host".to_owned()),
        }
    }
}
