//! The arguments of events and acknowledgements: JSON text plus attachments, parsed when asked.
//!
//! ```text
//!   ("photo", Binary(..))      Args::encode      ["photo",{"_placeholder":true,"num":0}]  +  bytes
//!          a Rust tuple     ---------------->            JSON text                   attachments
//!                           <----------------
//!                              Args::decode
//! ```
//!
//! A packet is routed by its name; its arguments stay text until a handler asks for them with a
//! type. Then strings without escapes and attachments are borrowed from the packet. A program that
//! only forwards an event never parses it.
//!
//! Numbering and shape of placeholders: SIO5-ATT-01, -08 and -11 to -14 of the protocol reference.

mod binary;
mod builder;
mod cursor;
mod de;
mod error;
mod key;
mod numbering;
mod reader;
mod scan;
mod sequence;
mod ser;
#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::text::Text;

pub use self::binary::Binary;
pub use self::builder::ArgsBuilder;
pub use self::error::ArgsError;

use self::scan::check;
pub(crate) use self::scan::{check_at_most, validate};
pub(crate) use self::ser::append;

/// The arguments of one event or acknowledgement.
///
/// On the wire they are the elements of the packet's JSON array, an event's name left out. Cloning
/// shares the text and the attachments.
///
/// Two `Args` are equal when their JSON text and attachments are, whether or not an event's name
/// stood in front.
///
/// ```
/// use sio_codec::socketio::Args;
///
/// let args = Args::encode(&("kitchen", 21.5)).unwrap();
/// assert_eq!(args.items(), r#""kitchen",21.5"#);
///
/// let (room, celsius): (&str, f64) = args.decode().unwrap();
/// assert_eq!((room, celsius), ("kitchen", 21.5));
/// ```
#[derive(Clone, Debug)]
pub struct Args {
    /// The whole array, an event's name included: it can be sent or parsed as it is.
    array: Text,
    /// Where the first argument may begin: behind the `[`, or behind the name and its comma.
    items_at: usize,
    lead: Lead,
    /// `None` rather than an empty slice, which would be allocated.
    attachments: Option<Arc<[Bytes]>>,
}

/// What stands in front of the arguments in their array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lead {
    /// Nothing.
    Bare,
    /// The name of the event.
    Named,
}

impl Args {
    /// No arguments. Allocates nothing.
    pub fn empty() -> Self {
        Self::bare(Text::from("[]"), 1, Vec::new())
    }

    /// Writes `args`, each of its elements one argument: a tuple, array, slice, `Vec`, tuple struct,
    /// or `()` for none.
    ///
    /// Values are written as `serde_json` does, compactly; NaN and the infinities become `null`.
    /// Binary values ([`Binary`] and whatever else serializes as bytes) become attachments.
    ///
    /// # Errors
    ///
    /// [`ArgsError::NotASequence`] for any other type, [`ArgsError::Unrepresentable`] when a value
    /// cannot be written, [`ArgsError::PlaceholderInData`] when there are binary values and an
    /// object that looks like the placeholder of one.
    ///
    /// ```
    /// use sio_codec::socketio::{Args, ArgsError};
    ///
    /// assert_eq!(Args::encode(&(1, "two")).unwrap().items(), r#"1,"two""#);
    /// assert_eq!(Args::encode(&[0.5, f64::NAN]).unwrap().items(), "0.5,null");
    /// assert_eq!(Args::encode("one"), Err(ArgsError::NotASequence));
    /// ```
    pub fn encode<T: Serialize + ?Sized>(args: &T) -> Result<Self, ArgsError> {
        let mut json = Vec::with_capacity(TYPICAL_SIZE);
        let mut attachments = Vec::new();
        append(&mut json, &mut attachments, args)?;
        Self::from_written(json, attachments)
    }

    /// Takes a JSON array written elsewhere, with its attachments.
    ///
    /// For programs that already have JSON text. With attachments, every placeholder in the text
    /// must name one of them; without, objects of that shape are plain data.
    ///
    /// # Errors
    ///
    /// [`ArgsError::InvalidJson`], [`ArgsError::NotASequence`] when the text is JSON but no array,
    /// [`ArgsError::AttachmentMissing`], and [`ArgsError::TooDeep`] when there are attachments and
    /// the text is nested more than 127 levels.
    ///
    /// ```
    /// use sio_codec::socketio::{Args, ArgsError};
    ///
    /// let args = Args::from_json(r#"["a", {"b": 1}]"#, vec![]).unwrap();
    /// assert_eq!(args.items(), r#""a", {"b": 1}"#);
    /// assert_eq!(Args::from_json("[1,]", vec![]), Err(ArgsError::InvalidJson { offset: 3 }));
    /// ```
    pub fn from_json(array: impl Into<String>, attachments: Vec<Bytes>) -> Result<Self, ArgsError> {
        let array = Text::from(array.into());
        let json = array.as_bytes();
        validate(json)?;
        let bracket = json.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or_default();
        if json.get(bracket) != Some(&b'[') {
            return Err(ArgsError::NotASequence);
        }
        if !attachments.is_empty() {
            check(json, attachments.len())?;
        }
        Ok(Self::bare(array, bracket.saturating_add(1), attachments))
    }

    /// Arguments as they came: `array` is valid JSON text of an array, and its placeholders were
    /// checked against the number of attachments.
    pub(crate) fn from_wire(array: Text, items_at: usize, lead: Lead, attachments: Vec<Bytes>) -> Self {
        if attachments.is_empty() {
            return Self { array, items_at, lead, attachments: None };
        }
        // Nothing in front of the first argument changes.
        let (array, attachments) = numbering::in_order(array, attachments);
        Self { array, items_at, lead, attachments: share(attachments) }
    }

    fn bare(array: Text, items_at: usize, attachments: Vec<Bytes>) -> Self {
        Self::from_wire(array, items_at, Lead::Bare, attachments)
    }

    /// Reads the arguments into `T`: a tuple, array, `Vec`, tuple struct, or `()`.
    ///
    /// `&str` borrows a string that has no escapes, `Cow<str>` with `#[serde(borrow)]` any; `&[u8]`
    /// borrows an attachment, [`Binary`] copies it. Asked for bytes where the peer sent text, the
    /// result is the text's bytes, except for `Binary`, which takes attachments only. Everything
    /// else reads as with `serde_json`, to a depth of 127 levels.
    ///
    /// The list follows the rules of a JavaScript call, at its top level only:
    ///
    /// - Arguments beyond those `T` asks for are ignored.
    /// - An absent argument reads as `null`: `Option<_>` becomes `None`.
    ///
    /// # Errors
    ///
    /// [`ArgsError::Mismatch`] or [`ArgsError::Missing`] with the argument's index;
    /// [`ArgsError::NotASequence`] when `T` is not a list.
    ///
    /// ```
    /// use sio_codec::socketio::{Args, ArgsError};
    ///
    /// let args = Args::encode(&("lamp", 3)).unwrap();
    /// assert_eq!(args.decode::<(&str, u8)>(), Ok(("lamp", 3)));
    /// assert_eq!(args.decode::<(&str,)>(), Ok(("lamp",)));
    /// assert_eq!(args.decode::<(&str, u8, Option<u8>)>(), Ok(("lamp", 3, None)));
    /// assert_eq!(args.decode::<(&str, u8, u8)>(), Err(ArgsError::Missing { argument: 2 }));
    /// ```
    pub fn decode<'de, T: Deserialize<'de>>(&'de self) -> Result<T, ArgsError> {
        de::read(self.array.as_str(), self.lead, self.attachments())
    }

    /// The arguments as JSON text, separated by commas, without the array's brackets; `""` if there
    /// are none.
    ///
    /// The text is as it came, white space and placeholders included.
    pub fn items(&self) -> &str {
        self.array.as_str().get(self.items_range()).unwrap_or_default()
    }

    /// [`Self::items`] as bytes, for the packet encoder: spares checking the text again.
    pub(crate) fn items_bytes(&self) -> &[u8] {
        self.array.as_bytes().get(self.items_range()).unwrap_or_default()
    }

    /// The binary values in the order of their numbers, which is the order they are sent in.
    ///
    /// These are handles to what the transport delivered: cloning one copies nothing, and keeps the
    /// whole message it came in alive.
    pub fn attachments(&self) -> &[Bytes] {
        self.attachments.as_deref().unwrap_or_default()
    }

    /// A handle to bytes that were decoded as `&[u8]`, so that they can outlive the arguments
    /// without a copy. `None` when the bytes are not part of an attachment.
    ///
    /// ```
    /// use sio_codec::socketio::{Args, Binary};
    ///
    /// let args = Args::encode(&("a", Binary::from(vec![1, 2, 3]))).unwrap();
    /// let (_, body): (&str, &[u8]) = args.decode().unwrap();
    /// let body = args.handle(body).unwrap();
    /// drop(args);
    /// assert_eq!(body[..], [1, 2, 3]);
    /// ```
    pub fn handle(&self, bytes: &[u8]) -> Option<Bytes> {
        if bytes.is_empty() {
            return Some(Bytes::new());
        }
        let part = bytes.as_ptr_range();
        let whole = self.attachments().iter().find(|whole| {
            let whole = whole.as_ptr_range();
            whole.start <= part.start && part.end <= whole.end
        })?;
        Some(whole.slice_ref(bytes))
    }

    /// Whether there are no arguments.
    pub fn is_empty(&self) -> bool {
        self.items_range().is_empty()
    }

    /// Where the arguments stand, without the closing bracket and outer white space.
    fn items_range(&self) -> Range<usize> {
        let array = self.array.as_bytes();
        let items = array.get(self.items_at..).unwrap_or_default().trim_ascii_end();
        let items = items.strip_suffix(b"]").unwrap_or(items).trim_ascii_end();
        let end = self.items_at.saturating_add(items.len());
        let start = end.saturating_sub(items.trim_ascii_start().len());
        start..end
    }
}

impl Default for Args {
    fn default() -> Self {
        Self::empty()
    }
}

impl PartialEq for Args {
    fn eq(&self, other: &Self) -> bool {
        self.items_bytes() == other.items_bytes() && self.attachments() == other.attachments()
    }
}

impl Eq for Args {}

fn share(attachments: Vec<Bytes>) -> Option<Arc<[Bytes]>> {
    if attachments.is_empty() { None } else { Some(Arc::from(attachments)) }
}

/// First allocation for written arguments; most events fit.
const TYPICAL_SIZE: usize = 128;
