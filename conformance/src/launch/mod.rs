//! A server that the command starts itself, for the time of a run.
//!
//! ```text
//!             it listens, or writes the line
//!  Starting ────────────────────────────────▶ Serving ──┐ it ends: it is started again after a moment
//!     │                                          ▲      │
//!     │ it ends, or the time is over             └──────┘
//!     ▼                                          │ the run is over
//!   LaunchError                                  ▼
//!                                              SIGTERM to its process group, and SIGKILL after 2 s
//! ```
//!
//! The server and all that it starts are one process group, so that nothing is left behind. On systems without process
//! groups, only the process itself is ended.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`Launch`], [`Launched`] |
//! | `keeper.rs` | starts the process, starts it again, ends it |
//! | `group.rs` | the process group |
//! | `tail.rs` | the end of what it writes |
//! | `lines.rs` | lines to and from a driver or an adapter |

mod group;
mod keeper;
pub(crate) mod lines;
mod tail;

use std::fmt;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use group::{Group, Groups};
use keeper::Keeper;
use tail::Tail;

/// How often a starting server is looked at.
const LOOK: Duration = Duration::from_millis(25);

/// How to start a server.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program and its arguments. `{port}` in them becomes the port; the environment variable `PORT` has it too.
    pub command: Vec<String>,
    /// Where the server listens; on a free port of 127.0.0.1 if nothing is said.
    pub url: Option<String>,
    /// When it has started.
    pub ready: Ready,
    /// How long it may take to start.
    pub patience: Duration,
}

/// When a server has started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ready {
    /// When its port accepts connections.
    Listening,
    /// When it writes this text, to standard output or standard error.
    Says(String),
}

/// Why a server did not start. Each says what it wrote last.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LaunchError {
    /// The URL is none, or has no port.
    Url(String),
    /// There is no free port.
    Port(String),
    /// There is no such program, or it may not be executed.
    Program(String),
    /// It ended before it was ready.
    Ended(Ended),
    /// It was not ready in time.
    Late {
        /// What was waited for.
        awaited: String,
        /// How long.
        patience: Duration,
        /// The end of what it wrote.
        last: String,
    },
}

impl fmt::Display for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => write!(f, "{url:?} is not the URL of a server with a port"),
            Self::Port(why) => write!(f, "there is no free port on 127.0.0.1: {why}"),
            Self::Program(why) => write!(f, "the server cannot be started: {why}"),
            Self::Ended(ended) => write!(f, "the server ended before it was ready: {ended}"),
            Self::Late { awaited, patience, last } => {
                write!(f, "the server did not {awaited} within {} s{}", patience.as_secs(), Said(last))
            }
        }
    }
}

impl std::error::Error for LaunchError {}

/// How a server ended by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code or signal.
    pub status: String,
    /// The end of what it wrote.
    pub last: String,
    /// When.
    pub at: Instant,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.status, Said(&self.last))
    }
}

/// The end of what a server wrote, as lines below a sentence.
struct Said<'a>(&'a str);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("; it wrote nothing");
        }
        f.write_str("; it wrote:")?;
        self.0.lines().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// A server that was started. [`end`](Self::end) ends it.
#[derive(Debug)]
pub struct Launched {
    url: String,
    stop: CancellationToken,
    keeper: JoinHandle<()>,
    ends: Arc<Mutex<Vec<Ended>>>,
}

impl Launch {
    /// Starts the server, and waits until it is ready. `group` tells others what to end if this process must end at once.
    ///
    /// # Errors
    ///
    /// [`LaunchError`] if it cannot be started or does not become ready. Nothing is left running then.
    pub async fn start(self, group: &Group) -> Result<Launched, LaunchError> {
        let place = Place::of(self.url.as_deref())?;
        let tail = Tail::default();
        let ends = Arc::<Mutex<Vec<Ended>>>::default();
        let stop = CancellationToken::new();
        let command = self.command.iter().map(|word| word.replace("{port}", &place.port.to_string())).collect();
        let keeper =
            Keeper { command, port: place.port, tail: tail.clone(), ends: Arc::clone(&ends), group: group.clone() };
        let first = keeper.spawn().map_err(LaunchError::Program)?;
        let keeper = tokio::spawn(keeper.keep(first, stop.clone()));
        // If nobody waits for the server any more, it is not started again.
        let guard = stop.clone().drop_guard();
        let launched = Launched { url: place.url.clone(), stop, keeper, ends };
        match launched.ready(&self.ready, &place, &tail, self.patience).await {
            Ok(()) => {
                guard.disarm();
                Ok(launched)
            }
            Err(error) => {
                launched.end().await;
                Err(error)
            }
        }
    }
}

impl Launched {
    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends the server with all that it started. Returns how it ended by itself before, each time.
    pub async fn end(self) -> Vec<Ended> {
        self.stop.cancel();
        // A panic of the task has been reported where it happened.
        let _ = self.keeper.await;
        std::mem::take(&mut *self.ends.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn ready(&self, ready: &Ready, place: &Place, tail: &Tail, patience: Duration) -> Result<(), LaunchError> {
        let started = async {
            loop {
                let is_ready = match ready {
                    Ready::Listening => TcpStream::connect((place.host.as_str(), place.port)).await.is_ok(),
                    Ready::Says(text) => tail.text().contains(text),
                };
                if let Some(ended) = self.ends.lock().unwrap_or_else(PoisonError::into_inner).first() {
                    return Err(LaunchError::Ended(ended.clone()));
                }
                if is_ready {
                    return Ok(());
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        let late = || {
            let awaited = match ready {
                Ready::Listening => format!("listen on {}:{}", place.host, place.port),
                Ready::Says(text) => format!("write {text:?}"),
            };
            LaunchError::Late { awaited, patience, last: tail.text() }
        };
        tokio::time::timeout(patience, started).await.unwrap_or_else(|_| Err(late()))
    }
}

/// Where a server listens.
#[derive(Debug)]
struct Place {
    url: String,
    host: String,
    port: u16,
}

impl Place {
    fn of(url: Option<&str>) -> Result<Self, LaunchError> {
        let Some(url) = url else {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
            let port = free.map_err(|error| LaunchError::Port(error.to_string()))?.port();
            return Ok(Self { url: format!("http://127.0.0.1:{port}"), host: "127.0.0.1".to_owned(), port });
        };
        let parsed = Url::parse(url).ok();
        let place = parsed.as_ref().and_then(|url| Some((url.host_str()?, url.port_or_known_default()?)));
        let (host, port) = place.ok_or_else(|| LaunchError::Url(url.to_owned()))?;
        // An IPv6 address stands between brackets in a URL, and without them elsewhere.
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { url: url.to_owned(), host, port })
    }
}
