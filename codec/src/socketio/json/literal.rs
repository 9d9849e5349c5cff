//! What strings and numbers in JSON text stand for.

use alloc::string::String;

use super::{JsonFault, check};

/// The text that a valid quoted string with escapes stands for. A lone surrogate, which no text can hold, becomes
/// `instead`; without that there is no text.
//= SIO5-PKT-24
pub(in crate::socketio) fn unescape(quoted: &str, instead: Option<char>) -> Option<String> {
    let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside;
    loop {
        let plain = check::plain(rest.as_bytes());
        text.push_str(rest.get(..plain).unwrap_or_default());
        rest = rest.get(plain.saturating_add(1)..).unwrap_or_default();
        let Some(letter) = rest.chars().next() else { return Some(text) };
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
                character.or(instead)?
            }
            other => other,
        });
    }
}

/// The character that the digits behind a `\u` begin, unless they are a lone surrogate, and what follows it.
fn unicode(text: &str) -> (Option<char>, &str) {
    let Some((first, rest)) = unit(text) else { return (None, text) };
    if matches!(first, 0xd800..0xdc00)
        && let Some((second, behind)) = rest.strip_prefix("\\u").and_then(unit)
        && let Some(Ok(character)) = char::decode_utf16([first, second]).next()
    {
        return (Some(character), behind);
    }
    (char::from_u32(u32::from(first)), rest)
}

fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

/// What a number in JSON text stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::socketio) enum Literal {
    Unsigned(u64),
    /// Below zero.
    Negative(i64),
    /// `-0`, a fraction, one with an exponent, or one that no integer of 64 bits holds.
    Float(f64),
}

/// Takes the number that begins at `at`.
//= SIO5-PKT-21
#[inline]
pub(in crate::socketio) fn number(text: &str, at: &mut usize) -> Result<Literal, JsonFault> {
    let json = text.as_bytes();
    let is_negative = json.get(*at) == Some(&b'-');
    let first = at.saturating_add(usize::from(is_negative));
    let mut value = 0;
    let end = digits(json, first, &mut value);
    let has_leading_zero = json.get(first) == Some(&b'0') && end > first.saturating_add(1);
    if has_leading_zero || !matches!(end.saturating_sub(first), 1..=18) {
        return rare(text, at);
    }
    match json.get(end) {
        Some(b'.') => fraction(text, at, end, value),
        Some(b'e' | b'E') => rare(text, at),
        _ if is_negative && value == 0 => rare(text, at),
        _ => {
            *at = end;
            let number = value.cast_signed();
            Ok(if is_negative { Literal::Negative(number.wrapping_neg()) } else { Literal::Unsigned(value) })
        }
    }
}

/// Adds the digits from `at` to a value; where they end. The value is good for 19 digits.
#[inline]
fn digits(json: &[u8], mut at: usize, value: &mut u64) -> usize {
    while let Some(digit @ b'0'..=b'9') = json.get(at) {
        *value = value.wrapping_mul(10).wrapping_add(u64::from(*digit & 0xf));
        at = at.saturating_add(1);
    }
    at
}

/// A number with a point, of few digits: both parts of the quotient are exact, and so its rounding is the only one.
#[expect(clippy::cast_precision_loss, reason = "the mantissa has no more than 53 bits")]
fn fraction(text: &str, at: &mut usize, point: usize, mut mantissa: u64) -> Result<Literal, JsonFault> {
    let json = text.as_bytes();
    let end = digits(json, point.saturating_add(1), &mut mantissa);
    let places = end.saturating_sub(point).saturating_sub(1);
    let few = end.saturating_sub(*at) <= 18 && mantissa < 1 << 53 && !matches!(json.get(end), Some(b'e' | b'E'));
    let Some(power) = POWERS.get(places).filter(|_| few && places > 0) else { return rare(text, at) };
    let magnitude = mantissa as f64 / power;
    let number = if json.get(*at) == Some(&b'-') { -magnitude } else { magnitude };
    *at = end;
    Ok(Literal::Float(number))
}

/// The powers of ten that a double holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// The same for numbers of every kind.
fn rare(text: &str, at: &mut usize) -> Result<Literal, JsonFault> {
    let start = *at;
    let end = check::number(text.as_bytes(), start)?;
    *at = end;
    let literal = text.get(start..end).unwrap_or_default();
    if literal != "-0" && !literal.contains(['.', 'e', 'E']) {
        if let Ok(number) = literal.parse() {
            return Ok(Literal::Unsigned(number));
        }
        if let Ok(number) = literal.parse() {
            return Ok(Literal::Negative(number));
        }
    }
    literal.parse().map(Literal::Float).map_err(|_| JsonFault::json(start))
}
