//! What strings and numbers in JSON text stand for.

use alloc::string::String;

use super::Value;
use crate::socketio::syntax;

/// The text that a valid quoted string with escapes stands for. A lone surrogate, which no text can hold, becomes U+FFFD.
//= SIO5-PKT-24
pub(super) fn unescape(quoted: &str) -> String {
    let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside;
    loop {
        let plain = syntax::plain(rest.as_bytes());
        text.push_str(rest.get(..plain).unwrap_or_default());
        rest = rest.get(plain.saturating_add(1)..).unwrap_or_default();
        let Some(letter) = rest.chars().next() else { return text };
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        text.push(match letter {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (character, after) = unicode(rest);
                rest = after;
                character
            }
            other => other,
        });
    }
}

/// The character that the digits behind a `\u` begin, and what follows it.
fn unicode(text: &str) -> (char, &str) {
    let Some((unit, rest)) = unit(text) else { return (char::REPLACEMENT_CHARACTER, text) };
    if let Some(low) = rest.strip_prefix("\\u").and_then(self::unit)
        && let Some(Ok(character)) = char::decode_utf16([unit, low.0]).next()
        && !matches!(unit, 0..0xd800 | 0xe000..)
    {
        return (character, low.1);
    }
    (char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER), rest)
}

fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

/// The number that a valid literal stands for.
//= SIO5-PKT-21
pub(super) fn number(literal: &str) -> Option<Value> {
    if literal != "-0" {
        if let Ok(number) = literal.parse() {
            return Some(Value::Integer(number));
        }
        if let Ok(number) = literal.parse() {
            return Some(Value::Unsigned(number));
        }
    }
    literal.parse().ok().map(Value::Float)
}
