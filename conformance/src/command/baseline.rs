//! `siospec baseline`.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use time::{Date, OffsetDateTime};

use super::{Failure, out, saved};
use crate::aliases::Aliases;
use crate::replay::visible;
use crate::report::baseline::{Baseline, Checked, Entry, Match};
use crate::report::results::{Judgement, Results};

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
    Init(Written),
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

impl Baselines {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let (baseline, results) = match self.action {
            Action::Init(written) => init(&written)?,
            Action::Update(written) => update(&written)?,
            Action::Verify(files) => (read(&files.baseline)?, saved::read(&files.results)?),
        };
        let (page, code) = judged(&baseline, &results);
        // The exit code reports the judgement, even if standard output is closed.
        let _ = out::write(&page);
        Ok(ExitCode::from(code))
    }
}

fn init(written: &Written) -> Result<(Baseline, Results), Failure> {
    let path = &written.files.baseline;
    let results = saved::read(&written.files.results)?;
    let made = Baseline::default().updated(&results, &Aliases::known(), today(), &written.reason);
    // Reasons that people wrote are not overwritten.
    let mut file = File::create_new(path).map_err(|error| unwritable(path, &error))?;
    file.write_all(made.to_string().as_bytes()).map_err(|error| unwritable(path, &error))?;
    Ok((made, results))
}

fn update(written: &Written) -> Result<(Baseline, Results), Failure> {
    let path = &written.files.baseline;
    let old = read(path)?;
    let results = saved::read(&written.files.results)?;
    let new = old.updated(&results, &Aliases::known(), today(), &written.reason);
    if new != old {
        fs::write(path, new.to_string()).map_err(|error| unwritable(path, &error))?;
    }
    Ok((new, results))
}

/// Reads a baseline.
pub(super) fn read(path: &Path) -> Result<Baseline, Failure> {
    let name = visible(&path.display().to_string());
    let text = fs::read_to_string(path).map_err(|error| Failure::usage(format!("{name} cannot be read: {error}")))?;
    Baseline::parse(&name, &text).map_err(Failure::usage)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("the baseline {} cannot be written: {error}", visible(&path.display().to_string())))
}

fn today() -> Date {
    OffsetDateTime::now_utc().date()
}

/// The judgement on a run by a baseline for a reader, and its exit code.
pub(super) fn judged(baseline: &Baseline, results: &Results) -> (String, u8) {
    let aliases = Aliases::known();
    let checked = baseline.check(results, &aliases, today());
    let mut page = page(&checked);
    let no_case = results.end.reason.as_ref().filter(|_| results.end.judgement == Judgement::Failed);
    if let Some(reason) = no_case {
        let _ = writeln!(page, "the run failed also for another reason: {}", visible(reason));
    }
    let code = match results.end.judgement {
        Judgement::Passed | Judgement::Failed if !checked.unexpected.is_empty() || no_case.is_some() => 1,
        Judgement::Failed if results.end.totals.failing == 0 => {
            let _ = writeln!(page, "the run failed, although no case fails it: none was judged");
            1
        }
        Judgement::Passed | Judgement::Failed if checked.stale().next().is_some() => 4,
        Judgement::Passed | Judgement::Failed => 0,
        other => {
            let _ = writeln!(page, "the run has no judgement: {}", other.as_str());
            3
        }
    };
    (page, code)
}

fn page(checked: &Checked<'_>) -> String {
    let of = |wanted: Match| checked.matches.iter().filter(move |(.., found)| *found == wanted);
    let (known, passed) = (of(Match::Known).count(), of(Match::UnexpectedPass).count());
    let unexpected = checked.unexpected.len();
    let mut page =
        format!("{known} as expected, {unexpected} not expected, {passed} passed although a failure is expected\n");
    for case in &checked.unexpected {
        let entry = checked.matches.iter().find(|(_, of, _)| of.id == case.id);
        let why = entry.map(|(entry, _, found)| contrast(entry, *found)).unwrap_or_default();
        let _ = writeln!(page, "  not expected: {}: {}{why}", visible(&case.id), visible(&case.message()));
    }
    for (entry, ..) in of(Match::UnexpectedPass) {
        let _ = writeln!(page, "  passed: {}; remove its entry ({})", visible(&entry.case), visible(&entry.reason));
    }
    for (entry, ..) in of(Match::Known) {
        let _ = writeln!(page, "  as expected: {} ({})", visible(&entry.case), visible(&entry.reason));
    }
    for entry in checked.absent.iter().copied().chain(of(Match::Unseen).map(|(entry, ..)| *entry)) {
        let _ = writeln!(page, "  not judged in this run: {}", visible(&entry.case));
    }
    page
}

/// How an entry and what was found differ.
fn contrast(entry: &Entry, found: Match) -> String {
    match (found, entry.until) {
        (Match::Expired, Some(day)) => format!("; its entry was valid until {day}"),
        (Match::Differs, _) => format!("; its entry expects {}", entry.verdict.as_str()),
        _ => String::new(),
    }
}
