//! Errors, sorted by who is at fault.
//!
//! | fault | type | consequence |
//! |---|---|---|
//! | a request that starts nothing | [`HttpError`](super::HttpError) | an HTTP answer; no session is touched |
//! | undecodable bytes | [`PacketError`], [`PayloadError`] | the session closes with [`CloseReason::ParseError`] |
//! | decodable but forbidden, or missing | [`Violation`] | the session closes with [`CloseReason::TransportError`] |
//! | the caller's mistake | [`SendError`], [`EncodeError`], [`ConfigError`] | returned by the verb; the session goes on |

use core::fmt;

use crate::names::names;

/// What is wrong with the bytes of a packet.
///
/// The `kind` of a [`PacketError`], which has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
// As wide as the offset beside it: to move a result with padding in it takes more than to read a packet.
#[repr(usize)]
pub enum PacketErrorKind {
    /// A packet without even a type.
    Empty,
    /// The first character is not `0` to `6` or `b`.
    UnknownType,
    /// A base64 message with characters that are neither of the standard alphabet nor line breaks, or with too few.
    Base64,
    /// Text that is not UTF-8.
    Utf8,
    /// An open packet that is no JSON object.
    Open,
    /// An open packet without a usable `sid`.
    OpenSid,
    /// An open packet with `upgrades` that is no list of names.
    OpenUpgrades,
    /// An open packet without a usable `pingInterval`: a number that is not negative, of milliseconds.
    OpenPingInterval,
    /// An open packet without a usable `pingTimeout`: a number that is not negative, of milliseconds.
    OpenPingTimeout,
    /// An open packet with a `maxPayload` that is no number of bytes.
    OpenMaxPayload,
    /// Revision 3: binary data on a packet that is not a message.
    BinaryType,
    /// No length where one must be, or one that no sender writes.
    Length,
    /// A length that goes beyond the end of the body.
    Truncated,
    /// Revision 3: a length in UTF-16 units that ends between the two halves of a character.
    Surrogate,
    /// Revision 3: an element of a binary payload that is neither text (0) nor binary (1).
    Marker,
    /// A length above the limit.
    TooLarge,
    /// A JSONP answer that is no call with one string.
    Script,
}

impl PacketErrorKind {
    const fn words(self) -> &'static str {
        match self {
            Self::Empty => "empty packet",
            Self::UnknownType => "unknown packet type",
            Self::Base64 => "invalid base64",
            Self::Utf8 => "invalid UTF-8",
            Self::Open => "open packet that is no JSON object",
            Self::OpenSid => "open packet without usable sid",
            Self::OpenUpgrades => "open packet with unusable upgrades",
            Self::OpenPingInterval => "open packet without usable pingInterval",
            Self::OpenPingTimeout => "open packet without usable pingTimeout",
            Self::OpenMaxPayload => "open packet with unusable maxPayload",
            Self::BinaryType => "binary data on a packet that is no message",
            Self::Length => "no usable length",
            Self::Truncated => "length beyond the end",
            Self::Surrogate => "length that splits a character",
            Self::Marker => "unknown element marker",
            Self::TooLarge => "length above the limit",
            Self::Script => "not a JSONP call",
        }
    }
}

/// Why bytes do not decode to a packet.
///
/// ```
/// use sio_codec::engineio::{Packet, PacketErrorKind, Revision};
///
/// let fault = Packet::parse(Revision::V4, "bAQI*".into()).unwrap_err();
/// assert_eq!((fault.kind, fault.offset), (PacketErrorKind::Base64, 4));
/// assert_eq!(fault.kind.name(), "Base64");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PacketError {
    /// What is wrong.
    pub kind: PacketErrorKind,
    /// Bytes of the packet before the fault.
    pub offset: usize,
}

/// Why a polling body does not decode, and from which packet on.
///
/// ```
/// use sio_codec::engineio::payload::{Format, PacketsRef};
/// use sio_codec::engineio::PacketErrorKind;
///
/// let fault = PacketsRef::new(Format::V4, "4a\x1e9")?.last().unwrap().unwrap_err();
/// assert_eq!((fault.kind, fault.offset), (PacketErrorKind::UnknownType, 3));
/// # Ok::<(), sio_codec::engineio::PayloadError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PayloadError {
    /// What is wrong.
    pub kind: PacketErrorKind,
    /// Bytes of the body before the fault.
    pub offset: usize,
}

/// Something decodable that the peer must not do now, or something that it must do and does not.
///
/// ```
/// use sio_codec::engineio::{CloseReason, Violation};
///
/// let reason = CloseReason::TransportError(Violation::SlowReader);
/// assert_eq!((reason.as_str(), Violation::SlowReader.name()), ("transport error", "SlowReader"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Violation {
    /// A second GET while one is pending.
    OverlappingPoll,
    /// A second POST while one is being received.
    OverlappingPost,
    /// A POST labelled `application/octet-stream` in revision 4.
    BinaryBody,
    /// A ping from a client of revision 4, where the server is the one that pings.
    HeartbeatDirection,
    /// The client dropped the connection of its pending GET.
    AbortedPoll,
    /// The client dropped the connection of its POST before the body was complete.
    AbortedPost,
    /// A WebSocket message above [`Limits::max_payload`](crate::Limits::max_payload), or such an answer to a client.
    PayloadTooLarge,
    /// An answer to a client's request with this status, which is not 200.
    Status(u16),
    /// No answer to a client's request, or no WebSocket for it.
    NoAnswer,
    /// A server's packet before the open packet.
    NotOpen,
    /// The peer of a WebSocket took nothing of what waits for it for a whole ping timeout.
    SlowReader,
    /// More WebSocket messages were handed in than the session keeps, although it
    /// [wanted none](crate::Machine::wants_input). The program's fault, not the peer's.
    Overrun,
}

/// Why a session ended.
///
/// [`Event::Closed`](super::Event::Closed) has it; the example of a [whole session](super::server#a-whole-session) ends with
/// one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseReason {
    /// The peer's half of a heartbeat did not arrive in time.
    PingTimeout,
    /// The peer sent a close packet, or its WebSocket closed.
    TransportClose,
    /// The peer did something that it must not do now, or did not do what it must.
    TransportError(Violation),
    /// The peer sent something undecodable. The reference's client calls this a transport error, too.
    ParseError(PacketErrorKind),
    /// This side closed the session.
    ForcedClose,
    /// The server sent no open packet in time.
    ConnectTimeout,
}

impl CloseReason {
    /// The reference's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PingTimeout => "ping timeout",
            Self::TransportClose => "transport close",
            Self::TransportError(_) => "transport error",
            Self::ParseError(_) => "parse error",
            Self::ForcedClose => "forced close",
            Self::ConnectTimeout => "timeout",
        }
    }
}

/// A message that the session did not take.
///
/// ```
/// use sio_codec::engineio::client::{ClientSession, Config};
/// use sio_codec::engineio::{Encoded, SendError, Session};
/// use sio_codec::Timestamp;
///
/// let mut session = ClientSession::connect(Timestamp::ZERO, Config::default());
/// assert_eq!(session.send(&Encoded::text("hello")), Err(SendError::NotOpen));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendError {
    /// The session is closed.
    Closed,
    /// There is no room: half of [`Limits::max_queued_bytes`](crate::Limits::max_queued_bytes) waits, or more, if this is a
    /// direct reaction to a message. [`Event::Writable`](super::Event::Writable) tells when to try again.
    QueueFull,
    /// The text holds U+001E, which separates packets while the session is on polling.
    Separator,
    /// A client's session that is not open yet; [`Event::Opened`](super::Event::Opened) tells when it is.
    NotOpen,
    /// A message is larger than the server takes, in the form in which it would be sent.
    TooLarge,
}

/// A packet that an encoder did not write; what it wrote before stays as it was.
///
/// ```
/// use sio_codec::engineio::payload::{Encoder, Format};
/// use sio_codec::engineio::{EncodeError, Packet};
///
/// let mut body = Encoder::new(Format::V4).with_max_len(8);
/// body.push(&Packet::Message("one".into()))?;
/// assert_eq!(body.push(&Packet::Message("two".into())), Err(EncodeError::Full));
/// assert_eq!(body.finish().unwrap(), b"4one");
/// # Ok::<(), EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EncodeError {
    /// The body is full. The packet fits another body.
    Full,
    /// The packet alone is larger than a body may be.
    TooLarge,
    /// The text holds U+001E, which separates the packets of a payload of revision 4.
    Separator,
    /// The message has no bytes, and WebTransport has no frame for that.
    EmptyBinary,
}

/// A configuration that cannot work.
///
/// ```
/// use core::time::Duration;
/// use sio_codec::engineio::ConfigError;
/// use sio_codec::engineio::server::{Config, Router};
///
/// let config = Config::default().with_heartbeat(Duration::ZERO, Duration::from_secs(20));
/// assert_eq!(Router::new(config).unwrap_err(), ConfigError::Heartbeat);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigError {
    /// The ping interval or the ping timeout is below one millisecond, the unit of the open packet.
    Heartbeat,
    /// A limit is zero where one packet must fit.
    Limit,
}

names!(PacketErrorKind: Empty UnknownType Base64 Utf8 Open OpenSid OpenUpgrades OpenPingInterval OpenPingTimeout OpenMaxPayload BinaryType Length Truncated Surrogate Marker TooLarge Script);
names!(Violation: OverlappingPoll OverlappingPost BinaryBody HeartbeatDirection AbortedPoll AbortedPost PayloadTooLarge Status NoAnswer NotOpen SlowReader Overrun);
names!(SendError: Closed QueueFull Separator NotOpen TooLarge);
names!(EncodeError: Full TooLarge Separator EmptyBinary);
names!(ConfigError: Heartbeat Limit);

impl fmt::Display for PacketErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl fmt::Display for PacketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.offset)
    }
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {} of the payload", self.kind, self.offset)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OverlappingPoll => "a second GET while one is pending",
            Self::OverlappingPost => "a second POST while one is being received",
            Self::BinaryBody => "a binary body in revision 4",
            Self::HeartbeatDirection => "a ping from the client",
            Self::AbortedPoll => "the pending GET was dropped",
            Self::AbortedPost => "the POST was dropped",
            Self::PayloadTooLarge => "a message above the limit",
            Self::Status(status) => return write!(f, "an answer with status {status}"),
            Self::NoAnswer => "a request without an answer",
            Self::NotOpen => "a packet before the open packet",
            Self::SlowReader => "nothing of what waits is read",
            Self::Overrun => "messages were handed in that the session did not want",
        })
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())?;
        match self {
            Self::TransportError(violation) => write!(f, ": {violation}"),
            Self::ParseError(kind) => write!(f, ": {kind}"),
            Self::PingTimeout | Self::TransportClose | Self::ForcedClose | Self::ConnectTimeout => Ok(()),
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the session is closed",
            Self::QueueFull => "too much waits to be sent on this session",
            Self::Separator => "a text with U+001E cannot be sent over polling",
            Self::NotOpen => "the session is not open yet",
            Self::TooLarge => "a message is larger than the server takes",
        })
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the body is full",
            Self::TooLarge => "the packet is larger than a body may be",
            Self::Separator => "a text with U+001E cannot be part of a payload",
            Self::EmptyBinary => "an empty binary message cannot be framed",
        })
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Heartbeat => "ping interval and ping timeout must be at least one millisecond",
            Self::Limit => "every limit on payloads and queues must be at least one",
        })
    }
}

impl core::error::Error for PacketError {}
impl core::error::Error for PayloadError {}
impl core::error::Error for Violation {}
impl core::error::Error for SendError {}
impl core::error::Error for EncodeError {}
impl core::error::Error for ConfigError {}
