//! Packets as views into the message they came in: nothing is copied, nothing is allocated.

use alloc::borrow::Cow;
use core::convert::identity;

use bytes::Bytes;

use super::arguments::MsgPackArgsRef;
use super::parse::{self, Content, Layout, NO_MAP};
use crate::limits::Limits;
use crate::socketio::ack_id::AckId;
use crate::socketio::msgpack::tokens::Tokens;
use crate::socketio::packet::{DecodeError, Packet, Protocol};

/// One Socket.IO packet of the msgpack parser as a view into its message.
///
/// It is for MessagePack what [`PacketRef`](crate::socketio::PacketRef) is for text. On the wire such a packet is one binary
/// message: a map with the keys `type`, `data`, `nsp` and `id` in any order, and whatever else.
///
/// [`parse`](Self::parse) goes over the message once, by the lengths that are written in it. It looks into no string of the
/// arguments or payload: whether they are UTF-8 is checked by [`validate`](Self::validate), or on the way by
/// [`MsgPackArgsRef::decode`]. Most peers write the namespace behind the arguments, and MessagePack does not say how many bytes
/// those take, so that this costs some time for each value among them, but none for how long it is. The
/// [`Decoder`](crate::socketio::Decoder) checks everything before it hands out a packet.
///
/// ```
/// use sio_codec::Limits;
/// use sio_codec::socketio::{MsgPackKindRef, MsgPackPacketRef, Protocol};
///
/// let message = b"\x84\xa4type\x02\xa4data\x93\xa3add\x01\x02\xa2id\x07\xa3nsp\xa5/chat";
/// let packet = MsgPackPacketRef::parse(message, Protocol::V5, &Limits::default())?;
/// assert_eq!(packet.namespace(), "/chat");
/// let MsgPackKindRef::Event { name, args, ack } = packet.kind() else { unreachable!() };
/// assert_eq!((&*name, ack.unwrap().value(), args.items()), ("add", 7, &[1, 2][..]));
/// let (a, b): (u32, u32) = args.decode().unwrap();
/// assert_eq!(a + b, 3);
/// # Ok::<(), sio_codec::socketio::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MsgPackPacketRef<'a> {
    message: &'a [u8],
    protocol: Protocol,
    layout: Layout<'a>,
}

/// What a packet says; the borrowed form of [`PacketKind`](crate::socketio::PacketKind) for MessagePack.
///
/// [`MsgPackPacketRef::kind`] returns it; the example of [`MsgPackPacketRef`] reads an event.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the packet types are fixed by the protocol")]
pub enum MsgPackKindRef<'a> {
    /// `0`.
    Connect {
        /// A map, as it came; [`MsgPackPacketRef::to_packet`] reads it by the rules of payloads.
        payload: Option<&'a [u8]>,
    },
    /// `1`.
    Disconnect,
    /// `2`.
    Event {
        /// Its name; not borrowed if it came as a number.
        name: Cow<'a, str>,
        /// Its arguments.
        args: MsgPackArgsRef<'a>,
        /// The id to acknowledge it with, if the sender asks for an acknowledgement.
        ack: Option<AckId>,
    },
    /// `3`.
    Ack {
        /// The event's id. One without id is let through, as in the reference; it acknowledges nothing.
        id: Option<AckId>,
        /// What the receiver answers.
        args: MsgPackArgsRef<'a>,
    },
    /// `4`.
    ConnectError {
        /// A map or a string, as it came.
        payload: &'a [u8],
    },
}

impl<'a> MsgPackPacketRef<'a> {
    /// Finds the parts of a packet in its message, which is not compared with
    /// [`Limits::max_payload`](crate::Limits::max_payload).
    ///
    /// # Errors
    ///
    /// [`DecodeError`] for everything that the [`Decoder`](crate::socketio::Decoder) refuses, except strings in the arguments
    /// and payloads that are not UTF-8: those are [`validate`](Self::validate)'s.
    #[inline]
    pub fn parse(message: &'a [u8], protocol: Protocol, limits: &Limits) -> Result<Self, DecodeError> {
        match parse::layout::<false>(message, protocol, limits) {
            Ok(layout) => Ok(Self { message, protocol, layout }),
            Err(fault) => Err(first_fault(message, fault)),
        }
    }

    /// Checks what [`parse`](Self::parse) did not look at.
    ///
    /// A message for which both succeed is one that the [`Decoder`](crate::socketio::Decoder) takes, and the other way round.
    ///
    /// # Errors
    ///
    /// [`InvalidMsgPack`](crate::socketio::DecodeErrorKind::InvalidMsgPack) if a string is not UTF-8.
    ///
    /// ```
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::{DecodeErrorKind, MsgPackPacketRef, Protocol};
    ///
    /// let message = b"\x83\xa4type\x02\xa4data\x92\xa1e\xa2a\xff\xa3nsp\xa1/";
    /// let packet = MsgPackPacketRef::parse(message, Protocol::V5, &Limits::default())?;
    /// let fault = packet.validate().unwrap_err();
    /// assert_eq!((fault.kind, fault.offset), (DecodeErrorKind::InvalidMsgPack, 17));
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    pub fn validate(&self) -> Result<(), DecodeError> {
        match self.layout.content {
            Content::Connect(None) | Content::Disconnect => Ok(()),
            Content::Connect(Some(unseen)) | Content::ConnectError(unseen) => Ok(unseen.skip_all()?),
            Content::Event { args, .. } | Content::Ack { args } => Ok(args.items.skip_all()?),
        }
    }

    /// The packet as one that owns its content: checks what [`parse`](Self::parse) did not look at, and copies the message.
    ///
    /// # Errors
    ///
    /// As [`validate`](Self::validate); and as [`parse`](Self::parse), if the limits are others.
    ///
    /// ```
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::{MsgPackPacketRef, PacketKind, Protocol};
    ///
    /// let message = b"\x83\xa4type\x00\xa4data\x81\xa5token\xa3abc\xa3nsp\xa1/";
    /// let limits = Limits::default();
    /// let packet = MsgPackPacketRef::parse(message, Protocol::V5, &limits)?.to_packet(&limits)?;
    /// let PacketKind::Connect { payload: Some(auth) } = packet.kind else { unreachable!() };
    /// assert_eq!(auth.as_str(), r#"{"token":"abc"}"#);
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    pub fn to_packet(&self, limits: &Limits) -> Result<Packet, DecodeError> {
        super::decode(Bytes::copy_from_slice(self.message), self.protocol, limits, identity)
    }

    /// The namespace as the peer wrote it, which may lack the slash; then nothing has that name.
    #[must_use]
    pub const fn namespace(&self) -> &'a str {
        self.layout.namespace
    }

    /// What it says.
    #[inline]
    #[must_use]
    pub fn kind(&self) -> MsgPackKindRef<'a> {
        let Layout { id, content, .. } = self.layout;
        match content {
            Content::Connect(payload) => MsgPackKindRef::Connect { payload: payload.map(|value| value.rest()) },
            Content::Disconnect => MsgPackKindRef::Disconnect,
            Content::Event { name, args } => {
                MsgPackKindRef::Event { name: name.resolve(), args: MsgPackArgsRef::new(args), ack: id }
            }
            Content::Ack { args } => MsgPackKindRef::Ack { id, args: MsgPackArgsRef::new(args) },
            Content::ConnectError(payload) => MsgPackKindRef::ConnectError { payload: payload.rest() },
        }
    }
}

/// The fault that the decoder reports: in front of this one may be a string that is not UTF-8. What is no map is not looked
/// into.
#[cold]
fn first_fault(message: &[u8], fault: DecodeError) -> DecodeError {
    match Tokens::new(message).skip() {
        Err(first) if fault != NO_MAP => first.into(),
        _ => fault,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use serde::Deserialize;
    use serde::de::IgnoredAny;

    use super::*;
    use crate::socketio::{ArgsError, DecodeErrorKind, PacketKind, Value};

    /// Checks that the view takes and refuses what the decoder does, and shows the same.
    pub(in crate::socketio::packet::msgpack) fn agrees(
        message: &[u8],
        limits: &Limits,
        decoded: &Result<Packet, DecodeError>,
    ) {
        let view = MsgPackPacketRef::parse(message, Protocol::V5, limits);
        let checked = view.clone().and_then(|view| view.validate());
        assert_eq!(checked.err(), decoded.as_ref().err().copied(), "{message:x?}");
        let Ok(view) = view else { return };
        match (view.kind(), decoded) {
            (MsgPackKindRef::Event { args, .. } | MsgPackKindRef::Ack { args, .. }, Err(fault)) => {
                let fault = ArgsError::InvalidMsgPack { offset: fault.offset };
                assert_eq!(args.decode::<Vec<IgnoredAny>>().err(), Some(fault.clone()));
                assert_eq!((args.decode::<()>(), args.to_args()), (Err(fault.clone()), Err(fault)));
            }
            (kind, Ok(packet)) => {
                assert_eq!(view.namespace(), packet.namespace.as_str());
                shows(&kind, &packet.kind);
                let again = view.to_packet(limits).unwrap();
                assert_eq!(format!("{again:?}"), format!("{packet:?}"), "NaN, too");
            }
            _ => {}
        }
    }

    fn shows(view: &MsgPackKindRef<'_>, kind: &PacketKind) {
        let (args, all) = match (view, kind) {
            (MsgPackKindRef::Connect { payload }, PacketKind::Connect { payload: owned }) => {
                return assert_eq!(payload.is_some(), owned.is_some());
            }
            (MsgPackKindRef::Disconnect, PacketKind::Disconnect)
            | (MsgPackKindRef::ConnectError { .. }, PacketKind::ConnectError { payload: Some(_) }) => return,
            (MsgPackKindRef::Event { name, args, ack }, PacketKind::Event { name: owned, args: all, ack: id }) => {
                assert_eq!((&**name, ack), (owned.as_str(), id));
                (args, all)
            }
            (MsgPackKindRef::Ack { id, args }, PacketKind::Ack { id: owned, args: all }) => {
                assert_eq!(id, owned);
                (args, all)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!((args.items(), args.to_args().as_ref()), (all.items_bytes(), Ok(all)));
        assert_eq!(format!("{:?}", args.decode::<Vec<Value>>()), format!("{:?}", all.decode::<Vec<Value>>()));
        assert_eq!(format!("{:?}", args.values()), format!("{:?}", all.values()));
        assert_eq!(args.decode::<(&str, u8)>(), all.decode());
        assert_eq!(args.decode::<u8>(), all.decode());
    }

    /// A string that is not UTF-8 is found wherever it stands, and whatever is asked for.
    //= MSG-06
    #[test]
    fn text_that_nobody_asked_for_is_checked() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Known {
            a: u8,
        }
        let spoiled: [&[u8]; 6] = [
            b"\x92\xa1e\xa1\xff",
            b"\x93\xa1e\x01\xa1\xff",
            b"\x93\xa1e\x81\xa1a\x01\x91\xa1\xff",
            b"\x92\xa1e\x82\xa1a\x01\xa1b\xa1\xff",
            b"\x92\xa1e\x82\xa1a\x01\xa1\xff\x02",
            b"\x92\xa1e\x82\xa1a\x01\xd9\x01\xff\x02",
        ];
        for data in spoiled {
            for keys in [["data", "nsp"], ["nsp", "data"]] {
                let parts = keys.map(|key| match key {
                    "data" => [b"\xa4data", data].concat(),
                    _ => b"\xa3nsp\xa1/".to_vec(),
                });
                let message = [&b"\x83\xa4type\x02"[..], &parts.concat()].concat();
                let offset = message.iter().position(|byte| *byte == 0xff).unwrap();
                let fault = DecodeError { kind: DecodeErrorKind::InvalidMsgPack, offset };
                agrees(&message, &Limits::default(), &Err(fault));
                let view = MsgPackPacketRef::parse(&message, Protocol::V5, &Limits::default()).unwrap();
                let MsgPackKindRef::Event { args, .. } = view.kind() else { panic!("{view:?}") };
                let fault = ArgsError::InvalidMsgPack { offset };
                assert_eq!(args.decode::<(Known,)>(), Err(fault.clone()), "{message:x?}");
                assert_eq!(args.decode::<(u8,)>(), Err(fault.clone()), "a fault of the peer comes before a misfit");
                assert_eq!(args.decode::<u8>(), Err(fault));
            }
        }
    }

    /// The last value of a key counts, and the others must be MessagePack as well.
    //= MSG-06
    //= MSG-07
    #[test]
    fn keys_that_come_twice() {
        for (message, fault) in [
            (&b"\x84\xa4type\x02\xa3nsp\xa1/\xa4data\x91\xa1x\xa4data\x91\xa1e"[..], None),
            (b"\x84\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1x\xa1\xff\xa4data\x91\xa1e", Some(22)),
            (b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1x\xa1\xff\xc0", Some(22)),
            (b"\x83\xa4type\x07\xa3nsp\xa1/\xa4data\x92\xa1x\xa1\xff", Some(22)),
        ] {
            let decoded = super::super::decode(Bytes::from_static(message), Protocol::V5, &Limits::default(), identity);
            assert_eq!(decoded.as_ref().err().map(|fault| fault.offset), fault, "{message:x?}");
            agrees(message, &Limits::default(), &decoded);
        }
    }
}
