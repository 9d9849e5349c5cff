//! Packets whose arguments nobody has looked at.

use alloc::borrow::Cow;
use core::ops::Range;

use serde::Deserialize;

use super::form::{Form, Parts};
use crate::limits::Limits;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::ArgsError;
use crate::socketio::packet::text::arguments::ArgsRef;
use crate::socketio::packet::text::parse::{Content, EventName, Layout, NameForm};
use crate::socketio::packet::{DecodeError, Packet, PacketKind};
use crate::text::Text;

/// A packet that owns its text and attachments, and of which only the head was read.
///
/// [`Decoder::route`](crate::socketio::Decoder::route) returns it, for programs that choose by the namespace and the name who reads
/// the arguments, or whether anybody does. [`decode`](Self::decode) reads them in one walk; a [`Packet`] of the same content takes
/// two, one that checks and one that reads. [`into_packet`](Self::into_packet) checks it and makes a [`Packet`] of it.
///
/// ```
/// use sio_codec::Limits;
/// use sio_codec::socketio::{Decoder, UnreadKind};
///
/// let mut decoder = Decoder::new(&Limits::default());
/// let mut sum = 0;
/// for message in [r#"2["add",1,2]"#, r#"2["draw",{"shapes":[]}]"#, r#"2["add",3,4]"#] {
///     let Some(packet) = decoder.route(message.into())? else { continue };
///     if let UnreadKind::Event { name, .. } = packet.kind() && name == "add" {
///         let (a, b): (u32, u32) = packet.decode().unwrap();
///         sum += a + b;
///     }
/// }
/// assert_eq!(sum, 10);
/// # Ok::<(), sio_codec::socketio::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Unread(Source);

#[derive(Clone, Debug, PartialEq)]
enum Source {
    /// Without attachments: what is behind the head was not looked at.
    Text { text: Text, layout: Layout },
    /// With attachments, or MessagePack, in which the parts stand in any order.
    Packet(Packet),
}

/// What the head of a packet says.
///
/// [`Unread::kind`] returns it; the example of [`Unread`] chooses by it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the packet types are fixed by the protocol")]
pub enum UnreadKind<'a> {
    /// `0`: to join the namespace, or the answer that it is joined.
    Connect,
    /// `1`: to leave the namespace.
    Disconnect,
    /// `2` or `5`.
    Event {
        /// Its name; not borrowed if it was written with escapes, or as a number that JavaScript would write in another
        /// way.
        name: Cow<'a, str>,
        /// The id to acknowledge it with, if the sender asks for an acknowledgement.
        ack: Option<AckId>,
    },
    /// `3` or `6`.
    Ack {
        /// The event's id; with MessagePack it may be absent, as in [`PacketKind::Ack`].
        id: Option<AckId>,
    },
    /// `4`: the server refuses to let the client join.
    ConnectError,
}

impl Unread {
    /// The namespace, `/` if none is written.
    #[must_use]
    pub fn namespace(&self) -> &str {
        match &self.0 {
            Source::Text { text, layout } => layout.namespace.clone().map_or("/", |at| cut(text, at)),
            Source::Packet(packet) => packet.namespace.as_str(),
        }
    }

    /// What the head says.
    #[must_use]
    pub fn kind(&self) -> UnreadKind<'_> {
        match &self.0 {
            Source::Text { text, layout } => match &layout.content {
                Content::Connect(_) => UnreadKind::Connect,
                Content::Disconnect => UnreadKind::Disconnect,
                Content::Event { name, ack, .. } => UnreadKind::Event { name: resolve(name, text), ack: *ack },
                Content::Ack { id, .. } => UnreadKind::Ack { id: Some(*id) },
                Content::ConnectError(_) => UnreadKind::ConnectError,
            },
            Source::Packet(packet) => match &packet.kind {
                PacketKind::Connect { .. } => UnreadKind::Connect,
                PacketKind::Disconnect => UnreadKind::Disconnect,
                PacketKind::Event { name, ack, .. } => UnreadKind::Event { name: Cow::Borrowed(name), ack: *ack },
                PacketKind::Ack { id, .. } => UnreadKind::Ack { id: *id },
                PacketKind::ConnectError { .. } => UnreadKind::ConnectError,
            },
        }
    }

    /// Reads the arguments of an event or an acknowledgement as [`Args::decode`](crate::socketio::Args::decode) does, borrowing
    /// from the packet, and checks all of them on the way, if that has not been done.
    ///
    /// # Errors
    ///
    /// As for [`Args::decode`](crate::socketio::Args::decode). Besides, since they are unchecked, [`ArgsError::InvalidJson`] and
    /// [`ArgsError::TooDeep`]: the packet is none, and should end the session.
    /// [`ArgsError::NotASequence`] for a packet of another kind, which has no arguments.
    ///
    /// ```
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::{ArgsError, Decoder};
    ///
    /// let mut decoder = Decoder::new(&Limits::default());
    /// let packet = decoder.route(r#"2["move",1,,2]"#.into())?.unwrap();
    /// assert!(matches!(packet.decode::<(u8, u8)>(), Err(ArgsError::InvalidJson { .. })));
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    #[inline]
    pub fn decode<'de, T: Deserialize<'de>>(&'de self) -> Result<T, ArgsError> {
        match &self.0 {
            Source::Text { text, layout } => match &layout.content {
                Content::Event { array, .. } | Content::Ack { array, .. } => {
                    ArgsRef::new(text.as_str(), *array).decode(&[])
                }
                Content::Connect(_) | Content::Disconnect | Content::ConnectError(_) => Err(ArgsError::NotASequence),
            },
            Source::Packet(packet) => match &packet.kind {
                PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } => args.decode(),
                PacketKind::Connect { .. } | PacketKind::Disconnect | PacketKind::ConnectError { .. } => {
                    Err(ArgsError::NotASequence)
                }
            },
        }
    }

    /// The packet, once all of it was looked at: what [`Decoder::push`](crate::socketio::Decoder::push) returns.
    ///
    /// # Errors
    ///
    /// The faults in the arguments, or in what a CONNECT or its refusal holds, that
    /// [`Decoder::push`](crate::socketio::Decoder::push) finds. They end the session.
    ///
    /// ```
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::Decoder;
    ///
    /// let (limits, text) = (Limits::default(), r#"0/admin,{"token":"123"}"#);
    /// let packet = Decoder::new(&limits).route(text.into())?.unwrap();
    /// assert_eq!(Some(packet.into_packet(&limits)?), Decoder::new(&limits).push(text.into())?);
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    pub fn into_packet(self, limits: &Limits) -> Result<Packet, DecodeError> {
        match self.0 {
            Source::Text { text, layout } => {
                Packet::look(&layout, &text, limits)?;
                Ok(Packet::alone(text, layout))
            }
            Source::Packet(packet) => Ok(packet),
        }
    }
}

impl Form for Unread {
    #[inline(always)]
    fn look(layout: &Layout, text: &Text, limits: &Limits) -> Result<bool, DecodeError> {
        if layout.attachments() == 0 { Ok(true) } else { Packet::look(layout, text, limits) }
    }

    #[inline(always)]
    fn alone(text: Text, layout: Layout) -> Self {
        Self(Source::Text { text, layout })
    }

    fn together(parts: Parts) -> Self {
        Self(Source::Packet(Packet::together(parts)))
    }

    #[cfg(feature = "msgpack")]
    fn whole(packet: Packet) -> Self {
        Self(Source::Packet(packet))
    }
}

/// The name that the text stands for.
fn resolve<'t>(name: &EventName, text: &'t Text) -> Cow<'t, str> {
    match name.form {
        NameForm::Plain => Cow::Borrowed(cut(text, name.at.clone())),
        NameForm::Rewritten => Cow::Owned(name.rewritten(text.as_bytes()).unwrap_or_default()),
    }
}

/// A part between ASCII characters. The rest is not looked at, which [`Text::as_str`] would do.
fn cut(text: &Text, at: Range<usize>) -> &str {
    text.as_bytes().get(at).and_then(|part| str::from_utf8(part).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use bytes::Bytes;

    use super::*;
    use crate::frame::Frame;
    use crate::socketio::packet::{DecodeErrorKind, Decoder, DecoderState};

    /// Whatever is pushed at once, or routed and then looked at, is the same.
    //= SIO5-ATT-05
    //= SIO5-PKT-01
    #[test]
    fn it_becomes_the_packet_that_is_pushed() {
        let limits = Limits::default();
        let attachment = || Frame::Binary(Bytes::from_static(&[1]));
        let shuffled = r#"52-["e",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#;
        for (text, attachments) in [
            (r#"0/a,{"token":1}"#, 0),
            ("1/a,", 0),
            (r#"2["\u0061dd",1]"#, 0),
            (r#"2/é,7[1e3,"é"]"#, 0),
            (r#"4{"message":"no"}"#, 0),
            ("37[1]", 0),
            (shuffled, 2),
            (r#"61-/a,3[{"_placeholder":true,"num":0}]"#, 1),
        ] {
            let messages: Vec<_> =
                [Frame::from(text)].into_iter().chain(core::iter::repeat_with(attachment).take(attachments)).collect();
            let mut routes = Decoder::new(&limits);
            let routed = messages.iter().find_map(|message| routes.route(message.clone()).unwrap()).unwrap();
            let mut pushes = Decoder::new(&limits);
            let pushed = messages.iter().find_map(|message| pushes.push(message.clone()).unwrap()).unwrap();
            assert_eq!(routed.namespace(), pushed.namespace.as_str(), "{text}");
            match (routed.kind(), &pushed.kind) {
                (UnreadKind::Event { name, ack }, PacketKind::Event { name: pushed, ack: expected, .. }) => {
                    assert_eq!((&*name, ack), (pushed.as_str(), *expected), "{text}");
                }
                (UnreadKind::Ack { id }, PacketKind::Ack { id: expected, .. }) => assert_eq!(id, *expected, "{text}"),
                (UnreadKind::Connect, PacketKind::Connect { .. })
                | (UnreadKind::Disconnect, PacketKind::Disconnect)
                | (UnreadKind::ConnectError, PacketKind::ConnectError { .. }) => {
                    assert_eq!(routed.decode::<()>(), Err(ArgsError::NotASequence), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
            assert_eq!(routed.into_packet(&limits), Ok(pushed), "{text}");
        }
    }

    /// A fault behind the head is found by whoever reads, and is the one that the decoder finds otherwise.
    //= SIO5-PKT-15
    //= SIO5-ATT-08
    #[test]
    fn what_is_wrong_is_found_when_it_is_read() {
        let limits = Limits::default();
        for text in [r#"2["e",1,,2]"#, r#"2["e",1"#, r#"2["e"]]"#, "31[}", "0{]"] {
            let routed = Decoder::new(&limits).route(text.into()).unwrap().unwrap();
            let fault = Decoder::new(&limits).push(text.into()).unwrap_err();
            assert!(routed.decode::<()>().is_err(), "{text}");
            assert_eq!(routed.into_packet(&limits), Err(fault), "{text}");
        }
        for text in ["2[]", r#"2["connect"]"#, "9", "3[]", r#"51-["e",1,]"#, r#"51-["e""#] {
            let pushed = Decoder::new(&limits).push(text.into()).unwrap_err();
            assert_eq!(Decoder::new(&limits).route(text.into()), Err(pushed), "{text}");
        }
    }

    /// Who asks for the last message decides what comes out, and the other kind goes on behind it.
    #[test]
    fn messages_are_given_to_both_in_turn() {
        let limits = Limits::default();
        let (header, attachment) = (r#"51-["e",{"_placeholder":true,"num":0}]"#, || Frame::Binary(Bytes::new()));
        let mut decoder = Decoder::new(&limits);
        assert_eq!(decoder.push(header.into()), Ok(None));
        assert!(decoder.route(attachment()).unwrap().is_some());
        assert_eq!(decoder.route(header.into()), Ok(None));
        assert!(decoder.push(attachment()).unwrap().is_some());
        let (misplaced, kind) = (r#"51-["e",{"_placeholder":true,"num":5}]"#, DecodeErrorKind::IllegalPlaceholder);
        assert_eq!(decoder.route(misplaced.into()), Ok(None));
        assert!(matches!(decoder.state(), DecoderState::Lost { missing: 1, .. }));
        assert_eq!(decoder.route(attachment()).map_err(|fault| fault.kind), Err(kind));
        assert_eq!(decoder.push(header.into()).map_err(|fault| fault.kind), Err(kind), "it has failed");
    }

    #[cfg(feature = "msgpack")]
    #[test]
    fn messagepack_is_read_whole() {
        use crate::socketio::{Args, Namespace, Parser};

        let args = Args::encode_with(Parser::MsgPack, &("a", 1)).unwrap();
        let kind = PacketKind::Event { name: Text::from("e"), args, ack: None };
        let packet = Packet { namespace: Namespace::root(), kind };
        let encoded = packet.encode_with(Parser::MsgPack).unwrap();
        let Some(Frame::Binary(message)) = encoded.frames().next() else { panic!("{encoded:?}") };
        let mut decoder = Decoder::new(&Limits::default()).with_parser(Parser::MsgPack);
        let routed = decoder.route(Frame::Binary(message)).unwrap().unwrap();
        assert_eq!((routed.namespace(), routed.decode::<(&str, u8)>()), ("/", Ok(("a", 1))));
        assert_eq!(routed.kind(), UnreadKind::Event { name: "e".into(), ack: None });
        assert_eq!(routed.into_packet(&Limits::default()), Ok(packet));
        let broken = Frame::Binary(Bytes::from(vec![0xc1]));
        assert!(decoder.route(broken).is_err());
    }
}
