//! Lines to a process and from it, each by a thread, so that neither waits for the other.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::Receiver;

/// The longest line that is read, in bytes.
const MAX_LINE: usize = 16 << 20;

/// What a process writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// A line without its end, and without spaces around it. Never empty.
    Line(String),
    /// Nothing more can be read, for this reason.
    Unreadable(String),
    /// It closed its output.
    Ended,
}

/// Writes lines until there are no more, or the process takes no more.
pub(crate) fn write(mut input: ChildStdin, lines: &Receiver<String>) {
    while let Ok(line) = lines.recv() {
        if input.write_all(format!("{line}\n").as_bytes()).and_then(|()| input.flush()).is_err() {
            return;
        }
    }
}

/// Reads lines, until the output ends or cannot be read, or `hand` says `false`.
pub(crate) fn read(output: ChildStdout, hand: impl Fn(Said) -> bool) {
    let mut output = BufReader::new(output);
    loop {
        let mut line = Vec::new();
        let limit = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
        let last = match output.by_ref().take(limit).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => Said::Ended,
            Ok(_) if line.len() >= MAX_LINE => Said::Unreadable(format!("a line of more than {MAX_LINE} bytes")),
            Ok(_) => match String::from_utf8(line) {
                Ok(line) => {
                    let line = line.trim();
                    if !line.is_empty() && !hand(Said::Line(line.to_owned())) {
                        return;
                    }
                    continue;
                }
                Err(_) => Said::Unreadable("bytes that are not UTF-8".to_owned()),
            },
        };
        hand(last);
        return;
    }
}
