//! A deserializer of JSON text that puts attachments back where placeholders stand.
//!
//! It is one of our own rather than `serde_json`'s for three reasons: a value of another type costs no formatted error,
//! numbers read as in JavaScript (to the nearest double, which may be infinite), and text without placeholders takes the
//! same way as text with them. It checks what it reads, so that it may read text that was not checked before.
//!
//! Which arrays and objects lead to a placeholder is known from the [`skeleton`](super::placeholders::skeleton); without
//! attachments that is none.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use core::marker::PhantomData;

use bytes::Bytes;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::cursor::{Cursor, Quoted};
use super::literal::{Literal, number, unescape};
use super::placeholders::Node;
use super::ser::RAW_VALUE;
use super::{JsonFault, JsonFaultKind};
use crate::socketio::bridge::{Explained, KeyText, MAX_DEPTH, Misfit, ReadError, ReadVariant, Variant};
use crate::socketio::value::VALUE;

/// What a [`JsonReader`] fails with.
pub(in crate::socketio) trait JsonError: ReadError + From<JsonFault> {}

impl<E: ReadError + From<JsonFault>> JsonError for E {}

impl From<JsonFault> for Misfit {
    fn from(_: JsonFault) -> Self {
        Self
    }
}

impl From<JsonFault> for Explained {
    fn from(fault: JsonFault) -> Self {
        Self(Box::from(match fault.kind {
            JsonFaultKind::Json => "invalid JSON",
            JsonFaultKind::Placeholder | JsonFaultKind::TooMany => "a placeholder without attachment",
            JsonFaultKind::TooDeep => "nested too deeply",
        }))
    }
}

/// Reads values one after the other; a `&mut JsonReader` is the deserializer of the next.
pub(in crate::socketio) struct JsonReader<'de, 'n, E> {
    text: &'de str,
    cursor: Cursor<'de>,
    /// How many more arrays and objects may be opened.
    depth: u32,
    /// The nodes not yet passed.
    nodes: &'n [Node],
    attachments: &'de [Bytes],
    error: PhantomData<fn() -> E>,
}

impl<'de, 'n, E: JsonError> JsonReader<'de, 'n, E> {
    /// Reads from `at` on, inside the array of arguments.
    pub(in crate::socketio) const fn new(
        text: &'de str,
        at: usize,
        nodes: &'n [Node],
        attachments: &'de [Bytes],
    ) -> Self {
        Self {
            text,
            cursor: Cursor::new(text.as_bytes(), at),
            depth: MAX_DEPTH - 1,
            nodes,
            attachments,
            error: PhantomData,
        }
    }

    /// Reads the one value that a text is.
    pub(in crate::socketio) const fn of_value(text: &'de str) -> Self {
        Self {
            text,
            cursor: Cursor::new(text.as_bytes(), 0),
            depth: MAX_DEPTH,
            nodes: &[],
            attachments: &[],
            error: PhantomData,
        }
    }

    /// How far it came.
    pub(in crate::socketio) const fn at(&self) -> usize {
        self.cursor.at()
    }

    /// Out of the way of what is expected, which would be slower with it in between.
    #[cold]
    #[inline(never)]
    fn misplaced(&self) -> E {
        self.cursor.fault().into()
    }

    #[cold]
    #[inline(never)]
    fn surrogate() -> E {
        E::custom("a string with a lone surrogate")
    }

    /// Moves to the next element; `false` at the closing bracket.
    #[inline]
    pub(in crate::socketio) fn advance(&mut self, closing: u8, first: bool) -> Result<bool, E> {
        let next = self.cursor.peek()?;
        if next == closing {
            return Ok(false);
        }
        if !first {
            if next != b',' {
                return Err(self.misplaced());
            }
            self.cursor.step(1);
        }
        Ok(true)
    }

    /// The bytes of the placeholder that comes next, if one does, and where it ends.
    #[inline]
    fn attachment(&mut self) -> Result<Option<(&'de Bytes, usize)>, E> {
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
                return Ok(Some((
                    self.attachments.get(number).ok_or_else(|| JsonFault::placeholder(node.start))?,
                    node.end,
                )));
            }
            break;
        }
        Ok(None)
    }

    /// A lone surrogate, which no text of Rust's holds, becomes `instead`, or is a misfit.
    //= SIO5-PKT-24
    // A call for each string and each key is a tenth of what reading a typed document takes.
    #[inline(always)]
    fn string(&mut self, instead: Option<char>) -> Result<Cow<'de, str>, E> {
        let quoted = self.cursor.string()?;
        if quoted.escaped {
            return self.unescaped(quoted, instead).map(Cow::Owned);
        }
        self.text.get(quoted.inside()).map(Cow::Borrowed).ok_or_else(|| self.misplaced())
    }

    #[inline(never)]
    fn unescaped(&self, quoted: Quoted, instead: Option<char>) -> Result<String, E> {
        let quoted = self.text.get(quoted.whole()).ok_or_else(|| self.misplaced())?;
        unescape(quoted, instead).ok_or_else(|| Self::surrogate())
    }

    //= SIO5-PKT-21
    #[inline]
    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, E> {
        match number(self.text, self.cursor.at_mut())? {
            Literal::Unsigned(number) => visitor.visit_u64(number),
            Literal::Negative(number) => visitor.visit_i64(number),
            Literal::Float(number) => visitor.visit_f64(number),
        }
    }

    fn enter(&mut self) -> Result<(), E> {
        self.depth = self.depth.checked_sub(1).ok_or_else(|| JsonFault::too_deep(self.cursor.at()))?;
        self.cursor.step(1);
        Ok(())
    }

    #[inline]
    fn leave(&mut self, closing: u8) -> Result<(), E> {
        if E::KEEPS_WORDS && self.cursor.peek()? == b',' {
            return Err(E::custom("more elements than expected"));
        }
        self.cursor.expect(closing)?;
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    /// What stands there, whatever that is.
    #[inline]
    fn any<V: Visitor<'de>>(&mut self, visitor: V, instead: Option<char>) -> Result<V::Value, E> {
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
            _ => Err(self.misplaced()),
        }
    }

    #[inline(always)]
    fn sequence<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, E> {
        self.enter()?;
        let value = visitor.visit_seq(Elements { reader: self, first: true, instead: None })?;
        self.leave(b']')?;
        Ok(value)
    }

    fn mapping<V: Visitor<'de>>(&mut self, visitor: V, instead: Option<char>) -> Result<V::Value, E> {
        self.enter()?;
        let value = visitor.visit_map(Elements { reader: self, first: true, instead })?;
        self.leave(b'}')?;
        Ok(value)
    }

    /// Whether it is worth showing what comes next to a visitor that does not take it, so that it says what it expects.
    #[inline(always)]
    fn is_other(&mut self, is_expected: impl FnOnce(u8) -> bool) -> Result<bool, E> {
        Ok(E::KEEPS_WORDS && !is_expected(self.cursor.peek()?))
    }

    fn skip(&mut self) -> Result<(), E> {
        Ok(self.cursor.value(self.depth)?)
    }
}

macro_rules! wide {
    ($($method:ident => $visit:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
            if self.is_other(|next| matches!(next, b'-' | b'0'..=b'9'))? {
                return self.any(visitor, None);
            }
            self.cursor.peek()?;
            let start = self.cursor.at();
            self.cursor.number()?;
            let literal = self.text.get(start..self.cursor.at()).unwrap_or_default();
            match literal.parse() {
                Ok(number) => visitor.$visit(number),
                Err(_) => Err(E::invalid_value(Unexpected::Other(literal), &visitor)),
            }
        }
    )*};
}

impl<'de, E: JsonError> Deserializer<'de> for &mut JsonReader<'de, '_, E> {
    type Error = E;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.any(visitor, None)
    }

    wide!(deserialize_i128 => visit_i128, deserialize_u128 => visit_u128);

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        if self.is_other(|next| next == b'"')? {
            // A visitor of text may take bytes, which are not asked for here.
            if let Some((bytes, _)) = self.attachment()? {
                return Err(E::invalid_type(Unexpected::Bytes(bytes), &visitor));
            }
            return self.any(visitor, None);
        }
        match self.string(None)? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        if self.cursor.peek()? != b'"' {
            return self.deserialize_any(visitor);
        }
        match self.string(None)? {
            Cow::Borrowed(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Cow::Owned(text) => visitor.visit_byte_buf(text.into_bytes()),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.deserialize_bytes(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        if self.cursor.peek()? == b'n' {
            self.cursor.word("null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, E> {
        if name == VALUE {
            return self.any(visitor, Some(char::REPLACEMENT_CHARACTER));
        }
        if name != RAW_VALUE {
            return visitor.visit_newtype_struct(self);
        }
        self.cursor.peek()?;
        let start = self.cursor.at();
        self.skip()?;
        let text = self.text.get(start..self.cursor.at());
        visitor.visit_map(Raw { text, error: PhantomData })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        if self.attachment()?.is_some() {
            return Err(E::invalid_type(Unexpected::Other("binary value"), &visitor));
        }
        match self.cursor.peek()? {
            b'"' => visitor.visit_enum(KeyText::new(self.string(None)?).into_deserializer()),
            b'{' => {
                self.enter()?;
                let value = visitor.visit_enum(Variant(self))?;
                self.leave(b'}')?;
                Ok(value)
            }
            _ if E::KEEPS_WORDS => self.any(visitor, None),
            _ => Err(self.misplaced()),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.cursor.peek()?;
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

impl<'de, E: JsonError> ReadVariant<'de> for JsonReader<'de, '_, E> {
    type Error = E;

    #[inline]
    fn variant_name(&mut self) -> Result<KeyText<'de, E>, E> {
        let name = KeyText::new(self.string(None)?);
        self.cursor.expect(b':')?;
        Ok(name)
    }
}

/// The elements of an array or the members of an object.
struct Elements<'r, 'de, 'n, E> {
    reader: &'r mut JsonReader<'de, 'n, E>,
    first: bool,
    /// What lone surrogates in the members' names become.
    instead: Option<char>,
}

impl<E: JsonError> Elements<'_, '_, '_, E> {
    #[inline]
    fn advance(&mut self, closing: u8) -> Result<bool, E> {
        let first = core::mem::replace(&mut self.first, false);
        self.reader.advance(closing, first)
    }
}

impl<'de, E: JsonError> SeqAccess<'de> for Elements<'_, 'de, '_, E> {
    type Error = E;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, E> {
        if self.advance(b']')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de, E: JsonError> MapAccess<'de> for Elements<'_, 'de, '_, E> {
    type Error = E;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, E> {
        if !self.advance(b'}')? {
            return Ok(None);
        }
        seed.deserialize(KeyText::new(self.reader.string(self.instead)?)).map(Some)
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, E> {
        self.reader.cursor.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// A value's text in the shape in which `serde_json`'s `RawValue` takes it.
struct Raw<'de, E> {
    text: Option<&'de str>,
    error: PhantomData<fn() -> E>,
}

impl<'de, E: JsonError> MapAccess<'de> for Raw<'de, E> {
    type Error = E;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, E> {
        if self.text.is_none() {
            return Ok(None);
        }
        seed.deserialize(BorrowedStrDeserializer::new(RAW_VALUE)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, E> {
        seed.deserialize(BorrowedStrDeserializer::new(self.text.take().unwrap_or_default()))
    }
}
