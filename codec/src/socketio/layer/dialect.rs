//! What a connection speaks: the revision of the protocol, and the form that packets have on the wire.

use alloc::format;
use alloc::string::String;

use super::Violation;
use crate::engineio::Sid;
use crate::socketio::args::Json;
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::{Packet, PacketKind};

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
/// [`Namespace::split_query`]: crate::socketio::Namespace::split_query
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
    pub(in crate::socketio) const fn connect_payload(self) -> &'static [u8] {
        match self {
            Self::V4 => b"{[n",
            Self::V5 => b"{",
        }
    }

    /// The bytes that the payload of type 4 may start with.
    //= SIO4-ERR-03
    //= SIO5-PKT-13
    pub(in crate::socketio) const fn error_payload(self) -> &'static [u8] {
        match self {
            Self::V4 => b"\"{[n",
            Self::V5 => b"\"{",
        }
    }

    /// Whether the decoder refuses the event names that belong to the library.
    //= SIO5-PKT-08
    pub(in crate::socketio) const fn reserves_names(self) -> bool {
        matches!(self, Self::V5)
    }

    /// The part of what a packet names that is a namespace's name. The query of a client of protocol 4 is not: what bounds
    /// it is the size of a message.
    //= SIO4-CON-06
    pub(in crate::socketio) fn name_of(self, address: &[u8]) -> &[u8] {
        match self {
            Self::V5 => address,
            Self::V4 => address.split(|byte| *byte == b'?').next().unwrap_or_default(),
        }
    }

    /// Whether nothing can be decoded after a packet of a type that does not exist.
    pub(in crate::socketio) const fn unknown_type_is_fatal(self) -> bool {
        matches!(self, Self::V5)
    }
}

/// Whom a server talks to, and by whose rules; a choice per connection, made at run time.
///
/// | | `V5` | `V4` | `Hybrid` |
/// |---|---|---|---|
/// | client | Socket.IO 3.x, 4.x | 1.x, 2.x | 1.x, 2.x |
/// | server like | socket.io 4.8 | socket.io 2.5 | socket.io 4.8 with `allowEIO3` |
/// | Engine.IO below | 4 | 3 | 3 |
/// | packets are decoded by | [`Protocol::V5`] | [`Protocol::V4`] | [`Protocol::V5`] |
/// | `/` is asked for | by the client | by itself, when the session opens | by itself |
/// | auth | the CONNECT's payload | the query behind the namespace's name | the query |
/// | CONNECT is answered with | `{"sid":...}` | nothing more | nothing more |
/// | a refusal | object with message and data | the data, or else the message | the data, or else the message |
/// | unknown namespace | object | string | object |
/// | packet for a namespace not joined | closes | ignored | closes |
/// | CONNECT to a joined one | closes | answered again, on `/` ignored | closes |
/// | type 4 from the client | closes | ignored | closes |
/// | unknown packet type | closes | ignored | closes |
///
/// Reserved event names close the connection in all three, as the reference's 2.5 ought to have done.
///
/// ```
/// use sio_codec::engineio::Revision;
/// use sio_codec::socketio::Dialect;
///
/// // A server that lets old clients in decides by the session's revision.
/// let of = |revision| if revision == Revision::V3 { Dialect::Hybrid } else { Dialect::V5 };
/// assert_eq!(of(Revision::V4), Dialect::default());
/// ```
//= HYB-01
//= HYB-02
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// Protocol 5.
    #[default]
    V5,
    /// Protocol 4, as its own servers have it.
    V4,
    /// Protocol 4, as servers of protocol 5 have it.
    Hybrid,
}

impl Dialect {
    /// By whose rules packets are decoded.
    #[must_use]
    pub const fn decoder(self) -> Protocol {
        match self {
            Self::V4 => Protocol::V4,
            Self::V5 | Self::Hybrid => Protocol::V5,
        }
    }

    /// What the client understands.
    //= HYB-04
    #[must_use]
    pub const fn client(self) -> Protocol {
        match self {
            Self::V5 => Protocol::V5,
            Self::V4 | Self::Hybrid => Protocol::V4,
        }
    }

    /// In whose form the client learns that a namespace does not exist.
    //= SIO4-ERR-02
    pub(in crate::socketio) const fn unknown_namespace(self) -> Protocol {
        match self {
            Self::V4 => Protocol::V4,
            Self::V5 | Self::Hybrid => Protocol::V5,
        }
    }

    /// Whether a client is in the main namespace without asking for it.
    //= SIO4-CON-01
    //= HYB-03
    pub(in crate::socketio) const fn joins_unasked(self) -> bool {
        matches!(self.client(), Protocol::V4)
    }

    /// Whether the auth is what a CONNECT carries, rather than the query behind the namespace's name.
    //= SIO4-CON-07
    pub(in crate::socketio) const fn has_auth_in_payload(self) -> bool {
        matches!(self.client(), Protocol::V5)
    }

    /// The namespace that a packet names, and the query behind the name as an object.
    //= SIO4-CON-06
    //= SIO4-CON-07
    //= SIO5-CON-15
    pub(in crate::socketio) fn address(self, name: Namespace) -> (Namespace, Option<Json>) {
        match self.client() {
            Protocol::V5 => (name, None),
            Protocol::V4 => {
                let (namespace, query) = name.split_query();
                (namespace, query.map(|query| Json::query(query.as_bytes())))
            }
        }
    }

    /// What a client may do although it makes no sense.
    //= SIO4-EVT-01
    pub(in crate::socketio) const fn tolerates(self, violation: Violation) -> bool {
        match violation {
            Violation::NotJoined | Violation::ConnectTwice | Violation::ConnectError => matches!(self, Self::V4),
            Violation::TooManyNamespaces
            | Violation::ConnectTimeout
            | Violation::TooEarly
            | Violation::Unsendable(_) => false,
        }
    }
}

impl Namespace {
    /// The id under which a client of protocol 4 knows itself in this namespace, and which other clients see.
    ///
    /// It is made from the id of the session, which is a secret in protocol 5 and public here.
    ///
    /// ```
    /// use sio_codec::engineio::Sid;
    /// use sio_codec::socketio::Namespace;
    ///
    /// let session = Sid::from_entropy([7; 15]);
    /// assert_eq!(Namespace::root().client_id(&session), "BwcHBwcHBwcHBwcHBwcH");
    /// assert_eq!(Namespace::new("/chat")?.client_id(&session), "/chat#BwcHBwcHBwcHBwcHBwcH");
    /// # Ok::<(), sio_codec::socketio::InvalidNamespace>(())
    /// ```
    #[must_use]
    pub fn client_id(&self, session: &Sid) -> String {
        if self.is_root() { String::from(session.as_str()) } else { format!("{self}#{session}") }
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
        Self::welcome(protocol, namespace, &[("sid", sid)])
    }

    /// What a server sends when it lets a client into a namespace and would take it back: the client's id, and the private
    /// one under which it can come back; nothing in protocol 4.
    //= SIO4-CON-08
    //= SIO5-CSR-02
    #[must_use]
    pub fn connected_with_pid(protocol: Protocol, namespace: Namespace, sid: &str, pid: &str) -> Self {
        Self::welcome(protocol, namespace, &[("sid", sid), ("pid", pid)])
    }

    fn welcome(protocol: Protocol, namespace: Namespace, ids: &[(&str, &str)]) -> Self {
        let payload = match protocol {
            Protocol::V4 => None,
            Protocol::V5 => Some(Json::object(ids)),
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
    use alloc::vec::Vec;

    use super::*;
    use crate::engineio;
    use crate::frame::Frame;
    use crate::machine::{Machine as _, Output};
    use crate::socketio::{Config, Connection, DecodeErrorKind, DisconnectReason, Event};
    use crate::text::Text;
    use crate::time::Timestamp;

    /// What the application learns of a session with one packet.
    fn told(dialect: Dialect, packet: &str) -> Vec<Event> {
        let mut connection = Connection::new(Config::default()).with_dialect(dialect);
        let packet = Frame::Text(Text::from(String::from(packet)));
        let closed = engineio::Event::Closed(engineio::CloseReason::ForcedClose);
        for input in [engineio::Event::Opened, engineio::Event::Message(packet), closed] {
            connection.handle(Timestamp::ZERO, input);
        }
        let outputs = core::iter::from_fn(|| connection.poll_output());
        outputs.filter_map(|output| if let Output::Event(event) = output { Some(event) } else { None }).collect()
    }

    //= SIO4-CON-06
    //= SIO4-CON-07
    #[test]
    fn a_token_of_protocol_4_may_be_longer_than_a_name() {
        let token = "x".repeat(300);
        let packet = format!("0/admin?token={token},");
        let requested = Event::ConnectRequested {
            namespace: Namespace::new("/admin").unwrap(),
            auth: Some(Json::object(&[("token", &token)])),
        };
        for dialect in [Dialect::V4, Dialect::Hybrid] {
            assert!(told(dialect, &packet).contains(&requested), "{dialect:?}");
        }
        let too_long = DisconnectReason::InvalidPacket(DecodeErrorKind::NamespaceTooLong);
        assert_eq!(told(Dialect::V5, &packet), [Event::Closed(too_long)], "a part of the name in protocol 5");
    }

    /// The reference drops the first and hands out the second.
    #[test]
    fn what_ends_a_connection_although_the_reference_goes_on() {
        let deep = format!(r#"2["e",{}{}]"#, "[".repeat(127), "]".repeat(127));
        for (packet, kind) in [("3[]", DecodeErrorKind::AckIdMissing), (&*deep, DecodeErrorKind::TooDeep)] {
            for dialect in [Dialect::V5, Dialect::V4, Dialect::Hybrid] {
                let closed = Event::Closed(DisconnectReason::InvalidPacket(kind));
                assert_eq!(told(dialect, packet).last(), Some(&closed), "{dialect:?}: {packet}");
            }
        }
    }

    /// No more is kept of a query than the reference keeps.
    //= SIO4-CON-07
    #[test]
    fn parameters_of_a_query_are_counted() {
        let query = "a&".repeat(5000);
        assert_eq!(Json::query(query.as_bytes()).as_str(), format!(r#"{{"a":["{}"]}}"#, [""; 1000].join(r#"",""#)));
    }

    //= SIO4-CON-08
    //= SIO4-ERR-01
    //= SIO4-ERR-02
    #[test]
    fn answers_to_a_connect() {
        let text = |packet: Packet| alloc::format!("{:?}", packet.encode().frames().next());
        let chat = || Namespace::new("/chat").unwrap();
        let data = Json::encode(&[1]).unwrap();
        let shown = |text: &str| alloc::format!("{:?}", Some(Frame::Text(String::from(text).into())));
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
