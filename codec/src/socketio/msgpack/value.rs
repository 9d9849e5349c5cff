//! Values, and JSON text, out of MessagePack.

use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use super::tokens::{Reader, Token};
use crate::socketio::json;
use crate::socketio::packet::DecodeError;
use crate::socketio::value::{self, Date, Value, integer_text, number_text};
use crate::text::Text;
use bytes::Bytes;

/// Reads the values of `items`, which were validated before. Strings and what is binary are handles to `items`.
pub(in crate::socketio) fn values(items: &Bytes) -> Result<Vec<Value>, DecodeError> {
    let mut read = Read { items, reader: Reader::new(items) };
    let mut values = Vec::new();
    while !read.reader.is_at_end() {
        values.push(read.value()?);
    }
    Ok(values)
}

struct Read<'m> {
    items: &'m Bytes,
    reader: Reader<'m>,
}

impl Read<'_> {
    fn value(&mut self) -> Result<Value, DecodeError> {
        let token = self.reader.next()?;
        Ok(match token {
            Token::Nil => Value::Null,
            Token::Undefined => Value::Undefined,
            Token::Bool(value) => Value::Bool(value),
            Token::Integer(number) => Value::Integer(number),
            Token::Unsigned(number) => Value::Unsigned(number),
            Token::Float(number) => Value::Float(number),
            Token::String(text) => Value::String(self.text(text)),
            Token::Binary(bytes) => Value::Binary(self.items.slice_ref(bytes)),
            Token::Date(milliseconds) => Value::Date(Date(milliseconds)),
            Token::Extension(kind, bytes) => {
                Value::Array(vec![Value::Integer(kind.into()), Value::Binary(self.items.slice_ref(bytes))])
            }
            Token::Array(count) => Value::Array((0..count).map(|_| self.value()).collect::<Result<_, _>>()?),
            Token::Map(count) => {
                let mut members = Vec::new();
                for _ in 0..count {
                    members.push((self.key()?, self.value()?));
                }
                Value::Object(members.into_iter().collect())
            }
        })
    }

    fn key(&mut self) -> Result<Text, DecodeError> {
        let (start, token) = (self.reader, self.reader.next()?);
        if let Token::String(text) = token {
            return Ok(self.text(text));
        }
        self.reader = start;
        key(&mut self.reader).map(Text::from)
    }

    fn text(&self, text: &str) -> Text {
        Text::try_from(self.items.slice_ref(text.as_bytes())).unwrap_or_default()
    }
}

/// The text that JavaScript makes of a number, whose numbers are all doubles; `None` for what is none.
#[expect(clippy::cast_precision_loss, reason = "as in JavaScript")]
pub(in crate::socketio) fn number_name(token: Token<'_>) -> Option<String> {
    match token {
        Token::Integer(number) => Some(integer_text(number)),
        Token::Unsigned(number) => Some(number_text(number as f64)),
        Token::Float(number) => Some(number_text(number)),
        _ => None,
    }
}

/// The text of a key that is no string; what JavaScript makes of it, except for arrays, maps and extensions.
pub(in crate::socketio) fn key(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    let start = *reader;
    Ok(match reader.next()? {
        Token::Nil => "null".to_string(),
        Token::Undefined => "undefined".to_string(),
        Token::Bool(value) => value.to_string(),
        token @ (Token::Integer(_) | Token::Unsigned(_) | Token::Float(_)) => number_name(token).unwrap_or_default(),
        Token::String(text) => text.to_string(),
        Token::Date(milliseconds) => Date(milliseconds).to_string(),
        Token::Binary(_) | Token::Extension(..) | Token::Array(_) | Token::Map(_) => {
            *reader = start;
            reader.skip()?;
            "[object Object]".to_string()
        }
    })
}

/// What `JSON.stringify` makes of a value that was validated before.
pub(in crate::socketio) fn json_text(value: &[u8]) -> String {
    let mut json = String::with_capacity(value.len());
    write_next(&mut json, &mut Reader::new(value));
    json
}

/// Whether a value that was validated before holds anything that JSON lacks.
pub(in crate::socketio) fn is_beyond_json(value: &[u8]) -> bool {
    let mut reader = Reader::new(value);
    core::iter::from_fn(|| reader.next().ok()).any(|token| match token {
        Token::Binary(_) | Token::Undefined | Token::Date(_) | Token::Extension(..) => true,
        Token::Float(number) => !number.is_finite(),
        _ => false,
    })
}

/// The member of a map with this name, as it is there; the last one if there are several.
pub(in crate::socketio) fn member<'m>(map: &'m [u8], name: &str) -> Option<&'m [u8]> {
    let mut reader = Reader::new(map);
    let Ok(Token::Map(count)) = reader.next() else { return None };
    let mut found = None;
    for _ in 0..count {
        let is_named = key(&mut reader).is_ok_and(|key| key == name);
        let start = reader.at();
        reader.skip().ok()?;
        if is_named {
            found = map.get(start..reader.at());
        }
    }
    found
}

fn write_next(json: &mut String, reader: &mut Reader<'_>) {
    let Ok(token) = reader.next() else { return };
    match token {
        Token::Nil | Token::Undefined => json.push_str("null"),
        Token::Bool(value) => json.push_str(if value { "true" } else { "false" }),
        Token::Integer(number) => json::write_signed(json, number),
        Token::Unsigned(number) => json::write_unsigned(json, number),
        Token::Float(number) => json::write_float(json, number),
        Token::String(text) => json::write_string(json, text),
        Token::Date(milliseconds) => {
            let written = value::write_json(json, &milliseconds);
            debug_assert!(written.is_ok(), "a number");
        }
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

fn write_object(json: &mut String, count: u32, reader: &mut Reader<'_>) {
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
