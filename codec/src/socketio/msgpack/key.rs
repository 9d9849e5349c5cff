//! The keys of maps, which are strings as in JSON: what can stand for one is written as its text, and read from it.

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Deserializer, Error as _, IntoDeserializer as _, Visitor};
use serde::forward_to_deserialize_any;
use serde::ser::{Impossible, Serialize, Serializer};

use super::ser::write_string;
use crate::socketio::args::{Failure, Misfit, refuse, refuse_compounds, refuse_contents};

/// Writes strings, and numbers and bools as their text.
pub(super) struct Key<'w>(pub(super) &'w mut Vec<u8>);

macro_rules! shown {
    ($($method:ident: $type:ty),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<(), Failure> {
            self.collect_str(&value)
        }
    )*};
}

impl Serializer for Key<'_> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Impossible<(), Failure>;
    type SerializeTuple = Impossible<(), Failure>;
    type SerializeTupleStruct = Impossible<(), Failure>;
    type SerializeTupleVariant = Impossible<(), Failure>;
    type SerializeMap = Impossible<(), Failure>;
    type SerializeStruct = Impossible<(), Failure>;
    type SerializeStructVariant = Impossible<(), Failure>;

    shown! {
        serialize_bool: bool, serialize_char: char, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128,
    }

    fn serialize_f32(self, value: f32) -> Result<(), Failure> {
        serde_json::to_string(&value).map_or(Err(Failure::Unrepresentable), |text| self.serialize_str(&text))
    }

    fn serialize_f64(self, value: f64) -> Result<(), Failure> {
        serde_json::to_string(&value).map_or(Err(Failure::Unrepresentable), |text| self.serialize_str(&text))
    }

    fn serialize_str(self, value: &str) -> Result<(), Failure> {
        write_string(self.0, value);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failure> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Failure> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Failure> {
        value.serialize(self)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Failure> {
        self.serialize_str(&value.to_string())
    }

    refuse! { Failure::Unrepresentable;
        serialize_bytes(&[u8]), serialize_none(), serialize_unit(), serialize_unit_struct(&'static str),
    }

    refuse_contents! { Failure::Unrepresentable; serialize_newtype_variant(&'static str, u32, &'static str) }

    refuse_compounds! { Failure::Unrepresentable;
        serialize_seq(Option<usize>) SerializeSeq,
        serialize_tuple(usize) SerializeTuple,
        serialize_tuple_struct(&'static str, usize) SerializeTupleStruct,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) SerializeTupleVariant,
        serialize_map(Option<usize>) SerializeMap,
        serialize_struct(&'static str, usize) SerializeStruct,
        serialize_struct_variant(&'static str, u32, &'static str, usize) SerializeStructVariant,
    }
}

/// Reads a key as what its text stands for.
pub(super) struct KeyText<'de>(pub(super) Cow<'de, str>);

macro_rules! numbers {
    ($($method:ident => $visit:ident),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            visitor.$visit(self.0.parse().map_err(Misfit::custom)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for KeyText<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    numbers! {
        deserialize_bool => visit_bool,
        deserialize_i8 => visit_i8, deserialize_i16 => visit_i16, deserialize_i32 => visit_i32,
        deserialize_i64 => visit_i64, deserialize_i128 => visit_i128, deserialize_u8 => visit_u8,
        deserialize_u16 => visit_u16, deserialize_u32 => visit_u32, deserialize_u64 => visit_u64,
        deserialize_u128 => visit_u128, deserialize_f32 => visit_f32, deserialize_f64 => visit_f64,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_enum(String::from(self.0).into_deserializer())
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
