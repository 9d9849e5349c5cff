//! Packets as views into the text they came in: nothing is copied, nothing is allocated.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

use bytes::Bytes;

use super::arguments::ArgsRef;
use super::parse::{self, Content, Layout};
use crate::limits::Limits;
use crate::socketio::ack_id::AckId;
use crate::socketio::packet::decoder::{complete, together};
use crate::socketio::packet::{DecodeError, DecodeErrorKind, Packet, Protocol};
use crate::text::Text;

/// One Socket.IO packet as a view into its text.
///
/// For programs that have a slice, to route, count, filter or forward it. [`parse`](Self::parse) reads the head of the
/// packet and the name of an event, and no arguments: it costs the same whatever follows. What it did not look at is
/// checked by [`validate`](Self::validate), or on the way by [`ArgsRef::decode`]; the [`Decoder`](crate::socketio::Decoder)
/// checks everything before it hands out a packet.
///
/// ```
/// use sio_codec::Limits;
/// use sio_codec::socketio::{KindRef, PacketRef, Protocol};
///
/// let packet = PacketRef::parse(r#"2/chat,7["add",1,2]"#, Protocol::V5, &Limits::default())?;
/// assert_eq!(packet.namespace(), "/chat");
/// let KindRef::Event { name, args, ack } = packet.kind() else { unreachable!() };
/// assert_eq!((&*name, ack.unwrap().value(), args.items()), ("add", 7, "1,2"));
/// let (a, b): (u32, u32) = args.decode(&[]).unwrap();
/// assert_eq!(a + b, 3);
/// # Ok::<(), sio_codec::socketio::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PacketRef<'a> {
    text: &'a str,
    layout: Layout,
}

/// What a packet says; the borrowed form of [`PacketKind`](crate::socketio::PacketKind).
///
/// [`PacketRef::kind`] returns it; the example of [`PacketRef`] reads an event.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the packet types are fixed by the protocol")]
pub enum KindRef<'a> {
    /// `0`.
    Connect {
        /// JSON text, to be validated; [`Json::new`](crate::socketio::Json::new) does that, and reads it by the rules of arguments.
        payload: Option<&'a str>,
    },
    /// `1`.
    Disconnect,
    /// `2` or `5`.
    Event {
        /// Its name; not borrowed if it was written with escapes, or as a number that JavaScript would write in another
        /// way.
        name: Cow<'a, str>,
        /// Its arguments.
        args: ArgsRef<'a>,
        /// The id to acknowledge it with, if the sender asks for an acknowledgement.
        ack: Option<AckId>,
    },
    /// `3` or `6`.
    Ack {
        /// The event's id.
        id: AckId,
        /// What the receiver answers.
        args: ArgsRef<'a>,
    },
    /// `4`.
    ConnectError {
        /// JSON text, to be validated.
        payload: Option<&'a str>,
    },
}

impl<'a> PacketRef<'a> {
    /// Reads the head of a packet and the name of an event.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] for everything that the [`Decoder`](crate::socketio::Decoder) refuses, except faults in the arguments and
    /// payloads: those are [`validate`](Self::validate)'s.
    #[inline(always)]
    pub fn parse(text: &'a str, protocol: Protocol, limits: &Limits) -> Result<Self, DecodeError> {
        parse::layout(text.as_bytes(), protocol, protocol, limits).map(|layout| Self { text, layout })
    }

    /// Checks what [`parse`](Self::parse) did not look at.
    ///
    /// A text for which both succeed is one that the [`Decoder`](crate::socketio::Decoder) takes, and the other way round.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the JSON is malformed, nested too deeply, or has a placeholder for an attachment that is not
    /// announced, or more placeholders than there may be attachments.
    ///
    /// ```
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::{DecodeErrorKind, PacketRef, Protocol};
    ///
    /// let packet = PacketRef::parse(r#"2["add",1,,2]"#, Protocol::V5, &Limits::default())?;
    /// let fault = packet.validate(&Limits::default()).unwrap_err();
    /// assert_eq!((fault.kind, fault.offset), (DecodeErrorKind::InvalidJson, 10));
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    pub fn validate(&self, limits: &Limits) -> Result<(), DecodeError> {
        self.layout.check(self.text.as_bytes(), limits).map(|_| ())
    }

    /// The packet as one that owns its content: checks what [`parse`](Self::parse) did not look at, copies the text, and
    /// takes the attachments, which are the binary messages behind it.
    ///
    /// # Errors
    ///
    /// As [`validate`](Self::validate); [`AttachmentExpected`](DecodeErrorKind::AttachmentExpected) if there are fewer
    /// attachments than announced, [`UnexpectedAttachment`](DecodeErrorKind::UnexpectedAttachment) if there are more.
    ///
    /// ```
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::{Decoder, PacketRef, Protocol};
    ///
    /// let (text, limits) = (r#"2["add",1,2]"#, Limits::default());
    /// let packet = PacketRef::parse(text, Protocol::V5, &limits)?.to_packet(vec![], &limits)?;
    /// assert_eq!(Decoder::new(&limits).push(text.into())?, Some(packet));
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    pub fn to_packet(&self, attachments: Vec<Bytes>, limits: &Limits) -> Result<Packet, DecodeError> {
        let in_order = self.layout.check(self.text.as_bytes(), limits)?;
        let fault = |kind| Err(DecodeError { kind, offset: self.text.len() });
        match attachments.len().cmp(&self.attachments()) {
            Ordering::Less => fault(DecodeErrorKind::AttachmentExpected),
            Ordering::Greater => fault(DecodeErrorKind::UnexpectedAttachment),
            Ordering::Equal => {
                let text = Text::from(String::from(self.text));
                let args = |text, array| together(text, array, in_order, attachments);
                Ok(complete(text, self.layout.clone(), args))
            }
        }
    }

    /// The JSON text behind the head, as it came: the array of an event's name and arguments, or of an acknowledgement's
    /// arguments; what a CONNECT or its refusal holds. `None` if there is none. It is not checked, except for what
    /// [`parse`](Self::parse) looked at.
    ///
    /// ```
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::{PacketRef, Protocol};
    ///
    /// let packet = PacketRef::parse(r#"2/chat,7["add",1, 2]"#, Protocol::V5, &Limits::default())?;
    /// assert_eq!(packet.payload(), Some(r#"["add",1, 2]"#));
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    #[must_use]
    pub fn payload(&self) -> Option<&'a str> {
        let start = match &self.layout.content {
            Content::Connect(at) | Content::ConnectError(at) => (*at)?,
            Content::Disconnect => return None,
            Content::Event { array, .. } | Content::Ack { array, .. } => array.start,
        };
        Some(self.cut(start..self.text.len()))
    }

    /// The namespace, `/` if none is written.
    #[must_use]
    pub fn namespace(&self) -> &'a str {
        self.layout.namespace.clone().map_or("/", |at| self.cut(at))
    }

    /// How many attachments follow the text.
    #[must_use]
    pub const fn attachments(&self) -> usize {
        self.layout.attachments()
    }

    /// What it says.
    #[inline(always)]
    #[must_use]
    pub fn kind(&self) -> KindRef<'a> {
        let payload = |at: Option<usize>| at.map(|start| self.cut(start..self.text.len()));
        match &self.layout.content {
            Content::Connect(at) => KindRef::Connect { payload: payload(*at) },
            Content::Disconnect => KindRef::Disconnect,
            Content::ConnectError(at) => KindRef::ConnectError { payload: payload(*at) },
            Content::Event { name, array, ack } => {
                KindRef::Event { name: name.resolve(self.text), args: ArgsRef::new(self.text, *array), ack: *ack }
            }
            Content::Ack { id, array } => KindRef::Ack { id: *id, args: ArgsRef::new(self.text, *array) },
        }
    }

    fn cut(&self, at: Range<usize>) -> &'a str {
        self.text.get(at).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::frame::Frame;
    use crate::socketio::Decoder;

    #[test]
    fn an_owned_packet_is_the_decoders() {
        let limits = Limits::default();
        for (text, attachments) in [
            (r#"0/a,{"token":1}"#, vec![]),
            ("1/a,", vec![]),
            (r#"4{"message":"no"}"#, vec![]),
            ("37[1]", vec![]),
            (r#"52-["e",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#, vec![vec![1], vec![2]]),
            (r#"61-/a,3[{"_placeholder":true,"num":0}]"#, vec![vec![7]]),
        ] {
            let mut decoder = Decoder::new(&limits);
            let mut decoded = decoder.push(Frame::from(text)).unwrap();
            for bytes in &attachments {
                decoded = decoder.push(Frame::from(bytes.clone())).unwrap();
            }
            let attachments: Vec<_> = attachments.into_iter().map(Bytes::from).collect();
            let view = PacketRef::parse(text, Protocol::V5, &limits).unwrap();
            assert_eq!(view.to_packet(attachments.clone(), &limits), Ok(decoded.unwrap()), "{text}");

            let fault = |attachments| view.to_packet(attachments, &limits).unwrap_err().kind;
            let one_more = attachments.iter().cloned().chain([Bytes::new()]).collect();
            assert_eq!(fault(one_more), DecodeErrorKind::UnexpectedAttachment, "{text}");
            if let Some((_, fewer)) = attachments.split_last() {
                assert_eq!(fault(fewer.to_vec()), DecodeErrorKind::AttachmentExpected, "{text}");
            }
        }
        let broken = PacketRef::parse(r#"2["e",1,,2]"#, Protocol::V5, &limits).unwrap();
        assert_eq!(broken.to_packet(vec![], &limits), Err(broken.validate(&limits).unwrap_err()));
    }

    #[test]
    fn the_payload_is_what_stands_behind_the_head() {
        for (text, payload) in [
            ("0", None),
            (r#"0/a,{"b":1}"#, Some(r#"{"b":1}"#)),
            ("1/a,", None),
            (r#"2["e", 1 ]"#, Some(r#"["e", 1 ]"#)),
            ("37[]", Some("[]")),
            (r#"4/a,{"message":""}"#, Some(r#"{"message":""}"#)),
            (r#"51-/a,12["e"]"#, Some(r#"["e"]"#)),
        ] {
            let packet = PacketRef::parse(text, Protocol::V5, &Limits::default()).unwrap();
            assert_eq!(packet.payload(), payload, "{text}");
        }
    }
}
