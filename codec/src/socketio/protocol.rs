//! What a connection speaks: the revision of the protocol, and the form that packets have on the wire.

use super::json::Json;
use super::namespace::Namespace;
use super::packet::{Packet, PacketKind};

/// A revision of the Socket.IO protocol; a choice per connection, made at run time.
///
/// | | `V4` (Socket.IO 1.0.3 to 2.x) | `V5` (3.x, 4.x) |
/// |---|---|---|
/// | CONNECT carries | an object, an array or null; the client's auth is in the namespace: [`Namespace::split_query`] | an object |
/// | type 4 carries | any of string, object, array, null | a string or an object |
/// | reserved event names | accepted, left to the application | refused |
/// | unknown packet type | refused, and the next packet is decoded | refused, for good |
///
/// Everything else is shared: namespaces, ids, attachments, and how they are written.
///
/// ```
/// use sio_codec::socketio::{Decoder, Protocol};
/// use sio_codec::{Frame, Limits};
///
/// let refusal = Frame::from(r#"4/chat,["no"]"#);
/// let decoder = Decoder::new(&Limits::default());
/// assert!(decoder.clone().with_protocol(Protocol::V4).push(refusal.clone()).is_ok());
/// assert!(decoder.clone().with_protocol(Protocol::V5).push(refusal).is_err());
/// ```
///
/// [`Namespace::split_query`]: super::Namespace::split_query
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the revisions are fixed by the protocol")]
pub enum Protocol {
    /// Revision 4, over Engine.IO 3.
    V4,
    /// Revision 5.
    #[default]
    V5,
}

impl Protocol {
    /// The bytes that a CONNECT's payload may start with.
    //= SIO5-PKT-11
    pub(super) const fn connect_payload(self) -> &'static [u8] {
        match self {
            Self::V4 => b"{[n",
            Self::V5 => b"{",
        }
    }

    /// The bytes that the payload of type 4 may start with.
    //= SIO4-ERR-03
    //= SIO5-PKT-13
    pub(super) const fn error_payload(self) -> &'static [u8] {
        match self {
            Self::V4 => b"\"{[n",
            Self::V5 => b"\"{",
        }
    }

    /// Whether the decoder refuses the event names that belong to the library.
    //= SIO5-PKT-08
    pub(super) const fn reserves_names(self) -> bool {
        matches!(self, Self::V5)
    }

    /// Whether nothing can be decoded after a packet of a type that does not exist.
    pub(super) const fn unknown_type_is_fatal(self) -> bool {
        matches!(self, Self::V5)
    }
}

impl Packet {
    /// What a server sends when it lets a client into a namespace: the client's id, or nothing in protocol 4.
    ///
    /// ```
    /// use sio_codec::socketio::{Namespace, Packet, Protocol};
    ///
    /// let chat = Namespace::new("/chat")?;
    /// let frame = |protocol| Packet::connected(protocol, chat.clone(), "x").encode().frames().next().unwrap();
    /// assert_eq!(frame(Protocol::V5), r#"40/chat,{"sid":"x"}"#.into());
    /// assert_eq!(frame(Protocol::V4), "40/chat,".into());
    /// # Ok::<(), sio_codec::socketio::InvalidNamespace>(())
    /// ```
    //= SIO4-CON-08
    //= SIO5-CON-02
    #[must_use]
    pub fn connected(protocol: Protocol, namespace: Namespace, sid: &str) -> Self {
        let payload = match protocol {
            Protocol::V4 => None,
            Protocol::V5 => Some(Json::object("sid", sid)),
        };
        Self { namespace, kind: PacketKind::Connect { payload } }
    }

    /// What a server sends when it turns a client away: an object with the message and whatever else there is to say;
    /// in protocol 4 either the one or the other.
    ///
    /// ```
    /// use sio_codec::socketio::{Json, Namespace, Packet, Protocol};
    ///
    /// let code = Json::encode(&7)?;
    /// let frame = |protocol, data| {
    ///     Packet::refused(protocol, Namespace::root(), "no", data).encode().frames().next().unwrap()
    /// };
    /// assert_eq!(frame(Protocol::V5, Some(&code)), r#"44{"message":"no","data":7}"#.into());
    /// assert_eq!(frame(Protocol::V4, Some(&code)), "447".into());
    /// assert_eq!(frame(Protocol::V4, None), r#"44"no""#.into());
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    //= SIO4-ERR-01
    //= SIO4-ERR-02
    //= SIO5-CON-04
    #[must_use]
    pub fn refused(protocol: Protocol, namespace: Namespace, message: &str, data: Option<&Json>) -> Self {
        let payload = match (protocol, data) {
            (Protocol::V5, data) => Json::refusal(message, data),
            (Protocol::V4, Some(data)) => data.clone(),
            (Protocol::V4, None) => Json::string(message),
        };
        Self { namespace, kind: PacketKind::ConnectError { payload: Some(payload) } }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    //= SIO4-CON-08
    //= SIO4-ERR-01
    //= SIO4-ERR-02
    #[test]
    fn answers_to_a_connect() {
        let text = |packet: Packet| alloc::format!("{:?}", packet.encode().frames().next());
        let chat = || Namespace::new("/chat").unwrap();
        let data = Json::encode(&[1]).unwrap();
        let shown =
            |text: &str| alloc::format!("{:?}", Some(crate::Frame::Text(alloc::string::String::from(text).into())));
        let connected = |protocol| text(Packet::connected(protocol, chat(), "a\"b"));
        assert_eq!(connected(Protocol::V4), shown("40/chat,"));
        assert_eq!(connected(Protocol::V5), shown(r#"40/chat,{"sid":"a\"b"}"#));
        let refused = |protocol, data| text(Packet::refused(protocol, chat(), "Invalid namespace", data));
        assert_eq!(refused(Protocol::V4, None), shown(r#"44/chat,"Invalid namespace""#));
        assert_eq!(refused(Protocol::V4, Some(&data)), shown("44/chat,[1]"));
        assert_eq!(refused(Protocol::V5, None), shown(r#"44/chat,{"message":"Invalid namespace"}"#));
        assert_eq!(refused(Protocol::V5, Some(&data)), shown(r#"44/chat,{"message":"Invalid namespace","data":[1]}"#));
    }
}
