//! One value of any shape.

use core::fmt::{self, Write as _};

use serde::ser::{Serialize, Serializer};

use super::JsonWriter;
use super::compound::Compound;
use super::text::{
    Escape, write_date, write_escaped, write_float, write_signed, write_single, write_string, write_unsigned,
    write_wide,
};
use crate::socketio::bridge::serializer::{numbers, transparent, writes};
use crate::socketio::bridge::{Failure, Milliseconds};
use crate::socketio::value::{DATE, Date, UNDEFINED};

impl<'a, 'w> Serializer for &'a mut JsonWriter<'w> {
    writes!(Compound<'a, 'w>);

    numbers! { json;
        serialize_i8: i8 => write_signed as i64,
        serialize_i16: i16 => write_signed as i64,
        serialize_i32: i32 => write_signed as i64,
        serialize_i64: i64 => write_signed as i64,
        serialize_i128: i128 => write_wide as i128,
        serialize_u8: u8 => write_unsigned as u64,
        serialize_u16: u16 => write_unsigned as u64,
        serialize_u32: u32 => write_unsigned as u64,
        serialize_u64: u64 => write_unsigned as u64,
        serialize_u128: u128 => write_wide as u128,
        serialize_f32: f32 => write_single as f32,
        serialize_f64: f64 => write_float as f64,
    }

    transparent!();

    fn serialize_bool(self, value: bool) -> Result<(), Failure> {
        self.json.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), Failure> {
        write_string(self.json, value);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Failure> {
        self.lift(bytes);
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Failure> {
        self.json.push_str("null");
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Failure> {
        self.serialize_unit()
    }

    //= SIO5-PKT-23
    fn serialize_unit_struct(self, name: &'static str) -> Result<(), Failure> {
        self.undefined = name == UNDEFINED;
        self.serialize_unit()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Failure> {
        if name == DATE {
            write_date(self.json, Date(value.serialize(Milliseconds)?));
            return Ok(());
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        let mut object = Compound::object(self, "}");
        object.field(variant, value)?;
        object.close();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a, 'w>, Failure> {
        Ok(Compound::array(self, "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(Compound::array(self, "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(Compound::array(self, "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a, 'w>, Failure> {
        self.variant(variant);
        Ok(Compound::array(self, "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a, 'w>, Failure> {
        Ok(Compound::object(self, "}"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'a, 'w>, Failure> {
        if name == RAW_VALUE || name == RAW_NUMBER { Ok(Compound::raw(self)) } else { Ok(Compound::object(self, "}")) }
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a, 'w>, Failure> {
        self.variant(variant);
        Ok(Compound::object(self, "}}"))
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Failure> {
        self.json.push('"');
        write!(Escape(self.json), "{value}").map_err(|_| Failure::Unrepresentable)?;
        self.json.push('"');
        Ok(())
    }
}

impl JsonWriter<'_> {
    /// Opens the object of an enum's variant with contents.
    fn variant(&mut self, name: &str) {
        self.watch(name);
        self.json.push_str("{\"");
        write_escaped(self.json, name);
        self.json.push_str("\":");
    }
}

/// The names under which `serde_json` serializes JSON text, with its features `raw_value` and `arbitrary_precision`.
pub(in crate::socketio) const RAW_VALUE: &str = "$serde_json::private::RawValue";
const RAW_NUMBER: &str = "$serde_json::private::Number";
