//! Recordings that are lines of text.
//!
//! | file | form |
//! |---|---|
//! | `devtools.rs` | events of the DevTools protocol, one per line |
//! | `curl.rs`, `command.rs` | what `curl -v` prints, and its command lines |
//! | `wscat.rs` | what wscat and terminals like it print |
//! | `panel.rs` | rows of a browser's network panel |
//! | `debug.rs` | debug logs of the JavaScript packages |
//! | `python.rs` | logs of python-engineio and python-socketio |
//! | `traced/` | traces, the language of the cases |
//!
//! None of them guesses: a line whose direction or content it does not tell is counted, and said to be missing.
//!
//! # Floors
//!
//! ```text
//! devtools  curl  wscat  panel  debug  python  traced
//! command  packets
//! seen
//! stamp
//! ```

mod command;
mod curl;
mod debug;
mod devtools;
mod packets;
mod panel;
mod python;
mod seen;
mod stamp;
mod traced;
mod wscat;

use std::borrow::Cow;

use super::recording::Recording;

/// A line, without its end.
#[derive(Clone, Copy, Debug)]
struct Line<'t> {
    /// From 1.
    number: usize,
    text: &'t str,
}

/// The text of a file. Windows writes UTF-16 with a byte order mark; what is not UTF-8 otherwise is replaced.
pub(super) fn decode(file: &[u8]) -> Cow<'_, str> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks().0.iter().map(|pair| unit(*pair));
        Cow::Owned(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
    };
    match file {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(file),
    }
}

/// Reads the text, if it has one of the forms of this module.
pub(super) fn read(text: &str) -> Option<Recording> {
    let readers: [fn(&str) -> Option<Recording>; 7] =
        [traced::read, devtools::read, debug::read, curl::read, python::read, wscat::read, panel::read];
    readers.iter().find_map(|read| read(text))
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let ended = |line: &'_ str| line.strip_suffix('\r').map_or(line.len(), str::len);
    let lines = text.split('\n').map(move |line| line.get(..ended(line)).unwrap_or(line));
    (1..).zip(lines).map(|(number, text)| Line { number, text })
}

#[cfg(test)]
mod tests;
