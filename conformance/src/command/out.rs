//! Standard output, which may be closed or full.

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use crate::replay::{is_invisible, visible};

/// The result of writing to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Written {
    /// It was written.
    All,
    /// The reader closed it, as in `siospec list | head`.
    Unread,
    /// It cannot be written; the reason was printed on standard error.
    Failed,
}

impl Written {
    /// The exit code of a command whose only result is its output.
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

/// A JSON text in which control and invisible characters are escaped. They occur only inside its strings.
pub(super) fn visible_json(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut shown, character| {
        if character != '\n' && is_invisible(character) {
            character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| shown.push_str(&format!("\\u{unit:04x}")));
        } else {
            shown.push(character);
        }
        shown
    })
}

/// Writes one sentence to standard error. Errors are ignored, since they cannot be reported.
pub(super) fn complain(sentence: &str) {
    let lines: Vec<_> = sentence.lines().map(visible).collect();
    let _ = writeln!(io::stderr(), "siospec: {}", lines.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_json_where_it_is_made_visible() {
        let value = serde_json::json!({"cookies": ["a\u{9b}2J", "\u{202e}b", "\u{e0041}", "é"]});
        let shown = visible_json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!shown.chars().any(|character| character != '\n' && is_invisible(character)), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
