//! Values out of a packet's JSON text, without a copy of what need not be copied.
//!
//! The text was validated before, so that nothing here checks the grammar; text that breaks it ends in a
//! [`JsonFault`], never in a panic. The nesting is bounded there as well, so that recursion is.

use alloc::vec::Vec;

use bytes::Bytes;

use super::literal::{Literal, number, unescape};
use super::{JsonFault, check};
use crate::socketio::bridge::MAX_DEPTH;
use crate::socketio::value::Value;
use crate::text::Text;

/// Reads the elements from `at` to the closing bracket of a valid array. With attachments, placeholders stand for them.
pub(in crate::socketio) fn read(text: &Text, at: usize, attachments: &[Bytes]) -> Result<Vec<Value>, JsonFault> {
    let mut read = Read { handle: text, text: text.as_str(), json: text.as_bytes(), at, attachments, fault: None };
    let values = read.elements(MAX_DEPTH)?;
    read.fault.map_or(Ok(values), Err)
}

/// Reads the one value that a valid text is.
#[cfg(feature = "msgpack")]
pub(in crate::socketio) fn read_one(text: &Text) -> Result<Value, JsonFault> {
    let mut read =
        Read { handle: text, text: text.as_str(), json: text.as_bytes(), at: 0, attachments: &[], fault: None };
    read.peek()?;
    read.value(MAX_DEPTH)
}

struct Read<'t> {
    handle: &'t Text,
    text: &'t str,
    json: &'t [u8],
    at: usize,
    attachments: &'t [Bytes],
    /// The first placeholder without attachment, unless it turns out to be inside another.
    fault: Option<JsonFault>,
}

impl Read<'_> {
    fn value(&mut self, depth: u32) -> Result<Value, JsonFault> {
        Ok(match self.peek()? {
            b'"' => Value::String(self.string()?),
            b'[' => {
                self.at = self.at.saturating_add(1);
                Value::Array(self.elements(self.deeper(depth)?)?)
            }
            b'{' => self.object(depth)?,
            b't' => self.word(4, Value::Bool(true)),
            b'f' => self.word(5, Value::Bool(false)),
            b'n' => self.word(4, Value::Null),
            _ => match number(self.text, &mut self.at)? {
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
            if self.peek()? != b':' {
                return Err(JsonFault::json(self.at));
            }
            self.at = self.at.saturating_add(1);
            self.peek()?;
            members.push((name, self.value(depth)?));
        }
        Ok(members)
    }

    //= SIO5-ATT-12
    //= SIO5-ATT-14
    fn object(&mut self, depth: u32) -> Result<Value, JsonFault> {
        let (start, fault) = (self.at, self.fault);
        let depth = self.deeper(depth)?;
        self.at = self.at.saturating_add(1);
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
        let start = self.at;
        let (end, escaped) = check::string(self.json, start)?;
        self.at = end;
        if escaped {
            let quoted = self.text.get(start..end).unwrap_or_default();
            return Ok(Text::from(unescape(quoted, Some(char::REPLACEMENT_CHARACTER)).unwrap_or_default()));
        }
        Ok(self.handle.slice(start.saturating_add(1)..end.saturating_sub(1)).unwrap_or_default())
    }

    const fn word(&mut self, len: usize, value: Value) -> Value {
        self.at = self.at.saturating_add(len);
        value
    }

    /// Goes to the next element or member; `false` behind the closing bracket.
    fn another(&mut self, closing: u8) -> Result<bool, JsonFault> {
        let mut next = self.peek()?;
        if next == closing {
            self.at = self.at.saturating_add(1);
            return Ok(false);
        }
        if next == b',' {
            self.at = self.at.saturating_add(1);
            next = self.peek()?;
        }
        if next == closing { Err(JsonFault::json(self.at)) } else { Ok(true) }
    }

    /// The next byte that is not white space, without taking it.
    fn peek(&mut self) -> Result<u8, JsonFault> {
        self.at = check::space(self.json, self.at);
        self.json.get(self.at).copied().ok_or_else(|| JsonFault::json(self.at))
    }

    fn deeper(&self, depth: u32) -> Result<u32, JsonFault> {
        depth.checked_sub(1).ok_or_else(|| JsonFault::too_deep(self.at))
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
