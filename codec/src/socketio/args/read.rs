//! What a program gets out of arguments.

use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;
use serde::Deserialize;

use super::{Args, ArgsError, Form, de};
use crate::socketio::json::{ser, value};
#[cfg(feature = "msgpack")]
use crate::socketio::msgpack;
use crate::socketio::value::Value;
use crate::text::Text;

impl Args {
    /// Reads the arguments as values of any shape. Attachments, and strings without escapes, are handles into the packet.
    ///
    /// # Errors
    ///
    /// None for JSON that came in a packet or through [`from_json`](Self::from_json).
    ///
    /// ```
    /// use sio_codec::socketio::{Args, Value};
    ///
    /// let args = Args::from_json(r#"["a",{"b":null}]"#, vec![])?;
    /// assert_eq!(args.values()?[1].get("b"), Some(&Value::Null));
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn values(&self) -> Result<Vec<Value>, ArgsError> {
        match &self.form {
            Form::Json { text, items_at, .. } => Ok(value::read(text, *items_at, self.attachments())?),
            #[cfg(feature = "msgpack")]
            Form::MsgPack { items, .. } => {
                msgpack::values(items).map_err(|fault| de::mismatch(0, 0, Err::<(), _>(fault.into())))
            }
        }
    }

    /// Reads the arguments into `T`: a tuple, array, `Vec`, tuple struct, or `()`.
    ///
    /// `&str` borrows a string that has no escapes, and is a mismatch for any other: use it for senders that you know, for some write
    /// all letters outside ASCII as escapes. `String`, and `Cow<str>` with `#[serde(borrow)]`, take any; `&[u8]`
    /// borrows an attachment, [`Binary`](crate::socketio::Binary) copies it. Asked for bytes where the peer sent text, the
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
    /// [`ArgsError::Mismatch`] with what was found and what `T` expects, [`ArgsError::Missing`] with the argument's index,
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
        match &self.form {
            Form::Json { text, start, items_at } => match self.attachments() {
                // A walk over the arguments alone.
                [] => de::read(text.str_from(*items_at), 0, 0, &[]),
                attachments => de::read(text.as_str(), *start, *items_at, attachments),
            },
            #[cfg(feature = "msgpack")]
            Form::MsgPack { items, .. } => de::read_msgpack(items),
        }
    }

    /// The arguments as JSON text, separated by commas, without the array's brackets; `""` if there
    /// are none, or if they have MessagePack form.
    ///
    /// The text is as it came, white space and placeholders included.
    pub fn items(&self) -> &str {
        match &self.form {
            Form::Json { .. } => str::from_utf8(self.items_bytes()).unwrap_or_default(),
            #[cfg(feature = "msgpack")]
            Form::MsgPack { .. } => "",
        }
    }

    /// The JSON array in which the arguments stand, as it came, with the name in front if they came with an event; `None` if
    /// they have MessagePack form. Shares the text.
    ///
    /// The placeholders of a packet that does not name its attachments in their order are numbered anew.
    ///
    /// ```
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::{Decoder, PacketKind};
    ///
    /// let packet = Decoder::new(&Limits::default()).push(r#"27["add",1, 2]"#.into())?.unwrap();
    /// let PacketKind::Event { args, .. } = packet.kind else { unreachable!() };
    /// assert_eq!(args.payload().unwrap(), r#"["add",1, 2]"#);
    /// assert_eq!(args.items(), "1, 2");
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    pub fn payload(&self) -> Option<Text> {
        match &self.form {
            Form::Json { text, start, .. } => text.slice(*start..text.len()),
            #[cfg(feature = "msgpack")]
            Form::MsgPack { .. } => None,
        }
    }

    /// The arguments as they are on the wire: [`items`](Self::items), or MessagePack values one after the other.
    ///
    /// ```
    /// use sio_codec::socketio::Args;
    ///
    /// assert_eq!(Args::encode(&(1, 2))?.items_bytes(), b"1,2");
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn items_bytes(&self) -> &[u8] {
        match &self.form {
            Form::Json { text, items_at, .. } => {
                text.as_bytes().get(items_range(text.as_bytes(), *items_at)).unwrap_or_default()
            }
            #[cfg(feature = "msgpack")]
            Form::MsgPack { items, .. } => items,
        }
    }

    /// The binary values in the order of their numbers, which is the order they are sent in. MessagePack has none: there
    /// they stand among the arguments.
    ///
    /// These are handles to what the transport delivered: cloning one copies nothing, and keeps the
    /// whole message it came in alive.
    pub fn attachments(&self) -> &[Bytes] {
        self.attachments.as_deref().unwrap_or_default()
    }

    /// A handle to bytes that were decoded as `&[u8]`, so that they can outlive the arguments
    /// without a copy. `None` when the bytes are not part of an attachment,
    /// nor of a MessagePack packet.
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
        match &self.form {
            Form::Json { .. } => ser::handle(self.attachments(), bytes),
            #[cfg(feature = "msgpack")]
            Form::MsgPack { items, .. } => ser::handle(core::slice::from_ref(items), bytes),
        }
    }

    /// Whether there are no arguments.
    pub fn is_empty(&self) -> bool {
        self.items_bytes().is_empty()
    }
}

/// Where the arguments stand in a text that ends with their array, without its closing bracket and outer white space.
pub(crate) fn items_range(text: &[u8], items_at: usize) -> Range<usize> {
    let items = text.get(items_at..).unwrap_or_default().trim_ascii_end();
    let items = items.strip_suffix(b"]").unwrap_or(items).trim_ascii_end();
    let end = items_at.saturating_add(items.len());
    let start = end.saturating_sub(items.trim_ascii_start().len());
    start..end
}
