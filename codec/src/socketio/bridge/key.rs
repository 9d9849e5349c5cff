//! The keys of objects, which are strings; a number or a bool may stand inside the quotes.

use alloc::borrow::Cow;
use alloc::string::String;
use core::marker::PhantomData;

use serde::de::{Deserializer, EnumAccess, Expected, IntoDeserializer as _, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::ReadError;

/// Reads a key, or the name of a variant, as what its text stands for.
pub(crate) struct KeyText<'de, E> {
    text: Cow<'de, str>,
    error: PhantomData<fn() -> E>,
}

impl<'de, E: ReadError> KeyText<'de, E> {
    #[inline]
    pub(crate) const fn new(text: Cow<'de, str>) -> Self {
        Self { text, error: PhantomData }
    }

    /// A text that is not what `expected` says.
    #[cold]
    fn misfit(&self, expected: &dyn Expected) -> E {
        E::invalid_value(Unexpected::Str(&self.text), expected)
    }

    /// The name of a variant without contents.
    pub(crate) fn into_deserializer(self) -> impl EnumAccess<'de, Error = E> {
        String::from(self.text).into_deserializer()
    }
}

macro_rules! numbers {
    ($($method:ident => $visit:ident),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
            // Rust reads more than JSON does: signs, points without digits, infinities.
            if !matches!(self.text.as_bytes(), [b'0'..=b'9' | b'-', .., b'0'..=b'9'] | [b'0'..=b'9']) {
                return Err(self.misfit(&visitor));
            }
            match self.text.parse() {
                Ok(number) => visitor.$visit(number),
                Err(_) => Err(self.misfit(&visitor)),
            }
        }
    )*};
}

impl<'de, E: ReadError> Deserializer<'de> for KeyText<'de, E> {
    type Error = E;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.text {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    numbers! {
        deserialize_i8 => visit_i8, deserialize_i16 => visit_i16, deserialize_i32 => visit_i32,
        deserialize_i64 => visit_i64, deserialize_i128 => visit_i128, deserialize_u8 => visit_u8,
        deserialize_u16 => visit_u16, deserialize_u32 => visit_u32, deserialize_u64 => visit_u64,
        deserialize_u128 => visit_u128, deserialize_f32 => visit_f32, deserialize_f64 => visit_f64,
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.text.parse() {
            Ok(value) => visitor.visit_bool(value),
            Err(_) => Err(self.misfit(&visitor)),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.text {
            Cow::Borrowed(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Cow::Owned(text) => visitor.visit_byte_buf(text.into_bytes()),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        visitor.visit_enum(self.into_deserializer())
    }

    forward_to_deserialize_any! {
        char str string unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
