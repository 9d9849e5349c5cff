//! Writing arguments: `serde_json`'s compact output with every binary value lifted out.
//!
//! [`Lift`] wraps a serializer and stands in at every level, because each value it hands on is
//! wrapped again ([`Lifted`]). Only `serialize_bytes` differs: the bytes go to the [`Shelf`] and a
//! placeholder is written. What comes first in the text is lifted first, so the numbering is depth
//! first in order of appearance by construction.
//!
//! Numbers without JSON form need no code here: `serde_json` writes NaN and the infinities as `null`.

use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt::{self, Write as _};
use core::mem;

use bytes::Bytes;
use serde::ser::{self, Serialize, SerializeStruct as _, Serializer};

use super::error::ArgsError;
use super::scan;
use super::sequence::Sequence;

/// Appends `args` as one JSON array to `json`, and their binary values to `attachments`.
///
/// The array is written with both brackets. To put an event name in front, the caller writes
/// `["name"` first and afterwards replaces the array's `[` by a comma (or, of `[]`, removes it).
///
/// # Errors
///
/// [`ArgsError::NotASequence`], [`ArgsError::Unrepresentable`] or [`ArgsError::PlaceholderInData`];
/// both buffers are then as they were.
pub(crate) fn append<T>(json: &mut Vec<u8>, attachments: &mut Vec<Bytes>, args: &T) -> Result<(), ArgsError>
where
    T: Serialize + ?Sized,
{
    let (start, before) = (json.len(), attachments.len());
    let shelf = Shelf { attachments: Cell::new(mem::take(attachments)), ..Shelf::default() };
    let mut written = shelf.write_sequence(json, args);
    *attachments = shelf.attachments.take();
    if written.is_ok() && shelf.suspicious.get() {
        let lifted = attachments.len().saturating_sub(before);
        written = refuse_lookalikes(json.get(start..).unwrap_or_default(), lifted);
    }
    if written.is_err() {
        json.truncate(start);
        attachments.truncate(before);
    }
    written
}

/// Fails when `json` has other placeholders than those written for its `lifted` binary values.
//= SIO5-ATT-19
pub(super) fn refuse_lookalikes(json: &[u8], lifted: usize) -> Result<(), ArgsError> {
    //= SIO5-ATT-14
    if lifted == 0 || scan::placeholders(json)? == lifted { Ok(()) } else { Err(ArgsError::PlaceholderInData) }
}

/// The binary values lifted so far.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) attachments: Cell<Vec<Bytes>>,
    /// Whether the caller's data may hold an object with the key `_placeholder`. Only then is the
    /// output worth a second look.
    pub(super) suspicious: Cell<bool>,
    /// Whether a failure means that the value is not a sequence.
    pub(super) refused: Cell<bool>,
}

impl Shelf {
    /// Appends a value that must be a sequence.
    fn write_sequence<T>(&self, json: &mut Vec<u8>, args: &T) -> Result<(), ArgsError>
    where
        T: Serialize + ?Sized,
    {
        write_json(json, &List { args, shelf: self })
            .map_err(|error| if self.refused.get() { ArgsError::NotASequence } else { error })
    }

    /// Appends a value of any shape.
    pub(super) fn write<T>(&self, json: &mut Vec<u8>, value: &T) -> Result<(), ArgsError>
    where
        T: Serialize + ?Sized,
    {
        write_json(json, &Lifted { value, shelf: self })
    }

    /// Takes one binary value; returns its number.
    pub(super) fn put(&self, bytes: Bytes) -> usize {
        let mut attachments = self.attachments.take();
        let num = attachments.len();
        attachments.push(bytes);
        self.attachments.set(attachments);
        num
    }

    /// Looks at a string or name that may become an object's key.
    fn watch(&self, name: &str) {
        if name == PLACEHOLDER {
            self.suspicious.set(true);
        }
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").finish_non_exhaustive()
    }
}

/// Appends the compact JSON text of `value`.
//= SIO5-PKT-22
//= SIO5-PKT-23
fn write_json<T: Serialize>(json: &mut Vec<u8>, value: &T) -> Result<(), ArgsError> {
    // Only with `std` does `serde_json` write into a buffer of ours. The text is the same.
    #[cfg(feature = "std")]
    let written = serde_json::to_writer(json, value);
    #[cfg(not(feature = "std"))]
    let written = serde_json::to_vec(value).map(|text| json.extend_from_slice(&text));
    written.map_err(|_| ArgsError::Unrepresentable)
}

/// Appends the placeholder of attachment `num`.
pub(super) fn write_placeholder(json: &mut Vec<u8>, num: usize) {
    json.extend_from_slice(scan::CANONICAL);
    let written = write!(Buffer(json), "{num}}}");
    debug_assert!(written.is_ok(), "memory takes all text");
}

/// Formats into bytes.
struct Buffer<'a>(&'a mut Vec<u8>);

impl fmt::Write for Buffer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Writes what stands for a binary value.
fn placeholder<S: Serializer>(serializer: S, num: usize) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_struct("Placeholder", 2)?;
    fields.serialize_field(PLACEHOLDER, &true)?;
    fields.serialize_field("num", &num)?;
    fields.end()
}

/// A serializer that lifts binary values.
pub(super) struct Lift<'c, S> {
    pub(super) inner: S,
    pub(super) shelf: &'c Shelf,
}

impl<'c, S> Lift<'c, S> {
    /// Goes on with the parts of a compound value.
    fn parts<C, E>(self, open: impl FnOnce(S) -> Result<C, E>) -> Result<Parts<'c, C>, E> {
        Ok(Parts { inner: open(self.inner)?, shelf: self.shelf })
    }
}

macro_rules! scalars {
    ($($method:ident: $type:ty),* $(,)?) => {$(
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.inner.$method(value)
        }
    )*};
}

impl<'c, S: Serializer> Serializer for Lift<'c, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Parts<'c, S::SerializeSeq>;
    type SerializeTuple = Parts<'c, S::SerializeTuple>;
    type SerializeTupleStruct = Parts<'c, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Parts<'c, S::SerializeTupleVariant>;
    type SerializeMap = Parts<'c, S::SerializeMap>;
    type SerializeStruct = Parts<'c, S::SerializeStruct>;
    type SerializeStructVariant = Parts<'c, S::SerializeStructVariant>;

    scalars! {
        serialize_bool: bool, serialize_char: char,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128, serialize_f32: f32, serialize_f64: f64,
        serialize_unit_struct: &'static str,
    }

    fn serialize_str(self, value: &str) -> Result<S::Ok, S::Error> {
        self.shelf.watch(value);
        self.inner.serialize_str(value)
    }

    //= SIO5-ATT-01
    fn serialize_bytes(self, bytes: &[u8]) -> Result<S::Ok, S::Error> {
        let num = self.shelf.put(Bytes::copy_from_slice(bytes));
        placeholder(self.inner, num)
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit()
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let Self { inner, shelf } = self;
        inner.serialize_some(&Lifted { value, shelf })
    }

    fn serialize_unit_variant(self, name: &'static str, index: u32, variant: &'static str) -> Result<S::Ok, S::Error> {
        self.shelf.watch(variant);
        self.inner.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        let Self { inner, shelf } = self;
        inner.serialize_newtype_struct(name, &Lifted { value, shelf })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let Self { inner, shelf } = self;
        shelf.watch(variant);
        inner.serialize_newtype_variant(name, index, variant, &Lifted { value, shelf })
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.parts(|inner| inner.serialize_seq(len))
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.parts(|inner| inner.serialize_tuple(len))
    }

    fn serialize_tuple_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.parts(|inner| inner.serialize_tuple_struct(name, len))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.parts(|inner| inner.serialize_tuple_variant(name, index, variant, len))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.parts(|inner| inner.serialize_map(len))
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeStruct, S::Error> {
        if name == RAW_VALUE {
            // JSON text of the caller's, which passes through unseen.
            self.shelf.suspicious.set(true);
        }
        self.parts(|inner| inner.serialize_struct(name, len))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.parts(|inner| inner.serialize_struct_variant(name, index, variant, len))
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        // Written piece by piece, never seen whole.
        self.shelf.suspicious.set(true);
        self.inner.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// A value whose binary values, itself perhaps, go to the shelf.
struct Lifted<'c, T: ?Sized> {
    value: &'c T,
    shelf: &'c Shelf,
}

impl<T: Serialize + ?Sized> Serialize for Lifted<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Lift { inner: serializer, shelf: self.shelf })
    }
}

/// A whole list of arguments.
struct List<'c, T: ?Sized> {
    args: &'c T,
    shelf: &'c Shelf,
}

impl<T: Serialize + ?Sized> Serialize for List<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.args.serialize(Sequence::new(Lift { inner: serializer, shelf: self.shelf }))
    }
}

/// An array or object being written.
pub(super) struct Parts<'c, C> {
    inner: C,
    shelf: &'c Shelf,
}

macro_rules! elements {
    ($($trait:ident $method:ident),* $(,)?) => {$(
        impl<C: ser::$trait> ser::$trait for Parts<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
                self.inner.$method(&Lifted { value, shelf: self.shelf })
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        }
    )*};
}

elements! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

macro_rules! fields {
    ($($trait:ident),*) => {$(
        impl<C: ser::$trait> ser::$trait for Parts<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), C::Error> {
                self.shelf.watch(key);
                self.inner.serialize_field(key, &Lifted { value, shelf: self.shelf })
            }

            fn skip_field(&mut self, key: &'static str) -> Result<(), C::Error> {
                self.inner.skip_field(key)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

impl<C: ser::SerializeMap> ser::SerializeMap for Parts<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), C::Error> {
        self.inner.serialize_key(&Lifted { value: key, shelf: self.shelf })
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
        self.inner.serialize_value(&Lifted { value, shelf: self.shelf })
    }

    fn end(self) -> Result<C::Ok, C::Error> {
        self.inner.end()
    }
}

/// The key that makes an object a placeholder.
const PLACEHOLDER: &str = "_placeholder";

/// The name under which `serde_json::value::RawValue` serializes, should the program use it.
const RAW_VALUE: &str = "$serde_json::private::RawValue";
