//! The option `--report`, and the files that it names.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{Failure, out};
use crate::cases;
use crate::report::baseline::{Judge, with_page};
use crate::report::formats::jsonl::{Event, Stream};
use crate::report::formats::{Format, github};
use crate::report::results::{Case, Judgement, Results, Run};
use crate::report::{Progress, results::Context};
use crate::run::{Finished, Listener};

/// Which reports are written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct Wanted {
    /// The reports, separated by commas; may be repeated: human and github, which go to standard output, and json=FILE,
    /// jsonl=FILE, junit=FILE, html=FILE, markdown=FILE, sarif=FILE, tap=FILE and badge=FILE, where - is standard output. If this
    /// is given without human, nothing is printed for a person
    #[arg(long = "report", value_name = "KIND", value_delimiter = ',', default_value = "human", value_parser = kind)]
    kinds: Vec<Kind>,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// For a person.
    Human,
    /// Commands to GitHub Actions.
    Github,
    /// A file.
    File(Format, PathBuf),
}

/// The reports of a run, whose files are open.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// Whether the report for a person is wanted.
    pub(super) human: bool,
    github: Option<Github>,
    files: Vec<Open>,
}

#[derive(Debug)]
struct Github {
    /// The summary that GitHub shows of a step.
    summary: Option<Open>,
}

#[derive(Debug)]
struct Open {
    format: Format,
    to: To,
    /// What was written while the run goes on, in a format that allows it.
    stream: Option<Stream>,
}

#[derive(Debug)]
enum To {
    StandardOutput,
    File(PathBuf, File),
    /// An error was told; nothing more is written.
    Closed,
}

impl Wanted {
    /// Opens the files, so that one that cannot be written is noticed before the run.
    pub(super) fn open(&self) -> Result<Reports, Failure> {
        let mut reports = Reports::default();
        let mut seen: Vec<&Kind> = Vec::new();
        for kind in &self.kinds {
            let same = |other: &&&Kind| match (kind, **other) {
                (Kind::File(_, one), Kind::File(_, other)) => one == other,
                (one, other) => one == other,
            };
            if let Some(other) = seen.iter().find(same) {
                return Err(Failure::usage(match other {
                    Kind::File(_, path) => format!("two reports cannot both be written to {}", shown(path)),
                    Kind::Human | Kind::Github => "--report names the same report twice".to_owned(),
                }));
            }
            seen.push(kind);
            match kind {
                Kind::Human => reports.human = true,
                Kind::Github => reports.github = Some(Github { summary: step_summary()? }),
                Kind::File(format, path) => reports.files.push(Open::new(*format, path)?),
            }
        }
        let is_taken = reports.human || reports.github.is_some();
        match reports.files.iter().find(|file| matches!(file.to, To::StandardOutput)) {
            Some(file) if is_taken => Err(Failure::usage(format!(
                "{} cannot be written to standard output together with human or github; name a file instead of -",
                file.format.as_str()
            ))),
            _ => Ok(reports),
        }
    }
}

impl Wanted {
    /// Opens the files of several runs, the last one first. With more than one, `{n}` in their names is the number of the run.
    pub(super) fn open_each(&self, runs: usize) -> Result<Vec<Reports>, Failure> {
        if runs == 1 {
            return Ok(vec![self.open()?]);
        }
        let files = self.kinds.iter().filter_map(|kind| match kind {
            Kind::File(_, path) => Some(path.display().to_string()),
            Kind::Human | Kind::Github => None,
        });
        if let Some(path) = files.into_iter().find(|path| !path.contains(NUMBER)) {
            return Err(Failure::usage(format!(
                "{runs} agents need a report each: write {NUMBER} in the name of the file, as in {NUMBER}-{path}"
            )));
        }
        (1..=runs).rev().map(|run| self.numbered(run).open()).collect()
    }

    fn numbered(&self, run: usize) -> Self {
        let kinds = self.kinds.iter().map(|kind| match kind {
            Kind::File(format, path) => {
                Kind::File(*format, path.to_string_lossy().replace(NUMBER, &run.to_string()).into())
            }
            other => other.clone(),
        });
        Self { kinds: kinds.collect() }
    }
}

/// What stands for the number of a run in the name of a file.
const NUMBER: &str = "{n}";

impl Reports {
    /// Writes what is known when the run begins.
    pub(super) fn begin(&mut self, run: &Run) {
        for file in &mut self.files {
            if file.format == Format::Jsonl {
                file.stream = Some(Stream::default());
                file.write(&Event::Run(run.clone()).line());
            }
        }
    }

    fn case(&mut self, case: impl Fn() -> Case) {
        for file in &mut self.files {
            if let Some(stream) = &mut file.stream {
                let line = stream.case(case());
                file.write(&line);
            }
        }
    }

    /// Ends a run: writes all reports, `text` for a person, and says `nothing` if nothing was judged. The exit code is that of
    /// the results.
    pub(super) fn conclude(self, results: &Results, text: impl FnOnce() -> String, nothing: &str) -> ExitCode {
        if self.human {
            // The exit code reports the verdict, even if standard output is closed.
            let _ = out::write(&with_page(text(), results));
        }
        self.finish(results);
        if results.end.judgement == Judgement::Nothing {
            out::complain(nothing);
        }
        ExitCode::from(results.end.judgement.code())
    }

    /// Writes everything else.
    pub(super) fn finish(self, results: &Results) {
        for mut file in self.files {
            let text = match file.stream.take() {
                Some(stream) => stream.rest(results),
                None => file.format.text(results),
            };
            file.write(&text);
        }
        if let Some(Github { summary }) = self.github {
            // The exit code reports the verdict, even if standard output is closed.
            let _ = out::write(&github::text(results));
            if let Some(mut summary) = summary {
                summary.write(&summary.format.text(results));
            }
        }
    }
}

impl Open {
    fn new(format: Format, path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self { format, to: To::StandardOutput, stream: None });
        }
        let file = File::create(path).map_err(|error| unwritable(path, &error))?;
        Ok(Self { format, to: To::File(path.to_owned(), file), stream: None })
    }

    /// An error is told once. The exit code reports the verdict all the same.
    fn write(&mut self, text: &str) {
        match &mut self.to {
            To::StandardOutput => {
                if out::write(text) != out::Written::All {
                    self.to = To::Closed;
                }
            }
            To::File(path, file) => {
                if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.flush()) {
                    out::complain(&unwritable(path, &error).message);
                    self.to = To::Closed;
                }
            }
            To::Closed => {}
        }
    }
}

/// The file that GitHub shows as the summary of a step, if this is one. Other programs may have written to it.
fn step_summary() -> Result<Option<Open>, Failure> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()).map(PathBuf::from) else {
        return Ok(None);
    };
    let file = File::options().append(true).create(true).open(&path).map_err(|error| unwritable(&path, &error))?;
    Ok(Some(Open { format: Format::Markdown, to: To::File(path, file), stream: None }))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("the report {} cannot be written: {error}", path.display()))
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard output".to_owned() } else { path.display().to_string() }
}

fn kind(word: &str) -> Result<Kind, String> {
    let (name, file) = word.split_once('=').map_or((word, None), |(name, file)| (name, Some(file)));
    match (name, file) {
        ("human", None) => return Ok(Kind::Human),
        ("github", None) => return Ok(Kind::Github),
        ("human" | "github", Some(_)) => return Err(format!("{name} goes to standard output and takes no file")),
        _ => {}
    }
    let Some(format) = Format::ALL.into_iter().find(|format| format.as_str() == name) else {
        let names: Vec<&str> = Format::ALL.into_iter().map(Format::as_str).collect();
        return Err(format!("there is no such report; there are human, github, {}", names.join(", ")));
    };
    match file {
        Some(file) if !file.is_empty() => Ok(Kind::File(format, PathBuf::from(file))),
        _ => Err(format!("{name} needs the name of a file, as in {name}=FILE")),
    }
}

/// The time, as RFC 3339 has it, in whole seconds.
pub(super) fn now() -> String {
    let now = time::OffsetDateTime::now_utc();
    let whole = now.replace_nanosecond(0).unwrap_or(now);
    // Only years of more than four digits cannot be written.
    whole.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// Shows the progress, and writes reports while the run goes on.
pub(super) struct Telling<'a> {
    pub(super) progress: Progress,
    pub(super) reports: &'a mut Reports,
    pub(super) context: &'a Context,
    pub(super) judge: Option<&'a Judge>,
}

impl Listener for Telling<'_> {
    fn started(&mut self, case: &cases::Case) {
        self.progress.started(case);
    }

    fn finished(&mut self, finished: &Finished) {
        self.progress.finished(finished);
        self.reports.case(|| {
            let case = self.context.case(finished);
            match self.judge {
                Some(judge) => judge.case(case),
                None => case,
            }
        });
    }

    fn tick(&mut self) {
        self.progress.tick();
    }
}
