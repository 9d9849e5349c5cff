//! `siospec list`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Args;

use super::{Failure, Selection};

#[derive(Debug, Args)]
pub(super) struct List {
    /// Case ids, folders of cases, globs, or requirement ids
    selectors: Vec<String>,
    #[command(flatten)]
    selection: Selection,
}

impl List {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let cases = self.selection.cases(&self.selectors)?;
        let width = cases.iter().map(|case| case.id.len()).max().unwrap_or(0);
        let mut out = io::stdout().lock();
        for case in &cases {
            let header = &case.trace.header;
            let ids: Vec<_> = header.covers.iter().map(ToString::to_string).collect();
            let (level, title) = (header.level.as_str(), &header.title);
            let line = writeln!(out, "{:width$}  {level:9}  {title}  [{}]", case.id, ids.join(" "));
            if line.is_err() {
                // Whoever read the list has seen enough: `siospec list | head`.
                break;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
