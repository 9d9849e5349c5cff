//! The command `siospec`.

use std::process::ExitCode;

fn main() -> ExitCode {
    siospec::command::main(std::env::args_os())
}
