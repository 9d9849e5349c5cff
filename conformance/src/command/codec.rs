//! `siospec codec`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::runtime::Handle;

use super::reports::{Wanted, now};
use super::{Failure, baseline, interrupt, out};
use crate::adapter::{self, Plan, Settings, Vector};
use crate::cases;
use crate::launch::Group;
use crate::report::codec as page;
use crate::report::results::CodecContext;
use crate::run::{CancellationToken, Gate, Judgement};
use crate::values::DEFAULT_SEED;

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Codec {
    /// Vectors: a format, a folder of vectors, a glob or a requirement id, such as sio5, sio5/decode, eio4-*/encode or SIO5-PKT-07;
    /// `!` before one leaves these out
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    /// The command that starts the adapter, with its arguments. With --diff, a second `--` and the command of the other adapter
    #[arg(last = true, required_unless_present = "schema", value_name = "ADAPTER")]
    adapter: Vec<String>,
    /// How long an answer may take, 1 to 600
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// How long the run may take; vectors that were not played by then are reported, and fail the run
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    max_time: u64,
    /// The lowest level whose broken rules fail the run; all vectors are played and reported. What is expected for the reference's
    /// sake alone has the level reference
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t)]
    gate: Gate,
    /// Judge the run by this baseline of expected failures, as `siospec run` does
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    reports: Wanted,
    /// Compare the decoders of two codecs, `-- ONE -- OTHER`, over the recorded inputs and inputs made from them, and show the smallest
    /// inputs that they read differently. If no other is given, it is our own codec
    #[arg(help_heading = "Comparison", long, conflicts_with_all = ["gate", "baseline", "kinds"])]
    diff: bool,
    /// With --diff: how many inputs are made
    #[arg(help_heading = "Comparison", long, value_name = "N", requires = "diff", default_value_t = 2000)]
    generated: usize,
    /// With --diff: the seed of these inputs
    #[arg(help_heading = "Comparison", long, value_name = "N", requires = "diff", default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// Show where the codec differs from the reference although it may, too
    #[arg(help_heading = "Output", long, short)]
    verbose: bool,
    /// Print the JSON Schema of the lines that an adapter reads or writes
    #[arg(help_heading = "Output", long, value_enum, value_name = "LINES", conflicts_with = "adapter")]
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
Exit codes: 0 nothing at the gate is broken, and at least one vector was judged (with --diff: nothing was read differently); 1 otherwise, also if the adapter ends, hangs, writes garbage or answers in \
another order; 4 with a baseline: nothing else is wrong, but a vector passed that is expected to fail; 2 bad usage, or a file that cannot be read; 3 the adapter cannot be started or does not introduce itself, or no vector applies to its codec; 130 \
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
        if self.diff {
            return self.compare(&vectors, runtime);
        }
        self.judge(vectors, runtime)
    }

    fn judge(&self, vectors: Vec<Vector>, runtime: &Handle) -> Result<ExitCode, Failure> {
        // A fault in it is noticed before the run.
        let judge = self.baseline.as_deref().map(baseline::judge).transpose()?;
        if let Some(judge) = &judge {
            baseline::fit(judge, &adapter::suite().map_err(Failure::usage)?)?;
        }
        let settings = self.settings(self.adapter.clone());
        let stop = stop(runtime, [settings.group.clone()]);
        let reports = self.reports.open()?;
        let context = CodecContext { started: now(), gate: self.gate, adapter: self.adapter.clone() };
        let report = match adapter::run(vectors, &settings, &stop) {
            Ok(report) => report,
            Err(fault) => {
                reports.finish(&context.without_cases(&fault.to_string()));
                return Err(Failure::unreachable(fault));
            }
        };
        let results = baseline::judged(judge.as_ref(), context.results(&report));
        let text = || page::text(&report, &results, self.verbose);
        let nothing = "nothing was judged: none of the chosen vectors applies to this codec";
        Ok(reports.conclude(&results, text, nothing))
    }

    fn compare(&self, vectors: &[Vector], runtime: &Handle) -> Result<ExitCode, Failure> {
        let mut commands = self.adapter.splitn(2, |word| word == "--");
        let one = commands.next().unwrap_or_default().to_vec();
        let other = match commands.next() {
            Some(other) => other.to_vec(),
            None => own().map_err(|error| Failure::unreachable(format!("our own codec cannot be started: {error}")))?,
        };
        if one.is_empty() || other.is_empty() {
            return Err(Failure::usage("a command is missing: the form is `siospec codec --diff -- ONE -- OTHER`"));
        }
        let (one, other) = (self.settings(one), self.settings(other));
        let stop = stop(runtime, [one.group.clone(), other.group.clone()]);
        let plan = Plan { seed: self.seed, generated: self.generated };
        let comparison = adapter::compare(vectors, [&one, &other], plan, &stop).map_err(Failure::unreachable)?;
        // The exit code reports the verdict, even if standard output is closed.
        let _ = out::write(&page::comparison(&comparison));
        let judgement = comparison.judgement();
        if judgement == Judgement::Nothing {
            out::complain("nothing was compared: the codecs have none of the chosen formats in common");
        }
        Ok(ExitCode::from(judgement.code()))
    }

    fn settings(&self, command: Vec<String>) -> Settings {
        Settings {
            command,
            patience: Duration::from_secs(self.timeout),
            max_time: Duration::from_secs(self.max_time),
            group: Group::default(),
        }
    }
}

/// The command of our own adapter.
fn own() -> std::io::Result<Vec<String>> {
    let program = std::env::current_exe()?;
    Ok(vec![program.to_string_lossy().into_owned(), "adapter".to_owned()])
}

/// A token for the first signal. The second one ends the adapters, too.
fn stop<const N: usize>(runtime: &Handle, groups: [Group; N]) -> CancellationToken {
    let _entered = runtime.enter();
    interrupt::stop_or(move || groups.iter().for_each(Group::kill))
}
