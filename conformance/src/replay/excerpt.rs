//! Excerpts of payloads: short enough to read, and without characters that act on a terminal.

/// The longest excerpt, in characters.
pub(super) const MAX_SHOWN: usize = 200;

/// Cuts a payload to a readable length, and says how much was cut.
pub(crate) fn shorten(text: &str) -> String {
    cut(text, MAX_SHOWN)
}

/// Bytes in hexadecimal digits, cut in the same way.
pub(super) fn shorten_hex(bytes: &[u8]) -> String {
    match bytes.get(..MAX_SHOWN / 2) {
        Some(head) if head.len() < bytes.len() => format!("{}… ({} bytes)", hex(head), bytes.len()),
        _ => hex(bytes),
    }
}

/// Cuts a text after `longest` characters, and escapes invisible characters.
pub(super) fn cut(text: &str, longest: usize) -> String {
    let cut = text.char_indices().nth(longest).map_or(text.len(), |(cut, _)| cut);
    let shown = visible(&text[..cut]);
    if cut == text.len() { shown } else { format!("{shown}… ({} bytes)", text.len()) }
}

/// A number of things, such as `1 byte` and `2 bytes`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Escapes the characters of a peer's text that act on a terminal or are invisible.
pub(crate) fn visible(text: &str) -> String {
    use std::fmt::Write as _;
    text.chars().fold(String::with_capacity(text.len()), |mut shown, character| {
        // Writing to a string cannot fail.
        let _ = match character {
            '\u{1e}' => shown.write_str(r"\x1e"),
            '\n' => shown.write_str(r"\n"),
            '\r' => shown.write_str(r"\r"),
            other if is_invisible(other) => write!(shown, r"\u{{{:x}}}", u32::from(other)),
            other => shown.write_char(other),
        };
        shown
    })
}

/// Control characters, and invisible characters, such as those that set the direction of text or join or split it, and
/// those that are no characters and that XML forbids.
pub(crate) fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Bytes as text, with replacement characters for invalid UTF-8.
pub(super) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_no_plural() {
        let words = [0, 1, 2].map(|count| plural(count, "byte"));
        assert_eq!(words, ["0 bytes", "1 byte", "2 bytes"]);
    }

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        for (text, shown) in [
            ("a\u{1b}[2Jb", r"a\u{1b}[2Jb"),
            ("\u{9b}31m", r"\u{9b}31m"),
            ("\u{7f}\u{8}\t\0", r"\u{7f}\u{8}\u{9}\u{0}"),
            ("a\r\nb\u{1e}c", r"a\r\nb\x1ec"),
            ("\u{202e}gpj.exe\u{2066}", r"\u{202e}gpj.exe\u{2066}"),
            ("\u{2028}\u{feff}\u{e0041}", r"\u{2028}\u{feff}\u{e0041}"),
            ("\u{fffe}\u{ffff}", r"\u{fffe}\u{ffff}"),
            ("häßlich €😀", "häßlich €😀"),
        ] {
            assert_eq!(visible(text), shown);
            assert_eq!(visible(shown), shown, "it stays as it is");
        }
    }
}
