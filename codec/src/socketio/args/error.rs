//! What can be wrong with arguments: [`ArgsError`] for the program, [`JsonFault`] for the packet parser.

use alloc::boxed::Box;
use core::fmt;

use serde::{Serialize, de};

use crate::names::names;
use crate::socketio::bridge::{Explained, Failure};
use crate::socketio::json::{JsonFault, JsonFaultKind, Unwritable};
#[cfg(feature = "msgpack")]
use crate::socketio::msgpack::MsgPackFault;

/// Why arguments could not be encoded, decoded or taken from raw JSON.
///
/// It is always the program that has to change something: a peer's undecodable packet is refused before an
/// [`Args`](super::Args) exists, so what remains is a type that does not fit.
///
/// ```
/// use sio_codec::socketio::{Args, ArgsError};
///
/// let args = Args::encode(&("lamp", 3)).unwrap();
/// let error = args.decode::<(String, bool)>().unwrap_err();
/// assert_eq!(error.to_string(), "argument 1: invalid type: integer `3`, expected a boolean, at byte 8");
/// let ArgsError::Mismatch(mismatch) = error else { unreachable!() };
/// assert_eq!(mismatch.argument, 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ArgsError {
    /// The Rust type (or the raw JSON) is not a list of arguments: use a tuple, an array, a `Vec`,
    /// a tuple struct or `()`.
    NotASequence,
    /// The data holds an object `{"_placeholder":true, ..}` next to binary values; the peer could
    /// not tell it from an attachment.
    PlaceholderInData,
    /// A `Serialize` implementation failed, or JSON cannot carry the value (a map key that is not
    /// a string, number or bool).
    Unrepresentable(Box<Unrepresentable>),
    /// An argument does not fit the requested type.
    Mismatch(Box<Mismatch>),
    /// The peer sent fewer arguments, and the requested type has no place for an absent one.
    Missing {
        /// Index of the first argument that was needed and not sent.
        argument: usize,
    },
    /// The raw text is not one JSON value.
    InvalidJson {
        /// Byte offset of the fault.
        offset: usize,
    },
    /// MessagePack arguments that came unchecked hold a string that is not UTF-8.
    InvalidMsgPack {
        /// Byte offset of the fault in the message.
        offset: usize,
    },
    /// A placeholder has no `num`, or one that names no attachment.
    AttachmentMissing {
        /// Byte offset of the placeholder's `{`.
        offset: usize,
    },
    /// Arrays and objects are nested more than 127 deep.
    TooDeep {
        /// Byte offset of the first bracket too many.
        offset: usize,
    },
}

/// A value that cannot be written.
///
/// It costs no time as long as values can be written: one that cannot is written a second time for it.
///
/// ```
/// use sio_codec::socketio::{Args, ArgsError};
///
/// let keys = std::collections::BTreeMap::from([([1, 2], "a list as a key")]);
/// let Err(ArgsError::Unrepresentable(value)) = Args::encode(&(keys,)) else { unreachable!() };
/// assert_eq!(&*value.words, "key must be a string");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Unrepresentable {
    /// What its `Serialize` implementation says, or what cannot be carried. They end with `…` after 200 bytes.
    pub words: Box<str>,
}

impl fmt::Display for Unrepresentable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "value cannot be written: {}", self.words)
    }
}

/// An argument that does not fit the requested type.
///
/// It costs no time as long as arguments fit: those that do not are read a second time for it, by code that a program has
/// beside the code of the first reading.
///
/// A part of [`ArgsError`], whose example shows one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Mismatch {
    /// Index of the argument, the event's name not counted; 0 for a [`Json`](super::Json).
    pub argument: usize,
    /// Bytes up to which reading came: of [`Args::items_bytes`](super::Args::items_bytes), or of the text of a `Json`.
    pub offset: usize,
    /// What is there and what the type expects, in the words of its `Deserialize` implementation, such as `invalid type:
    /// map, expected u8`. They may quote what the peer sent, and end with `…` after 200 bytes.
    pub words: Box<str>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "argument {}: {}, at byte {}", self.argument, self.words, self.offset)
    }
}

names!(ArgsError: NotASequence PlaceholderInData Unrepresentable Mismatch Missing InvalidJson InvalidMsgPack AttachmentMissing TooDeep);

impl fmt::Display for ArgsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASequence => Failure::NotASequence.fmt(f),
            Self::PlaceholderInData => f.write_str("data next to binary values looks like a placeholder"),
            Self::Unrepresentable(value) => value.fmt(f),
            Self::Mismatch(mismatch) => mismatch.fmt(f),
            Self::Missing { argument } => write!(f, "argument {argument} is missing"),
            Self::InvalidJson { offset } => write!(f, "invalid JSON at byte {offset}"),
            Self::InvalidMsgPack { offset } => write!(f, "invalid MessagePack at byte {offset}"),
            Self::AttachmentMissing { offset } => {
                write!(f, "placeholder without attachment at byte {offset}")
            }
            Self::TooDeep { offset } => write!(f, "nested too deeply at byte {offset}"),
        }
    }
}

impl core::error::Error for ArgsError {}

#[cfg(test)]
impl ArgsError {
    /// A value that cannot be written.
    pub(in crate::socketio) fn unrepresentable(words: &str) -> Self {
        Self::Unrepresentable(Box::new(Unrepresentable { words: words.into() }))
    }

    /// Which argument does not fit, if that is what is wrong.
    pub(in crate::socketio) fn misfit<T>(result: Result<T, Self>) -> Option<usize> {
        match result {
            Err(Self::Mismatch(mismatch)) => Some(mismatch.argument),
            _ => None,
        }
    }
}

impl ArgsError {
    /// Why a value was not written. If it is the value that says so, it is written once more to hear its words.
    #[cold]
    pub(in crate::socketio) fn unwritten<T: Serialize + ?Sized>(reason: impl Into<Unwritable>, value: &T) -> Self {
        match reason.into() {
            Unwritable::Value(Failure::NotASequence) => Self::NotASequence,
            Unwritable::Value(Failure::Unrepresentable) => {
                let Explained(words) = match serde_json::to_string(value) {
                    Err(error) => de::Error::custom(error),
                    Ok(_) => de::Error::custom("text that is not JSON"),
                };
                Self::Unrepresentable(Box::new(Unrepresentable { words }))
            }
            Unwritable::PlaceholderInData => Self::PlaceholderInData,
            Unwritable::Text(fault) => fault.into(),
        }
    }
}

#[cfg(feature = "msgpack")]
impl From<MsgPackFault> for ArgsError {
    fn from(fault: MsgPackFault) -> Self {
        match fault {
            MsgPackFault::Malformed { offset } => Self::InvalidMsgPack { offset },
            MsgPackFault::TooDeep { offset } => Self::TooDeep { offset },
        }
    }
}

impl From<JsonFault> for ArgsError {
    fn from(fault: JsonFault) -> Self {
        let offset = fault.offset;
        match fault.kind {
            JsonFaultKind::Json => Self::InvalidJson { offset },
            JsonFaultKind::Placeholder | JsonFaultKind::TooMany => Self::AttachmentMissing { offset },
            JsonFaultKind::TooDeep => Self::TooDeep { offset },
        }
    }
}
