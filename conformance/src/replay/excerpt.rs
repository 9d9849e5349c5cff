//! What is shown of a payload: never more than a reader can take in, and nothing that a terminal would act on.

/// Longer payloads are cut, in characters.
pub(super) const MAX_SHOWN: usize = 200;

/// Cuts a payload to what a reader can take in, and says how much is missing.
pub(crate) fn shorten(text: &str) -> String {
    cut(text, MAX_SHOWN)
}

/// Bytes in hexadecimal digits, cut likewise.
pub(super) fn shorten_hex(bytes: &[u8]) -> String {
    match bytes.get(..MAX_SHOWN / 2) {
        Some(head) if head.len() < bytes.len() => format!("{}… ({} bytes)", hex(head), bytes.len()),
        _ => hex(bytes),
    }
}

/// Cuts a text after so many characters, and shows what is not visible as escapes.
pub(super) fn cut(text: &str, longest: usize) -> String {
    let cut = text.char_indices().nth(longest).map_or(text.len(), |(cut, _)| cut);
    let visible: String = text[..cut].chars().flat_map(escape).collect();
    if cut == text.len() { visible } else { format!("{visible}… ({} bytes)", text.len()) }
}

fn escape(character: char) -> impl Iterator<Item = char> {
    let escaped: String = match character {
        '\u{1e}' => r"\x1e".to_owned(),
        '\n' => r"\n".to_owned(),
        '\r' => r"\r".to_owned(),
        other if other.is_control() => format!(r"\u{{{:x}}}", u32::from(other)),
        other => other.to_string(),
    };
    escaped.chars().collect::<Vec<_>>().into_iter()
}

/// Bytes as text, with a replacement character for what is no UTF-8.
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
