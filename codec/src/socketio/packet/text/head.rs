//! The head of a packet, for JSON that is there already.

use alloc::string::String;

use bytes::Bytes;

use super::encode::{frame, head_len, write_head};
use crate::engineio::Encoded;
use crate::socketio::ack_id::AckId;
use crate::socketio::namespace::Namespace;
use crate::text::Text;

/// The head of a packet: what stands in front of its JSON.
///
/// For programs that have the payload as text. It is the caller who vouches for that: an event's is the array of its name
/// and arguments, an acknowledgement's that of its arguments, and each attachment has a placeholder. Whoever has values
/// uses [`Outgoing`](crate::socketio::Outgoing), or a [`Packet`](crate::socketio::Packet).
///
/// ```
/// use sio_codec::Frame;
/// use sio_codec::socketio::{AckId, Head, Namespace};
///
/// let chat = Namespace::new("/chat")?;
/// let packet = Head::event(&chat, AckId::new(7)).encode(r#"["add",1,2]"#, &[]);
/// assert_eq!(packet.frames().next(), Some(Frame::from(r#"42/chat,7["add",1,2]"#)));
///
/// let mut text = String::new();
/// Head::acknowledgement(&chat, AckId::new(7).unwrap()).write(1, &mut text);
/// text.push_str(r#"[{"_placeholder":true,"num":0}]"#);
/// assert_eq!(text, r#"61-/chat,7[{"_placeholder":true,"num":0}]"#);
/// # Ok::<(), sio_codec::socketio::InvalidNamespace>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    namespace: &'a Namespace,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Connect,
    Disconnect,
    Event(Option<AckId>),
    Ack(AckId),
    ConnectError,
}

impl<'a> Head<'a> {
    /// `0`: a client asks to join, or a server says that it did. Its JSON is an object, or absent.
    #[must_use]
    pub const fn connect(namespace: &'a Namespace) -> Self {
        Self { namespace, kind: Kind::Connect }
    }

    /// `1`: the sender leaves the namespace, or makes the receiver leave it. No JSON follows.
    #[must_use]
    pub const fn disconnect(namespace: &'a Namespace) -> Self {
        Self { namespace, kind: Kind::Disconnect }
    }

    /// `2`, and `5` with attachments: an event, to be acknowledged with the id if there is one.
    #[must_use]
    pub const fn event(namespace: &'a Namespace, ack: Option<AckId>) -> Self {
        Self { namespace, kind: Kind::Event(ack) }
    }

    /// `3`, and `6` with attachments: the acknowledgement of the event with this id.
    #[must_use]
    pub const fn acknowledgement(namespace: &'a Namespace, id: AckId) -> Self {
        Self { namespace, kind: Kind::Ack(id) }
    }

    /// `4`: the server refuses a client. Its JSON is an object with a `message`; in protocol 4 a string or anything else.
    #[must_use]
    pub const fn connect_error(namespace: &'a Namespace) -> Self {
        Self { namespace, kind: Kind::ConnectError }
    }

    /// Appends the head to a buffer of the caller's, without the type of the Engine.IO packet around it. Only events and
    /// acknowledgements announce attachments.
    pub fn write(&self, attachments: usize, out: &mut String) {
        let (plain, binary, id) = self.marks();
        let attachments = if plain == binary { 0 } else { attachments };
        write_head(out, plain, binary, self.namespace, id, attachments);
    }

    /// The digits of its type without attachments and with them, and the id.
    const fn marks(&self) -> (char, char, Option<AckId>) {
        match self.kind {
            Kind::Connect => ('0', '0', None),
            Kind::Disconnect => ('1', '1', None),
            Kind::Event(ack) => ('2', '5', ack),
            Kind::Ack(id) => ('3', '6', Some(id)),
            Kind::ConnectError => ('4', '4', None),
        }
    }

    /// The packet for any number of receivers: the head, `json` as it is, and the attachments.
    #[must_use]
    pub fn encode(&self, json: &str, attachments: &[Bytes]) -> Encoded {
        let (_, _, id) = self.marks();
        let mut out = frame(head_len(self.namespace, id, attachments.len()).saturating_add(json.len()));
        self.write(attachments.len(), &mut out);
        out.push_str(json);
        Encoded::packet(Text::from(out), attachments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::socketio::packet::{PacketRef, Protocol};

    /// Each packet is taken apart, and its head written anew.
    //= SIO5-PKT-01
    #[test]
    fn a_head_is_what_stood_in_front_of_the_payload() {
        let (chat, id) = (Namespace::new("/chat").unwrap(), AckId::new(12).unwrap());
        let root = Namespace::root();
        for (text, head) in [
            (r#"0{"token":1}"#, Head::connect(&root)),
            ("0/chat,", Head::connect(&chat)),
            ("1/chat,", Head::disconnect(&chat)),
            (r#"2["e",1]"#, Head::event(&root, None)),
            (r#"52-/chat,12["e"]"#, Head::event(&chat, Some(id))),
            ("312[]", Head::acknowledgement(&root, id)),
            ("61-/chat,12[1]", Head::acknowledgement(&chat, id)),
            (r#"4/chat,{"message":""}"#, Head::connect_error(&chat)),
        ] {
            let packet = PacketRef::parse(text, Protocol::V5, &Limits::default()).unwrap();
            let mut written = String::new();
            head.write(packet.attachments(), &mut written);
            written.push_str(packet.payload().unwrap_or_default());
            assert_eq!(written, text);
            let attachments = alloc::vec![Bytes::from_static(b"a"); packet.attachments()];
            let encoded = head.encode(packet.payload().unwrap_or_default(), &attachments);
            assert_eq!(encoded, Encoded::packet(Text::from(alloc::format!("4{text}")), &attachments));
        }
        let mut written = String::new();
        Head::connect(&root).write(2, &mut written);
        assert_eq!(written, "0", "no other packet has attachments");
    }
}
