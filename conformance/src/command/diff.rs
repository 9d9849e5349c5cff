//! `siospec diff`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Failure, out, saved};
use crate::aliases::Aliases;
use crate::report::diff::{self, Diff};

/// What follows the list of options.
const CODES: &str = "\
Exit codes: 0 the reports were compared; 2 a file is not a report of --report json=FILE. With --exit-code also: 6 a fault \
was introduced; 3 none was, but the new run did not come to its end, so faults may be missing.";

#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(super) struct Diffs {
    /// The report of the earlier run, from --report json=FILE
    old: PathBuf,
    /// The report of the later run
    new: PathBuf,
    /// End with exit code 6 if a fault was introduced, and with 3 if the new run did not come to its end
    #[arg(long)]
    exit_code: bool,
    /// Print Markdown, for a comment on a pull request
    #[arg(long)]
    markdown: bool,
    /// A case was renamed between the two runs; may be repeated. Those that siospec itself renamed are known
    #[arg(long, value_name = "OLD=NEW", value_parser = renamed)]
    renamed: Vec<(String, String)>,
}

impl Diffs {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let (old, new) = (saved::read(&self.old)?, saved::read(&self.new)?);
        let aliases = Aliases::known().and(self.renamed);
        let diff = Diff::of(&old, &new, &aliases).map_err(Failure::usage)?;
        let page = if self.markdown { diff::markdown(&diff) } else { diff::text(&diff) };
        // The exit code reports the comparison, even if standard output is closed.
        let written = out::write(&page);
        Ok(match (self.exit_code, diff.introduces(), diff.is_whole()) {
            (false, ..) => written.code(),
            (true, true, _) => ExitCode::from(6),
            (true, false, false) => ExitCode::from(3),
            (true, false, true) => written.code(),
        })
    }
}

fn renamed(word: &str) -> Result<(String, String), String> {
    match word.split_once('=') {
        Some((old, new)) if !old.is_empty() && !new.is_empty() => Ok((old.to_owned(), new.to_owned())),
        _ => Err("it is not of the form OLD=NEW".to_owned()),
    }
}
