//! A deserializer of JSON text that puts attachments back where placeholders stand.
//!
//! It is one of our own rather than `serde_json`'s for three reasons: a value of another type costs no formatted error,
//! numbers read as in JavaScript (to the nearest double, which may be infinite), and text without placeholders takes the
//! same way as text with them. It checks what it reads, so that it may read text that was not checked before.
//!
//! Which arrays and objects lead to a placeholder is known from the [`skeleton`](super::placeholders::skeleton); without
//! attachments that is none.

use alloc::borrow::Cow;

use bytes::Bytes;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::JsonFault;
use super::cursor::Cursor;
use super::literal::{Literal, number, unescape};
use super::placeholders::Node;
use super::ser::RAW_VALUE;
use crate::socketio::bridge::{KeyText, MAX_DEPTH, Misfit, ReadVariant, Variant};
use crate::socketio::value::VALUE;

impl From<JsonFault> for Misfit {
    fn from(_: JsonFault) -> Self {
        Self
    }
}

/// Reads values one after the other; a `&mut JsonReader` is the deserializer of the next.
pub(in crate::socketio) struct JsonReader<'de, 'n> {
    text: &'de str,
    cursor: Cursor<'de>,
    /// How many more arrays and objects may be opened.
    depth: u32,
    /// The nodes not yet passed.
    nodes: &'n [Node],
    attachments: &'de [Bytes],
}

impl<'de, 'n> JsonReader<'de, 'n> {
    /// Reads from `at` on, inside the array of arguments.
    pub(in crate::socketio) const fn new(
        text: &'de str,
        at: usize,
        nodes: &'n [Node],
        attachments: &'de [Bytes],
    ) -> Self {
        Self { text, cursor: Cursor::new(text.as_bytes(), at), depth: MAX_DEPTH - 1, nodes, attachments }
    }

    /// Reads the one value that a text is.
    pub(in crate::socketio) const fn of_value(text: &'de str) -> Self {
        Self { text, cursor: Cursor::new(text.as_bytes(), 0), depth: MAX_DEPTH, nodes: &[], attachments: &[] }
    }

    /// How far it came.
    pub(in crate::socketio) const fn at(&self) -> usize {
        self.cursor.at()
    }

    /// Moves to the next element; `false` at the closing bracket.
    #[inline]
    pub(in crate::socketio) fn advance(&mut self, closing: u8, first: bool) -> Result<bool, Misfit> {
        let next = self.cursor.peek()?;
        if next == closing {
            return Ok(false);
        }
        if !first {
            if next != b',' {
                return Err(Misfit);
            }
            self.cursor.step(1);
        }
        Ok(true)
    }

    /// The bytes of the placeholder that comes next, if one does, and where it ends.
    #[inline]
    fn attachment(&mut self) -> Result<Option<(&'de Bytes, usize)>, Misfit> {
        if self.nodes.is_empty() {
            return Ok(None);
        }
        self.cursor.peek()?;
        while let Some((node, rest)) = self.nodes.split_first() {
            if node.start < self.cursor.at() {
                self.nodes = rest;
                continue;
            }
            if node.start == self.cursor.at()
                && let Some(number) = node.attachment
            {
                return Ok(Some((self.attachments.get(number).ok_or(Misfit)?, node.end)));
            }
            break;
        }
        Ok(None)
    }

    /// A lone surrogate, which no text of Rust's holds, becomes `instead`, or is a misfit.
    //= SIO5-PKT-24
    #[inline]
    fn string(&mut self, instead: Option<char>) -> Result<Cow<'de, str>, Misfit> {
        let quoted = self.cursor.string()?;
        if quoted.escaped {
            let quoted = self.text.get(quoted.whole()).ok_or(Misfit)?;
            return unescape(quoted, instead).map(Cow::Owned).ok_or(Misfit);
        }
        self.text.get(quoted.inside()).map(Cow::Borrowed).ok_or(Misfit)
    }

    //= SIO5-PKT-21
    #[inline]
    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        match number(self.text, self.cursor.at_mut())? {
            Literal::Unsigned(number) => visitor.visit_u64(number),
            Literal::Negative(number) => visitor.visit_i64(number),
            Literal::Float(number) => visitor.visit_f64(number),
        }
    }

    fn enter(&mut self) -> Result<(), Misfit> {
        self.depth = self.depth.checked_sub(1).ok_or(Misfit)?;
        self.cursor.step(1);
        Ok(())
    }

    #[inline]
    fn leave(&mut self, closing: u8) -> Result<(), Misfit> {
        self.cursor.expect(closing)?;
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    /// What stands there, whatever that is.
    #[inline]
    fn any<V: Visitor<'de>>(&mut self, visitor: V, instead: Option<char>) -> Result<V::Value, Misfit> {
        //= SIO5-ATT-18
        if let Some((bytes, end)) = self.attachment()? {
            self.cursor.jump(end);
            return visitor.visit_borrowed_bytes(bytes);
        }
        match self.cursor.peek()? {
            b'"' => match self.string(instead)? {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            b'-' | b'0'..=b'9' => self.number(visitor),
            b'[' => self.sequence(visitor),
            b'{' => self.mapping(visitor, instead),
            b't' => {
                self.cursor.word("true")?;
                visitor.visit_bool(true)
            }
            b'f' => {
                self.cursor.word("false")?;
                visitor.visit_bool(false)
            }
            b'n' => {
                self.cursor.word("null")?;
                visitor.visit_unit()
            }
            _ => Err(Misfit),
        }
    }

    #[inline(always)]
    fn sequence<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        self.enter()?;
        let value = visitor.visit_seq(Elements { reader: self, first: true, instead: None })?;
        self.leave(b']')?;
        Ok(value)
    }

    fn mapping<V: Visitor<'de>>(&mut self, visitor: V, instead: Option<char>) -> Result<V::Value, Misfit> {
        self.enter()?;
        let value = visitor.visit_map(Elements { reader: self, first: true, instead })?;
        self.leave(b'}')?;
        Ok(value)
    }

    fn skip(&mut self) -> Result<(), Misfit> {
        Ok(self.cursor.value(self.depth)?)
    }
}

macro_rules! wide {
    ($($method:ident => $visit:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            self.cursor.peek()?;
            let start = self.cursor.at();
            self.cursor.number()?;
            let literal = self.text.get(start..self.cursor.at()).ok_or(Misfit)?;
            visitor.$visit(literal.parse().map_err(|_| Misfit)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut JsonReader<'de, '_> {
    type Error = Misfit;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.any(visitor, None)
    }

    wide!(deserialize_i128 => visit_i128, deserialize_u128 => visit_u128);

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.string(None)? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.cursor.peek()? != b'"' {
            return self.deserialize_any(visitor);
        }
        match self.string(None)? {
            Cow::Borrowed(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Cow::Owned(text) => visitor.visit_byte_buf(text.into_bytes()),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_bytes(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.cursor.peek()? == b'n' {
            self.cursor.word("null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        if name == VALUE {
            return self.any(visitor, Some(char::REPLACEMENT_CHARACTER));
        }
        if name != RAW_VALUE {
            return visitor.visit_newtype_struct(self);
        }
        self.cursor.peek()?;
        let start = self.cursor.at();
        self.skip()?;
        visitor.visit_map(Raw { text: Some(self.text.get(start..self.cursor.at()).ok_or(Misfit)?) })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if self.attachment()?.is_some() {
            return Err(Misfit);
        }
        match self.cursor.peek()? {
            b'"' => visitor.visit_enum(KeyText(self.string(None)?).into_deserializer()),
            b'{' => {
                self.enter()?;
                let value = visitor.visit_enum(Variant(self))?;
                self.leave(b'}')?;
                Ok(value)
            }
            _ => Err(Misfit),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.cursor.peek()?;
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

impl<'de> ReadVariant<'de> for JsonReader<'de, '_> {
    #[inline]
    fn variant_name(&mut self) -> Result<KeyText<'de>, Misfit> {
        let name = KeyText(self.string(None)?);
        self.cursor.expect(b':')?;
        Ok(name)
    }
}

/// The elements of an array or the members of an object.
struct Elements<'r, 'de, 'n> {
    reader: &'r mut JsonReader<'de, 'n>,
    first: bool,
    /// What lone surrogates in the members' names become.
    instead: Option<char>,
}

impl Elements<'_, '_, '_> {
    #[inline]
    fn advance(&mut self, closing: u8) -> Result<bool, Misfit> {
        let first = core::mem::replace(&mut self.first, false);
        self.reader.advance(closing, first)
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de, '_> {
    type Error = Misfit;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        if self.advance(b']')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Elements<'_, 'de, '_> {
    type Error = Misfit;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        if !self.advance(b'}')? {
            return Ok(None);
        }
        seed.deserialize(KeyText(self.reader.string(self.instead)?)).map(Some)
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Misfit> {
        self.reader.cursor.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// A value's text in the shape in which `serde_json`'s `RawValue` takes it.
struct Raw<'de> {
    text: Option<&'de str>,
}

impl<'de> MapAccess<'de> for Raw<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        if self.text.is_none() {
            return Ok(None);
        }
        seed.deserialize(BorrowedStrDeserializer::new(RAW_VALUE)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Misfit> {
        seed.deserialize(BorrowedStrDeserializer::new(self.text.take().ok_or(Misfit)?))
    }
}
