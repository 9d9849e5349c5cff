//! The text of a packet: where its parts are.
//!
//! ```text
//! packet    = type [ count "-" ] [ namespace "," ] [ id ] [ json ]
//! type      = "0" to "6"
//! count     = digits            types 5 and 6 only; at least 1
//! namespace = "/" *not-comma    omitted when it is "/"; a comma may be missing at the very end
//! id        = digits
//! ```
//!
//! There is no white space between the parts; inside and after the JSON it means nothing.
//!
//! [`layout`] reads the head and an event's name, and looks at no more of the JSON than its first byte: what it costs
//! does not depend on the arguments. [`Layout::check`] looks at the rest. Both are the same for the borrowed form of a
//! packet, which cuts the parts out of a `&str`, and the owned one, which cuts them out of a shared buffer.
//!
//! What leads from a text to the caller is inlined without exception: moving the parts as a whole through the results of
//! functions takes longer than finding them (30 ns instead of 14 for `2["message","hello"]`).
//!
//! The revisions share it all but for four named differences: [`Protocol::connect_payload`],
//! [`Protocol::error_payload`], [`Protocol::reserves_names`], and [`Protocol::name_of`].
//!
//! An event's name is compared with the reserved names, by [`is_reserved`] in `packet/mod.rs`, and with no others: the
//! program routes events.

mod grammar;

use alloc::borrow::Cow;
use alloc::string::String;
use core::ops::Range;

use self::grammar::{Type, count, namespace, number, packet_type};
use crate::limits::Limits;
use crate::socketio::ack_id::AckId;
use crate::socketio::json::{self, check};
use crate::socketio::packet::{DecodeError, DecodeErrorKind, Protocol, is_reserved};
use crate::socketio::value;

/// Where the parts of a packet's text are. Positions are those of the whole text.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::socketio) struct Layout {
    /// `None` for the main namespace.
    pub(in crate::socketio) namespace: Option<Range<usize>>,
    pub(in crate::socketio) content: Content,
}

/// What the text of a packet says, by type.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::socketio) enum Content {
    /// The payload begins here, if there is one; it goes to the end of the text, as all JSON does.
    Connect(Option<usize>),
    Disconnect,
    ConnectError(Option<usize>),
    Event {
        name: EventName,
        array: Array,
        ack: Option<AckId>,
    },
    Ack {
        id: AckId,
        array: Array,
    },
}

/// Where an event's name is: inside its quotes, or the whole of a number.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::socketio) struct EventName {
    pub(in crate::socketio) at: Range<usize>,
    pub(in crate::socketio) form: NameForm,
}

/// Whether the text of a name is the name. Which of both it is otherwise, the character in front says: a third value here
/// costs `PacketRef` sixty instructions per event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::socketio) enum NameForm {
    /// It is.
    Plain,
    /// It has escapes, or is a number that JavaScript would write in another way.
    Rewritten,
}

/// A JSON array of arguments, and how many attachments its placeholders refer to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::socketio) struct Array {
    /// Where its bracket is.
    pub(in crate::socketio) start: usize,
    /// Where the first argument may begin.
    pub(in crate::socketio) items_at: usize,
    pub(in crate::socketio) attachments: usize,
}

/// Finds the parts of a packet in its text, which is UTF-8.
///
/// What a name may have behind it depends on who `names`; else the packet is read by `protocol`.
//= SIO5-ERR-04
#[inline(always)]
pub(in crate::socketio) fn layout(
    text: &[u8],
    protocol: Protocol,
    names: Protocol,
    limits: &Limits,
) -> Result<Layout, DecodeError> {
    let reader = HeadReader { text, protocol, limits };
    //= SIO5-PKT-05
    //= SIO5-PKT-06
    let Some((kind, rest)) = packet_type(text) else {
        return Err(reader.fault(DecodeErrorKind::UnknownType, text));
    };
    let (rest, attachments) = match kind {
        Type::BinaryEvent | Type::BinaryAck => reader.count(rest)?,
        Type::Connect | Type::Disconnect | Type::Event | Type::Ack | Type::ConnectError => (rest, 0),
    };
    let (rest, namespace) = reader.namespace(rest, names)?;
    let (json, id) = reader.ack_id(rest)?;
    let content = match kind {
        //= SIO5-PKT-20
        Type::Connect => Content::Connect(reader.payload(json, protocol.connect_payload())?),
        //= SIO5-PKT-12
        Type::Disconnect if json.is_empty() => Content::Disconnect,
        Type::Disconnect => return Err(reader.fault(DecodeErrorKind::InvalidPayload, json)),
        Type::ConnectError => Content::ConnectError(reader.payload(json, protocol.error_payload())?),
        Type::Event | Type::BinaryEvent => {
            let start = reader.array(json)?;
            let (name, items_at) = reader.event(start)?;
            Content::Event { name, array: Array { start, items_at, attachments }, ack: id }
        }
        Type::Ack | Type::BinaryAck => {
            let start = reader.array(json)?;
            let id = id.ok_or_else(|| reader.fault(DecodeErrorKind::AckIdMissing, json))?;
            Content::Ack { id, array: Array { start, items_at: start.saturating_add(1), attachments } }
        }
    };
    Ok(Layout { namespace, content })
}

/// Finds the name of an event, whatever it is, in an array whose elements begin at `at`; and where the arguments may begin.
pub(in crate::socketio) fn event(text: &[u8], at: usize) -> Result<(EventName, usize), DecodeError> {
    // Names are reserved in protocol 5.
    HeadReader { text, protocol: Protocol::V4, limits: &Limits::default() }.event(at.saturating_sub(1))
}

/// How many attachments a packet announces, whatever follows.
pub(in crate::socketio) fn announced(text: &[u8], limits: &Limits) -> Option<usize> {
    let reader = HeadReader { text, protocol: Protocol::default(), limits };
    match packet_type(text)? {
        (Type::BinaryEvent | Type::BinaryAck, rest) => Some(reader.count(rest).ok()?.1),
        _ => None,
    }
}

impl Layout {
    /// Checks what was not looked at: that the JSON is JSON, and that its placeholders name attachments.
    ///
    /// `true` if each attachment is named once, in the order of their numbers.
    #[inline(always)]
    pub(in crate::socketio) fn check(&self, text: &[u8], limits: &Limits) -> Result<bool, DecodeError> {
        match &self.content {
            Content::Disconnect | Content::Connect(None) | Content::ConnectError(None) => Ok(true),
            Content::Connect(Some(start)) | Content::ConnectError(Some(start)) => {
                let json = text.get(*start..).unwrap_or_default();
                check::validate(json).map(|()| true).map_err(|fault| DecodeError::in_json(fault, *start))
            }
            Content::Event { array, .. } | Content::Ack { array, .. } => array.check(text, limits),
        }
    }
}

impl Array {
    #[inline(always)]
    fn check(&self, text: &[u8], limits: &Limits) -> Result<bool, DecodeError> {
        // The head of the array, and the name, were looked at when they were found.
        check::end_of_array(text, self.items_at, true).map_err(|fault| DecodeError::in_json(fault, 0))?;
        if self.attachments == 0 {
            return Ok(true);
        }
        //= SIO5-ATT-08: `num` is missing, not a number, negative or >= count
        //= SIO5-ATT-10: Limit count
        //= SIO5-ATT-17: before waiting for attachments
        let json = text.get(self.start..).unwrap_or_default();
        json::placeholders::check_at_most(json, self.attachments, limits.max_attachments)
            .map_err(|fault| DecodeError::in_json(fault, self.start))
    }
}

impl EventName {
    /// The name that the text stands for.
    #[inline(always)]
    pub(in crate::socketio) fn resolve<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.form {
            NameForm::Plain => Cow::Borrowed(text.get(self.at.clone()).unwrap_or_default()),
            // Read once before, when the name was found.
            NameForm::Rewritten => Cow::Owned(self.rewritten(text.as_bytes()).unwrap_or_default()),
        }
    }

    /// The name where it is not what is written; `None` if no text can hold it.
    //= SIO5-PKT-09
    #[cold]
    pub(in crate::socketio) fn rewritten(&self, text: &[u8]) -> Option<String> {
        let around = self.at.start.saturating_sub(1)..self.at.end.saturating_add(1);
        let quoted = str::from_utf8(text.get(around)?).ok()?;
        if quoted.starts_with('"') {
            return json::literal::unescape(quoted, None);
        }
        let literal = str::from_utf8(text.get(self.at.clone())?).ok()?;
        literal.parse().ok().map(value::number_text)
    }
}

struct HeadReader<'a> {
    text: &'a [u8],
    protocol: Protocol,
    limits: &'a Limits,
}

impl HeadReader<'_> {
    /// How many attachments follow.
    //= SIO4-ATT-02: Reject count 0 or empty
    //= SIO5-ATT-09: count 0, empty, negative or fractional
    //= SIO5-ATT-10: Limit count
    fn count<'i>(&self, input: &'i [u8]) -> Result<(&'i [u8], usize), DecodeError> {
        let illegal = self.fault(DecodeErrorKind::IllegalAttachments, input);
        let (rest, digits) = count(input).map_err(|_| illegal)?;
        match number(digits) {
            Some(0) => Err(illegal),
            Some(count) if count <= self.limits.max_attachments as u64 => {
                Ok((rest, usize::try_from(count).map_err(|_| illegal)?))
            }
            count => {
                let announced = count.and_then(|count| u32::try_from(count).ok()).unwrap_or(u32::MAX);
                Err(self.fault(DecodeErrorKind::TooManyAttachments { announced }, input))
            }
        }
    }

    //= SIO5-PKT-02: ends at the end of the string
    //= SIO5-PKT-03: an explicit `/,`
    //= SIO5-PKT-04: everything between `/` and `,`
    fn namespace<'i>(&self, input: &'i [u8], names: Protocol) -> Result<(&'i [u8], Option<Range<usize>>), DecodeError> {
        let Some((rest, name)) = namespace(input) else { return Ok((input, None)) };
        if name.len() > self.limits.max_namespace_len && self.is_too_long(name, names) {
            return Err(self.fault(DecodeErrorKind::NamespaceTooLong, input));
        }
        let start = self.offset(input);
        Ok((rest, (name != b"/").then(|| start..start.saturating_add(name.len()))))
    }

    #[cold]
    fn is_too_long(&self, name: &[u8], names: Protocol) -> bool {
        names.name_of(name).len() > self.limits.max_namespace_len
    }

    #[inline(always)]
    fn ack_id<'i>(&self, input: &'i [u8]) -> Result<(&'i [u8], Option<AckId>), DecodeError> {
        //= SIO5-PKT-18: Reject a sign, decimal point or exponent
        let count = input.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let Some((digits @ [_, ..], rest)) = input.split_at_checked(count) else { return Ok((input, None)) };
        //= SIO5-PKT-19: Drop leading zeros
        match number(digits).and_then(AckId::new) {
            //= SIO5-PKT-16: up to 2^53 - 1
            //= SIO5-ACK-07: Accept id 0
            Some(id) => Ok((rest, Some(id))),
            //= SIO5-PKT-17: exceed 2^53 - 1
            None => Err(self.fault(DecodeErrorKind::AckIdTooLarge, input)),
        }
    }

    /// A payload that may be absent; `fits` names the bytes that it may start with.
    //= SIO5-PKT-11
    //= SIO5-PKT-13
    fn payload(&self, json: &[u8], fits: &[u8]) -> Result<Option<usize>, DecodeError> {
        match json.first() {
            None => Ok(None),
            Some(first) if fits.contains(first) => Ok(Some(self.offset(json))),
            Some(_) => Err(self.fault(DecodeErrorKind::InvalidPayload, json)),
        }
    }

    /// Where an array begins. White space in front is not for JSON to skip: the reference takes it for digits.
    //= SIO5-PKT-10
    //= SIO5-PKT-14
    #[inline(always)]
    fn array(&self, json: &[u8]) -> Result<usize, DecodeError> {
        if json.first() == Some(&b'[') {
            Ok(self.offset(json))
        } else {
            Err(self.fault(DecodeErrorKind::InvalidPayload, json))
        }
    }

    /// The name of an event, and where its arguments may begin.
    //= SIO5-PKT-07
    //= SIO5-PKT-08
    #[inline(always)]
    fn event(&self, bracket: usize) -> Result<(EventName, usize), DecodeError> {
        let start = check::space(self.text, bracket.saturating_add(1));
        let (name, end) = self.name(start)?;
        if self.protocol.reserves_names() && self.is_reserved(&name) {
            return Err(DecodeError { kind: DecodeErrorKind::ReservedName, offset: start });
        }
        let behind = check::space(self.text, end);
        match self.text.get(behind) {
            Some(b',') => {
                let items_at = check::space(self.text, behind.saturating_add(1));
                if self.text.get(items_at) == Some(&b']') {
                    return Err(DecodeError { kind: DecodeErrorKind::InvalidJson, offset: items_at });
                }
                Ok((name, items_at))
            }
            Some(b']') => Ok((name, behind)),
            _ => Err(DecodeError { kind: DecodeErrorKind::InvalidJson, offset: behind }),
        }
    }

    /// The name that stands at `start`, a string or a number, and where that ends.
    #[inline(always)]
    fn name(&self, start: usize) -> Result<(EventName, usize), DecodeError> {
        let misfit = DecodeError { kind: DecodeErrorKind::InvalidPayload, offset: start };
        match self.text.get(start) {
            Some(b'"') => {
                let (end, escaped) = check::string(self.text, start).map_err(|fault| DecodeError::in_json(fault, 0))?;
                let form = if escaped { NameForm::Rewritten } else { NameForm::Plain };
                let name = EventName { at: start.saturating_add(1)..end.saturating_sub(1), form };
                if escaped && name.rewritten(self.text).is_none() {
                    return Err(misfit);
                }
                Ok((name, end))
            }
            Some(b'-' | b'0'..=b'9') => {
                let end = check::number(self.text, start).map_err(|fault| DecodeError::in_json(fault, 0))?;
                let form = number_form(self.text.get(start..end).unwrap_or_default());
                Ok((EventName { at: start..end, form }, end))
            }
            Some(_) => Err(misfit),
            // The payload is there, and is no JSON: to the decoder, that is not the same as a payload that is absent.
            None => Err(DecodeError { kind: DecodeErrorKind::InvalidJson, offset: start }),
        }
    }

    fn is_reserved(&self, name: &EventName) -> bool {
        match name.form {
            NameForm::Plain => self.text.get(name.at.clone()).is_some_and(is_reserved),
            NameForm::Rewritten => name.rewritten(self.text).is_some_and(|name| is_reserved(name.as_bytes())),
        }
    }

    const fn fault(&self, kind: DecodeErrorKind, rest: &[u8]) -> DecodeError {
        DecodeError { kind, offset: self.offset(rest) }
    }

    /// Where the rest of the input begins: every parser here leaves a tail of the text.
    const fn offset(&self, rest: &[u8]) -> usize {
        self.text.len().saturating_sub(rest.len())
    }
}

/// A number is written as in JavaScript if it is an integer of so few digits that doubles have each.
#[cold]
#[inline(never)]
fn number_form(literal: &[u8]) -> NameForm {
    let digits = literal.strip_prefix(b"-").unwrap_or(literal);
    let is_plain = digits.len() <= 15 && digits.iter().all(u8::is_ascii_digit) && literal != b"-0";
    if is_plain { NameForm::Plain } else { NameForm::Rewritten }
}

#[cfg(test)]
mod tests;
