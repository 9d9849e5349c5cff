//! The two forms that packets and their arguments have.

/// The form that packets have on the wire; both peers must be set to the same, nothing is negotiated.
///
/// ```
/// use sio_codec::socketio::{Namespace, Packet, PacketKind, Parser};
///
/// let leave = Packet { namespace: Namespace::root(), kind: PacketKind::Disconnect };
/// assert_eq!(leave.encode_with(Parser::Json)?.frames().next(), Some("41".into()));
/// # Ok::<(), sio_codec::socketio::ArgsError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Parser {
    /// A text, and a binary message for each attachment: what everyone speaks.
    #[default]
    Json,
    /// One binary message per packet: `socket.io-msgpack-parser`.
    #[cfg(feature = "msgpack")]
    MsgPack,
}
