//! The revisions of the protocol, and in what their packets differ.

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
