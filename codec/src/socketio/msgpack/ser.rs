//! Writing arguments as MessagePack, in the forms that the reference chooses: the shortest for integers and lengths,
//! eight bytes for every other number.

use alloc::vec::Vec;

use bytes::Bytes;
use serde::ser::{Serialize, Serializer};

use super::key::Key;
use super::library::Library;
use super::tokens::{Token, Tokens};
use super::write::{write_array, write_head, write_integer, write_map, write_string, write_unsigned};
use crate::socketio::bridge::serializer::{compound, list, numbers, transparent, writes};
use crate::socketio::bridge::{Failure, Milliseconds};
use crate::socketio::value::{DATE, UNDEFINED, Value};

/// Appends the array of `args`, behind the name if there is one.
///
/// # Errors
///
/// [`Failure`]; the buffer then holds a part.
pub(in crate::socketio) fn append<T: Serialize + ?Sized>(
    out: &mut Vec<u8>,
    name: Option<&str>,
    args: &T,
) -> Result<(), Failure> {
    args.serialize(List { writer: &mut MsgPackWriter::new(out), name })
}

/// Writes arguments, without the head of their array, and counts them.
pub(in crate::socketio) fn encode_items<T: Serialize + ?Sized>(args: &T) -> Result<(Bytes, u32), Failure> {
    let mut out = Vec::new();
    append(&mut out, None, args)?;
    let mut reader = Tokens::new(&out);
    // What was just written is an array.
    let Ok(Token::Array(count)) = reader.next() else { return Err(Failure::NotASequence) };
    let head = reader.at();
    Ok((Bytes::from(out).slice(head..), count))
}

/// Writes one value.
pub(in crate::socketio) fn encode_value<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    value.serialize(&mut MsgPackWriter::new(&mut out))?;
    Ok(out)
}

/// Writes one value as `library` does. Values of this crate have no parts that cannot be written.
#[cfg(feature = "cluster")]
pub(crate) fn write_as<T: Serialize + ?Sized>(library: Library, value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    let written = value.serialize(&mut MsgPackWriter::of(library, &mut out));
    debug_assert!(written.is_ok(), "a value without limits");
    out
}

/// Appends a value that came as JSON, which is a part of what MessagePack can carry.
pub(in crate::socketio) fn write_value(out: &mut Vec<u8>, value: &Value) {
    let written = value.serialize(&mut MsgPackWriter::new(out));
    debug_assert!(written.is_ok(), "a value without limits");
}

/// A map of one member, whose value was validated before.
pub(in crate::socketio) fn map_of(name: &str, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len().saturating_add(name.len()).saturating_add(8));
    write_map(&mut out, 1);
    write_string(&mut out, name);
    out.extend_from_slice(value);
    out
}

/// The members of a map that was validated before, and in front of them these strings.
pub(in crate::socketio) fn with_strings(map: &[u8], strings: &[(&str, &str)]) -> Vec<u8> {
    let mut members = Tokens::new(map);
    let Ok(Token::Map(count)) = members.next() else { return map.to_vec() };
    let mut out = Vec::with_capacity(map.len());
    write_map(&mut out, strings.len().saturating_add(count as usize));
    for (name, text) in strings {
        write_string(&mut out, name);
        write_string(&mut out, text);
    }
    out.extend_from_slice(map.get(members.at()..).unwrap_or_default());
    out
}

/// Where values are written to; `&mut MsgPackWriter` is the serializer of one.
#[derive(Debug)]
pub(in crate::socketio) struct MsgPackWriter<'w> {
    out: &'w mut Vec<u8>,
    library: Library,
    /// Whether what was written last is an `undefined` with which its key is left out.
    undefined: bool,
}

impl<'w> MsgPackWriter<'w> {
    pub(in crate::socketio) const fn new(out: &'w mut Vec<u8>) -> Self {
        Self::of(Library::Notepack2, out)
    }

    const fn of(library: Library, out: &'w mut Vec<u8>) -> Self {
        Self { out, library, undefined: false }
    }

    fn compound<'a>(&'a mut self, kind: Kind, claimed: Option<usize>) -> Compound<'a, 'w> {
        let start = self.out.len();
        let claimed = claimed.unwrap_or_default();
        kind.write(self.out, claimed);
        Compound { writer: self, kind, start, claimed, count: 0, member: 0 }
    }

    /// The map of an enum's variant with contents, up to those.
    fn variant(&mut self, variant: &str) {
        write_map(self.out, 1);
        write_string(self.out, variant);
    }
}

impl<'a, 'w> Serializer for &'a mut MsgPackWriter<'w> {
    writes!(Compound<'a, 'w>);

    numbers! { out;
        serialize_i8: i8 => write_integer as i64,
        serialize_i16: i16 => write_integer as i64,
        serialize_i32: i32 => write_integer as i64,
        serialize_u8: u8 => write_unsigned as u64,
        serialize_u16: u16 => write_unsigned as u64,
        serialize_u32: u32 => write_unsigned as u64,
    }

    transparent!();

    #[inline]
    fn serialize_i64(self, value: i64) -> Result<(), Failure> {
        self.library.write_integer(self.out, value);
        Ok(())
    }

    #[inline]
    fn serialize_u64(self, value: u64) -> Result<(), Failure> {
        self.library.write_unsigned(self.out, value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Failure> {
        self.serialize_f64(f64::from(value))
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<(), Failure> {
        self.library.write_float(self.out, value);
        Ok(())
    }

    /// Beyond 64 bits there is only the nearest double, which is what JavaScript makes of such a number in JSON.
    #[expect(clippy::cast_precision_loss, reason = "as documented")]
    fn serialize_i128(self, value: i128) -> Result<(), Failure> {
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(number), _) => self.serialize_i64(number),
            (_, Ok(number)) => self.serialize_u64(number),
            _ => self.serialize_f64(value as f64),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "as for signed numbers")]
    fn serialize_u128(self, value: u128) -> Result<(), Failure> {
        match u64::try_from(value) {
            Ok(number) => self.serialize_u64(number),
            Err(_) => self.serialize_f64(value as f64),
        }
    }

    fn serialize_bool(self, value: bool) -> Result<(), Failure> {
        self.out.push(if value { 0xc3 } else { 0xc2 });
        Ok(())
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), Failure> {
        write_string(self.out, value);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Failure> {
        write_head(self.out, bytes.len(), None, Some(0xc4), [0xc5, 0xc6]);
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Failure> {
        self.out.push(0xc0);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Failure> {
        self.serialize_unit()
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<(), Failure> {
        if name == UNDEFINED {
            self.library.write_undefined(self.out);
            self.undefined = self.library.leaves_undefined_out();
            return Ok(());
        }
        self.serialize_unit()
    }

    //= MSG-08
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Failure> {
        if name == DATE {
            self.library.write_date(self.out, value.serialize(Milliseconds)?);
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
        self.variant(variant);
        value.serialize(self)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Compound<'a, 'w>, Failure> {
        Ok(self.compound(Kind::Array, len))
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(self.compound(Kind::Array, Some(len)))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(self.compound(Kind::Array, Some(len)))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a, 'w>, Failure> {
        self.variant(variant);
        Ok(self.compound(Kind::Array, Some(len)))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Compound<'a, 'w>, Failure> {
        Ok(self.compound(Kind::Map, len))
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Compound<'a, 'w>, Failure> {
        Ok(self.compound(Kind::Map, Some(len)))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a, 'w>, Failure> {
        self.variant(variant);
        Ok(self.compound(Kind::Map, Some(len)))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Array,
    Map,
}

impl Kind {
    fn write(self, out: &mut Vec<u8>, count: usize) {
        match self {
            Self::Array => write_array(out, count),
            Self::Map => write_map(out, count),
        }
    }
}

/// An array or map being written.
#[derive(Debug)]
pub(in crate::socketio) struct Compound<'a, 'w> {
    writer: &'a mut MsgPackWriter<'w>,
    kind: Kind,
    /// Where its head is.
    start: usize,
    claimed: usize,
    count: usize,
    /// Where the member begins whose value comes next.
    member: usize,
}

impl Compound<'_, '_> {
    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        self.count = self.count.saturating_add(1);
        value.serialize(&mut *self.writer)?;
        self.writer.undefined = false;
        Ok(())
    }

    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Failure> {
        self.member = self.writer.out.len();
        write_string(self.writer.out, key);
        self.value(value)
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failure> {
        self.member = self.writer.out.len();
        key.serialize(Key(self.writer.out))
    }

    /// Writes a member's value behind its name; both go if it is an `undefined` that is left out.
    #[inline]
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        value.serialize(&mut *self.writer)?;
        if core::mem::take(&mut self.writer.undefined) {
            self.writer.out.truncate(self.member);
        } else {
            self.count = self.count.saturating_add(1);
        }
        Ok(())
    }

    /// Corrects the head if there were more or fewer elements than was said.
    fn close(self) {
        if self.count != self.claimed {
            let mut claimed = Vec::new();
            self.kind.write(&mut claimed, self.claimed);
            let mut head = Vec::new();
            self.kind.write(&mut head, self.count);
            let end = self.start.saturating_add(claimed.len());
            self.writer.out.splice(self.start..end, head);
        }
    }
}

compound!(Compound);

/// A serializer that takes sequences and `()`.
struct List<'a, 'w> {
    writer: &'a mut MsgPackWriter<'w>,
    name: Option<&'a str>,
}

impl<'a, 'w> List<'a, 'w> {
    fn open(self, len: usize) -> Result<Compound<'a, 'w>, Failure> {
        let named = usize::from(self.name.is_some());
        let mut list = self.writer.compound(Kind::Array, Some(len.saturating_add(named)));
        if let Some(name) = self.name {
            list.element(name)?;
        }
        Ok(list)
    }
}

list!(List, Compound);
