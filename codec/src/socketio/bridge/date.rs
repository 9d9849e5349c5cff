//! What a serializer does with the number inside a date.

use serde::ser::{Impossible, Serializer};

use super::Failure;
use super::serializer::{refuse, refuse_compounds, refuse_contents};

/// Takes the number out of a date.
pub(in crate::socketio) struct Milliseconds;

impl Serializer for Milliseconds {
    type Ok = i64;
    type Error = Failure;
    type SerializeSeq = Impossible<i64, Failure>;
    type SerializeTuple = Impossible<i64, Failure>;
    type SerializeTupleStruct = Impossible<i64, Failure>;
    type SerializeTupleVariant = Impossible<i64, Failure>;
    type SerializeMap = Impossible<i64, Failure>;
    type SerializeStruct = Impossible<i64, Failure>;
    type SerializeStructVariant = Impossible<i64, Failure>;

    fn serialize_i64(self, milliseconds: i64) -> Result<i64, Failure> {
        Ok(milliseconds)
    }

    refuse! { Failure::Unrepresentable;
        serialize_bool(bool), serialize_char(char), serialize_str(&str), serialize_bytes(&[u8]), serialize_i8(i8),
        serialize_i16(i16), serialize_i32(i32), serialize_u8(u8), serialize_u16(u16), serialize_u32(u32),
        serialize_u64(u64), serialize_f32(f32), serialize_f64(f64), serialize_none(), serialize_unit(),
        serialize_unit_struct(&'static str), serialize_unit_variant(&'static str, u32, &'static str),
    }

    refuse_contents! { Failure::Unrepresentable; serialize_some(), serialize_newtype_struct(&'static str),
    serialize_newtype_variant(&'static str, u32, &'static str) }

    refuse_compounds! { Failure::Unrepresentable;
        serialize_seq(Option<usize>) SerializeSeq, serialize_tuple(usize) SerializeTuple,
        serialize_tuple_struct(&'static str, usize) SerializeTupleStruct,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) SerializeTupleVariant,
        serialize_map(Option<usize>) SerializeMap, serialize_struct(&'static str, usize) SerializeStruct,
        serialize_struct_variant(&'static str, u32, &'static str, usize) SerializeStructVariant,
    }
}
