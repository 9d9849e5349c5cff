//! Values out of a packet's JSON text, without a copy of what need not be copied.
//!
//! The text was validated before, so that nothing here checks the grammar; text that breaks it ends in a
//! [`JsonFault`], never in a panic. The nesting is bounded there as well, so that recursion is.

use alloc::vec::Vec;

use bytes::Bytes;

use super::JsonFault;
use super::cursor::Cursor;
use super::literal::{Literal, number, unescape};
use crate::socketio::bridge::MAX_DEPTH;
use crate::socketio::value::Value;
use crate::text::Text;

/// Reads the elements from `at` to the closing bracket of a valid array. With attachments, placeholders stand for them.
pub(in crate::socketio) fn read(text: &Text, at: usize, attachments: &[Bytes]) -> Result<Vec<Value>, JsonFault> {
    let mut reader = ValueReader::new(text, at, attachments);
    let values = reader.elements(MAX_DEPTH)?;
    reader.fault.map_or(Ok(values), Err)
}

/// Reads the one value that a valid text is.
pub(in crate::socketio) fn read_one(text: &Text) -> Result<Value, JsonFault> {
    ValueReader::new(text, 0, &[]).value(MAX_DEPTH)
}

struct ValueReader<'t> {
    handle: &'t Text,
    text: &'t str,
    cursor: Cursor<'t>,
    attachments: &'t [Bytes],
    /// The first placeholder without attachment, unless it turns out to be inside another.
    fault: Option<JsonFault>,
}

impl<'t> ValueReader<'t> {
    fn new(handle: &'t Text, at: usize, attachments: &'t [Bytes]) -> Self {
        let cursor = Cursor::new(handle.as_bytes(), at);
        Self { handle, text: handle.as_str(), cursor, attachments, fault: None }
    }

    fn value(&mut self, depth: u32) -> Result<Value, JsonFault> {
        Ok(match self.cursor.peek()? {
            b'"' => Value::String(self.string()?),
            b'[' => {
                self.cursor.step(1);
                Value::Array(self.elements(self.deeper(depth)?)?)
            }
            b'{' => self.object(depth)?,
            b't' => self.word("true", Value::Bool(true))?,
            b'f' => self.word("false", Value::Bool(false))?,
            b'n' => self.word("null", Value::Null)?,
            _ => match number(self.text, self.cursor.at_mut())? {
                Literal::Unsigned(number) => Value::from(number),
                Literal::Negative(number) => Value::Integer(number),
                Literal::Float(number) => Value::Float(number),
            },
        })
    }

    /// Elements up to and with the closing bracket.
    fn elements(&mut self, depth: u32) -> Result<Vec<Value>, JsonFault> {
        let mut values = Vec::new();
        while self.another(b']')? {
            values.push(self.value(depth)?);
        }
        Ok(values)
    }

    /// Members up to and with the closing brace.
    fn members(&mut self, depth: u32) -> Result<Vec<(Text, Value)>, JsonFault> {
        let mut members = Vec::new();
        while self.another(b'}')? {
            let name = self.string()?;
            self.cursor.expect(b':')?;
            members.push((name, self.value(depth)?));
        }
        Ok(members)
    }

    //= SIO5-ATT-12
    //= SIO5-ATT-14
    fn object(&mut self, depth: u32) -> Result<Value, JsonFault> {
        let (start, fault) = (self.cursor.at(), self.fault);
        let depth = self.deeper(depth)?;
        self.cursor.step(1);
        let members = self.members(depth)?;
        let last = |name: &str| members.iter().rev().find(|(member, _)| *member == *name).map(|(_, value)| value);
        if self.attachments.is_empty() || last("_placeholder") != Some(&Value::Bool(true)) {
            return Ok(Value::Object(members.into_iter().collect()));
        }
        // What a placeholder holds besides `num` is dropped, and with it what was found inside.
        self.fault = fault;
        let attachment = last("num").and_then(index).and_then(|num| self.attachments.get(num));
        if attachment.is_none() {
            self.fault.get_or_insert_with(|| JsonFault::placeholder(start));
        }
        Ok(attachment.map_or(Value::Null, |bytes| Value::Binary(bytes.clone())))
    }

    //= SIO5-PKT-24
    fn string(&mut self) -> Result<Text, JsonFault> {
        let quoted = self.cursor.string()?;
        if quoted.escaped {
            let quoted = self.text.get(quoted.whole()).unwrap_or_default();
            return Ok(Text::from(unescape(quoted, Some(char::REPLACEMENT_CHARACTER)).unwrap_or_default()));
        }
        Ok(self.handle.slice(quoted.inside()).unwrap_or_default())
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonFault> {
        self.cursor.word(word)?;
        Ok(value)
    }

    /// Goes to the next element or member; `false` behind the closing bracket.
    fn another(&mut self, closing: u8) -> Result<bool, JsonFault> {
        let next = self.cursor.peek()?;
        if next == closing {
            self.cursor.step(1);
            return Ok(false);
        }
        if next == b',' {
            self.cursor.step(1);
            if self.cursor.peek()? == closing {
                return Err(self.cursor.fault());
            }
        }
        Ok(true)
    }

    fn deeper(&self, depth: u32) -> Result<u32, JsonFault> {
        depth.checked_sub(1).ok_or_else(|| JsonFault::too_deep(self.cursor.at()))
    }
}

/// The attachment that a whole number, however written, names.
//= SIO5-ATT-11
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the comparison notices every number that the conversion changed"
)]
fn index(num: &Value) -> Option<usize> {
    let number = num.as_f64()?;
    let index = number as usize;
    (index as f64 == number).then_some(index)
}
