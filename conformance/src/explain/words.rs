//! Names and bytes in a form that can be read.

use crate::replay::{hex, is_invisible};

/// How many bytes of a message are shown.
const SHOWN: usize = 32;

/// A name; between quotes if it does not show by itself where it begins and ends.
pub(super) fn name(name: &str) -> String {
    let is_unclear = |character: char| character.is_whitespace() || character == '"' || is_invisible(character);
    if name.is_empty() || name.chars().any(is_unclear) { format!("{name:?}") } else { name.to_owned() }
}

/// Bytes as hexadecimal digits, and how many more there are.
pub(super) fn bytes(bytes: &[u8]) -> String {
    match bytes.split_at_checked(SHOWN) {
        Some((shown, rest)) if !rest.is_empty() => format!("0x{}... and {} more", hex(shown), rest.len()),
        _ if bytes.is_empty() => "none".to_owned(),
        _ => format!("0x{}", hex(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_show_where_they_end() {
        assert_eq!(name("/"), "/");
        assert_eq!(name("/größe"), "/größe");
        assert_eq!(name("/ "), r#""/ ""#);
        assert_eq!(name("/\t"), r#""/\t""#);
        assert_eq!(name("/\u{a0}"), r#""/\u{a0}""#);
        assert_eq!(name("/\u{feff}"), r#""/\u{feff}""#);
        assert_eq!(name(" /x"), r#"" /x""#);
        assert_eq!(name("/\u{202e}x"), r#""/\u{202e}x""#);
        assert_eq!(name("/a\"b"), r#""/a\"b""#);
        assert_eq!(name(""), r#""""#);
    }

    #[test]
    fn long_messages_are_cut_and_their_rest_is_counted() {
        assert_eq!(bytes(&[1, 0xab]), "0x01ab");
        assert_eq!(bytes(&[]), "none");
        assert!(bytes(&[0; 33]).ends_with("00... and 1 more"));
        assert!(bytes(&[0; 32]).ends_with("00"));
    }
}
