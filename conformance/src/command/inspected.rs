//! The option `--report` of `siospec inspect`, and the files that it names.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Failure, out};
use crate::replay::visible;
use crate::report::page;
use crate::report::recordings::Recordings;

/// Which reports are written.
#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// The reports, separated by commas; may be repeated: human, which goes to standard output, html=FILE, a page for a
    /// browser, and json=FILE, where - is standard output. If this is given without human, nothing is printed for a person
    #[arg(long = "report", value_name = "KIND", value_delimiter = ',', default_value = "human", value_parser = kind)]
    kinds: Vec<Kind>,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// For a person.
    Human,
    Html(PathBuf),
    Json(PathBuf),
}

/// A report that is written to a file, which is open.
#[derive(Debug)]
pub(super) struct Open<'a> {
    kind: &'a Kind,
    path: &'a Path,
    to: Option<File>,
}

impl Wanted {
    pub(super) fn has_human(&self) -> bool {
        self.kinds.contains(&Kind::Human)
    }

    /// Opens the files, so that one that cannot be written is noticed at once.
    pub(super) fn open(&self) -> Result<Vec<Open<'_>>, Failure> {
        let mut open: Vec<Open<'_>> = Vec::new();
        for kind in &self.kinds {
            let (Kind::Html(path) | Kind::Json(path)) = kind else { continue };
            let is_standard = path == Path::new("-");
            if open.iter().any(|other| other.path == path) {
                return Err(Failure::usage(format!("two reports cannot both be written to {}", shown(path))));
            }
            if is_standard && self.has_human() {
                let name = if matches!(kind, Kind::Html(_)) { "html" } else { "json" };
                return Err(Failure::usage(format!(
                    "{name} cannot be written to standard output together with human; name a file instead of -"
                )));
            }
            let to =
                if is_standard { None } else { Some(File::create(path).map_err(|error| unwritable(path, &error))?) };
            open.push(Open { kind, path, to });
        }
        Ok(open)
    }
}

impl Open<'_> {
    pub(super) fn write(mut self, recordings: &Recordings) -> Result<(), Failure> {
        let text = match self.kind {
            Kind::Html(_) => page::recordings(recordings),
            Kind::Json(_) | Kind::Human => recordings.json(),
        };
        match &mut self.to {
            Some(file) => file
                .write_all(text.as_bytes())
                .and_then(|()| file.flush())
                .map_err(|error| unwritable(self.path, &error)),
            None => {
                // The exit code reports the judgement, even if standard output is closed.
                let _ = out::write(&text);
                Ok(())
            }
        }
    }
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard output".to_owned() } else { visible(&path.display().to_string()) }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("the report {} cannot be written: {error}", shown(path)))
}

fn kind(word: &str) -> Result<Kind, String> {
    match word.split_once('=').map_or((word, None), |(name, file)| (name, Some(file))) {
        ("human", None) => Ok(Kind::Human),
        ("human", Some(_)) => Err("human goes to standard output and takes no file".to_owned()),
        ("html", Some(file)) if !file.is_empty() => Ok(Kind::Html(PathBuf::from(file))),
        ("json", Some(file)) if !file.is_empty() => Ok(Kind::Json(PathBuf::from(file))),
        (name @ ("html" | "json"), _) => Err(format!("{name} needs the name of a file, as in {name}=FILE")),
        _ => Err("there is no such report; there are human, html=FILE and json=FILE".to_owned()),
    }
}
