//! The rules by which a server treats a client.

use super::Violation;
use crate::engineio::Revision;
use crate::socketio::args::Json;
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::Protocol;

/// The rules by which a server treats a client; a choice per connection, made at run time. [`Peer`](crate::socketio::Peer) makes
/// it: by the revision of the session it is `V5` or `Hybrid`. A server that is to be like those of Socket.IO 2 says `V4`.
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
/// Reserved event names close the connection in all three (socket.io 2.5 accepts them by mistake).
///
/// ```
/// use sio_codec::socketio::{Config, Connection, Dialect, Protocol};
///
/// let old = Connection::new(Config::default()).with_dialect(Dialect::V4);
/// # let _ = old;
/// assert_eq!(Dialect::Hybrid.client(), Protocol::V4);
/// assert_eq!(Dialect::Hybrid.decoder(), Protocol::V5);
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

    /// The dialect of a connection on a session of `revision`. No client of protocol 5 speaks revision 3.
    //= HYB-02
    pub(in crate::socketio) const fn on(self, revision: Revision) -> Self {
        match (revision, self) {
            (Revision::V3, Self::V5) => Self::Hybrid,
            (Revision::V3 | Revision::V4, dialect) => dialect,
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
    //= SIO4-CON-01: without a request
    //= HYB-03: EIO4 clients only on request
    pub(in crate::socketio) const fn joins_unasked(self) -> bool {
        matches!(self.client(), Protocol::V4)
    }

    /// Whether the auth is what a CONNECT carries, rather than the query behind the namespace's name.
    //= SIO4-CON-07
    pub(in crate::socketio) const fn has_auth_in_payload(self) -> bool {
        matches!(self.client(), Protocol::V5)
    }

    /// The namespace that a packet names, and the query behind the name as an object.
    //= SIO4-CON-06: Split the query from the namespace
    //= SIO4-CON-07: Give the query to the application
    //= SIO5-CON-15: literally in protocol 5
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

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
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
}
