//! The keys of an object that leads to a placeholder, read as `serde_json` reads keys: a number or
//! a bool may stand inside the quotes.

use serde::de::{Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::reader::Misfit;

/// One key, both quotes included.
pub(super) struct Key<'de>(&'de [u8]);

impl<'de> Key<'de> {
    pub(super) const fn new(quoted: &'de [u8]) -> Self {
        Self(quoted)
    }

    /// What stands between the quotes.
    fn inside(&self) -> &'de [u8] {
        self.0.get(1..self.0.len().saturating_sub(1)).unwrap_or_default()
    }
}

macro_rules! strings {
    ($($method:ident($($name:ident: $type:ty),*)),* $(,)?) => {$(
        fn $method<V>(self, $($name: $type,)* visitor: V) -> Result<V::Value, Misfit>
        where
            V: Visitor<'de>,
        {
            Ok(serde_json::Deserializer::from_slice(self.0).$method($($name,)* visitor)?)
        }
    )*};
}

macro_rules! numbers {
    ($($method:ident),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            if !matches!(self.inside(), [b'0'..=b'9' | b'-', .., b'0'..=b'9'] | [b'0'..=b'9']) {
                return Err(Misfit);
            }
            let mut json = serde_json::Deserializer::from_slice(self.inside());
            let value = json.$method(visitor)?;
            json.end()?;
            Ok(value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Misfit;

    strings! {
        deserialize_any(), deserialize_bytes(), deserialize_byte_buf(),
        deserialize_enum(name: &'static str, variants: &'static [&'static str]),
    }

    numbers! {
        deserialize_i8, deserialize_i16, deserialize_i32, deserialize_i64, deserialize_i128,
        deserialize_u8, deserialize_u16, deserialize_u32, deserialize_u64, deserialize_u128,
        deserialize_f32, deserialize_f64,
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.inside() {
            b"true" => visitor.visit_bool(true),
            b"false" => visitor.visit_bool(false),
            _ => Err(Misfit),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        char str string unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
