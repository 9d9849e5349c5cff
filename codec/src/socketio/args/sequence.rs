//! What may stand for a whole list of arguments: sequences only.
//!
//! Deciding this in the serializer, rather than by looking at the output, keeps `()` (no arguments)
//! apart from `None` (not a list).

use core::fmt;

use serde::ser::{Error, Impossible, Serialize, SerializeSeq, Serializer};

use super::ser::{Lift, Parts};

/// A serializer that takes sequences and `()`.
pub(super) struct Sequence<'c, S>(Lift<'c, S>);

impl<'c, S: Serializer> Sequence<'c, S> {
    pub(super) const fn new(lift: Lift<'c, S>) -> Self {
        Self(lift)
    }

    fn refuse<T>(self) -> Result<T, S::Error> {
        self.0.shelf.refused.set(true);
        Err(S::Error::custom("arguments must be a sequence"))
    }

    fn empty(self) -> Result<S::Ok, S::Error> {
        self.0.inner.serialize_seq(Some(0))?.end()
    }
}

macro_rules! refuse {
    ($($method:ident($($type:ty),*)),* $(,)?) => {$(
        fn $method(self, $(_: $type),*) -> Result<S::Ok, S::Error> {
            self.refuse()
        }
    )*};
}

impl<'c, S: Serializer> Serializer for Sequence<'c, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Parts<'c, S::SerializeSeq>;
    type SerializeTuple = Parts<'c, S::SerializeTuple>;
    type SerializeTupleStruct = Parts<'c, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Impossible<S::Ok, S::Error>;
    type SerializeMap = Impossible<S::Ok, S::Error>;
    type SerializeStruct = Impossible<S::Ok, S::Error>;
    type SerializeStructVariant = Impossible<S::Ok, S::Error>;

    refuse! {
        serialize_bool(bool), serialize_char(char), serialize_str(&str), serialize_bytes(&[u8]),
        serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
        serialize_i128(i128), serialize_u8(u8), serialize_u16(u16), serialize_u32(u32),
        serialize_u64(u64), serialize_u128(u128), serialize_f32(f32), serialize_f64(f64),
        serialize_none(), serialize_unit_variant(&'static str, u32, &'static str),
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.empty()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<S::Ok, S::Error> {
        self.empty()
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.0.serialize_seq(len)
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.0.serialize_tuple(len)
    }

    fn serialize_tuple_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.0.serialize_tuple_struct(name, len)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<S::Ok, S::Error> {
        self.refuse()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<S::Ok, S::Error> {
        self.refuse()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.refuse()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.refuse()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, S::Error> {
        self.refuse()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.refuse()
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<S::Ok, S::Error> {
        self.refuse()
    }

    fn is_human_readable(&self) -> bool {
        self.0.inner.is_human_readable()
    }
}
