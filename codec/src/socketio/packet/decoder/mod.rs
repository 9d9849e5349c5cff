//! From engine messages to packets: a text, and the attachments that it announces.
//!
//! ```text
//!          text without attachments: a packet
//!             ┌──────┐
//!             ▼      │
//!  ──────▶  Idle ────┘◀──────────────┐ last attachment: a packet
//!             │                      │
//!             └─ text that announces ▶ Waiting ──┐ attachment
//!                                    ▲           │
//!                                    └───────────┘
//!  anything else ──▶ Failed: the same error, for ever
//! ```

use alloc::vec::Vec;

use bytes::Bytes;

use super::text::parse::{self, Array, Content, EventName, Layout, NameForm};
use super::{DecodeError, DecodeErrorKind, Packet, PacketKind, Protocol};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::socketio::args::{Args, Json, Parser};
use crate::socketio::namespace::Namespace;
use crate::text::Text;

/// Puts packets together from the messages of one Engine.IO session.
///
/// It keeps at most one incomplete packet: [`Limits::max_attachments`] messages of [`Limits::max_payload`] bytes each.
///
/// It checks the whole of a packet before it hands it out, and so do the machines that have one. What a program does with an event is
/// seen by others, and cannot be taken back when the arguments turn out to be no JSON; and [`Args`] can be passed on or looked at
/// without a fault, because they are valid. That is one walk over the arguments before the one that reads them. A program that may
/// look at the head first, because it only routes or counts, has [`PacketRef`](crate::socketio::PacketRef), which costs the same
/// whatever follows.
///
/// ```
/// use bytes::Bytes;
/// use sio_codec::socketio::{Decoder, PacketKind};
/// use sio_codec::{Frame, Limits};
///
/// let mut decoder = Decoder::new(&Limits::default());
/// let header = Frame::from(r#"51-["upload",{"_placeholder":true,"num":0}]"#);
/// assert_eq!(decoder.push(header)?, None, "incomplete is not an error");
/// let packet = decoder.push(Frame::Binary(Bytes::from_static(&[1, 2])))?.unwrap();
/// let PacketKind::Event { name, args, ack: None } = packet.kind else { unreachable!() };
/// assert_eq!((name.as_str(), &args.attachments()[0][..]), ("upload", &[1, 2][..]));
/// # Ok::<(), sio_codec::socketio::DecodeError>(())
/// ```
//= SIO5-ATT-05
#[derive(Clone, Debug)]
pub struct Decoder {
    limits: Limits,
    protocol: Protocol,
    parser: Parser,
    assembly: Assembly,
}

/// What a [`Decoder`] waits for.
///
/// ```
/// use sio_codec::Limits;
/// use sio_codec::socketio::{Decoder, DecoderState};
///
/// let mut decoder = Decoder::new(&Limits::default());
/// assert_eq!(decoder.state(), DecoderState::Idle);
/// decoder.push(r#"51-["photo",{"_placeholder":true,"num":0}]"#.into())?;
/// assert_eq!(decoder.state(), DecoderState::Waiting { missing: 1 });
/// # Ok::<(), sio_codec::socketio::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the states of a receiver, which the protocol names")]
pub enum DecoderState {
    /// For a packet. The messages may end here.
    Idle,
    /// For the attachments of a packet.
    Waiting {
        /// How many did not come yet.
        missing: usize,
    },
    /// For the attachments of a packet that cannot be decoded: its JSON is absent, or has a placeholder that names no
    /// attachment. As in the reference, the fault is reported with the last of them.
    Lost {
        /// How many did not come yet.
        missing: usize,
        /// What [`Decoder::push`] will say.
        fault: DecodeError,
    },
    /// For nothing: each message is answered with this fault.
    Failed(DecodeError),
}

/// The rules for decoding a message.
#[derive(Clone, Copy, Debug)]
pub(in crate::socketio) struct Rules<'a> {
    pub(in crate::socketio) limits: &'a Limits,
    pub(in crate::socketio) protocol: Protocol,
    /// The revision of who writes the names of namespaces: a client of protocol 4 puts a query behind them.
    pub(in crate::socketio) names: Protocol,
    pub(in crate::socketio) parser: Parser,
}

/// A decoder whose rules the caller passes in: the packet that is being put together.
#[derive(Clone, Debug, Default)]
pub(in crate::socketio) struct Assembly(State);

#[derive(Clone, Debug, Default)]
enum State {
    #[default]
    Idle,
    Waiting {
        pending: Incomplete,
        missing: usize,
    },
    Failed(DecodeError),
}

/// A packet whose attachments have not all arrived.
#[derive(Clone, Debug)]
enum Incomplete {
    Packet {
        text: Text,
        layout: Layout,
        in_order: bool,
        attachments: Vec<Bytes>,
    },
    /// One that cannot become a packet. As in the reference that is said when the last attachment has arrived; until
    /// then nothing is kept.
    Doomed(DecodeError),
}

impl Decoder {
    /// A decoder that waits for the first message, of protocol 5 with JSON.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            protocol: Protocol::default(),
            parser: Parser::default(),
            assembly: Assembly::default(),
        }
    }

    /// The same decoder for another revision of the protocol.
    #[must_use]
    pub const fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// The same decoder for packets of another form.
    #[must_use]
    pub const fn with_parser(mut self, parser: Parser) -> Self {
        self.parser = parser;
        self
    }

    /// Takes the next message; `Some` when it completes a packet. With `None` attachments are missing, and
    /// [`state`](Self::state) says how many.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] for the first message that does not fit, and again for every one after it. A packet of a type
    /// that does not exist is different in protocol 4: it is refused alone.
    #[inline]
    pub fn push(&mut self, message: Frame) -> Result<Option<Packet>, DecodeError> {
        let Self { limits, protocol, parser, .. } = self;
        let rules = Rules { limits, protocol: *protocol, names: *protocol, parser: *parser };
        self.assembly.push(rules, message)
    }

    /// Whether the messages may end here: no packet waits for its attachments, and none was refused.
    ///
    /// ```
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::Decoder;
    ///
    /// let mut decoder = Decoder::new(&Limits::default());
    /// decoder.push(r#"51-["upload",{"_placeholder":true,"num":0}]"#.into())?;
    /// assert!(!decoder.is_idle());
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        matches!(self.assembly.0, State::Idle)
    }

    /// What the decoder waits for.
    ///
    /// ```
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::{DecodeErrorKind, Decoder, DecoderState};
    ///
    /// let mut decoder = Decoder::new(&Limits::default());
    /// decoder.push(r#"52-["upload",{"_placeholder":true,"num":0}]"#.into())?;
    /// assert_eq!(decoder.state(), DecoderState::Waiting { missing: 2 });
    ///
    /// // There is no attachment 5. Whoever does not want to wait for the last one can stop here.
    /// let mut decoder = Decoder::new(&Limits::default());
    /// assert_eq!(decoder.push(r#"51-["upload",{"_placeholder":true,"num":5}]"#.into())?, None);
    /// let DecoderState::Lost { missing: 1, fault } = decoder.state() else { unreachable!() };
    /// assert_eq!(fault.kind, DecodeErrorKind::IllegalPlaceholder);
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    #[must_use]
    pub const fn state(&self) -> DecoderState {
        match &self.assembly.0 {
            State::Idle => DecoderState::Idle,
            State::Waiting { pending: Incomplete::Packet { .. }, missing } => {
                DecoderState::Waiting { missing: *missing }
            }
            State::Waiting { pending: Incomplete::Doomed(fault), missing } => {
                DecoderState::Lost { missing: *missing, fault: *fault }
            }
            State::Failed(fault) => DecoderState::Failed(*fault),
        }
    }
}

impl Assembly {
    /// As [`Decoder::push`].
    #[inline(always)]
    pub(in crate::socketio) fn push(
        &mut self,
        rules: Rules<'_>,
        message: Frame,
    ) -> Result<Option<Packet>, DecodeError> {
        let result = self.take(rules, message);
        //= SIO5-ERR-04
        if let Err(error) = result
            && (error.kind != DecodeErrorKind::UnknownType || rules.protocol.unknown_type_is_fatal())
        {
            self.0 = State::Failed(error);
        }
        result
    }

    #[inline(always)]
    fn take(&mut self, rules: Rules<'_>, message: Frame) -> Result<Option<Packet>, DecodeError> {
        if let State::Failed(error) = &self.0 {
            return Err(*error);
        }
        if message.len() > rules.limits.max_payload {
            return Err(DecodeError { kind: DecodeErrorKind::TooLong, offset: rules.limits.max_payload });
        }
        match (rules.parser, message) {
            (Parser::Json, Frame::Text(text)) => self.take_text(rules, text),
            (Parser::Json, Frame::Binary(bytes)) => self.take_attachment(bytes),
            //= MSG-09
            #[cfg(feature = "msgpack")]
            (Parser::MsgPack, Frame::Text(_)) => Err(DecodeError { kind: DecodeErrorKind::UnexpectedText, offset: 0 }),
            #[cfg(feature = "msgpack")]
            (Parser::MsgPack, Frame::Binary(bytes)) => {
                super::msgpack::decode(bytes, rules.names, rules.limits).map(Some)
            }
        }
    }

    //= SIO5-ATT-06
    #[inline(always)]
    fn take_text(&mut self, rules: Rules<'_>, text: Text) -> Result<Option<Packet>, DecodeError> {
        if let State::Waiting { .. } = self.0 {
            return Err(DecodeError { kind: DecodeErrorKind::AttachmentExpected, offset: 0 });
        }
        let checked = parse::layout(text.as_bytes(), rules.protocol, rules.names, rules.limits).and_then(|layout| {
            let in_order = layout.check(text.as_bytes(), rules.limits)?;
            Ok((layout, in_order))
        });
        let (pending, missing) = match checked {
            Ok((layout, in_order)) => match layout.attachments() {
                0 => return Ok(Some(complete(text, layout, alone))),
                missing => {
                    (Incomplete::Packet { text, layout, in_order, attachments: Vec::with_capacity(missing) }, missing)
                }
            },
            Err(error) => (Incomplete::Doomed(error), Self::doomed(rules, &text, error).ok_or(error)?),
        };
        self.0 = State::Waiting { pending, missing };
        Ok(None)
    }

    /// How many attachments are waited for all the same.
    //= SIO5-ATT-08: `num` is missing, not a number, negative or >= count
    //= SIO5-ATT-17: before waiting for attachments
    #[cold]
    fn doomed(rules: Rules<'_>, text: &Text, error: DecodeError) -> Option<usize> {
        let is_absent = error.kind == DecodeErrorKind::InvalidPayload && error.offset == text.len();
        let waits = is_absent || error.kind == DecodeErrorKind::IllegalPlaceholder;
        if waits { parse::announced(text.as_bytes(), rules.limits) } else { None }
    }

    //= SIO5-ATT-07: when none is expected
    //= SIO5-ATT-15: in base64 form
    //= SIO5-ATT-18: an empty attachment
    fn take_attachment(&mut self, bytes: Bytes) -> Result<Option<Packet>, DecodeError> {
        let State::Waiting { pending, missing } = &mut self.0 else {
            return Err(DecodeError { kind: DecodeErrorKind::UnexpectedAttachment, offset: 0 });
        };
        if let Incomplete::Packet { attachments, .. } = pending {
            attachments.push(bytes);
        }
        *missing = missing.saturating_sub(1);
        if *missing > 0 {
            return Ok(None);
        }
        match core::mem::replace(&mut self.0, State::Idle) {
            State::Waiting { pending: Incomplete::Packet { text, layout, in_order, attachments }, .. } => {
                Ok(Some(complete(text, layout, |text, array| together(text, array, in_order, attachments))))
            }
            State::Waiting { pending: Incomplete::Doomed(error), .. } => Err(error),
            State::Idle | State::Failed(_) => Ok(None),
        }
    }
}

impl Layout {
    pub(in crate::socketio) const fn attachments(&self) -> usize {
        match &self.content {
            Content::Event { array, .. } | Content::Ack { array, .. } => array.attachments,
            Content::Connect(_) | Content::Disconnect | Content::ConnectError(_) => 0,
        }
    }
}

/// Cuts a packet out of its text; how its arguments are made is up to whoever has the attachments.
#[inline(always)]
pub(in crate::socketio::packet) fn complete(
    text: Text,
    layout: Layout,
    args: impl FnOnce(Text, Array) -> Args,
) -> Packet {
    let namespace = match layout.namespace {
        None => Namespace::root(),
        Some(at) => Namespace::from_wire(text.slice(at).unwrap_or_default()),
    };
    let kind = match layout.content {
        Content::Connect(at) => PacketKind::Connect { payload: payload(text, at) },
        Content::Disconnect => PacketKind::Disconnect,
        Content::ConnectError(at) => PacketKind::ConnectError { payload: payload(text, at) },
        Content::Event { name, array, ack } => {
            PacketKind::Event { name: name_text(&text, &name), args: args(text, array), ack }
        }
        Content::Ack { id, array } => PacketKind::Ack { id: Some(id), args: args(text, array) },
    };
    Packet { namespace, kind }
}

#[inline(always)]
fn name_text(text: &Text, name: &EventName) -> Text {
    match name.form {
        NameForm::Plain => text.slice(name.at.clone()).unwrap_or_default(),
        NameForm::Rewritten => name.rewritten(text.as_bytes()).map(Text::from).unwrap_or_default(),
    }
}

/// Arguments without attachments. They keep the whole text, so that its handle moves.
#[inline(always)]
fn alone(text: Text, array: Array) -> Args {
    Args::from_text(text, array.start, array.items_at)
}

/// Arguments with what came behind them.
pub(in crate::socketio::packet) fn together(text: Text, array: Array, in_order: bool, attachments: Vec<Bytes>) -> Args {
    Args::from_wire(text, array.start, array.items_at, in_order, attachments)
}

/// The payload is all that is left of the text, so that its handle moves.
#[inline(always)]
fn payload(text: Text, at: Option<usize>) -> Option<Json> {
    at.map(|start| Json::from_wire(text.tail(start)))
}

#[cfg(test)]
mod tests;
