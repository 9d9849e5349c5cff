//! Packets, complete with their attachments.

mod decoder;
#[cfg(feature = "msgpack")]
mod msgpack;
mod text;

use core::fmt;

use super::args::Args;
use super::args::Json;
use super::namespace::Namespace;
use crate::text::Text;

pub use self::decoder::Decoder;
pub(super) use self::decoder::{Assembly, Rules};
pub(super) use self::text::encode;
pub use self::text::encode::Outgoing;
pub use self::text::view::{ArgsRef, KindRef, PacketRef};
pub use super::layer::{DecodeError, DecodeErrorKind, Protocol};

/// One Socket.IO packet.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a namespace and what is said in it")]
pub struct Packet {
    /// The namespace that it belongs to.
    pub namespace: Namespace,
    /// What it says.
    pub kind: PacketKind,
}

/// What a packet says.
///
/// Binary is not a kind of its own: on the wire an event or acknowledgement with attachments has type 5 or 6 and
/// announces their number, both of which follow from its arguments.
//= SIO5-ATT-20
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the packet types are fixed by the protocol")]
pub enum PacketKind {
    /// `0`: a client asks to join, or a server says that it did.
    Connect {
        /// The client's auth, an object; or the server's `{"sid":...}`. Nothing in revision 4, as a rule.
        payload: Option<Json>,
    },
    /// `1`: the sender leaves the namespace, or makes the receiver leave it.
    Disconnect,
    /// `2` or `5`: an event.
    Event {
        /// Its name; a number is given as the text that JavaScript makes of it: `1` for `1.0`.
        name: Text,
        /// Its arguments.
        args: Args,
        /// The id to acknowledge it with, if the sender wants that.
        ack: Option<AckId>,
    },
    /// `3` or `6`: the acknowledgement of an event.
    Ack {
        /// The event's id. Only the [msgpack parser](crate::socketio::Parser) lets one without id through; it acknowledges
        /// nothing.
        id: Option<AckId>,
        /// What the receiver answers.
        args: Args,
    },
    /// `4`: the server refuses a client.
    ConnectError {
        /// An object with a `message`, or a string; see [`Protocol`](crate::socketio::Protocol) for revision 4.
        payload: Option<Json>,
    },
}

/// The number that ties an acknowledgement to its event; at most 2^53 - 1, which every host reads exactly.
///
/// ```
/// use sio_codec::socketio::AckId;
///
/// assert_eq!(AckId::new(7).unwrap().value(), 7);
/// assert_eq!(AckId::new(1 << 53), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AckId(i64);

impl AckId {
    /// The largest id.
    pub const MAX: Self = Self((1 << 53) - 1);

    pub(super) const MIN: Self = Self(-Self::MAX.0);

    /// An id; `None` above [`MAX`](Self::MAX).
    //= SIO5-PKT-16
    //= SIO5-PKT-17
    #[must_use]
    pub const fn new(id: u64) -> Option<Self> {
        if id <= Self::MAX.0.cast_unsigned() { Some(Self(id.cast_signed())) } else { None }
    }

    /// An id that may be negative, as only MessagePack can write it; `None` if its size exceeds [`MAX`](Self::MAX).
    #[must_use]
    pub const fn new_signed(id: i64) -> Option<Self> {
        if id.unsigned_abs() <= Self::MAX.0.cast_unsigned() { Some(Self(id)) } else { None }
    }

    /// The number. A negative one, which only MessagePack peers can send, shows as a number above [`MAX`](Self::MAX).
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0.cast_unsigned()
    }

    /// The number with its sign.
    #[must_use]
    pub const fn signed(self) -> i64 {
        self.0
    }
}

impl fmt::Debug for AckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AckId({})", self.0)
    }
}

/// The event names that belong to the library; a peer that uses one is cut off.
//= SIO5-PKT-08
//= SIO5-PKT-09
pub(super) const RESERVED_NAMES: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// Whether an event's name belongs to the library.
pub(super) fn is_reserved(name: &[u8]) -> bool {
    // Most names begin with another letter.
    matches!(name.first(), Some(b'c' | b'd' | b'n' | b'r'))
        && RESERVED_NAMES.iter().any(|reserved| reserved.as_bytes() == name)
}
