//! `siospec proxy`.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use futures_util::FutureExt as _;
use time::OffsetDateTime;
use url::Url;

use super::desk::{Desk, Timeline};
use super::out::{self, Written};
use super::recordings::Files;
use super::{Failure, interrupt};
use crate::capture::{Dial, Duplex, Relay, Told};
use crate::party::network::{Access, Target, TargetError, Trust};

/// How often it is looked whether sessions have become quiet.
const TICK: Duration = Duration::from_secs(1);

/// What follows the list of options.
const HELP: &str = "\
The bytes go on unchanged, header fields included; so a server that looks at the Host header has to accept the proxy's address. A \
client gets status 502 from the proxy itself if the server cannot be reached, ends a connection without any answer, or \
redirects a request of Engine.IO. Sessions that are over are written and forgotten; what goes on is remembered up to 64 MiB for a \
session, and 128 MiB in all.

Exit codes, after Ctrl-C or SIGTERM:
  0  nothing that was seen breaks a requirement
  1  something does
  2  bad usage, or a file cannot be written
  3  the address cannot be listened on";

#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Proxy {
    /// Listen here for clients: `127.0.0.1:8080`; port 0 is any free one
    #[arg(long, value_name = "ADDRESS")]
    listen: SocketAddr,
    /// The server that the clients' connections go on to, `http://host:port`, or https with TLS
    #[arg(long, value_name = "URL")]
    to: String,
    /// Write the sessions to this file as HAR 1.2, each when it is over; `siospec inspect` and browsers open it. Cookies and most header
    /// fields are left out
    #[arg(long, value_name = "FILE")]
    har: Option<PathBuf>,
    /// Make a case of each session when it is over: FILE, and then FILE-2 and so on before its ending. No file is
    /// replaced
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Leave out the timelines, and print the judgements only
    #[arg(long)]
    no_timeline: bool,
    /// Accept every certificate of a server behind https://
    #[arg(long, conflicts_with = "ca")]
    insecure: bool,
    /// Trust the certificates in this file, in PEM format, instead of those that the system trusts
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Proxy {
    pub(super) async fn execute(self) -> Result<ExitCode, Failure> {
        let target = self.target()?;
        // The port of the URL stays, and nothing else of it but the host.
        let base = Url::parse(&self.to).map_or_else(|_| self.to.clone(), |url| url.origin().ascii_serialization());
        let files = Files::open(self.har.as_deref(), self.trace, base, OffsetDateTime::now_utc())?;
        let cannot = |error| Failure::unreachable(format!("cannot listen on {}: {error}", self.listen));
        let relay = Relay::before(self.listen, dial(target, self.to)).await.map_err(cannot)?;
        let address = relay.address().map_err(cannot)?;
        let stop = interrupt::stop();
        if out::write(&format!("http://{address}\n")) == Written::Unread {
            // The reader of the URL is gone, so no client will come.
            return Ok(ExitCode::SUCCESS);
        }
        let timeline = if self.no_timeline { Timeline::Hidden } else { Timeline::Shown };
        let desk = RefCell::new(Desk::new(timeline, files));
        let unread = stop.clone();
        let note = |news: &dyn Fn(&mut Desk)| {
            let mut desk = desk.borrow_mut();
            news(&mut desk);
            if desk.is_unread() {
                unread.cancel();
            }
        };
        let began = Instant::now();
        let look = async {
            loop {
                tokio::time::sleep(TICK).await;
                note(&|desk| desk.tick(began.elapsed()));
            }
        };
        let told = RefCell::new(None);
        let carry = relay.carry(stop.cancelled(), |one: Told| {
            told.replace(Some(one));
            note(&|desk| told.take().into_iter().for_each(|one| desk.tell(one)));
        });
        tokio::select! {
            () = carry => {}
            () = look => {}
        }
        Ok(desk.into_inner().finish())
    }

    fn target(&self) -> Result<Target, Failure> {
        let trust = match (&self.ca, self.insecure) {
            (Some(file), _) => Trust::Authority(file.clone()),
            (None, true) => Trust::Anyone,
            (None, false) => Trust::System,
        };
        let to = &self.to;
        Target::with(to, "/", &Access { trust, ..Access::default() }).map_err(|error| {
            Failure::usage(match error {
                TargetError::Path(_) | TargetError::Query(_) => {
                    format!("--to {to:?} has more than a host and a port: the clients choose path and query")
                }
                // It has a password, which must not get into logs.
                TargetError::User => {
                    "the URL of --to has a user's name: the clients send what the server asks for".to_owned()
                }
                TargetError::Authority(..) => error.to_string(),
                _ => format!("--to {to:?} is not a server's URL: {error}"),
            })
        })
    }
}

/// How the server is reached.
fn dial(target: Target, to: String) -> Arc<Dial> {
    Arc::new(move || {
        let (target, to) = (target.clone(), to.clone());
        let connect = async move {
            match target.stream().await {
                Ok(stream) => Ok(Box::new(stream) as Box<dyn Duplex>),
                Err(reason) => Err(format!("{to} cannot be reached: {reason}")),
            }
        };
        connect.boxed()
    })
}
