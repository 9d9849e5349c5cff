//! Reading arguments into a type of the program's.

use alloc::borrow::Cow;
use alloc::string::ToString as _;
use core::marker::PhantomData;

use serde::de::value::{I64Deserializer, MapAccessDeserializer, MapDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer as _, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::fault::MsgPackFault;
use super::tokens::{Token, Tokens};
use super::value::key;
use crate::socketio::bridge::{KeyText, ReadError, ReadItems, ReadVariant, Variant};
use crate::socketio::value::{DATE, Date, UNDEFINED, VALUE};

/// What [`Items`] fail with.
pub(in crate::socketio) trait MsgPackError: ReadError + From<MsgPackFault> {}

impl<E: ReadError + From<MsgPackFault>> MsgPackError for E {}

/// Arguments of which at least the lengths were checked before; `&mut Items` is the deserializer of the next.
#[derive(Debug)]
pub(in crate::socketio) struct Items<'de, E> {
    reader: Tokens<'de>,
    error: PhantomData<fn() -> E>,
}

impl<'de, E: MsgPackError> Items<'de, E> {
    pub(in crate::socketio) const fn new(items: Tokens<'de>) -> Self {
        Self { reader: items, error: PhantomData }
    }

    /// How far it came.
    pub(in crate::socketio) const fn at(&self) -> usize {
        self.reader.at()
    }

    /// Checks what was not read.
    pub(in crate::socketio) fn skip_all(&self) -> Result<(), MsgPackFault> {
        self.reader.skip_all()
    }

    /// The next token without taking it.
    fn peek(&self) -> Result<Token<'de>, E> {
        let mut reader = self.reader;
        Ok(reader.next()?)
    }

    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, E> {
        match self.reader.next()? {
            Token::Integer(number) | Token::Date(number) => visitor.visit_i64(number),
            Token::Unsigned(number) => visitor.visit_u64(number),
            Token::Float(number) => visitor.visit_f64(number),
            other => self.misfit(other, visitor),
        }
    }

    /// What stands there, to a visitor that knows what serde has no word for as variants of an enum.
    //= MSG-02
    //= MSG-08
    fn value<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, E> {
        match self.reader.next()? {
            Token::Undefined => {
                let variant: StrDeserializer<'_, E> = UNDEFINED.into_deserializer();
                visitor.visit_enum(variant)
            }
            Token::Date(milliseconds) => {
                let variant = MapDeserializer::new(core::iter::once((DATE, milliseconds)));
                visitor.visit_enum(MapAccessDeserializer::new(variant))
            }
            token => self.show(token, visitor),
        }
    }

    /// Shows a token in serde's words, and what belongs to it.
    #[inline]
    fn show<V: Visitor<'de>>(&mut self, token: Token<'de>, visitor: V) -> Result<V::Value, E> {
        match token {
            Token::Nil | Token::Undefined => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            // As in JSON, where what is not negative is unsigned.
            Token::Integer(number) => match u64::try_from(number) {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_i64(number),
            },
            Token::Unsigned(number) => visitor.visit_u64(number),
            Token::Float(number) => visitor.visit_f64(number),
            Token::String(text) => visitor.visit_borrowed_str(text),
            Token::Binary(bytes) => visitor.visit_borrowed_bytes(bytes),
            Token::Date(milliseconds) => visitor.visit_string(Date(milliseconds).to_string()),
            Token::Extension(kind, bytes) => {
                visitor.visit_seq(Extension { kind: Some(kind), bytes: Some(bytes), error: PhantomData })
            }
            Token::Array(count) => self.sequence(count, visitor),
            Token::Map(count) => self.mapping(count, &[], visitor),
        }
    }

    /// Shows a token to a visitor that does not take it, if it is worth hearing what that expects.
    #[cold]
    fn misfit<V: Visitor<'de>>(&mut self, token: Token<'de>, visitor: V) -> Result<V::Value, E> {
        match token {
            // A visitor of text may take bytes, which were not asked for then.
            Token::Binary(bytes) => Err(E::invalid_type(Unexpected::Bytes(bytes), &visitor)),
            token if E::KEEPS_WORDS => self.show(token, visitor),
            _ => Err(E::custom("value of another type")),
        }
    }

    fn sequence<V: Visitor<'de>>(&mut self, count: u32, visitor: V) -> Result<V::Value, E> {
        let mut parts = Parts { items: self, left: count, names: &[] };
        let value = visitor.visit_seq(&mut parts)?;
        if parts.left == 0 { Ok(value) } else { Err(E::custom("more elements than expected")) }
    }

    fn mapping<V: Visitor<'de>>(
        &mut self,
        count: u32,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        let mut parts = Parts { items: self, left: count, names };
        let value = visitor.visit_map(&mut parts)?;
        if parts.left == 0 { Ok(value) } else { Err(E::custom("more elements than expected")) }
    }

    #[inline(always)]
    fn key(&mut self) -> Result<KeyText<'de, E>, E> {
        let start = self.reader;
        if let Token::String(text) = self.reader.next()? {
            return Ok(KeyText::new(Cow::Borrowed(text)));
        }
        self.reader = start;
        Ok(KeyText::new(Cow::Owned(key(&mut self.reader)?)))
    }
}

impl<'de, E: MsgPackError> ReadItems<'de> for Items<'de, E> {
    type Error = E;

    fn advance(&mut self, _: bool) -> Result<bool, E> {
        Ok(!self.reader.is_at_end())
    }

    fn item<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, E> {
        seed.deserialize(self)
    }
}

impl<'de, E: MsgPackError> ReadVariant<'de> for Items<'de, E> {
    type Error = E;

    fn variant_name(&mut self) -> Result<KeyText<'de, E>, E> {
        self.key()
    }
}

macro_rules! numbers {
    ($($method:ident),* $(,)?) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
            self.number(visitor)
        }
    )*};
}

impl<'de, E: MsgPackError> Deserializer<'de> for &mut Items<'de, E> {
    type Error = E;

    //= MSG-08
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        let token = self.reader.next()?;
        self.show(token, visitor)
    }

    numbers! {
        deserialize_i8, deserialize_i16, deserialize_i32, deserialize_i64, deserialize_i128,
        deserialize_u8, deserialize_u16, deserialize_u32, deserialize_u64, deserialize_u128,
        deserialize_f32, deserialize_f64,
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.reader.next()? {
            Token::String(text) => visitor.visit_borrowed_str(text),
            Token::Date(milliseconds) => visitor.visit_string(Date(milliseconds).to_string()),
            other => self.misfit(other, visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.reader.next()? {
            Token::Binary(bytes) => visitor.visit_borrowed_bytes(bytes),
            Token::String(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            other => self.misfit(other, visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.deserialize_bytes(visitor)
    }

    //= MSG-02
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        let start = self.reader;
        if let Token::Nil | Token::Undefined = self.reader.next()? {
            return visitor.visit_none();
        }
        self.reader = start;
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, E> {
        if name == VALUE {
            return self.value(visitor);
        }
        if name == DATE
            && let Token::Date(milliseconds) = self.peek()?
        {
            self.reader.next()?;
            let milliseconds: I64Deserializer<E> = milliseconds.into_deserializer();
            return visitor.visit_newtype_struct(milliseconds);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        match self.reader.next()? {
            Token::String(variant) => {
                let variant: StrDeserializer<'_, E> = variant.into_deserializer();
                visitor.visit_enum(variant)
            }
            Token::Map(1) => visitor.visit_enum(Variant(self)),
            other => self.misfit(other, visitor),
        }
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        match self.reader.next()? {
            Token::Map(count) => self.mapping(count, names, visitor),
            other => self.show(other, visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.reader.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool char unit unit_struct seq tuple tuple_struct map identifier
    }
}

/// The elements of an array or the members of a map.
struct Parts<'r, 'de, E> {
    items: &'r mut Items<'de, E>,
    left: u32,
    /// The fields of the struct that is read, from the one on that is expected next.
    names: &'static [&'static str],
}

impl<'de, E: MsgPackError> Parts<'_, 'de, E> {
    /// The next key. One that names a field is that name, so that nobody has to see whether it is text.
    #[inline(always)]
    fn key(&mut self) -> Result<KeyText<'de, E>, E> {
        let mut reader = self.items.reader;
        if let Some(key) = reader.short_string() {
            let mut ahead = self.names.iter();
            if let Some(name) = ahead.find(|name| name.as_bytes() == key) {
                self.names = ahead.as_slice();
                self.items.reader = reader;
                return Ok(KeyText::new(Cow::Borrowed(name)));
            }
        }
        self.items.key()
    }
}

impl<E> Parts<'_, '_, E> {
    const fn advance(&mut self) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        true
    }
}

impl<'de, E: MsgPackError> SeqAccess<'de> for &mut Parts<'_, 'de, E> {
    type Error = E;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, E> {
        if self.advance() { seed.deserialize(&mut *self.items).map(Some) } else { Ok(None) }
    }
}

impl<'de, E: MsgPackError> MapAccess<'de> for &mut Parts<'_, 'de, E> {
    type Error = E;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, E> {
        if self.advance() { seed.deserialize(self.key()?).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, E> {
        seed.deserialize(&mut *self.items)
    }
}

/// An unknown extension, as the reference shows it: a list of its type and its bytes.
struct Extension<'de, E> {
    kind: Option<i8>,
    bytes: Option<&'de [u8]>,
    error: PhantomData<fn() -> E>,
}

impl<'de, E: MsgPackError> SeqAccess<'de> for Extension<'de, E> {
    type Error = E;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, E> {
        if let Some(kind) = self.kind.take() {
            return seed.deserialize(kind.into_deserializer()).map(Some);
        }
        let Some(bytes) = self.bytes.take() else { return Ok(None) };
        seed.deserialize(serde::de::value::BorrowedBytesDeserializer::new(bytes)).map(Some)
    }
}
