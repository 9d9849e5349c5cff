//! What may stand for a whole list of arguments: sequences only.
//!
//! Deciding this in the serializer, rather than by looking at the output, keeps `()` (no arguments)
//! apart from `None` (not a list).

use core::fmt;

use serde::ser::{Impossible, Serialize, Serializer};

use super::compound::Compound;
use super::{Failure, Writer};
use crate::socketio::args::Lead;

/// A serializer that takes sequences and `()`.
pub(super) struct List<'a, 'w> {
    pub(super) writer: &'a mut Writer<'w>,
    pub(super) lead: Lead,
}

impl<'a, 'w> List<'a, 'w> {
    fn open(self) -> Compound<'a, 'w> {
        Compound::list(self.writer, self.lead == Lead::Bare)
    }
}

/// Methods that fail, for values without parts.
macro_rules! refuse {
    ($failure:expr; $($method:ident($($type:ty),*)),* $(,)?) => {$(
        fn $method(self, $(_: $type),*) -> Result<Self::Ok, Self::Error> {
            Err($failure)
        }
    )*};
}

/// Methods that fail, for values around another.
macro_rules! refuse_contents {
    ($failure:expr; $($method:ident($($type:ty),*)),* $(,)?) => {$(
        fn $method<T: serde::Serialize + ?Sized>(self, $(_: $type,)* _: &T) -> Result<Self::Ok, Self::Error> {
            Err($failure)
        }
    )*};
}

/// Methods that fail, for arrays and objects.
macro_rules! refuse_compounds {
    ($failure:expr; $($method:ident($($type:ty),*) $compound:ident),* $(,)?) => {$(
        fn $method(self, $(_: $type),*) -> Result<Self::$compound, Self::Error> {
            Err($failure)
        }
    )*};
}

pub(crate) use {refuse, refuse_compounds, refuse_contents};

impl<'a, 'w> Serializer for List<'a, 'w> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Compound<'a, 'w>;
    type SerializeTuple = Compound<'a, 'w>;
    type SerializeTupleStruct = Compound<'a, 'w>;
    type SerializeTupleVariant = Impossible<(), Failure>;
    type SerializeMap = Impossible<(), Failure>;
    type SerializeStruct = Impossible<(), Failure>;
    type SerializeStructVariant = Impossible<(), Failure>;

    refuse! { Failure::NotASequence;
        serialize_bool(bool), serialize_char(char), serialize_str(&str), serialize_bytes(&[u8]),
        serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
        serialize_i128(i128), serialize_u8(u8), serialize_u16(u16), serialize_u32(u32),
        serialize_u64(u64), serialize_u128(u128), serialize_f32(f32), serialize_f64(f64),
        serialize_none(), serialize_unit_variant(&'static str, u32, &'static str),
    }

    refuse_contents! { Failure::NotASequence;
        serialize_some(), serialize_newtype_variant(&'static str, u32, &'static str),
    }

    refuse_compounds! { Failure::NotASequence;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) SerializeTupleVariant,
        serialize_map(Option<usize>) SerializeMap,
        serialize_struct(&'static str, usize) SerializeStruct,
        serialize_struct_variant(&'static str, u32, &'static str, usize) SerializeStructVariant,
    }

    fn serialize_unit(self) -> Result<(), Failure> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Failure> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Failure> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a, 'w>, Failure> {
        Ok(self.open())
    }

    #[inline]
    fn serialize_tuple(self, _: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(self.open())
    }

    #[inline]
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(self.open())
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<(), Failure> {
        Err(Failure::NotASequence)
    }
}
