//! `siospec list`.

use std::process::ExitCode;

use clap::Args;

use super::{Failure, NO_RUN, Selection, out};
use crate::cases::Origin;
use crate::trace::Node;
use crate::values::DEFAULT_SEED;

#[derive(Debug, Args)]
#[command(after_help = NO_RUN)]
pub(super) struct List {
    /// Case ids, folders of cases, globs, or requirement ids; `!` before one leaves these cases out
    #[arg(value_name = "SELECTOR")]
    selectors: Vec<String>,
    #[command(flatten)]
    selection: Selection,
}

impl List {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let cases = self.selection.cases(&self.selectors, DEFAULT_SEED)?;
        let width = cases.iter().map(|case| case.id.len()).max().unwrap_or(0);
        let lines = cases.iter().map(|case| {
            let header = &case.trace.header;
            let ids: Vec<_> = header.covers.iter().map(ToString::to_string).collect();
            let (level, title) = (header.level.as_str(), &header.title);
            let origin = match case.origin {
                Origin::Written | Origin::File(_) => "",
                Origin::Generated(_) => "  generated",
            };
            let servers = match case.trace.last_node() {
                Node::FIRST => String::new(),
                last => format!("  {last} servers, with --peer"),
            };
            format!("{:width$}  {level:9}  {title}  [{}]{origin}{servers}\n", case.id, ids.join(" "))
        });
        Ok(out::write(&lines.collect::<String>()).code())
    }
}
