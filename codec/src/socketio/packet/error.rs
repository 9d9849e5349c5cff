//! What makes a packet undecodable.

use core::fmt;

use crate::names::names;
use crate::socketio::json::{JsonFault, JsonFaultKind};
#[cfg(feature = "msgpack")]
use crate::socketio::msgpack::MsgPackFault;

/// Why messages do not decode to a packet.
///
/// ```
/// use sio_codec::Limits;
/// use sio_codec::socketio::{DecodeErrorKind, Decoder};
///
/// let fault = Decoder::new(&Limits::default()).push(r#"2["hello",]"#.into()).unwrap_err();
/// assert_eq!((fault.kind, fault.offset), (DecodeErrorKind::InvalidJson, 10));
/// assert_eq!(fault.kind.name(), "InvalidJson");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DecodeError {
    /// What is wrong.
    pub kind: DecodeErrorKind,
    /// Bytes of the message before the fault.
    pub offset: usize,
}

/// What is wrong with a packet.
///
/// The `kind` of a [`DecodeError`], which has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The first character is not `0` to `6`, or there is none.
    UnknownType,
    /// The number of attachments is missing, zero, or not plain digits.
    IllegalAttachments,
    /// More attachments than [`Limits::max_attachments`](crate::Limits::max_attachments).
    TooManyAttachments {
        /// How many the packet announces; `u32::MAX` for that many and more.
        announced: u32,
    },
    /// More placeholders than there may be attachments, some of which are named more than once.
    TooManyPlaceholders,
    /// A namespace's name longer than [`Limits::max_namespace_len`](crate::Limits::max_namespace_len). The query that a
    /// client of protocol 4 puts behind the name does not count.
    NamespaceTooLong,
    /// An acknowledgement id above 2^53 - 1.
    AckIdTooLarge,
    /// An acknowledgement without an id.
    AckIdMissing,
    /// The payload is no JSON.
    InvalidJson,
    /// The payload is JSON that this type of packet cannot have.
    InvalidPayload,
    /// An event with a name that belongs to the library.
    ReservedName,
    /// More than 127 arrays and objects inside each other.
    TooDeep,
    /// A placeholder without an integer `num` below the number of attachments.
    IllegalPlaceholder,
    /// A text message while attachments are missing.
    AttachmentExpected,
    /// A binary message while no attachment is missing.
    UnexpectedAttachment,
    /// A message longer than [`Limits::max_payload`](crate::Limits::max_payload).
    TooLong,
    /// A text message where the msgpack parser is spoken.
    UnexpectedText,
    /// The message is not MessagePack, is cut short, or is more than one value.
    InvalidMsgPack,
    /// A MessagePack packet whose `nsp` is no string, or holds a comma.
    InvalidNamespace,
    /// A MessagePack packet whose `id` is no integer.
    InvalidAckId,
}

impl DecodeError {
    /// The fault of a packet whose JSON begins at `start`.
    pub(super) const fn in_json(fault: JsonFault, start: usize) -> Self {
        let kind = match fault.kind {
            JsonFaultKind::Json => DecodeErrorKind::InvalidJson,
            JsonFaultKind::Placeholder => DecodeErrorKind::IllegalPlaceholder,
            JsonFaultKind::TooDeep => DecodeErrorKind::TooDeep,
            JsonFaultKind::TooMany => DecodeErrorKind::TooManyPlaceholders,
        };
        Self { kind, offset: start.saturating_add(fault.offset) }
    }
}

#[cfg(feature = "msgpack")]
impl From<MsgPackFault> for DecodeError {
    fn from(fault: MsgPackFault) -> Self {
        match fault {
            MsgPackFault::Malformed { offset } => Self { kind: DecodeErrorKind::InvalidMsgPack, offset },
            MsgPackFault::TooDeep { offset } => Self { kind: DecodeErrorKind::TooDeep, offset },
        }
    }
}

names!(DecodeErrorKind: UnknownType IllegalAttachments TooManyAttachments TooManyPlaceholders NamespaceTooLong AckIdTooLarge AckIdMissing InvalidJson InvalidPayload ReservedName TooDeep IllegalPlaceholder AttachmentExpected UnexpectedAttachment TooLong UnexpectedText InvalidMsgPack InvalidNamespace InvalidAckId);

impl DecodeErrorKind {
    const fn words(self) -> &'static str {
        match self {
            Self::UnknownType => "unknown packet type",
            Self::IllegalAttachments => "illegal number of attachments",
            Self::TooManyAttachments { .. } => "too many attachments",
            Self::TooManyPlaceholders => "too many attachment placeholders",
            Self::NamespaceTooLong => "namespace too long",
            Self::AckIdTooLarge => "acknowledgement id too large",
            Self::AckIdMissing => "acknowledgement without an id",
            Self::InvalidJson => "invalid JSON",
            Self::InvalidPayload => "payload does not fit the packet type",
            Self::ReservedName => "reserved event name",
            Self::TooDeep => "nested too deeply",
            Self::IllegalPlaceholder => "illegal attachment placeholder",
            Self::AttachmentExpected => "text while attachments are missing",
            Self::UnexpectedAttachment => "attachment that no packet announced",
            Self::TooLong => "message too long",
            Self::UnexpectedText => "text where packets are binary",
            Self::InvalidMsgPack => "invalid MessagePack",
            Self::InvalidNamespace => "namespace is no name",
            Self::InvalidAckId => "acknowledgement id is no integer",
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.offset)
    }
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())?;
        match self {
            Self::TooManyAttachments { announced } if *announced < u32::MAX => write!(f, ": {announced}"),
            _ => Ok(()),
        }
    }
}

impl core::error::Error for DecodeError {}
