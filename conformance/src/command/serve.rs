//! `siospec serve`.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use sio_codec::socketio::Parser;
use tokio::net::lookup_host;

use super::Failure;
use super::cluster::Options;
use super::out::{self, Written};
use super::signals::Signals;
use crate::contract::{Eio3, Recovery};
use crate::mutants::{self, Mutant};
use crate::server::{Cors, Server, Settings};

/// How long the server waits for its sessions to close when it ends.
const PATIENCE: Duration = Duration::from_secs(5);

/// The contract's timings.
const PING_INTERVAL: u32 = 300;
const PING_TIMEOUT: u32 = 200;

#[derive(Debug, Args)]
#[command(after_help = SIGNALS)]
pub(super) struct Serve {
    /// The port; 0 is any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The address or name to listen on: 127.0.0.1, ::1 or [::1], localhost
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Serve clients of Engine.IO 3 and Socket.IO 2 as well, which are refused otherwise
    #[arg(long)]
    allow_eio3: bool,
    /// The form of Socket.IO packets: json, or msgpack as of socket.io-msgpack-parser
    #[arg(long, value_name = "PARSER", default_value = "json", value_parser = super::place::parser)]
    parser: Parser,
    /// The time between a pong and the next ping, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = PING_INTERVAL, value_parser = clap::value_parser!(u32).range(1..))]
    ping_interval: u32,
    /// How long a pong may take, in milliseconds; on a busy machine, and for peers on slow links, the contract's 200 ms
    /// are few
    #[arg(long, value_name = "MS", default_value_t = PING_TIMEOUT, value_parser = clap::value_parser!(u32).range(1..))]
    ping_timeout: u32,
    /// Let a client come back to where it was within 1.5 s after a lost connection (connection state recovery); in a
    /// cluster, which must use streams, within 2 minutes and to any server
    #[arg(long)]
    recovery: bool,
    /// Allow browser pages of this other origin, such as http://localhost:5173, or of any origin if it is *; without
    /// this option no CORS header is sent
    #[arg(long, value_name = "ORIGIN")]
    cors: Option<String>,
    /// Allow the pages of that origin to send cookies
    #[arg(long, requires = "cors")]
    cors_credentials: bool,
    #[command(flatten)]
    cluster: Options,
    /// Have one defect: to see what a suite says about it. In a cluster, it is one of what servers say to each other
    #[arg(long, value_name = "NAME")]
    mutant: Option<String>,
    /// Show the names of the defects, the requirements that each breaks, and what is wrong; then end
    #[arg(long, exclusive = true)]
    mutants: bool,
}

const SIGNALS: &str = "\
SIGINT (Ctrl-C) and SIGTERM end the server: it takes no more connections, closes every WebSocket session, answers every \
polling session that it is closed, waits at most 5 seconds for all that to arrive, leaves its cluster, and exits with code 0. A second signal \
ends it at once, with exit code 130 after SIGINT and 143 after SIGTERM.

Exit codes: 0 ended by a signal; 2 bad usage; 3 the address cannot be listened on; 130, 143 ended by a second signal.";

impl Serve {
    pub(super) async fn execute(self) -> Result<ExitCode, Failure> {
        if self.mutants {
            return Ok(out::write(&list_of_mutants()).code());
        }
        let settings = self.settings()?;
        let addresses = self.addresses().await?;
        // Handle signals before the URL is printed, because its reader may send one.
        let mut signals =
            Signals::new().map_err(|error| Failure::unreachable(format!("cannot handle signals: {error}")))?;
        let mut server =
            Server::start(&addresses[..], settings).await.map_err(|error| self.cannot_listen(&reason(&error)))?;
        if out::write(&format!("{}\n", server.url())) == Written::Unread {
            // The reader of the URL is gone, so there is no client to serve.
            return Ok(ExitCode::SUCCESS);
        }
        tokio::select! {
            () = server.run() => {}
            _ = signals.next() => {}
        }
        tokio::select! {
            () = server.shut_down(PATIENCE) => Ok(ExitCode::SUCCESS),
            code = signals.next() => Ok(ExitCode::from(code)),
        }
    }

    fn settings(&self) -> Result<Settings, Failure> {
        let settings = Settings::from(if self.allow_eio3 { Eio3::Allowed } else { Eio3::Refused });
        let [interval, timeout] = [self.ping_interval, self.ping_timeout].map(|ms| Duration::from_millis(ms.into()));
        let settings = settings.with_parser(self.parser).with_heartbeat(interval, timeout);
        let recovery = if self.recovery { Recovery::Offered } else { Recovery::None };
        let settings = settings.with_recovery(recovery);
        let settings = match &self.mutant {
            Some(name) => settings.with_mutant(self.mutant(name)?),
            None => settings,
        };
        let settings = match self.cluster.cluster(recovery)? {
            Some(cluster) => settings.with_cluster(cluster),
            None => settings,
        };
        let Some(origin) = &self.cors else { return Ok(settings) };
        let cors =
            Cors::new(origin).and_then(|cors| if self.cors_credentials { cors.with_credentials() } else { Ok(cors) });
        let cors =
            cors.map_err(|error| Failure::usage(format!("{origin:?} cannot be the origin of --cors: {error}")))?;
        Ok(settings.with_cors(cors))
    }

    /// A defect that this server can have.
    fn mutant(&self, name: &str) -> Result<&'static Mutant, Failure> {
        let (of_a_server, of_clusters) = (mutants::named(name), mutants::named_of_clusters(name));
        match (of_a_server, of_clusters, self.cluster.is_wanted()) {
            (Some(mutant), _, false) | (_, Some(mutant), true) => Ok(mutant),
            (Some(_), _, true) => Err(Failure::usage(format!(
                "the mutant {name} is one of a server that is alone: without --redis it can be had"
            ))),
            (_, Some(_), false) => Err(Failure::usage(format!(
                "the mutant {name} is one of a server in a cluster: --redis and --adapter name the cluster"
            ))),
            (None, None, _) => Err(Failure::usage(format!(
                "no mutant is called {name:?}; `siospec serve --mutants` shows the names of all of them"
            ))),
        }
    }

    /// The addresses of the host; the first one that works is used.
    async fn addresses(&self) -> Result<Vec<SocketAddr>, Failure> {
        let host = plain_host(&self.host).ok_or_else(|| {
            Failure::usage(format!(
                "{:?} is not a host: name an address, such as 127.0.0.1 or [::1], or a name, such as localhost; the port has an \
                 option of its own, --port",
                self.host
            ))
        })?;
        let addresses = lookup_host((host, self.port)).await.map(Iterator::collect).unwrap_or_default();
        if Vec::is_empty(&addresses) {
            return Err(self.cannot_listen("this name has no address"));
        }
        Ok(addresses)
    }

    fn cannot_listen(&self, reason: &str) -> Failure {
        Failure::unreachable(format!("cannot listen on {} port {}: {reason}", self.host, self.port))
    }
}

fn list_of_mutants() -> String {
    let listed = || mutants::all().chain(mutants::of_clusters());
    let width = listed().map(|mutant| mutant.name.len()).max().unwrap_or(0);
    let line =
        |Mutant { name, breaks, defect, .. }: &Mutant| format!("{name:width$}  {defect} [{}]\n", breaks.join(" "));
    listed().map(line).collect()
}

/// The host without the brackets around an IPv6 address; `None` if it can be neither an address nor a name.
fn plain_host(host: &str) -> Option<&str> {
    if let Some(bracketed) = host.strip_prefix('[') {
        return bracketed.strip_suffix(']').filter(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
    };
    (host.parse::<IpAddr>().is_ok() || is_name(host)).then_some(host)
}

/// Why the server cannot listen on an address, in words that need no knowledge of the system.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there already".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
        io::ErrorKind::PermissionDenied => "the system does not permit it; try a port above 1023".to_owned(),
        _ => error.to_string(),
    }
}
