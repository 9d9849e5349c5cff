//! `siospec adapter`.

use std::io;
use std::process::ExitCode;

use clap::Args;

use super::out::Written;
use super::{Failure, out};
use crate::adapter;

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Adapter {}

const EXIT_CODES: &str = "\
Exit codes: 0 the input ended; 1 standard output cannot be written; 2 bad usage, or a line of the input cannot be read.";

impl Adapter {
    #[expect(clippy::unused_self, reason = "the form of all commands")]
    pub(super) fn execute(self) -> Result<ExitCode, Failure> {
        for line in io::stdin().lines() {
            let line = line.map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?;
            if line.trim().is_empty() {
                continue;
            }
            let answer = adapter::answer(&line).map_err(Failure::usage)?;
            match out::write(&format!("{answer}\n")) {
                Written::All => {}
                end => return Ok(end.code()),
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
