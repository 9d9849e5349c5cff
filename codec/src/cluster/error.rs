//! What is wrong with a message.

use core::fmt;

use crate::names::names;
use crate::socketio::json::{JsonFault, JsonFaultKind};
use crate::socketio::msgpack::MsgPackFault;

/// Why what came over the bus is no message.
///
/// A server drops such a message and says so to its operator; nothing else follows. Servers of Node.js end at some of them.
///
/// ```
/// use sio_codec::cluster::classic::{Codec, Config, Route};
/// use sio_codec::cluster::{DecodeError, Undecodable, Violation};
/// use sio_codec::socketio::Namespace;
///
/// let codec = Codec::new(Config::default(), Namespace::root());
/// let fault = codec.decode(Route::Request, "{".into()).unwrap_err();
/// assert!(matches!(fault, DecodeError::Undecodable { fault: Undecodable::InvalidJson, .. }));
/// let fault = codec.decode(Route::Request, r#"{"type":99}"#.into()).unwrap_err();
/// assert_eq!(fault, DecodeError::Forbidden(Violation::UnknownType));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes have no meaning.
    Undecodable {
        /// What is wrong.
        fault: Undecodable,
        /// Bytes of the message before the fault.
        offset: usize,
    },
    /// The bytes say something that a message cannot say.
    Forbidden(Violation),
}

/// What is wrong with the bytes of a message.
///
/// The example of [`DecodeError`] has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Undecodable {
    /// Longer than [`Limits::max_bus_message`](crate::Limits::max_bus_message).
    TooLong,
    /// It begins as JSON, but is no UTF-8.
    InvalidUtf8,
    /// It begins as JSON, but is none, or is more than one value.
    InvalidJson,
    /// It is not MessagePack, is cut short, or is more than one value.
    InvalidMsgPack,
    /// An entry of a stream whose data is neither JSON nor base64.
    InvalidBase64,
    /// More than 127 arrays and maps inside each other.
    TooDeep,
}

/// What a message cannot say.
///
/// The example of [`DecodeError`] has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Violation {
    /// It is no list or object of the shape that all messages have.
    Shape,
    /// Its type is none that this adapter has.
    UnknownType,
    /// A member that such a message cannot do without is missing. Its name is given.
    Missing(&'static str),
    /// A member has a value of another type than it can have. Its name is given.
    Mistyped(&'static str),
    /// Its packet is not an event.
    NotAnEvent,
    /// More rooms than [`Limits::max_bus_rooms`](crate::Limits::max_bus_rooms).
    TooManyRooms,
    /// A namespace's name longer than [`Limits::max_namespace_len`](crate::Limits::max_namespace_len).
    NamespaceTooLong,
}

/// Why a message cannot be sent: the caller's mistake.
///
/// ```
/// use sio_codec::cluster::classic::{Codec, Config};
/// use sio_codec::cluster::{EncodeError, Message, Sender};
/// use sio_codec::socketio::Namespace;
///
/// let codec = Codec::new(Config::default(), Namespace::root());
/// assert_eq!(codec.publish(&Sender::Emitter, &Message::Heartbeat), Err(EncodeError::Unsupported));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EncodeError {
    /// This adapter has no such message, or its emitters have not: nobody could answer them.
    Unsupported,
    /// The message has to say who sends it.
    Unnamed,
    /// An answer, for which it has to be known who asked.
    Response,
    /// No answer, which goes to everyone.
    NotAResponse,
}

names!(Undecodable: TooLong InvalidUtf8 InvalidJson InvalidMsgPack InvalidBase64 TooDeep);
names!(Violation: Shape UnknownType Missing Mistyped NotAnEvent TooManyRooms NamespaceTooLong);
names!(EncodeError: Unsupported Unnamed Response NotAResponse);

impl DecodeError {
    /// The name of what is wrong, for logs and metrics. It stays as it is when the words of the error change.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Undecodable { fault, .. } => fault.name(),
            Self::Forbidden(violation) => violation.name(),
        }
    }

    pub(super) const fn undecodable(fault: Undecodable, offset: usize) -> Self {
        Self::Undecodable { fault, offset }
    }
}

impl From<Violation> for DecodeError {
    fn from(violation: Violation) -> Self {
        Self::Forbidden(violation)
    }
}

impl From<JsonFault> for DecodeError {
    fn from(fault: JsonFault) -> Self {
        let kind = if fault.kind == JsonFaultKind::TooDeep { Undecodable::TooDeep } else { Undecodable::InvalidJson };
        Self::undecodable(kind, fault.offset)
    }
}

impl From<MsgPackFault> for DecodeError {
    fn from(fault: MsgPackFault) -> Self {
        match fault {
            MsgPackFault::Malformed { offset } => Self::undecodable(Undecodable::InvalidMsgPack, offset),
            MsgPackFault::TooDeep { offset } => Self::undecodable(Undecodable::TooDeep, offset),
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undecodable { fault, offset } => write!(f, "{fault} at byte {offset}"),
            Self::Forbidden(violation) => violation.fmt(f),
        }
    }
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "message too long",
            Self::InvalidUtf8 => "invalid UTF-8",
            Self::InvalidJson => "invalid JSON",
            Self::InvalidMsgPack => "invalid MessagePack",
            Self::InvalidBase64 => "invalid base64",
            Self::TooDeep => "nested too deeply",
        })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape => f.write_str("not of the shape of a message"),
            Self::UnknownType => f.write_str("unknown type of message"),
            Self::Missing(member) => write!(f, "`{member}` is missing"),
            Self::Mistyped(member) => write!(f, "`{member}` is of a wrong type"),
            Self::NotAnEvent => f.write_str("the packet is not an event"),
            Self::TooManyRooms => f.write_str("too many rooms"),
            Self::NamespaceTooLong => f.write_str("namespace too long"),
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsupported => "this adapter, or its emitters, have no such message",
            Self::Unnamed => "the message has to name its sender",
            Self::Response => "an answer needs a recipient",
            Self::NotAResponse => "only answers have a recipient",
        })
    }
}

impl core::error::Error for DecodeError {}
impl core::error::Error for Undecodable {}
impl core::error::Error for Violation {}
impl core::error::Error for EncodeError {}
