//! Arrays and objects being written.

use serde::ser;
use serde::ser::Serialize;

use super::JsonWriter;
use super::key::Key;
use super::text::write_escaped;
use crate::socketio::bridge::Failure;
use crate::socketio::json::check;

/// An array or object being written.
#[derive(Debug)]
pub(crate) struct Compound<'a, 'w> {
    writer: &'a mut JsonWriter<'w>,
    first: bool,
    closing: &'static str,
    /// Where the member begins whose value comes next.
    member: usize,
    /// Whether this is no object, but JSON text that comes as the value of one field.
    raw: bool,
}

impl<'a, 'w> Compound<'a, 'w> {
    #[inline]
    pub(super) fn array(writer: &'a mut JsonWriter<'w>, closing: &'static str) -> Self {
        writer.json.push('[');
        Self { writer, first: true, closing, member: 0, raw: false }
    }

    #[inline]
    pub(super) fn object(writer: &'a mut JsonWriter<'w>, closing: &'static str) -> Self {
        writer.json.push('{');
        Self { writer, first: true, closing, member: 0, raw: false }
    }

    /// Text of the caller's, which is checked and then passes through.
    pub(super) fn raw(writer: &'a mut JsonWriter<'w>) -> Self {
        writer.suspicious = true;
        Self { writer, first: true, closing: "", member: 0, raw: true }
    }

    /// The list of arguments itself, which has no brackets here.
    pub(super) fn list(writer: &'a mut JsonWriter<'w>, first: bool) -> Self {
        Self { writer, first, closing: "", member: 0, raw: false }
    }

    #[inline]
    pub(super) fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.separate();
        value.serialize(&mut *self.writer)?;
        self.writer.undefined = false;
        Ok(())
    }

    #[inline]
    pub(super) fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Failure> {
        if self.raw {
            return value.serialize(Raw(self.writer));
        }
        self.member = self.writer.json.len();
        self.writer.watch(name);
        let json = &mut *self.writer.json;
        // Room for all of it: what is written piece by piece finds it there.
        json.reserve(name.len().saturating_add(PUNCTUATION));
        if core::mem::take(&mut self.first) {
            json.push('"');
        } else {
            json.push_str(",\"");
        }
        write_escaped(json, name);
        json.push_str("\":");
        self.value(value)
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        self.member = self.writer.json.len();
        self.separate();
        key.serialize(Key(self.writer))?;
        self.writer.json.push(':');
        Ok(())
    }

    /// Writes a member's value behind its name and colon; both go if it is undefined.
    //= SIO5-PKT-23
    #[inline]
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        value.serialize(&mut *self.writer)?;
        if core::mem::take(&mut self.writer.undefined) {
            self.writer.json.truncate(self.member);
            self.first = self.writer.json.ends_with('{');
        }
        Ok(())
    }

    #[inline]
    pub(super) fn close(self) {
        self.writer.json.push_str(self.closing);
    }

    #[inline]
    fn separate(&mut self) {
        if self.first {
            self.first = false;
        } else {
            self.writer.json.push(',');
        }
    }
}

crate::socketio::bridge::serializer::compound!(Compound);

/// A comma, two quotes, and a colon.
const PUNCTUATION: usize = 4;

/// Takes a string for JSON text.
struct Raw<'a, 'w>(&'a mut JsonWriter<'w>);

impl ser::Serializer for Raw<'_, '_> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = ser::Impossible<(), Failure>;
    type SerializeTuple = ser::Impossible<(), Failure>;
    type SerializeTupleStruct = ser::Impossible<(), Failure>;
    type SerializeTupleVariant = ser::Impossible<(), Failure>;
    type SerializeMap = ser::Impossible<(), Failure>;
    type SerializeStruct = ser::Impossible<(), Failure>;
    type SerializeStructVariant = ser::Impossible<(), Failure>;

    fn serialize_str(self, text: &str) -> Result<(), Failure> {
        check::validate(text.as_bytes()).map_err(|_| Failure::Unrepresentable)?;
        self.0.json.push_str(text);
        Ok(())
    }

    crate::socketio::bridge::serializer::refuse! {
        Failure::Unrepresentable;
        serialize_bool(bool), serialize_char(char), serialize_bytes(&[u8]), serialize_i8(i8), serialize_i16(i16),
        serialize_i32(i32), serialize_i64(i64), serialize_u8(u8), serialize_u16(u16), serialize_u32(u32),
        serialize_u64(u64), serialize_f32(f32), serialize_f64(f64), serialize_none(), serialize_unit(),
        serialize_unit_struct(&'static str), serialize_unit_variant(&'static str, u32, &'static str),
    }

    crate::socketio::bridge::serializer::refuse_contents! { Failure::Unrepresentable; serialize_some(), serialize_newtype_struct(&'static str),
    serialize_newtype_variant(&'static str, u32, &'static str) }

    crate::socketio::bridge::serializer::refuse_compounds! { Failure::Unrepresentable;
        serialize_seq(Option<usize>) SerializeSeq, serialize_tuple(usize) SerializeTuple,
        serialize_tuple_struct(&'static str, usize) SerializeTupleStruct,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) SerializeTupleVariant,
        serialize_map(Option<usize>) SerializeMap, serialize_struct(&'static str, usize) SerializeStruct,
        serialize_struct_variant(&'static str, u32, &'static str, usize) SerializeStructVariant,
    }
}
