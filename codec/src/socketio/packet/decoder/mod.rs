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

mod form;
mod unread;

use alloc::vec::Vec;

use bytes::Bytes;

use self::form::{Form, Parts};
use super::text::parse;
use super::{DecodeError, DecodeErrorKind, Packet, Protocol};
use crate::frame::Frame;
use crate::limits::Limits;
use crate::socketio::args::Parser;
use crate::text::Text;

pub(in crate::socketio::packet) use self::form::{complete, together};
pub use self::unread::{Unread, UnreadKind};

/// Puts packets together from the messages of one Engine.IO session.
///
/// It keeps at most one incomplete packet: [`Limits::max_attachments`] messages of [`Limits::max_payload`] bytes each.
///
/// It checks the whole of a packet before it hands it out, and so do the machines that have one. What a program does with an event is
/// seen by others, and cannot be taken back when the arguments turn out to be no JSON; and [`Args`](crate::socketio::Args) can be
/// passed on or looked at without a fault, because they are valid. That is one walk over the arguments before the one that reads them. A program without
/// machines that may look at the head first has [`route`](Self::route), which costs the same whatever follows; for a slice there is
/// [`PacketRef`](crate::socketio::PacketRef).
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
    Packet(Parts),
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

    /// As [`push`](Self::push), but reads the head of the packet and the name of an event only: what it costs does not depend on
    /// the arguments. If attachments follow, or the packet is MessagePack, all of it is looked at all the same.
    ///
    /// The program finds out what is in the arguments when it [reads](Unread::decode) them, and then a fault is its to handle: in
    /// the reference the packet would not have been handed out, and the session would have ended. The decoder goes on. Messages may
    /// be given to both functions in turn.
    ///
    /// # Errors
    ///
    /// As for [`push`](Self::push), apart from faults in the arguments and in what a CONNECT or its refusal holds.
    ///
    /// ```
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::{Decoder, UnreadKind};
    ///
    /// let mut decoder = Decoder::new(&Limits::default());
    /// let packet = decoder.route(r#"2/chat,7["add",1,2]"#.into())?.unwrap();
    /// let UnreadKind::Event { name, ack } = packet.kind() else { unreachable!() };
    /// assert_eq!((packet.namespace(), &*name, ack.unwrap().value()), ("/chat", "add", 7));
    /// assert_eq!(packet.decode::<(u32, u32)>().unwrap(), (1, 2));
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    #[inline]
    pub fn route(&mut self, message: Frame) -> Result<Option<Unread>, DecodeError> {
        let Self { limits, protocol, parser, .. } = self;
        let rules = Rules { limits, protocol: *protocol, names: *protocol, parser: *parser };
        self.assembly.accept(rules, message)
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
            State::Waiting { pending: Incomplete::Packet(_), missing } => DecoderState::Waiting { missing: *missing },
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
        self.accept(rules, message)
    }

    /// Takes the next message of a packet in one form or the other.
    ///
    /// A layout goes from one place in memory to the next with each result that holds it, which takes longer than finding it; so
    /// a fault is dealt with where it shows.
    #[inline(always)]
    fn accept<F: Form>(&mut self, rules: Rules<'_>, message: Frame) -> Result<Option<F>, DecodeError> {
        if let State::Failed(error) = &self.0 {
            return Err(*error);
        }
        if message.len() > rules.limits.max_payload {
            return Err(self.failed(rules, DecodeErrorKind::TooLong, rules.limits.max_payload));
        }
        match (rules.parser, message) {
            (Parser::Json, Frame::Text(text)) => self.take_text(rules, text),
            (Parser::Json, Frame::Binary(bytes)) => self.take_attachment(rules, bytes),
            //= MSG-09
            #[cfg(feature = "msgpack")]
            (Parser::MsgPack, Frame::Text(_)) => Err(self.failed(rules, DecodeErrorKind::UnexpectedText, 0)),
            #[cfg(feature = "msgpack")]
            (Parser::MsgPack, Frame::Binary(bytes)) => {
                super::msgpack::decode(bytes, rules.names, rules.limits, |packet| Some(F::whole(packet)))
                    .map_err(|error| self.fail(rules, error))
            }
        }
    }

    //= SIO5-ATT-06
    #[inline(always)]
    fn take_text<F: Form>(&mut self, rules: Rules<'_>, text: Text) -> Result<Option<F>, DecodeError> {
        if let State::Waiting { .. } = self.0 {
            return Err(self.failed(rules, DecodeErrorKind::AttachmentExpected, 0));
        }
        let layout = match parse::layout(text.as_bytes(), rules.protocol, rules.names, rules.limits) {
            Ok(layout) => layout,
            Err(error) => return self.doom(rules, &text, error).map(|()| None),
        };
        let in_order = match F::look(&layout, &text, rules.limits) {
            Ok(in_order) => in_order,
            Err(error) => return self.doom(rules, &text, error).map(|()| None),
        };
        match layout.attachments() {
            0 => Ok(Some(F::alone(text, layout))),
            missing => {
                let attachments = Vec::with_capacity(missing);
                let pending = Incomplete::Packet(Parts { text, layout, in_order, attachments });
                self.0 = State::Waiting { pending, missing };
                Ok(None)
            }
        }
    }

    /// Deals with a text that cannot become a packet: fails, or waits for its attachments all the same.
    #[cold]
    #[inline(never)]
    fn doom(&mut self, rules: Rules<'_>, text: &Text, error: DecodeError) -> Result<(), DecodeError> {
        let Some(missing) = Self::doomed(rules, text, error) else { return Err(self.fail(rules, error)) };
        self.0 = State::Waiting { pending: Incomplete::Doomed(error), missing };
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn failed(&mut self, rules: Rules<'_>, kind: DecodeErrorKind, offset: usize) -> DecodeError {
        self.fail(rules, DecodeError { kind, offset })
    }

    //= SIO5-ERR-04
    #[cold]
    fn fail(&mut self, rules: Rules<'_>, error: DecodeError) -> DecodeError {
        if error.kind != DecodeErrorKind::UnknownType || rules.protocol.unknown_type_is_fatal() {
            self.0 = State::Failed(error);
        }
        error
    }

    /// How many attachments are waited for all the same.
    //= SIO5-ATT-08: `num` is missing, not a number, negative or >= count
    //= SIO5-ATT-17: before waiting for attachments
    fn doomed(rules: Rules<'_>, text: &Text, error: DecodeError) -> Option<usize> {
        let is_absent = error.kind == DecodeErrorKind::InvalidPayload && error.offset == text.len();
        let waits = is_absent || error.kind == DecodeErrorKind::IllegalPlaceholder;
        if waits { parse::announced(text.as_bytes(), rules.limits) } else { None }
    }

    //= SIO5-ATT-07: when none is expected
    //= SIO5-ATT-15: in base64 form
    //= SIO5-ATT-18: an empty attachment
    fn take_attachment<F: Form>(&mut self, rules: Rules<'_>, bytes: Bytes) -> Result<Option<F>, DecodeError> {
        let State::Waiting { pending, missing } = &mut self.0 else {
            return Err(self.failed(rules, DecodeErrorKind::UnexpectedAttachment, 0));
        };
        if let Incomplete::Packet(Parts { attachments, .. }) = pending {
            attachments.push(bytes);
        }
        *missing = missing.saturating_sub(1);
        if *missing > 0 {
            return Ok(None);
        }
        match core::mem::replace(&mut self.0, State::Idle) {
            State::Waiting { pending: Incomplete::Packet(parts), .. } => Ok(Some(F::together(parts))),
            State::Waiting { pending: Incomplete::Doomed(error), .. } => Err(self.fail(rules, error)),
            State::Idle | State::Failed(_) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
