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

mod builder;
pub(super) mod de;
mod detached;
pub(super) mod error;
mod json;
mod parser;
mod read;
#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;
use serde::Serialize;

use super::bridge::Prefix;
use super::json::{append, check, numbering, placeholders, write_string};
#[cfg(feature = "msgpack")]
use super::msgpack;
use super::value::{Value, binaries};
use crate::text::Text;

pub use self::builder::ArgsBuilder;
pub use self::error::{ArgsError, Mismatch, Unrepresentable};
pub use self::json::Json;
pub use self::parser::Parser;

#[cfg(feature = "msgpack")]
pub(crate) use self::de::{read_msgpack_unchecked, read_msgpack_value};
pub(crate) use self::de::{read_unchecked, read_value};
pub(crate) use self::read::items_range;

/// The arguments of one event or acknowledgement.
///
/// On the wire they are the elements of the packet's JSON array, an event's name left out. Cloning
/// shares the text and the attachments.
///
/// Two `Args` are equal when their form, text and attachments are, whether or not an event's name
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
///
/// Arguments have one of two forms, those of the [parsers](Parser): JSON text with attachments, which everything here
/// writes, or MessagePack, which only a packet in that form brings along. They are [read](Self::decode) in the same way;
/// [`to_form`](Self::to_form) turns one into the other.
#[derive(Clone, Debug)]
pub struct Args {
    form: Form,
    /// `None` rather than an empty slice, which would be allocated.
    attachments: Option<Arc<[Bytes]>>,
}

#[derive(Clone, Debug)]
enum Form {
    Json {
        /// The text that holds the array and ends with it, an event's name included.
        text: Text,
        /// Where the array's bracket is.
        start: usize,
        /// Where the first argument may begin: behind the `[`, or behind the name and its comma.
        items_at: usize,
    },
    /// The arguments without the head of their array, and how many they are.
    #[cfg(feature = "msgpack")]
    MsgPack { items: Bytes, count: u32 },
}

impl Args {
    /// No arguments. Allocates nothing.
    pub fn empty() -> Self {
        Self::from_text(Text::from("[]"), 0, 1)
    }

    /// Writes `args`, each of its elements one argument: a tuple, array, slice, `Vec`, tuple struct,
    /// or `()` for none.
    ///
    /// Values are written as `serde_json` does, compactly; NaN and the infinities become `null`.
    /// Binary values ([`Binary`](super::Binary) and whatever else serializes as bytes) become attachments.
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
        Self::encode_sharing(&[], args)
    }

    /// Writes `args` as [`encode`](Self::encode) does, but shares what is binary and lies inside one of `handles`
    /// instead of copying it. Handles in the order of the values are found at once; in any other order each value is
    /// looked for among all of them.
    ///
    /// # Errors
    ///
    /// As for [`encode`](Self::encode).
    ///
    /// ```
    /// use bytes::Bytes;
    /// use sio_codec::socketio::{Args, Binary};
    ///
    /// let photo = Bytes::from_static(b"\x89PNG");
    /// let args = Args::encode_sharing(core::slice::from_ref(&photo), &("a.png", Binary(photo.clone())))?;
    /// assert_eq!(args.attachments()[0].as_ptr(), photo.as_ptr());
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn encode_sharing<T: Serialize + ?Sized>(handles: &[Bytes], args: &T) -> Result<Self, ArgsError> {
        let mut json = String::with_capacity(TYPICAL_SIZE);
        let mut attachments = Vec::new();
        json.push('[');
        append(&mut json, &mut attachments, handles, Prefix::Empty, args)
            .map_err(|reason| ArgsError::unwritten(reason, args))?;
        json.push(']');
        Ok(Self::bare(Text::from(json), attachments))
    }

    /// Writes `args` in the form of `parser`. MessagePack keeps what JSON lacks: binary values in their place, dates, and
    /// `undefined`.
    ///
    /// # Errors
    ///
    /// As for [`encode`](Self::encode).
    ///
    /// ```
    /// use sio_codec::socketio::{Args, Parser};
    ///
    /// assert_eq!(Args::encode_with(Parser::Json, &(1, 2))?, Args::encode(&(1, 2))?);
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn encode_with<T: Serialize + ?Sized>(parser: Parser, args: &T) -> Result<Self, ArgsError> {
        match parser {
            Parser::Json => Self::encode(args),
            #[cfg(feature = "msgpack")]
            Parser::MsgPack => Self::encode_msgpack(args),
        }
    }

    /// Writes values. Binary ones are shared, not copied.
    ///
    /// # Errors
    ///
    /// [`ArgsError::PlaceholderInData`] as for [`encode`](Self::encode).
    ///
    /// ```
    /// use bytes::Bytes;
    /// use sio_codec::socketio::{Args, Value};
    ///
    /// let args = Args::from_values(&[Value::from("a.png"), Value::from(Bytes::from_static(b"\x89PNG"))])?;
    /// assert_eq!(args.items(), r#""a.png",{"_placeholder":true,"num":0}"#);
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn from_values(values: &[Value]) -> Result<Self, ArgsError> {
        let mut handles = Vec::new();
        binaries(values, &mut handles);
        Self::encode_sharing(&handles, values)
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
        check::validate(json)?;
        let bracket = json.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or_default();
        if json.get(bracket) != Some(&b'[') {
            return Err(ArgsError::NotASequence);
        }
        if !attachments.is_empty() {
            let in_order = placeholders::check(json, attachments.len())?;
            return Ok(Self::from_wire(array, bracket, bracket.saturating_add(1), in_order, attachments));
        }
        Ok(Self::from_text(array, bracket, bracket.saturating_add(1)))
    }

    /// Arguments as they came, without attachments: from `start` on `text` is the valid JSON text of an array.
    #[inline(always)]
    pub(crate) const fn from_text(text: Text, start: usize, items_at: usize) -> Self {
        Self { form: Form::Json { text, start, items_at }, attachments: None }
    }

    /// Arguments as they came: from `start` on `text` is the valid JSON text of an array, and its placeholders were
    /// checked against the number of attachments.
    /// With attachments, `in_order` says whether the placeholders stand in the order of their numbers, each once.
    #[inline]
    pub(crate) fn from_wire(
        text: Text,
        start: usize,
        items_at: usize,
        in_order: bool,
        attachments: Vec<Bytes>,
    ) -> Self {
        // Nothing in front of the first argument changes.
        let (text, attachments) =
            if in_order { (text, attachments) } else { numbering::in_order(text, start, attachments) };
        Self { form: Form::Json { text, start, items_at }, attachments: share(attachments) }
    }

    #[cfg(feature = "msgpack")]
    fn encode_msgpack<T: Serialize + ?Sized>(args: &T) -> Result<Self, ArgsError> {
        let (items, count) = msgpack::encode_items(args).map_err(|reason| ArgsError::unwritten(reason, args))?;
        Ok(Self::from_msgpack(items, count))
    }

    /// `count` valid MessagePack values.
    #[cfg(feature = "msgpack")]
    pub(crate) const fn from_msgpack(items: Bytes, count: u32) -> Self {
        Self { form: Form::MsgPack { items, count }, attachments: None }
    }

    fn bare(array: Text, attachments: Vec<Bytes>) -> Self {
        Self::from_wire(array, 0, 1, true, attachments)
    }

    /// The parser in whose form the arguments are.
    pub const fn parser(&self) -> Parser {
        match &self.form {
            Form::Json { .. } => Parser::Json,
            #[cfg(feature = "msgpack")]
            Form::MsgPack { .. } => Parser::MsgPack,
        }
    }

    /// The same arguments in the form of `parser`; a handle if they have it already.
    ///
    /// # Errors
    ///
    /// [`ArgsError::PlaceholderInData`] if MessagePack has binary values next to data that looks like a placeholder,
    /// which JSON cannot tell apart.
    ///
    /// ```
    /// use sio_codec::socketio::{Args, Parser};
    ///
    /// let args = Args::encode(&(1, "a"))?;
    /// assert_eq!(args.to_form(Parser::Json)?, args);
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn to_form(&self, parser: Parser) -> Result<Self, ArgsError> {
        if parser == self.parser() {
            return Ok(self.clone());
        }
        match parser {
            Parser::Json => Self::from_values(&self.values()?),
            #[cfg(feature = "msgpack")]
            Parser::MsgPack => Self::encode_msgpack(&self.values()?),
        }
    }

    /// The same arguments and one more, a string.
    pub(crate) fn with_last(&self, text: &str) -> Self {
        match &self.form {
            Form::Json { .. } => {
                let items = self.items();
                let mut json = String::with_capacity(items.len().saturating_add(text.len()).saturating_add(8));
                json.push('[');
                json.push_str(items);
                if !items.is_empty() {
                    json.push(',');
                }
                write_string(&mut json, text);
                json.push(']');
                let form = Form::Json { text: Text::from(json), start: 0, items_at: 1 };
                Self { form, attachments: self.attachments.clone() }
            }
            #[cfg(feature = "msgpack")]
            Form::MsgPack { items, count } => {
                let (last, added) = msgpack::encode_items(&(text,)).unwrap_or_default();
                let items = Bytes::from([&items[..], &last].concat());
                Self::from_msgpack(items, count.saturating_add(added))
            }
        }
    }

    /// MessagePack values, and how many they are.
    #[cfg(feature = "msgpack")]
    pub(crate) fn msgpack(&self) -> (&[u8], usize) {
        match &self.form {
            Form::Json { .. } => (&[], 0),
            Form::MsgPack { items, count } => (items, *count as usize),
        }
    }
}

impl Default for Args {
    fn default() -> Self {
        Self::empty()
    }
}

impl PartialEq for Args {
    fn eq(&self, other: &Self) -> bool {
        self.parser() == other.parser()
            && self.items_bytes() == other.items_bytes()
            && self.attachments() == other.attachments()
    }
}

impl Eq for Args {}

#[inline]
fn share(attachments: Vec<Bytes>) -> Option<Arc<[Bytes]>> {
    if attachments.is_empty() { None } else { Some(Arc::from(attachments)) }
}

/// First allocation for written arguments; most events fit.
const TYPICAL_SIZE: usize = 128;
