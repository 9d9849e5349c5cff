//! Standard output, as everything but a terminal has it: it may be closed, or full.

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

/// What became of a text for standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Written {
    /// It was written.
    All,
    /// Whoever reads it has seen enough: `siospec list | head`.
    Unread,
    /// It cannot be written, which was told on standard error.
    Failed,
}

impl Written {
    /// The exit code of a command that has no other result than what it wrote.
    pub(super) fn code(self) -> ExitCode {
        match self {
            Self::All | Self::Unread => ExitCode::SUCCESS,
            Self::Failed => ExitCode::FAILURE,
        }
    }
}

/// Writes a text to standard output.
pub(super) fn write(text: &str) -> Written {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Written::All,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Written::Unread,
        Err(error) => {
            complain(&format!("standard output cannot be written: {error}"));
            Written::Failed
        }
    }
}

/// Writes one sentence to standard error. If that is closed as well, nobody listens.
pub(super) fn complain(sentence: &str) {
    let _ = writeln!(io::stderr(), "siospec: {sentence}");
}
