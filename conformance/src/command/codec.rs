//! `siospec codec`.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::runtime::Handle;

use super::{Failure, interrupt, out};
use crate::adapter::{self, Settings};
use crate::cases;
use crate::launch::Group;
use crate::report::codec as page;
use crate::run::Judgement;

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Codec {
    /// Vectors: a format, a folder of vectors or a glob, such as sio5, sio5/decode or eio4-*/encode; `!` before one leaves these out
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// The command that starts the adapter, with its arguments
    #[arg(last = true, required_unless_present = "schema", value_name = "ADAPTER")]
    adapter: Vec<String>,
    /// How long an answer may take, 1 to 600
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// How long the run may take; vectors that were not played by then are reported, and fail the run
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    max_time: u64,
    /// Show where the codec differs from the reference although it may, too
    #[arg(long, short)]
    verbose: bool,
    /// Print the JSON Schema of the lines that an adapter reads or writes
    #[arg(long, value_enum, value_name = "LINES", conflicts_with = "adapter")]
    schema: Option<Schema>,
}

/// The lines that a schema describes.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Schema {
    /// What an adapter reads
    Request,
    /// What an adapter writes
    Answer,
}

const EXIT_CODES: &str = "\
Exit codes: 0 no vector failed, and at least one was judged; 1 otherwise, also if the adapter ends, hangs, writes garbage or answers in \
another order; 2 bad usage; 3 the adapter cannot be started or does not introduce itself, or no vector applies to its codec; 130 \
interrupted (Ctrl-C or SIGTERM), after telling what is known.";

impl Codec {
    pub(super) fn execute(self, runtime: &Handle) -> Result<ExitCode, Failure> {
        if let Some(schema) = self.schema {
            let text = match schema {
                Schema::Request => adapter::REQUEST_SCHEMA,
                Schema::Answer => adapter::ANSWER_SCHEMA,
            };
            return Ok(out::write(text).code());
        }
        let vectors =
            adapter::embedded().map_err(|error| Failure::usage(format!("the vectors cannot be read: {error}")))?;
        let vectors = cases::select(vectors, &self.selectors).map_err(Failure::usage)?;
        let group = Group::default();
        let settings = Settings {
            command: self.adapter,
            patience: Duration::from_secs(self.timeout),
            max_time: Duration::from_secs(self.max_time),
            group: group.clone(),
        };
        let stop = {
            let _entered = runtime.enter();
            interrupt::stop_or(move || group.kill())
        };
        let report = adapter::run(vectors, &settings, &stop).map_err(Failure::unreachable)?;
        // The exit code reports the verdict, even if standard output is closed.
        let _ = out::write(&page::text(&report, self.verbose));
        let judgement = report.judgement();
        if judgement == Judgement::Nothing {
            out::complain("nothing was judged: none of the chosen vectors applies to this codec");
        }
        Ok(ExitCode::from(judgement.code()))
    }
}
