//! Packets, complete with their attachments.

mod connect;
mod decoder;
mod error;
#[cfg(feature = "msgpack")]
mod msgpack;
mod outgoing;
mod protocol;
mod text;
mod to_args;

use super::ack_id::AckId;
use super::args::{Args, Json};
use super::namespace::Namespace;
use crate::text::Text;

pub(super) use self::decoder::{Assembly, Rules};
pub use self::decoder::{Decoder, DecoderState, Unread, UnreadKind};
pub use self::error::{DecodeError, DecodeErrorKind};
#[cfg(feature = "msgpack")]
pub use self::msgpack::{MsgPackArgsRef, MsgPackKindRef, MsgPackPacketRef};
pub use self::outgoing::Outgoing;
pub use self::protocol::Protocol;
pub use self::text::arguments::ArgsRef;
pub use self::text::head::Head;
pub use self::text::view::{KindRef, PacketRef};
pub use self::to_args::ToArgs;
pub(super) use self::to_args::sealed::ToPacket;

/// One Socket.IO packet.
///
/// ```
/// use sio_codec::Limits;
/// use sio_codec::socketio::{Args, Decoder, Namespace, Packet, PacketKind};
///
/// let kind = PacketKind::Event { name: "hello".into(), args: Args::encode(&(1, "two"))?, ack: None };
/// let packet = Packet { namespace: Namespace::new("/chat")?, kind };
/// let text = r#"2/chat,["hello",1,"two"]"#;
/// assert_eq!(Decoder::new(&Limits::default()).push(text.into())?, Some(packet));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
/// Binary packets are no separate kind: on the wire an event or acknowledgement with attachments has type 5 or 6 and
/// announces their number, both of which follow from its arguments.
///
/// A part of [`Packet`], whose example is an event.
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
        /// The id to acknowledge it with, if the sender asks for an acknowledgement.
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
