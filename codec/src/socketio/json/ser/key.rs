//! The key of an object's member: a string, or what can stand for one.

use core::fmt::{self, Write as _};

use serde::ser::{Serialize, Serializer};

use super::JsonWriter;
use super::text::{Escape, write_float, write_signed, write_single, write_string, write_unsigned, write_wide};
use crate::socketio::bridge::Failure;
use crate::socketio::bridge::serializer::key;

/// Takes strings, and numbers and bools in quotes.
pub(super) struct Key<'a, 'w>(pub(super) &'a mut JsonWriter<'w>);

macro_rules! quoted {
    ($($method:ident: $type:ty => $write:ident as $wide:ty),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<(), Failure> {
            self.0.json.push('"');
            $write(self.0.json, <$wide>::from(value));
            self.0.json.push('"');
            Ok(())
        }
    )*};
}

impl Serializer for Key<'_, '_> {
    key!();

    quoted! {
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
    }

    fn serialize_f32(self, value: f32) -> Result<(), Failure> {
        if !value.is_finite() {
            return Err(Failure::Unrepresentable);
        }
        self.0.json.push('"');
        write_single(self.0.json, value);
        self.0.json.push('"');
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Failure> {
        if !value.is_finite() {
            return Err(Failure::Unrepresentable);
        }
        self.0.json.push('"');
        write_float(self.0.json, value);
        self.0.json.push('"');
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Failure> {
        self.0.watch(value);
        write_string(self.0.json, value);
        Ok(())
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Failure> {
        // Written piece by piece, never seen whole.
        self.0.suspicious = true;
        self.0.json.push('"');
        write!(Escape(self.0.json), "{value}").map_err(|_| Failure::Unrepresentable)?;
        self.0.json.push('"');
        Ok(())
    }
}
