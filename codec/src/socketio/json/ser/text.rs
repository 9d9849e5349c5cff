//! Strings and numbers as JSON text.

use alloc::string::String;
use core::fmt::{self, Write as _};

use crate::socketio::json::check;
use crate::socketio::value::Date;

/// Appends a string, quoted.
//= SIO5-PKT-22
#[inline]
pub(crate) fn write_string(json: &mut String, text: &str) {
    json.push('"');
    write_escaped(json, text);
    json.push('"');
}

/// Appends what stands between the quotes.
#[inline]
pub(super) fn write_escaped(json: &mut String, text: &str) {
    let plain = check::plain(text.as_bytes());
    if plain == text.len() {
        json.push_str(text);
    } else {
        escape(json, text, plain);
    }
}

fn escape(json: &mut String, text: &str, mut plain: usize) {
    let mut rest = text;
    loop {
        // What is not plain is one byte long, so that both cuts are on boundaries.
        json.push_str(rest.get(..plain).unwrap_or_default());
        let Some(stop) = rest.as_bytes().get(plain) else { return };
        match stop {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            0x08 => json.push_str("\\b"),
            0x0c => json.push_str("\\f"),
            control => {
                json.push_str(if *control < 0x10 { "\\u000" } else { "\\u001" });
                json.push(char::from_digit(u32::from(control & 0xf), 16).unwrap_or('0'));
            }
        }
        rest = rest.get(plain.saturating_add(1)..).unwrap_or_default();
        plain = check::plain(rest.as_bytes());
    }
}

/// Appends what `JSON.stringify` makes of a date.
pub(in crate::socketio) fn write_date(json: &mut String, date: Date) {
    if date.is_valid() {
        let written = write!(json, "\"{date}\"");
        debug_assert!(written.is_ok(), "memory takes all text");
    } else {
        json.push_str("null");
    }
}

/// Appends what `JSON.stringify` makes of one of Node's buffers.
pub(crate) fn write_buffer(json: &mut String, bytes: &[u8]) {
    json.push_str(r#"{"type":"Buffer","data":["#);
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        write_unsigned(json, u64::from(*byte));
    }
    json.push_str("]}");
}

/// Escapes what is formatted.
pub(super) struct Escape<'j>(pub(super) &'j mut String);

impl fmt::Write for Escape<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_escaped(self.0, text);
        Ok(())
    }
}

/// Appends an integer.
#[inline]
pub(crate) fn write_unsigned(json: &mut String, number: u64) {
    // Ids and counts mostly have a digit or two, for which a buffer takes longer.
    match number {
        0..10 => json.push(digit(number)),
        10..100 => {
            json.push(digit(number / 10));
            json.push(digit(number % 10));
        }
        _ => json.push_str(itoa::Buffer::new().format(number)),
    }
}

#[inline]
fn digit(number: u64) -> char {
    char::from(b'0' | number as u8)
}

pub(crate) fn write_signed(json: &mut String, number: i64) {
    if number < 0 {
        json.push('-');
    }
    write_unsigned(json, number.unsigned_abs());
}

/// Appends an integer of any size.
pub(super) fn write_wide(json: &mut String, number: impl itoa::Integer) {
    json.push_str(itoa::Buffer::new().format(number));
}

/// Appends a number with a fraction as `serde_json` writes it; `null` for those without JSON form.
//= SIO5-PKT-23
pub(crate) fn write_float(json: &mut String, number: f64) {
    if number.is_finite() {
        json.push_str(zmij::Buffer::new().format_finite(number));
    } else {
        json.push_str("null");
    }
}

/// The same for fewer digits.
pub(super) fn write_single(json: &mut String, number: f32) {
    if number.is_finite() {
        json.push_str(zmij::Buffer::new().format_finite(number));
    } else {
        json.push_str("null");
    }
}
