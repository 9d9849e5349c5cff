//! Values that JSON has no form for: what they look like in JSON.

use alloc::string::String;

use crate::socketio::json;
use crate::socketio::msgpack::tokens::{Token, Tokens};
use crate::socketio::msgpack::value::key;
use crate::socketio::value::Date;

/// What `JSON.stringify` makes of a value that was validated before.
pub(in crate::socketio) fn json_text(value: &[u8]) -> String {
    let mut json = String::with_capacity(value.len());
    write_next(&mut json, &mut Tokens::new(value));
    json
}

/// Whether a value that was validated before holds anything that JSON lacks.
pub(in crate::socketio) fn is_beyond_json(value: &[u8]) -> bool {
    let mut reader = Tokens::new(value);
    core::iter::from_fn(|| reader.next().ok()).any(|token| match token {
        Token::Binary(_) | Token::Undefined | Token::Date(_) | Token::Extension(..) => true,
        Token::Float(number) => !number.is_finite(),
        _ => false,
    })
}

fn write_next(json: &mut String, reader: &mut Tokens<'_>) {
    let Ok(token) = reader.next() else { return };
    match token {
        Token::Nil | Token::Undefined => json.push_str("null"),
        Token::Bool(value) => json.push_str(if value { "true" } else { "false" }),
        Token::Integer(number) => json::write_signed(json, number),
        Token::Unsigned(number) => json::write_unsigned(json, number),
        Token::Float(number) => json::write_float(json, number),
        Token::String(text) => json::write_string(json, text),
        Token::Date(milliseconds) => json::write_date(json, Date(milliseconds)),
        Token::Binary(bytes) => json::write_buffer(json, bytes),
        Token::Extension(kind, bytes) => {
            json.push('[');
            json::write_signed(json, kind.into());
            json.push(',');
            json::write_buffer(json, bytes);
            json.push(']');
        }
        Token::Array(count) => {
            json.push('[');
            for index in 0..count {
                if index > 0 {
                    json.push(',');
                }
                write_next(json, reader);
            }
            json.push(']');
        }
        Token::Map(count) => write_object(json, count, reader),
    }
}

fn write_object(json: &mut String, count: u32, reader: &mut Tokens<'_>) {
    json.push('{');
    let mut first = true;
    for _ in 0..count {
        let name = key(reader).unwrap_or_default();
        if reader.is_undefined() {
            let skipped = reader.skip();
            debug_assert!(skipped.is_ok(), "a value");
            continue;
        }
        if !first {
            json.push(',');
        }
        first = false;
        json::write_string(json, &name);
        json.push(':');
        write_next(json, reader);
    }
    json.push('}');
}
