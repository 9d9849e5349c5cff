//! Values, and JSON text, out of MessagePack.

use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use super::fault::MsgPackFault;
use super::library::Library;
use super::timestamp::read_timestamp;
use super::tokens::{Token, Tokens};
use crate::socketio::value::{Date, Value, integer_text, number_text};
use crate::text::Text;
use bytes::Bytes;

/// Reads the values of `items`, which were validated before. Strings and what is binary are handles to `items`.
pub(in crate::socketio) fn values(items: &Bytes) -> Result<Vec<Value>, MsgPackFault> {
    let mut read = Read { items, reader: Tokens::new(items), library: Library::Notepack2 };
    let mut values = Vec::new();
    while !read.reader.is_at_end() {
        values.push(read.value()?);
    }
    Ok(values)
}

/// Reads the one value that a message is, as `library` does. Strings and what is binary are handles to the message.
#[cfg(feature = "cluster")]
pub(crate) fn read_message(library: Library, message: &Bytes) -> Result<Value, MsgPackFault> {
    let mut reader = Tokens::new(message);
    reader.skip()?;
    if !reader.is_at_end() {
        return Err(MsgPackFault::Malformed { offset: reader.at() });
    }
    Read { items: message, reader: Tokens::new(message), library }.value()
}

struct Read<'m> {
    items: &'m Bytes,
    reader: Tokens<'m>,
    library: Library,
}

impl Read<'_> {
    fn value(&mut self) -> Result<Value, MsgPackFault> {
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
            Token::Extension(kind, bytes) => self.extension(kind, bytes),
            Token::Array(count) => {
                let mut values = room_for(count);
                for _ in 0..count {
                    values.push(self.value()?);
                }
                Value::Array(values)
            }
            Token::Map(count) => {
                let mut members = room_for(count);
                for _ in 0..count {
                    members.push((self.key()?, self.value()?));
                }
                Value::Object(members.into_iter().collect())
            }
        })
    }

    fn key(&mut self) -> Result<Text, MsgPackFault> {
        let (start, token) = (self.reader, self.reader.next()?);
        if let Token::String(text) = token {
            return Ok(self.text(text));
        }
        self.reader = start;
        key(&mut self.reader).map(Text::from)
    }

    fn extension(&self, kind: i8, bytes: &[u8]) -> Value {
        let date = if self.library.has_timestamps() { read_timestamp(kind, bytes) } else { None };
        if let Some(date) = date {
            return Value::Date(date);
        }
        Value::Array(vec![Value::Integer(kind.into()), Value::Binary(self.items.slice_ref(bytes))])
    }

    fn text(&self, text: &str) -> Text {
        Text::try_from(self.items.slice_ref(text.as_bytes())).unwrap_or_default()
    }
}

/// A list for this many, if they are few. What more of them there are has to be seen first.
fn room_for<T>(count: u32) -> Vec<T> {
    Vec::with_capacity(count.min(4) as usize)
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
pub(in crate::socketio) fn key(reader: &mut Tokens<'_>) -> Result<String, MsgPackFault> {
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

/// The member of a map with this name, as it is there; the last one if there are several.
pub(in crate::socketio) fn member<'m>(map: &'m [u8], name: &str) -> Option<&'m [u8]> {
    let mut reader = Tokens::new(map);
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
