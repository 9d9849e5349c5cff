//! Values, and JSON text, out of MessagePack.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use super::read::{Reader, Token};
use crate::socketio::args;
use crate::socketio::date::Date;
use crate::socketio::error::DecodeError;
use crate::socketio::value::{Value, integer_text, number_text};
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
pub(super) fn number_name(token: Token<'_>) -> Option<String> {
    match token {
        Token::Integer(number) => Some(integer_text(number)),
        Token::Unsigned(number) => Some(number_text(number as f64)),
        Token::Float(number) => Some(number_text(number)),
        _ => None,
    }
}

/// The text of a key that is no string; what JavaScript makes of it, except for arrays, maps and extensions.
pub(super) fn key(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
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

/// Appends the JSON text of a value that was validated before; its token is read already.
///
/// What is binary becomes the object that Node's buffers are in JSON.
pub(super) fn write_json(out: &mut String, token: Token<'_>, reader: &mut Reader<'_>) {
    match token {
        Token::Nil | Token::Undefined => out.push_str("null"),
        Token::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        Token::Integer(number) => out.push_str(&number.to_string()),
        Token::Unsigned(number) => out.push_str(&number.to_string()),
        Token::Float(number) => out.push_str(&serde_json::to_string(&number).unwrap_or_default()),
        Token::String(text) => args::write_string(out, text),
        Token::Date(milliseconds) => {
            let written = crate::socketio::date::write_json(out, &milliseconds);
            debug_assert!(written.is_ok(), "a number");
        }
        Token::Binary(bytes) => write_buffer(out, bytes),
        Token::Extension(kind, bytes) => {
            out.push_str(&format!("[{kind},"));
            write_buffer(out, bytes);
            out.push(']');
        }
        Token::Array(count) => {
            out.push('[');
            for index in 0..count {
                if index > 0 {
                    out.push(',');
                }
                write_next(out, reader);
            }
            out.push(']');
        }
        Token::Map(count) => write_object(out, count, reader),
    }
}

fn write_object(out: &mut String, count: u32, reader: &mut Reader<'_>) {
    out.push('{');
    let mut first = true;
    for _ in 0..count {
        let name = key(reader).unwrap_or_default();
        let mut next = *reader;
        if next.next() == Ok(Token::Undefined) {
            *reader = next;
            continue;
        }
        if !first {
            out.push(',');
        }
        first = false;
        args::write_string(out, &name);
        out.push(':');
        write_next(out, reader);
    }
    out.push('}');
}

fn write_next(out: &mut String, reader: &mut Reader<'_>) {
    if let Ok(token) = reader.next() {
        write_json(out, token, reader);
    }
}

fn write_buffer(out: &mut String, bytes: &[u8]) {
    let list = serde_json::to_string(bytes).unwrap_or_default();
    out.push_str(&format!(r#"{{"type":"Buffer","data":{list}}}"#));
}
