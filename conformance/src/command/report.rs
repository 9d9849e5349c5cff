//! `siospec report`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{Failure, out, saved};
use crate::cases;
use crate::replay::visible;
use crate::report::page::{self, Column};
use crate::report::results::Results;
use crate::values::DEFAULT_SEED;

/// What follows the list of options.
const CODES: &str = "\
Exit codes: 0 the page was written; 2 a file is no report of --report json=FILE or jsonl=FILE, or the page cannot be written.";

#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(super) struct Report {
    /// Reports of `siospec run` or `siospec client`, from --report json=FILE or jsonl=FILE. Each is a column, named by its file
    #[arg(required = true, value_name = "RESULTS")]
    files: Vec<PathBuf>,
    /// Write the page to this file, where - is standard output: a self-contained HTML file, which needs no network
    #[arg(long, value_name = "FILE")]
    html: PathBuf,
}

impl Report {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let read = self.files.iter().map(|file| Ok((name(file), saved::read_either(file)?)));
        let reports: Vec<(String, Results)> = read.collect::<Result<_, Failure>>()?;
        let columns: Vec<_> = reports.iter().map(|(name, results)| Column { name, results }).collect();
        // Generated cases are known by the seed of one run; those of another seed are shown without expectation.
        let seed = reports.first().map_or(DEFAULT_SEED, |(_, results)| results.run.seed);
        let suite = cases::embedded_with_seed(seed).map_err(Failure::usage)?;
        let page = page::runs(&columns, &suite);
        if self.html == Path::new("-") {
            return Ok(out::write(&page).code());
        }
        match std::fs::write(&self.html, page) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(error) => {
                let name = visible(&self.html.display().to_string());
                Err(Failure::usage(format!("the page {name} cannot be written: {error}")))
            }
        }
    }
}

/// The name of a file, without its ending.
fn name(file: &Path) -> String {
    file.file_stem().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}
