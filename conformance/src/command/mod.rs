//! The command line: one module per sub-command.

mod decode;
mod interrupt;
mod list;
mod out;
mod place;
mod record;
mod run;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cases::{self, Case};
use crate::contract::Kind;
use crate::party::network::Target;
use crate::replay::Conditions;
use crate::run::{Offer, Refusal, Site};

/// Tells any Engine.IO or Socket.IO implementation where it departs from the protocol and from the JavaScript reference.
#[derive(Debug, Parser)]
#[command(name = "siospec", version, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 nothing at the gate is broken, at least one case was judged, and none was lost; 1 otherwise; 2 bad usage, or a trace that \
cannot be read; 3 the server cannot be reached, is no Engine.IO server, or went away for good, or no case applies to it; 130 interrupted \
(Ctrl-C), after telling what is known.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Play cases against a server, or against the embedded reference server if no URL is given
    Run(run::Run),
    /// Run the embedded reference server, for authors of clients
    Serve(serve::Serve),
    /// Play the client's half of cases against a server and write the server's half
    Record(record::Record),
    /// Show the cases: id, level, title, requirement ids
    List(list::List),
    /// Explain frames: what each layer makes of them, and where the first fault is
    Decode(decode::Decode),
}

/// What went wrong with a command, and its exit code.
#[derive(Debug)]
struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    fn usage(message: impl ToString) -> Self {
        Self { message: message.to_string(), code: 2 }
    }

    fn unreachable(message: impl ToString) -> Self {
        Self { message: message.to_string(), code: 3 }
    }
}

impl Cli {
    /// Carries out what the command line asks for.
    #[must_use]
    pub fn execute(self) -> ExitCode {
        let runtime = match tokio::runtime::Runtime::new() {
            Ok(runtime) => runtime,
            Err(error) => return report(Failure::unreachable(format!("the runtime does not start: {error}"))),
        };
        let result = match self.command {
            Command::Run(run) => runtime.block_on(run.execute()),
            Command::Serve(serve) => runtime.block_on(serve.execute()),
            Command::Record(record) => runtime.block_on(record.execute()),
            Command::List(list) => list.execute(),
            Command::Decode(decode) => decode.execute(),
        };
        // Whatever a server still holds open is not waited for.
        runtime.shutdown_background();
        result.unwrap_or_else(report)
    }
}

fn report(failure: Failure) -> ExitCode {
    out::complain(&failure.message);
    ExitCode::from(failure.code)
}

/// A URL in front, if there is one, and selectors behind.
fn split(words: &[String]) -> Result<(Option<&String>, &[String]), Failure> {
    match words.split_first() {
        Some((url, selectors)) if url.contains("://") => Ok((Some(url), selectors)),
        // `localhost:3000` is meant for a URL, and no case has a colon in its id.
        Some((almost, _)) if almost.contains(':') => {
            Err(Failure::usage(format!("{almost:?} is no server's URL: it is not of the form http://host:port")))
        }
        _ => Ok((None, words)),
    }
}

/// Which cases.
#[derive(Debug, Args)]
struct Selection {
    /// Read the traces below this folder instead of those that come with the command
    #[arg(long, value_name = "DIR")]
    traces: Option<PathBuf>,
}

impl Selection {
    /// The seed is that of the generated cases, which come with the command.
    fn cases(&self, selectors: &[String], seed: u64) -> Result<Vec<Case>, Failure> {
        let cases = match &self.traces {
            Some(folder) => cases::from_folder(folder),
            None => cases::embedded_with_seed(seed),
        };
        cases.and_then(|cases| cases::select(cases, selectors)).map_err(Failure::usage)
    }
}

/// Where the server is, and what of it is left out.
#[derive(Debug, Args)]
struct Paths {
    #[command(flatten)]
    place: place::Place,
    /// Leave out the cases that need this application; may be repeated
    #[arg(long, value_enum, value_name = "APPLICATION")]
    without: Vec<Application>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Application {
    /// The Engine.IO application that echoes every message
    Echo,
    /// The Socket.IO application of the public suites
    Contract,
}

impl Paths {
    /// Looks at the server before anything is judged.
    async fn survey(&self, url: &str, conditions: Conditions) -> Result<Site, Failure> {
        let (engine, socket) = self.place.targets(url)?;
        let engine_offer = self.offer(&engine, Kind::Engine).await.map_err(Failure::unreachable)?;
        let socket_offer = self.offer(&socket, Kind::Socket).await.map_err(Failure::unreachable)?;
        let site = Site { engine, socket, engine_offer, socket_offer, conditions };
        match (&site.engine_offer, &site.socket_offer) {
            (Offer::Absent { .. }, Offer::Absent { status, .. }) => {
                let refusal = Refusal::NotEngineIo { target: site.socket.clone(), status: *status };
                Err(Failure::unreachable(refusal))
            }
            _ => Ok(site),
        }
    }

    async fn offer(&self, target: &Target, kind: Kind) -> Result<Offer, Refusal> {
        let (application, name) = match kind {
            Kind::Engine => (Application::Echo, "echo"),
            Kind::Socket => (Application::Contract, "contract"),
        };
        let offer = crate::run::preflight(target).await?;
        if self.without.contains(&application) {
            return Ok(match offer {
                Offer::Served { upgrades } => Offer::ServedWithout { upgrades, why: format!("--without {name}") },
                absent @ (Offer::Absent { .. } | Offer::ServedWithout { .. }) => absent,
            });
        }
        if offer.is_served() {
            crate::run::contract(target, kind).await?;
        }
        Ok(offer)
    }
}
