//! The keys of maps, which are strings as in JSON: what can stand for one is written as its text.

use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt;

use serde::ser::{Serialize, Serializer};

use super::write::write_string;
use crate::socketio::bridge::Failure;
use crate::socketio::bridge::serializer::key;

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
    key!();

    shown! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
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

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Failure> {
        self.serialize_str(&value.to_string())
    }
}
