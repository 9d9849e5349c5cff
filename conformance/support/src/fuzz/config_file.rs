//! Any text as `siospec.toml`: no panic. A fault is one sentence with the file and the line.

use siospec::command::check_configuration;

/// The input is a file.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    if let Err(fault) = check_configuration(text) {
        let line = fault.strip_prefix("siospec.toml:").and_then(|rest| rest.split(':').next()?.parse::<usize>().ok());
        let lines = text.matches('\n').count() + 1;
        assert!(line.is_some_and(|line| (1..=lines).contains(&line)), "{fault}");
    }
}
