//! Everything that can go wrong, by whose fault it is.
//!
//! | fault | type | what becomes of it |
//! |---|---|---|
//! | undecodable packets | [`DecodeError`] | the connection closes with [`DisconnectReason::InvalidPacket`] |
//! | decodable but forbidden | [`Violation`] | the connection closes with [`DisconnectReason::Violation`] |
//! | the caller's mistake | [`EmitError`], [`ArgsError`] | returned by the verb; nothing is sent |

use core::fmt;

use crate::engineio::{CloseReason, SendError};
use crate::socketio::args::ArgsError;

/// What is wrong with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The first character is not `0` to `6`, or there is none.
    UnknownType,
    /// The number of attachments is missing, zero, or not plain digits.
    IllegalAttachments,
    /// More attachments than [`Limits::max_attachments`](crate::Limits::max_attachments).
    TooManyAttachments,
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

impl DecodeErrorKind {
    const fn words(self) -> &'static str {
        match self {
            Self::UnknownType => "unknown packet type",
            Self::IllegalAttachments => "illegal number of attachments",
            Self::TooManyAttachments => "too many attachments",
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

/// Messages that are no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DecodeError {
    /// What is wrong.
    pub kind: DecodeErrorKind,
    /// Bytes of the message before the fault.
    pub offset: usize,
}

/// Something decodable that the peer must not do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Violation {
    /// A packet for a namespace that is not joined.
    NotJoined,
    /// A CONNECT to a namespace that is joined, or asked for, already.
    ConnectTwice,
    /// More namespaces than [`Limits::max_namespaces`](crate::Limits::max_namespaces).
    TooManyNamespaces,
    /// A CONNECT_ERROR from a client.
    ConnectError,
    /// No namespace joined within the connect timeout.
    ConnectTimeout,
    /// More events than [`Limits::max_buffered_bytes`](crate::Limits::max_buffered_bytes) before the server said that this
    /// client is in their namespace.
    TooEarly,
    /// This side's fault, rather than the peer's: the session cannot carry a message. A client's that is larger than the
    /// server takes is [`SendError::TooLarge`].
    Unsendable(SendError),
}

/// Why a namespace, or the whole connection, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The Engine.IO session ended.
    Engine(CloseReason),
    /// The client left the namespace.
    ClientNamespace,
    /// The server made the client leave the namespace.
    ServerNamespace,
    /// The server goes down.
    ServerShuttingDown,
    /// The peer sent something undecodable.
    InvalidPacket(DecodeErrorKind),
    /// The peer did something that it must not do now.
    Violation(Violation),
}

impl DisconnectReason {
    /// The reference's word for it, on a server.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.words().0
    }

    /// The reference's word for it, on a client.
    #[must_use]
    pub const fn as_client_str(self) -> &'static str {
        self.words().1
    }

    /// What a server says and what a client says.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Engine(reason) => (reason.as_str(), reason.as_str()),
            Self::ClientNamespace => ("client namespace disconnect", "io client disconnect"),
            Self::ServerNamespace => ("server namespace disconnect", "io server disconnect"),
            // Clients only see that the session ends.
            Self::ServerShuttingDown => ("server shutting down", "transport close"),
            Self::InvalidPacket(_) => ("forced close", "parse error"),
            // The reference's clients know none.
            Self::Violation(_) => ("forced server close", "transport error"),
        }
    }

    /// Whether somebody did what is not allowed, or sent what cannot be read, rather than that a connection was lost.
    pub(in crate::socketio) const fn is_fault(self) -> bool {
        match self {
            Self::InvalidPacket(_) | Self::Violation(_) | Self::Engine(CloseReason::ParseError(_)) => true,
            Self::Engine(CloseReason::TransportError(violation)) => {
                use crate::engineio::Violation::{NotOpen, PayloadTooLarge};
                matches!(violation, NotOpen | PayloadTooLarge)
            }
            Self::Engine(_) | Self::ClientNamespace | Self::ServerNamespace | Self::ServerShuttingDown => false,
        }
    }

    /// Whether the client may come back to where it was: neither side meant to part, and what arrived made sense to
    /// Engine.IO.
    //= SIO5-CSR-08
    #[must_use]
    pub const fn is_recoverable(self) -> bool {
        match self {
            Self::ClientNamespace | Self::ServerNamespace | Self::Engine(CloseReason::ParseError(_)) => false,
            Self::Engine(_) | Self::ServerShuttingDown | Self::InvalidPacket(_) | Self::Violation(_) => true,
        }
    }
}

/// A wish that the connection cannot fulfil.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EmitError {
    /// The connection is closed or closing.
    Closed,
    /// The client is not in that namespace.
    NotJoined,
    /// This client is in that namespace already, or asks for it.
    ConnectTwice,
    /// [`Limits::max_namespaces`](crate::Limits::max_namespaces) is reached.
    TooManyNamespaces,
    /// An auth of protocol 5 that is no object.
    NotAnObject,
    /// What waits on the connection reaches [`Limits::max_buffered_bytes`](crate::Limits::max_buffered_bytes): the peer reads
    /// more slowly than it is sent to, or a client is not in its namespace yet.
    BufferFull,
    /// The client has not asked for that namespace, or was answered already.
    NotAsking,
    /// The event's name belongs to the library.
    ReservedName,
    /// [`Limits::max_pending_acks`](crate::Limits::max_pending_acks) is reached, or
    /// [`max_answer_bytes`](crate::socketio::server::hub::Config::max_answer_bytes) of a hub.
    TooManyAcks,
    /// The arguments cannot be written in the form that the client speaks.
    Args(ArgsError),
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.offset)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotJoined => "a packet for a namespace that is not joined",
            Self::ConnectTwice => "a second CONNECT",
            Self::TooManyNamespaces => "too many namespaces",
            Self::ConnectError => "a CONNECT_ERROR from the client",
            Self::ConnectTimeout => "no namespace joined in time",
            Self::TooEarly => "too many events before the namespace is joined",
            Self::Unsendable(error) => return write!(f, "a message was not sent: {error}"),
        })
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(reason) => fmt::Display::fmt(reason, f),
            Self::InvalidPacket(kind) => write!(f, "{}: {kind}", self.as_str()),
            Self::Violation(violation) => write!(f, "{}: {violation}", self.as_str()),
            Self::ClientNamespace | Self::ServerNamespace | Self::ServerShuttingDown => f.write_str(self.as_str()),
        }
    }
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Args(error) => return fmt::Display::fmt(error, f),
            Self::Closed => "the connection is closed",
            Self::NotJoined => "the client is not in the namespace",
            Self::ConnectTwice => "the client is in the namespace, or asks for it",
            Self::TooManyNamespaces => "too many namespaces",
            Self::NotAnObject => "the auth is not an object",
            Self::BufferFull => "too much waits to be sent",
            Self::NotAsking => "the client does not ask for the namespace",
            Self::ReservedName => "the event name is reserved",
            Self::TooManyAcks => "too many acknowledgements are waited for",
        })
    }
}

impl core::error::Error for DecodeError {}
impl core::error::Error for Violation {}
impl core::error::Error for EmitError {}
