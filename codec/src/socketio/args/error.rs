//! What can be wrong with arguments: [`ArgsError`] for the program, [`Fault`] for the packet parser.

use core::fmt;

use crate::socketio::packet::{DecodeError, DecodeErrorKind};

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

impl fmt::Display for ArgsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotASequence => f.write_str("arguments must be a sequence"),
            Self::PlaceholderInData => f.write_str("data next to binary values looks like a placeholder"),
            Self::Unrepresentable => f.write_str("value cannot be written as JSON"),
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

impl From<Fault> for ArgsError {
    fn from(fault: Fault) -> Self {
        let offset = fault.offset;
        match fault.kind {
            FaultKind::Json => Self::InvalidJson { offset },
            FaultKind::Placeholder | FaultKind::TooMany => Self::AttachmentMissing { offset },
            FaultKind::TooDeep => Self::TooDeep { offset },
        }
    }
}

/// What is wrong with the JSON text of a packet, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    /// Byte offset into the text that was checked.
    pub(crate) offset: usize,
}

impl Fault {
    /// The fault of a packet whose JSON begins at `start`.
    pub(crate) const fn in_packet(self, start: usize) -> DecodeError {
        let kind = match self.kind {
            FaultKind::Json => DecodeErrorKind::InvalidJson,
            FaultKind::Placeholder => DecodeErrorKind::IllegalPlaceholder,
            FaultKind::TooDeep => DecodeErrorKind::TooDeep,
            FaultKind::TooMany => DecodeErrorKind::TooManyAttachments,
        };
        DecodeError { kind, offset: start.saturating_add(self.offset) }
    }

    pub(crate) const fn json(offset: usize) -> Self {
        Self { kind: FaultKind::Json, offset }
    }

    pub(crate) const fn placeholder(offset: usize) -> Self {
        Self { kind: FaultKind::Placeholder, offset }
    }

    pub(crate) const fn too_many(offset: usize) -> Self {
        Self { kind: FaultKind::TooMany, offset }
    }

    pub(crate) const fn too_deep(offset: usize) -> Self {
        Self { kind: FaultKind::TooDeep, offset }
    }
}

/// The kinds of [`Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// Not JSON, or more than one value.
    Json,
    /// A placeholder that names no attachment.
    Placeholder,
    /// Nested beyond what the decoder follows.
    TooDeep,
    /// More placeholders than there may be attachments.
    TooMany,
}
