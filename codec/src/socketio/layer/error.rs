//! Everything that can go wrong, by whose fault it is.
//!
//! | fault | type | effect |
//! |---|---|---|
//! | undecodable packets | [`DecodeError`](crate::socketio::DecodeError) | the connection closes with [`DisconnectReason::InvalidPacket`] |
//! | decodable but forbidden | [`Violation`] | the connection closes with [`DisconnectReason::Violation`] |
//! | the caller's mistake | [`EmitError`], [`ArgsError`] | returned by the verb; nothing is sent |

use core::fmt;

use crate::engineio::{CloseReason, SendError};
use crate::names::names;
use crate::socketio::args::ArgsError;
use crate::socketio::packet::DecodeErrorKind;

/// Something decodable that the peer must not do now.
///
/// [`DisconnectReason::Violation`] has it. It has no example of its own: what a peer does to get one is in the table of
/// faults of the [module](crate::socketio#faults).
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
///
/// ```
/// use sio_codec::engineio::CloseReason;
/// use sio_codec::socketio::DisconnectReason;
///
/// assert_eq!(DisconnectReason::Engine(CloseReason::PingTimeout).as_str(), "ping timeout");
/// let left = DisconnectReason::ClientNamespace;
/// assert_eq!((left.as_str(), left.as_client_str()), ("client namespace disconnect", "io client disconnect"));
/// ```
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

/// Why a verb of a connection does nothing.
///
/// ```
/// use sio_codec::socketio::{Config, Connection, EmitError, Namespace};
///
/// let mut connection = Connection::new(Config::default());
/// assert_eq!(connection.emit(&Namespace::root(), "hello", ()), Err(EmitError::NotJoined));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// The auth is not an object, as protocol 5 requires.
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

names!(Violation: NotJoined ConnectTwice TooManyNamespaces ConnectError ConnectTimeout TooEarly Unsendable);
names!(EmitError: Closed NotJoined ConnectTwice TooManyNamespaces NotAnObject BufferFull NotAsking ReservedName TooManyAcks Args);

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

impl From<ArgsError> for EmitError {
    fn from(error: ArgsError) -> Self {
        Self::Args(error)
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

impl core::error::Error for Violation {}
impl core::error::Error for EmitError {}
