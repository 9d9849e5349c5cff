//! Writing arguments as JSON, with every binary value lifted out.
//!
//! [`JsonWriter`] is our own serializer, not a wrapper of `serde_json`'s: it writes into a `String`, which needs
//! no second look at its encoding, works the same without `std`, and knows about bytes. The text is the one that
//! `serde_json` writes (a property test holds the two together), except for three kinds of value that JSON lacks:
//!
//! - Bytes become a placeholder and an attachment. What comes first in the text is lifted first, so that the numbering
//!   is depth first in order of appearance by construction.
//! - [`Undefined`](crate::socketio::Undefined) becomes `null` in arrays; a member of an object is left out with it.
//! - [`Date`](crate::socketio::Date) becomes the text that JavaScript writes.

mod compound;
mod key;
mod list;
mod text;
mod value;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use serde::ser::Serialize;

use super::{Unwritable, placeholders};
use crate::socketio::bridge::{Failure, Prefix};

pub(crate) use self::text::{write_buffer, write_string, write_unsigned};
#[cfg(feature = "msgpack")]
pub(in crate::socketio) use self::text::{write_date, write_float, write_signed};
pub(in crate::socketio) use self::value::RAW_VALUE;

/// Appends the elements of `args` to `json`, separated by commas and without brackets, and their binary values to
/// `attachments`. Behind a name comes a comma first, if there are any.
///
/// A binary value that lies inside one of `shared` is a handle to it instead of a copy.
///
/// # Errors
///
/// [`Unwritable::NotASequence`], [`Unwritable::Unrepresentable`] or [`Unwritable::PlaceholderInData`];
/// both buffers are then as they were.
pub(crate) fn append<T>(
    json: &mut String,
    attachments: &mut Vec<Bytes>,
    shared: &[Bytes],
    prefix: Prefix,
    args: &T,
) -> Result<(), Unwritable>
where
    T: Serialize + ?Sized,
{
    let (start, before) = (json.len(), attachments.len());
    let shared = Shared { handles: shared, next: 0 };
    let into = Some(&mut *attachments);
    let mut writer = JsonWriter { json, attachments: into, before, shared, suspicious: false, undefined: false };
    let mut written = args.serialize(list::List { writer: &mut writer, prefix }).map_err(Failure::into);
    let suspicious = writer.suspicious;
    let lifted = attachments.len().saturating_sub(before);
    if written.is_ok() && suspicious && lifted > 0 {
        written = refuse_lookalikes(json.get(start..).unwrap_or_default(), prefix, lifted);
    }
    if written.is_err() {
        json.truncate(start);
        attachments.truncate(before);
    }
    written
}

/// Appends one value of any shape; `true` if it may hold an object that looks like a placeholder.
pub(in crate::socketio) fn append_value<T>(
    json: &mut String,
    attachments: &mut Vec<Bytes>,
    value: &T,
) -> Result<bool, Unwritable>
where
    T: Serialize + ?Sized,
{
    let mut writer = JsonWriter::new(json, Some(attachments));
    value.serialize(&mut writer)?;
    Ok(writer.suspicious)
}

/// Appends one value of any shape where there are no attachments: what is binary becomes what Node's buffers are in JSON.
pub(crate) fn write_value<T: Serialize + ?Sized>(json: &mut String, value: &T) -> Result<(), Unwritable> {
    Ok(value.serialize(&mut JsonWriter::new(json, None))?)
}

/// Appends the placeholder of attachment `num`.
#[inline(always)]
pub(crate) fn write_placeholder(json: &mut String, num: usize) {
    json.push_str(placeholders::CANONICAL);
    write_unsigned(json, num as u64);
    json.push('}');
}

/// Fails when items have other placeholders than those written for their `lifted` binary values.
//= SIO5-ATT-19
pub(in crate::socketio) fn refuse_lookalikes(items: &str, prefix: Prefix, lifted: usize) -> Result<(), Unwritable> {
    let items = match prefix {
        Prefix::Empty => items,
        Prefix::Name => items.strip_prefix(',').unwrap_or(items),
    };
    //= SIO5-ATT-14
    if lifted == 0 || placeholders::placeholders(items.as_bytes())? == lifted {
        Ok(())
    } else {
        Err(Unwritable::PlaceholderInData)
    }
}

/// Where values are written to; `&mut JsonWriter` is the serializer of one.
pub(crate) struct JsonWriter<'w> {
    json: &'w mut String,
    /// Where binary values go; `None` if they stay in the text.
    attachments: Option<&'w mut Vec<Bytes>>,
    /// Attachments that were there before; the numbering does not count them.
    before: usize,
    shared: Shared<'w>,
    /// Whether the caller's data may hold an object with the key `_placeholder`. Only then is the output worth a second
    /// look.
    suspicious: bool,
    /// Whether the value that was written last is JavaScript's `undefined`.
    undefined: bool,
}

impl<'w> JsonWriter<'w> {
    fn new(json: &'w mut String, attachments: Option<&'w mut Vec<Bytes>>) -> Self {
        Self { json, attachments, before: 0, shared: Shared::default(), suspicious: false, undefined: false }
    }

    /// Takes one binary value; writes what stands for it.
    //= SIO5-ATT-01
    fn lift(&mut self, bytes: &[u8]) {
        let Some(attachments) = &mut self.attachments else {
            write_buffer(self.json, bytes);
            return;
        };
        let bytes = self.shared.find(bytes).unwrap_or_else(|| Bytes::copy_from_slice(bytes));
        write_placeholder(self.json, attachments.len().saturating_sub(self.before));
        attachments.push(bytes);
    }

    /// Looks at the name of an object's member.
    fn watch(&mut self, name: &str) {
        if name == PLACEHOLDER {
            self.suspicious = true;
        }
    }
}

impl fmt::Debug for JsonWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonWriter").finish_non_exhaustive()
    }
}

/// Buffers that binary values may be parts of.
#[derive(Default)]
pub(crate) struct Shared<'w> {
    handles: &'w [Bytes],
    /// Where the search begins: mostly they come in order.
    next: usize,
}

impl Shared<'_> {
    /// A handle to `bytes` if they lie inside one of the buffers.
    fn find(&mut self, bytes: &[u8]) -> Option<Bytes> {
        let (before, after) = self.handles.split_at_checked(self.next)?;
        let found = handle(after, bytes).or_else(|| handle(before, bytes));
        self.next = self.next.saturating_add(1);
        if self.next >= self.handles.len() {
            self.next = 0;
        }
        found
    }
}

/// A handle to `bytes` if they lie inside one of `handles`.
pub(crate) fn handle(handles: &[Bytes], bytes: &[u8]) -> Option<Bytes> {
    if bytes.is_empty() {
        return Some(Bytes::new());
    }
    let part = bytes.as_ptr_range();
    let whole = handles.iter().find(|whole| {
        let whole = whole.as_ptr_range();
        whole.start <= part.start && part.end <= whole.end
    })?;
    if whole.len() == bytes.len() { Some(whole.clone()) } else { Some(whole.slice_ref(bytes)) }
}

/// The key that makes an object a placeholder.
const PLACEHOLDER: &str = "_placeholder";
