//! Text in ASCII.

use std::fmt::Write as _;

/// The text in ASCII: `…` becomes `...`, and other characters are escaped.
///
/// ```
/// assert_eq!(siospec::report::ascii("é… ok"), r"\u{e9}... ok");
/// ```
#[must_use]
pub fn ascii(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut ascii, character| {
        match character {
            '…' => ascii.push_str("..."),
            character if character.is_ascii() => ascii.push(character),
            // Writing to a string cannot fail.
            other => drop(write!(ascii, r"\u{{{:x}}}", u32::from(other))),
        }
        ascii
    })
}
