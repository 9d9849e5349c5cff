//! What can be wrong with arguments: [`ArgsError`] for the program, [`JsonFault`] for the packet parser.

use core::fmt;

use crate::names::names;
use crate::socketio::bridge::Failure;
use crate::socketio::json::{JsonFault, JsonFaultKind, Unwritable};

/// Why arguments could not be encoded, decoded or taken from raw JSON.
///
/// Always the program's affair: a peer's undecodable packet is refused before an
/// [`Args`](super::Args) exists, so what remains is a type that does not fit.
///
/// ```
/// use sio_codec::socketio::{Args, ArgsError};
///
/// let args = Args::encode(&("lamp", 3)).unwrap();
/// assert_eq!(args.decode::<(String, bool)>(), Err(ArgsError::Mismatch { argument: 1 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    Unrepresentable,
    /// The argument with this index does not fit the requested type.
    Mismatch {
        /// Index of the argument, the event name not counted.
        argument: usize,
    },
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

names!(ArgsError: NotASequence PlaceholderInData Unrepresentable Mismatch Missing InvalidJson AttachmentMissing TooDeep);

impl fmt::Display for ArgsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASequence => Failure::NotASequence.fmt(f),
            Self::PlaceholderInData => f.write_str("data next to binary values looks like a placeholder"),
            Self::Unrepresentable => Failure::Unrepresentable.fmt(f),
            Self::Mismatch { argument } => write!(f, "argument {argument} has another type"),
            Self::Missing { argument } => write!(f, "argument {argument} is missing"),
            Self::InvalidJson { offset } => write!(f, "invalid JSON at byte {offset}"),
            Self::AttachmentMissing { offset } => {
                write!(f, "placeholder without attachment at byte {offset}")
            }
            Self::TooDeep { offset } => write!(f, "nested too deeply at byte {offset}"),
        }
    }
}

impl core::error::Error for ArgsError {}

impl From<Failure> for ArgsError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotASequence => Self::NotASequence,
            Failure::Unrepresentable => Self::Unrepresentable,
        }
    }
}

impl From<Unwritable> for ArgsError {
    fn from(reason: Unwritable) -> Self {
        match reason {
            Unwritable::Value(failure) => failure.into(),
            Unwritable::PlaceholderInData => Self::PlaceholderInData,
            Unwritable::Text(fault) => fault.into(),
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
