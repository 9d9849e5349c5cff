//! The survey: finds out what a server offers, before it is judged.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`Survey`], and how one is taken |
//! | `service.rs`, `absence.rs`, `trap.rs` | what is found: a path that is served, one that is not, and warnings |
//! | `feature.rs` | what the user of the command states about the server; this overrides what is found |
//! | `show.rs` | the output of `siospec check`, and the first lines of a report |
//! | `path.rs` | all questions about one path, asked at the same time |
//! | `handshake.rs`, `application.rs`, `timers.rs`, `extras.rs` | the questions |
//! | `cluster.rs` | what clients can have a server do with its cluster, which is asked before cases about several servers |
//! | `session.rs`, `open.rs` | a session of a correct client, and the open packet |
//!
//! It takes about as long as the longest timer that it waits for: a second against the contract's servers, three
//! against most others, and about ten on a path that does not answer.

mod absence;
mod application;
mod cluster;
mod extras;
mod feature;
mod handshake;
mod millis;
mod open;
mod path;
mod service;
mod session;
mod show;
mod timers;
mod trap;

use std::fmt;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

pub use absence::Absence;
pub use cluster::operations;
pub use feature::{Feature, Overrules, Said, Time};
pub use path::LONGEST_TIMER;
pub(crate) use path::at_same_end;
pub use service::{Application, Distance, FirstPing, Offered, Service, Timer};
pub use trap::Trap;

use crate::contract::Kind;
use crate::party::network::Target;
use millis::optional as optional_millis;

/// What was found out about a server.
///
/// Its `Display` is one screen of text; [`brief`](Self::brief) is the same in two lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Survey {
    /// The server's URL.
    pub server: String,
    /// What is on the path of the Engine.IO echo application.
    pub engine: Finding,
    /// What is on the path of Socket.IO.
    pub socket: Finding,
    /// The network's delay to the server.
    pub distance: Distance,
    /// What the user stated about the server; this overrides what was found.
    pub overrules: Overrules,
    /// How long the survey took.
    #[serde(with = "millis")]
    pub duration: Duration,
}

/// What is on one path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// It was not asked.
    NotAsked {
        /// The path.
        path: String,
        /// Why not.
        why: String,
    },
    /// Engine.IO 4 is not spoken there.
    Absent {
        /// The path.
        path: String,
        /// How it answers.
        absence: Absence,
    },
    /// Engine.IO 4 is spoken there.
    Served(Box<Service>),
}

impl Finding {
    /// What is served there, or `None`.
    #[must_use]
    pub fn service(&self) -> Option<&Service> {
        match self {
            Self::Served(service) => Some(service),
            Self::NotAsked { .. } | Self::Absent { .. } => None,
        }
    }

    /// Adds a note if the server is so far away that no client can answer its pings in time.
    //= EIO4-HB-04
    fn judge_distance(&mut self, Distance { round_trip, .. }: Distance) {
        if let Self::Served(service) = self
            && let Some(timeout) = service.ping_timeout.filter(|timeout| *timeout <= round_trip && !timeout.is_zero())
        {
            service.traps.push(Trap::TooFar { round_trip, timeout });
        }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::NotAsked { path, .. } | Self::Absent { path, .. } => path,
            Self::Served(service) => &service.path,
        }
    }
}

/// What to find out about a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Everything.
    Everything,
    /// Everything except the application.
    AllButApplication {
        /// Why the application is left out.
        why: String,
    },
    /// Nothing.
    Nothing {
        /// Why not.
        why: String,
    },
}

/// What to find out about a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Questions {
    /// The path of the Engine.IO echo application, and what to ask there.
    pub engine: (Target, Ask),
    /// The path of Socket.IO, and what to ask there.
    pub socket: (Target, Ask),
}

/// Why the survey failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// No connection is possible.
    Unreachable {
        /// The server.
        server: String,
        /// The network error.
        reason: String,
    },
    /// The server answers, but none of the paths serves Engine.IO 4.
    NotServed(Box<Survey>),
    /// An application is expected there, and does not answer.
    Unanswered {
        /// The server and path.
        url: String,
        /// Which application was looked for.
        kind: Kind,
    },
}

impl Survey {
    /// Surveys a server. Both paths are asked at the same time.
    ///
    /// # Errors
    ///
    /// [`Refusal`], if no path is served. If only one path is not served, that is part of the survey.
    pub async fn take(questions: &Questions, overrules: Overrules) -> Result<Self, Refusal> {
        let started = Instant::now();
        let (engine, socket) = (&questions.engine, &questions.socket);
        let server = socket.0.to_string();
        let server = server.strip_suffix(socket.0.path()).unwrap_or(&server).to_owned();
        if let Err(reason) = socket.0.reach().await {
            return Err(Refusal::Unreachable { server, reason });
        }
        let ((mut engine, near), (mut socket, far)) =
            tokio::join!(ask(engine, Kind::Engine), ask(socket, Kind::Socket));
        // Both are measured at the same time and may delay each other.
        let distance = [near, far].into_iter().flatten().min_by_key(|distance| distance.round_trip).unwrap_or_default();
        engine.judge_distance(distance);
        socket.judge_distance(distance);
        let survey = Self { server, engine, socket, distance, overrules, duration: started.elapsed() };
        match (survey.engine.service(), survey.socket.service()) {
            (None, None) => Err(Refusal::NotServed(Box::new(survey))),
            _ => Ok(survey),
        }
    }

    /// What was found on the path of an application.
    #[must_use]
    pub const fn finding(&self, kind: Kind) -> &Finding {
        match kind {
            Kind::Engine => &self.engine,
            Kind::Socket => &self.socket,
        }
    }

    /// Fails if the application does not answer. Otherwise a server on which nothing works would pass, because hardly
    /// any case applies to it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unanswered`].
    pub fn answers(&self, kind: Kind) -> Result<(), Refusal> {
        let silent = |application: &Application| match application {
            Application::Silent => true,
            // A Socket.IO server may close the session after data that is not a Socket.IO packet.
            Application::Closed(_) => kind == Kind::Socket,
            _ => false,
        };
        let said = matches!(self.overrules.about(Feature::of(kind)), Some(Said::Offered { .. }));
        match self.finding(kind) {
            Finding::Served(service) if silent(&service.application) && !said => {
                Err(Refusal::Unanswered { url: format!("{}{}", self.server, service.path), kind })
            }
            _ => Ok(()),
        }
    }

    /// Everything that the reader of a report needs to know first: the traps, each with its path.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        let engine = self.engine.service().into_iter().flat_map(|service| &service.traps);
        let socket = self.socket.service().into_iter();
        let socket = socket.flat_map(|service| service.traps.iter().map(|trap| (service.path.as_str(), trap)));
        let on_both = |trap: &Trap| self.engine.service().is_some_and(|service| service.traps.contains(trap));
        let engine = engine.map(|trap| {
            let twice = self.socket.service().is_some_and(|service| service.traps.contains(trap));
            if twice { trap.to_string() } else { format!("{}: {trap}", self.engine.path()) }
        });
        let socket = socket.filter(move |(_, trap)| !on_both(trap)).map(|(path, trap)| format!("{path}: {trap}"));
        engine.chain(socket)
    }
}

#[cfg(test)]
impl Survey {
    /// A survey of the contract's servers.
    pub(crate) fn sample() -> Self {
        let served = |service| Finding::Served(Box::new(service));
        Self {
            server: "http://127.0.0.1:3000".to_owned(),
            engine: served(Service::sample("/engine.io/", Application::Echo)),
            socket: served(Service::sample("/socket.io/", Application::Contract)),
            distance: Distance { round_trip: Duration::from_micros(640), spread: Duration::from_millis(12) },
            overrules: Overrules::default(),
            duration: Duration::from_millis(1310),
        }
    }
}

async fn ask((target, ask): &(Target, Ask), kind: Kind) -> (Finding, Option<Distance>) {
    match ask {
        Ask::Nothing { why } => {
            let finding = Finding::NotAsked { path: target.path().to_owned(), why: why.clone() };
            (finding, None)
        }
        Ask::AllButApplication { why } => path::survey(target, kind, Some(why.as_str())).await,
        Ask::Everything => path::survey(target, kind, None).await,
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { server, reason } => {
                write!(f, "{server} cannot be reached: {reason}; is the server running, and the port right?")
            }
            Self::Unanswered { url, kind: Kind::Engine } => write!(
                f,
                "{url} answers no message; is the echo application running? --without echo leaves out the cases that need it"
            ),
            Self::Unanswered { url, kind: Kind::Socket } => write!(
                f,
                "{url} does not answer CONNECT; is the application running? --without contract leaves out the cases that \
                 need it"
            ),
            Self::NotServed(survey) => {
                let (socket, engine) = (&survey.socket, &survey.engine);
                let Finding::Absent { path, absence } = socket else {
                    return match engine {
                        Finding::Absent { path, absence } => not_served(f, &survey.server, path, absence),
                        _ => f.write_str("no path was asked"),
                    };
                };
                match engine {
                    // A fault that both paths have is reported once.
                    Finding::Absent { path: other, absence: differs } if !differs.is_like(absence) => {
                        not_served(f, &survey.server, path, absence)?;
                        write!(f, "; on {other}, {differs}")
                    }
                    _ => not_served(f, &survey.server, path, absence),
                }
            }
        }
    }
}

fn not_served(f: &mut fmt::Formatter<'_>, server: &str, path: &str, absence: &Absence) -> fmt::Result {
    write!(f, "{server}{path} is not an Engine.IO 4 server: {absence}")?;
    absence.advice().into_iter().try_for_each(|advice| write!(f, "; {advice}"))
}
