//! `siospec baseline`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use time::OffsetDateTime;

use super::recipe::Service;
use super::{Failure, out, saved, whole};
use crate::adapter;
use crate::aliases::Aliases;
use crate::cases::{self, Named};
use crate::replay::visible;
use crate::report::baseline::{Baseline, Judge};

pub(super) use crate::report::baseline::{judged, page, with_page};
use crate::report::results::{Judgement, Results, Target};

/// What follows the list of options.
const CODES: &str = "\
Exit codes: 0 all failures are expected (verify), or the file was written and leaves out none (init, update); 1 a failure is not expected, \
an entry is expired, or the run failed for a reason that is no case's; 2 a file cannot be read or written, or the baseline has a fault; \
3 the run did not come to its end, or judged nothing; 4 nothing else is wrong, but a case passed that is expected to fail.";

#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(super) struct Baselines {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write a new baseline that expects the failures of a run. Crashes are left out; they stay unexpected
    Init(Begun),
    /// Bring a baseline up to date with a run: reasons are kept, entries whose cases passed are removed, and failures are
    /// added. Crashes are not added, and an entry for another failure does not become one for a crash
    Update(Written),
    /// Judge a run by a baseline
    Verify(Files),
}

#[derive(Debug, Args)]
struct Files {
    /// The baseline, a TOML file with a table [[expect]] for each case
    baseline: PathBuf,
    /// The report of the run, from --report json=FILE
    results: PathBuf,
}

#[derive(Debug, Args)]
struct Written {
    #[command(flatten)]
    files: Files,
    /// Why the failures that are added are accepted for now
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: String,
}

#[derive(Debug, Args)]
struct Begun {
    #[command(flatten)]
    written: Written,
    /// Also write a workflow that starts the server with CMD and judges it by the baseline, at each push. Both files have to
    /// be committed
    #[arg(long, value_enum, value_name = "SERVICE", requires = "command")]
    recipe: Vec<Service>,
    /// The command that starts the server, with its arguments; {port} becomes the port, as the variable PORT has it
    #[arg(last = true, value_name = "CMD", requires = "recipe")]
    command: Vec<String>,
}

impl Baselines {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let (judge, results) = match self.action {
            Action::Init(begun) => init(&begun)?,
            Action::Update(written) => update(&written)?,
            Action::Verify(files) => fitting(&files)?,
        };
        let results = judge.results(results);
        // The exit code reports the judgement, even if standard output is closed.
        let _ = out::write(&page(&results));
        Ok(ExitCode::from(match results.end.judgement {
            judgement if judgement.is_whole() => judgement.code(),
            _ => Judgement::Nothing.code(),
        }))
    }
}

fn init(begun: &Begun) -> Result<(Judge, Results), Failure> {
    let written = &begun.written;
    let path = &written.files.baseline;
    let results = saved::read(&written.files.results)?;
    let made = judge_by(path, Baseline::default()).updated(&results, &written.reason);
    // Reasons that people wrote are not overwritten.
    whole::create(path, &made.to_string()).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::usage(format!(
            "the baseline {} cannot be written: it exists; `siospec baseline update` brings it up to date",
            visible(&path.display().to_string())
        )),
        _ => unwritable(path, &error),
    })?;
    for service in &begun.recipe {
        service.write(path, &begun.command).map_err(|error| {
            Failure::usage(format!("the workflow {} cannot be written: {error}", service.path().display()))
        })?;
    }
    Ok((judge_by(path, made), results))
}

fn update(written: &Written) -> Result<(Judge, Results), Failure> {
    let path = &written.files.baseline;
    let (old, results) = fitting(&written.files)?;
    let new = old.updated(&results, &written.reason);
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let changed = new.written_over(&old.baseline, &text);
    if changed != text {
        whole::replace(path, &changed).map_err(|error| unwritable(path, &error))?;
    }
    Ok((judge_by(path, new), results))
}

/// Reads both files. The entries are checked against the suite, unless the run had traces of its own.
fn fitting(files: &Files) -> Result<(Judge, Results), Failure> {
    let judge = judge(&files.baseline)?;
    let results = saved::read(&files.results)?;
    match &results.run.target {
        _ if results.run.traces.is_some() => {}
        Target::Codec { .. } => fit(&judge, &adapter::suite().map_err(Failure::usage)?)?,
        Target::Server { .. } | Target::Client { .. } => fit(&judge, &cases::embedded().map_err(Failure::usage)?)?,
    }
    Ok((judge, results))
}

/// Checks the entries against the suite, and warns of old ids.
pub(super) fn fit(judge: &Judge, suite: &[impl Named]) -> Result<(), Failure> {
    let notes = judge.baseline.fit(&visible(&judge.file), suite, &judge.aliases).map_err(Failure::usage)?;
    notes.iter().for_each(|note| out::complain(note));
    Ok(())
}

/// Reads a baseline.
pub(super) fn judge(path: &Path) -> Result<Judge, Failure> {
    let name = visible(&path.display().to_string());
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    Ok(judge_by(path, Baseline::parse(&name, &text).map_err(Failure::usage)?))
}

fn judge_by(path: &Path, baseline: Baseline) -> Judge {
    let today = OffsetDateTime::now_utc().date();
    Judge { file: path.display().to_string(), baseline, aliases: Aliases::known(), today }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("{} cannot be read: {error}", visible(&path.display().to_string())))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("the baseline {} cannot be written: {error}", visible(&path.display().to_string())))
}
