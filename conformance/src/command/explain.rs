//! `siospec explain`.

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Args;

use super::selection::Source;
use super::{Failure, NO_RUN, out};
use crate::cases::Case;
use crate::coverage::Coverage;
use crate::requirements::{Requirement, catalogue};
use crate::values::DEFAULT_SEED;

#[derive(Debug, Args)]
#[command(after_help = NO_RUN)]
pub(super) struct Explain {
    /// The requirement, for example EIO4-HB-04
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    source: Source,
}

impl Explain {
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        let requirement = catalogue().get(&self.id.to_ascii_uppercase()).ok_or_else(|| self.unknown())?;
        let cases = self.source.cases(&[], DEFAULT_SEED)?;
        Ok(out::write(&explained(requirement, &cases)).code())
    }

    fn unknown(&self) -> Failure {
        Failure::usage(format!(
            "no requirement is called {:?}; the ids are of the form EIO4-HB-04, and `siospec coverage` shows their chapters",
            self.id
        ))
    }
}

fn explained(requirement: &'static Requirement, cases: &[Case]) -> String {
    let Requirement { id, level, binds, basis, text, observe, diverges, .. } = requirement;
    let mut words = format!("{id}: {text}\n\n");
    words += &format!("level       {level} ({}), judged as {}\n", whom(binds), requirement.weight().as_str());
    words += &match basis.as_str() {
        "specification" => "basis       the text of the specification\n".to_owned(),
        _ => "basis       the behaviour of the JavaScript reference\n".to_owned(),
    };
    if observe != "-" {
        words += &format!("observed    {observe}\n");
    }
    if !diverges.is_empty() {
        words += &format!("divergence  the reference does not follow it: {}\n", diverges.join(", "));
    }
    match Coverage::of(requirement, cases) {
        Coverage::Covered(covering) => {
            words += &list("cases", covering.iter().map(|case| format!("{}  {}", case.id, case.trace.header.title)));
            let seen: BTreeSet<_> =
                covering.iter().flat_map(|case| &case.trace.header.seen).map(ToString::to_string).collect();
            words += &list("seen in", seen.into_iter());
        }
        Coverage::Hidden(why) => words += &format!("cases       none: {why}\n"),
        Coverage::Uncovered => words += "cases       none yet\n",
    }
    words
}

/// Lines behind one heading; nothing if there are none.
fn list(heading: &str, lines: impl Iterator<Item = String>) -> String {
    let line = |(at, line)| format!("{:12}{line}\n", if at == 0 { heading } else { "" });
    lines.enumerate().map(line).collect()
}

fn whom(binds: &str) -> &'static str {
    match binds {
        "S" => "for servers",
        "C" => "for clients",
        "SC" => "for both sides",
        _ => "for encoders and decoders",
    }
}
