//! `siospec record`.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use super::{Failure, Paths, Selection};
use crate::replay::Verdict;
use crate::report::Progress;
use crate::run::{self, Options, Purpose};

#[derive(Debug, Args)]
pub(super) struct Record {
    /// The server's URL, `http://host:port`
    url: String,
    /// Case ids, folders of cases, globs, or requirement ids
    selectors: Vec<String>,
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    selection: Selection,
    /// What the server is, for the `recorded` line: "socket.io 4.8.4"
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
}

impl Record {
    pub(super) async fn execute(self) -> Result<ExitCode, Failure> {
        let Some(folder) = &self.selection.traces else {
            return Err(Failure::usage("recording writes traces: name their folder with --traces DIR"));
        };
        let cases = self.selection.cases(&self.selectors)?;
        let site = self.paths.survey(&self.url).await?;
        let mut progress = Progress::new(cases.len());
        let report = run::run(cases, &site, Options::default(), Purpose::Record, &mut progress).await;
        progress.clear();
        if let Some(broken_off) = report.broken_off {
            return Err(Failure::unreachable(broken_off));
        }
        let mut failed = Vec::new();
        for finished in &report.finished {
            if let Verdict::Departed(differences) = &finished.outcome.verdict
                && let Some(difference) = differences.first()
            {
                failed.push(format!("{}, line {}: {}", finished.case.id, difference.line, difference.actual));
            }
        }
        if !failed.is_empty() {
            return Err(Failure { message: format!("cannot be recorded: {}", failed.join("; ")), code: 1 });
        }
        let recorded = report.finished.len();
        let changed = run::save(report.finished, folder, self.source.as_deref())
            .map_err(|(path, error)| Failure::usage(format!("cannot write {}: {error}", path.display())))?;
        changed.iter().for_each(|path| println!("changed {}", shown(path)));
        println!("{recorded} recorded, {} changed", changed.len());
        Ok(ExitCode::SUCCESS)
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
