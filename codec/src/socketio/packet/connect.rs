//! The packets with which a server answers a CONNECT.

use super::{Packet, PacketKind, Protocol};
use crate::engineio::Sid;
use crate::socketio::args::Json;
use crate::socketio::namespace::Namespace;

impl Packet {
    /// What a server sends when it lets a client into a namespace: the client's id, or nothing in protocol 4.
    ///
    /// ```
    /// use sio_codec::engineio::Sid;
    /// use sio_codec::socketio::{Namespace, Packet, Protocol};
    ///
    /// let (chat, sid) = (Namespace::new("/chat")?, Sid::from_entropy([7; 15]));
    /// let frame = |protocol| Packet::connected(protocol, chat.clone(), &sid).encode().frames().next().unwrap();
    /// assert_eq!(frame(Protocol::V5), r#"40/chat,{"sid":"BwcHBwcHBwcHBwcHBwcH"}"#.into());
    /// assert_eq!(frame(Protocol::V4), "40/chat,".into());
    /// # Ok::<(), sio_codec::socketio::InvalidNamespace>(())
    /// ```
    //= SIO4-CON-08: no payload in CONNECT answers
    //= SIO5-CON-02: an object with string `sid`
    #[must_use]
    pub fn connected(protocol: Protocol, namespace: Namespace, sid: &Sid) -> Self {
        Self::welcome(protocol, namespace, &[("sid", sid.as_str())])
    }

    /// What a server sends when it lets a client into a namespace and would take it back: the client's id, and the private
    /// one under which it can come back; nothing in protocol 4.
    //= SIO4-CON-08: no payload in CONNECT answers
    //= SIO5-CSR-02: different from `sid` and unguessable
    #[must_use]
    pub fn connected_with_pid(protocol: Protocol, namespace: Namespace, sid: &Sid, pid: &Sid) -> Self {
        Self::welcome(protocol, namespace, &[("sid", sid.as_str()), ("pid", pid.as_str())])
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
    //= SIO4-ERR-01: a middleware error sends `error.data` if set
    //= SIO4-ERR-02: `44/nope,"Invalid namespace"`
    //= SIO5-CON-04: object with string `message`
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

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;
    use crate::frame::Frame;

    //= SIO4-CON-08
    //= SIO4-ERR-01
    //= SIO4-ERR-02
    #[test]
    fn answers_to_a_connect() {
        let text = |packet: Packet| alloc::format!("{:?}", packet.encode().frames().next());
        let chat = || Namespace::new("/chat").unwrap();
        let data = Json::encode(&[1]).unwrap();
        let shown = |text: &str| alloc::format!("{:?}", Some(Frame::Text(String::from(text).into())));
        let connected = |protocol| text(Packet::connected(protocol, chat(), &Sid::as_given("a\"b")));
        assert_eq!(connected(Protocol::V4), shown("40/chat,"));
        assert_eq!(connected(Protocol::V5), shown(r#"40/chat,{"sid":"a\"b"}"#));
        let refused = |protocol, data| text(Packet::refused(protocol, chat(), "Invalid namespace", data));
        assert_eq!(refused(Protocol::V4, None), shown(r#"44/chat,"Invalid namespace""#));
        assert_eq!(refused(Protocol::V4, Some(&data)), shown("44/chat,[1]"));
        assert_eq!(refused(Protocol::V5, None), shown(r#"44/chat,{"message":"Invalid namespace"}"#));
        assert_eq!(refused(Protocol::V5, Some(&data)), shown(r#"44/chat,{"message":"Invalid namespace","data":[1]}"#));
    }
}
