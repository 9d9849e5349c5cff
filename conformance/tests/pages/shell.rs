//! A shell that finds the command that was built.

use std::path::Path;
use std::process::{Command, Stdio};

/// A line of a shell, to be run in a folder, which is also the home.
pub(crate) fn shell(folder: &Path, line: &str) -> Command {
    let bin = Path::new(env!("CARGO_BIN_EXE_siospec")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder).stdin(Stdio::null());
    command.env("HOME", folder).env("PATH", format!("{}:{path}", bin.display()));
    command
}
