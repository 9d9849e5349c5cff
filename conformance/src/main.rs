//! The command `siospec`.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    siospec::command::Cli::parse().execute()
}
