//! The command line: one module per sub-command.
//!
//! A command that cannot do its work ends with the exit code of its `Failure`. The exit code of a run that was judged
//! is `Judgement::code` in `run/report.rs`.

mod adapter;
mod agents;
mod baseline;
mod case;
mod check;
mod client;
mod cluster;
mod codec;
mod config;
mod coverage;
mod decode;
mod desk;
mod diff;
mod explain;
mod inspect;
mod inspected;
mod interrupt;
mod list;
mod listen;
mod manual;
mod offer;
mod out;
mod place;
mod playing;
mod precedence;
mod proxy;
mod recipe;
mod record;
mod recorded;
mod recordings;
mod replay;
mod report;
mod reports;
mod run;
mod saved;
mod selection;
mod serve;
mod settings;
mod signals;
mod whole;

use std::ffi::OsString;
use std::num::NonZero;
use std::process::ExitCode;
use std::{io, thread};

use clap::{Parser, Subcommand, ValueEnum};
use tokio::runtime::{self, Runtime};

use selection::Selection;

/// Tests Engine.IO and Socket.IO implementations against the protocols and the JavaScript reference.
#[derive(Debug, Parser)]
#[command(name = "siospec", version, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Whether the output has colours; auto: if it goes to a terminal, and NO_COLOR is not set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    color: Color,
}

/// Whether the output has colours.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Color {
    /// If it goes to a terminal, and NO_COLOR is not set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    fn apply(self) {
        let are_wanted = match self {
            Self::Auto => return,
            Self::Always => true,
            Self::Never => false,
        };
        console::set_colors_enabled(are_wanted);
        console::set_colors_enabled_stderr(are_wanted);
    }
}

const EXIT_CODES: &str = "\
Exit codes of `siospec run`; `siospec COMMAND --help` shows those of the other commands:
  0    nothing at the gate is broken, at least one case was judged, and none was lost
  1    otherwise
  2    bad usage, or a file that cannot be read
  3    the server cannot be reached, is no Engine.IO 4 server, answers nothing, or went away for good; or no case applies to it
  4    only with --baseline: nothing else is wrong, but a case passed that is expected to fail
  130  interrupted (Ctrl-C or SIGTERM), after telling what is known";

/// The exit codes of a command that only shows something.
const NO_RUN: &str =
    "Exit codes: 0 it was shown; 1 standard output cannot be written; 2 bad usage, or a trace that cannot be read.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Play cases against a server, or against the embedded reference server if no URL is given
    Run(run::Run),
    /// Play cases against a client, which a driver uses
    Client(client::Client),
    /// Play recorded vectors against a codec, through an adapter that reads and writes lines of JSON
    Codec(codec::Codec),
    /// Be the adapter of our own codec, on standard input and output
    Adapter(adapter::Adapter),
    /// Find out what a server is: paths, transports, times, limits, application
    Check(check::Check),
    /// Run the embedded reference server, for authors of clients
    Serve(serve::Serve),
    /// Play the client's half of cases against a server and write the server's half; or record real clients
    Record(record::Record),
    /// Stand between clients and a server: show and judge their sessions while they go on
    Proxy(proxy::Proxy),
    /// Play the client's half of traces and recordings against a server, and judge its half
    Replay(replay::Replay),
    /// Show the cases: id, level, title, requirement ids
    List(list::List),
    /// Compare two reports of runs: which faults were introduced, which are fixed
    Diff(diff::Diffs),
    /// Show reports of runs as a page: those of several implementations side by side
    Report(report::Report),
    /// Keep a file of expected failures, and judge runs by it
    Baseline(baseline::Baselines),
    /// Explain frames: how each layer reads them, and where the first fault is
    Decode(decode::Decode),
    /// Judge recordings of browsers and proxies: which side broke which requirement, when
    Inspect(inspect::Inspect),
    /// Explain a requirement: its sentence, level and basis, its cases, and where it was broken in practice
    Explain(explain::Explain),
    /// Print a script that completes this command's words in a shell
    Completions(manual::Completions),
    /// Print a manual page, for `man -l -`
    Man(manual::Manual),
    /// Show for each chapter of the requirements how many the cases cover, and which they do not
    Coverage(coverage::Coverages),
}

/// An error of a command, with its exit code.
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

/// Runs a command line, whose first word is the name of the program. Options that it does not have come from `siospec.toml`.
/// Help and bad usage end the process at once.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    match config::parse(words.into_iter().collect()) {
        Ok(cli) => cli.execute(),
        Err(failure) => complain(failure),
    }
}

/// Checks the text of a `siospec.toml`: all of its sections, whatever command they are for.
///
/// # Errors
///
/// One sentence with the file, the line and the key.
///
/// ```
/// use siospec::command::check_configuration;
///
/// assert!(check_configuration("[run]\nrepeat = 3\n").is_ok());
/// assert!(check_configuration("[run]\nrepeat = \"often\"\n").is_err_and(|fault| fault.starts_with("siospec.toml:2: ")));
/// ```
pub fn check_configuration(text: &str) -> Result<(), String> {
    config::check(text)
}

impl Cli {
    fn execute(self) -> ExitCode {
        self.color.apply();
        let runtime = match self.command.runtime() {
            Ok(runtime) => runtime,
            Err(error) => return complain(Failure::unreachable(format!("the runtime does not start: {error}"))),
        };
        let result = match self.command {
            Command::Run(run) => runtime.block_on(run.execute()),
            Command::Client(client) => client.execute(runtime.handle()),
            Command::Codec(codec) => codec.execute(runtime.handle()),
            Command::Adapter(adapter) => adapter.execute(),
            Command::Check(check) => runtime.block_on(check.execute()),
            Command::Serve(serve) => runtime.block_on(serve.execute()),
            Command::Record(record) => runtime.block_on(record.execute()),
            Command::Proxy(proxy) => runtime.block_on(proxy.execute()),
            Command::Replay(replay) => runtime.block_on(replay.execute()),
            Command::List(list) => list.execute(),
            Command::Report(report) => report.execute(),
            Command::Diff(diffs) => diffs.execute(),
            Command::Baseline(baselines) => baselines.execute(),
            Command::Decode(decode) => decode.execute(),
            Command::Inspect(inspect) => inspect.execute(),
            Command::Explain(explain) => explain.execute(),
            Command::Completions(completions) => completions.execute(),
            Command::Man(manual) => manual.execute(),
            Command::Coverage(coverage) => coverage.execute(),
        };
        // Ends connections that the server still holds open.
        runtime.shutdown_background();
        result.unwrap_or_else(complain)
    }
}

impl Command {
    /// One thread for each processor. On a single one, a server's tasks run on the thread that waits for it: it has nothing
    /// else to do. Other commands wait for something else.
    fn runtime(&self) -> io::Result<Runtime> {
        match (self, thread::available_parallelism()) {
            (Self::Serve(_), Ok(NonZero::<usize>::MIN)) => runtime::Builder::new_current_thread().enable_all().build(),
            _ => Runtime::new(),
        }
    }
}

fn complain(failure: Failure) -> ExitCode {
    out::complain(&failure.message);
    ExitCode::from(failure.code)
}

/// Splits the words into an optional URL at the beginning, and selectors.
fn split(words: &[String]) -> Result<(Option<&String>, &[String]), Failure> {
    match words.split_first() {
        Some((url, selectors)) if url.contains("://") => Ok((Some(url), selectors)),
        // For example an unset shell variable where a URL or a selector was expected.
        _ if words.iter().any(String::is_empty) => {
            Err(Failure::usage("an argument is empty, where the server's URL or a selector of cases is expected"))
        }
        // `localhost:3000` was probably meant as a URL, since no case id has a colon.
        Some((almost, _)) if almost.contains(':') => {
            Err(Failure::usage(format!("{almost:?} is not a server's URL: it is not of the form http://host:port")))
        }
        _ => Ok((None, words)),
    }
}
