//! `siospec report`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{Failure, out, saved};
use crate::cases::{self, Case};
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
        let seeds: BTreeSet<_> = reports.iter().map(|(_, results)| results.run.seed).collect();
        let page = page::runs(&columns, &suite(&seeds)?);
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

/// The cases of the suite. Those that are generated, and differ between the seeds of several runs, are left out: the page
/// shows them without expectation.
fn suite(seeds: &BTreeSet<u64>) -> Result<Vec<Case>, Failure> {
    let mut suite =
        cases::embedded_with_seed(seeds.first().copied().unwrap_or(DEFAULT_SEED)).map_err(Failure::usage)?;
    for seed in seeds.iter().skip(1) {
        let other = cases::embedded_with_seed(*seed).map_err(Failure::usage)?;
        let other: BTreeMap<_, _> = other.iter().map(|case| (&case.id, &case.trace)).collect();
        suite.retain(|case| other.get(&case.id) == Some(&&case.trace));
    }
    Ok(suite)
}

/// The name of a file, without its ending.
fn name(file: &Path) -> String {
    file.file_stem().unwrap_or(file.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_cases_of_several_seeds_have_no_expectation() {
        let of = |seeds: &[u64]| suite(&seeds.iter().copied().collect()).unwrap().len();
        assert!(of(&[1, 2]) < of(&[1]), "cases that depend on the seed are left out");
        assert!(of(&[1, 2]) > of(&[1]) / 2, "and no others");
    }
}
