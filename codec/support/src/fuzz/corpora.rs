//! What fuzzing found worth keeping: `fuzz/corpora/TARGET.txt` has one input per line, so that a change of a corpus can be
//! read like any other. What is not ASCII, and whatever would break the line, is escaped as in a byte string of Rust.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The inputs of a target; none if it has no corpus yet.
///
/// # Panics
///
/// Panics if the file has a line that was not written by [`keep`].
#[must_use]
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let path = file(target);
    let Ok(text) = fs::read_to_string(&path) else { return Vec::new() };
    let read = |line: &str| unescaped(line).unwrap_or_else(|| panic!("{}: {line}", path.display()));
    text.lines().map(read).collect()
}

/// Writes the corpus of a target: the shortest inputs first, and none twice.
///
/// # Errors
///
/// The file cannot be written.
pub fn keep(target: &str, mut inputs: Vec<Vec<u8>>) -> io::Result<()> {
    inputs.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    inputs.dedup();
    let lines = inputs.iter().map(|input| format!("{}\n", input.escape_ascii()));
    fs::write(file(target), lines.collect::<String>())
}

fn file(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpora").join(format!("{target}.txt"))
}

/// The bytes of a line; `None` if it has an escape that [`slice::escape_ascii`] does not write.
fn unescaped(line: &str) -> Option<Vec<u8>> {
    let mut bytes = line.bytes();
    let mut read = Vec::new();
    while let Some(byte) = bytes.next() {
        read.push(match byte {
            b'\\' => match bytes.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16)?).ok();
                    digit(bytes.next()?)? << 4 | digit(bytes.next()?)?
                }
                other => other,
            },
            other => other,
        });
    }
    Some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_one_line_and_come_back() {
        let all: Vec<u8> = (0..=255).collect();
        let line = all.escape_ascii().to_string();
        assert_eq!(line.lines().count(), 1);
        assert_eq!(unescaped(&line), Some(all));
    }
}
