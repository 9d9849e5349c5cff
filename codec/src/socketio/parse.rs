//! The text of a packet.
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

use alloc::string::String;

use nom::IResult;
use nom::Parser as _;
use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_while};
use nom::character::complete::{char, digit0, digit1};
use nom::combinator::{eof, map_opt, opt, recognize};
use nom::sequence::{preceded, terminated};

use super::args::{self, Lead};
use super::error::{DecodeError, DecodeErrorKind};
use super::namespace::Namespace;
use super::packet::{AckId, RESERVED_NAMES};
use crate::limits::Limits;
use crate::text::Text;

/// A packet's text, read and validated; its attachments are still to come.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Header {
    pub(super) namespace: Namespace,
    pub(super) content: Content,
}

/// What the text of a packet says, by type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    Connect(Option<Text>),
    Disconnect,
    ConnectError(Option<Text>),
    Event { name: Text, array: Array, ack: Option<AckId> },
    Ack { id: AckId, array: Array },
}

/// A JSON array of arguments, and how many attachments its placeholders refer to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array {
    pub(super) json: Text,
    pub(super) items_at: usize,
    pub(super) lead: Lead,
    pub(super) attachments: usize,
}

/// Reads the text of a packet.
//= SIO5-ERR-04
pub(super) fn header(text: &Text, limits: &Limits) -> Result<Header, DecodeError> {
    let reader = Reader { text, limits };
    let input = text.as_bytes();
    //= SIO5-PKT-05
    //= SIO5-PKT-06
    let Ok((rest, kind)) = packet_type(input) else {
        return Err(reader.fault(DecodeErrorKind::UnknownType, input));
    };
    let (rest, attachments) = match kind {
        Type::BinaryEvent | Type::BinaryAck => reader.count(rest)?,
        Type::Connect | Type::Disconnect | Type::Event | Type::Ack | Type::ConnectError => (rest, 0),
    };
    let (rest, namespace) = reader.namespace(rest)?;
    let (json, id) = reader.ack_id(rest)?;
    let content = match kind {
        //= SIO5-PKT-11
        //= SIO5-PKT-20
        Type::Connect => Content::Connect(reader.payload(json, |first| first == b'{')?),
        //= SIO5-PKT-12
        Type::Disconnect if json.is_empty() => Content::Disconnect,
        Type::Disconnect => return Err(reader.fault(DecodeErrorKind::InvalidPayload, json)),
        //= SIO5-PKT-13
        Type::ConnectError => Content::ConnectError(reader.payload(json, |first| first == b'{' || first == b'"')?),
        Type::Event | Type::BinaryEvent => {
            let (name, array) = reader.event(json, attachments)?;
            Content::Event { name, array, ack: id }
        }
        Type::Ack | Type::BinaryAck => {
            let array = reader.array(json, attachments)?;
            let id = id.ok_or_else(|| reader.fault(DecodeErrorKind::AckIdMissing, json))?;
            Content::Ack { id, array }
        }
    };
    Ok(Header { namespace, content })
}

struct Reader<'a> {
    text: &'a Text,
    limits: &'a Limits,
}

impl Reader<'_> {
    /// How many attachments follow.
    //= SIO5-ATT-09
    //= SIO5-ATT-10
    fn count<'i>(&self, input: &'i [u8]) -> Result<(&'i [u8], usize), DecodeError> {
        let illegal = self.fault(DecodeErrorKind::IllegalAttachments, input);
        let (rest, digits) = count(input).map_err(|_| illegal)?;
        match number(digits) {
            Some(0) => Err(illegal),
            Some(count) if count <= self.limits.max_attachments as u64 => {
                Ok((rest, usize::try_from(count).map_err(|_| illegal)?))
            }
            _ => Err(self.fault(DecodeErrorKind::TooManyAttachments, input)),
        }
    }

    //= SIO5-PKT-02
    //= SIO5-PKT-03
    //= SIO5-PKT-04
    fn namespace<'i>(&self, input: &'i [u8]) -> Result<(&'i [u8], Namespace), DecodeError> {
        let Ok((rest, Some(name))) = namespace(input) else { return Ok((input, Namespace::root())) };
        if name.len() > self.limits.max_namespace_len {
            return Err(self.fault(DecodeErrorKind::NamespaceTooLong, input));
        }
        Ok((rest, Namespace::from_wire(self.cut(input, name.len()))))
    }

    //= SIO5-PKT-16
    //= SIO5-PKT-17
    //= SIO5-PKT-18
    //= SIO5-PKT-19
    //= SIO5-ACK-07
    fn ack_id<'i>(&self, input: &'i [u8]) -> Result<(&'i [u8], Option<AckId>), DecodeError> {
        match ack_digits(input) {
            Ok((rest, [])) => Ok((rest, None)),
            Ok((rest, digits)) => match number(digits).and_then(AckId::new) {
                Some(id) => Ok((rest, Some(id))),
                None => Err(self.fault(DecodeErrorKind::AckIdTooLarge, input)),
            },
            Err(_) => Ok((input, None)),
        }
    }

    /// A payload that may be absent.
    fn payload(&self, json: &[u8], fits: impl Fn(u8) -> bool) -> Result<Option<Text>, DecodeError> {
        if json.is_empty() {
            return Ok(None);
        }
        self.tight(json)?;
        self.validate(json)?;
        if json.first().copied().is_some_and(fits) {
            Ok(Some(self.cut(json, json.len())))
        } else {
            Err(self.fault(DecodeErrorKind::InvalidPayload, json))
        }
    }

    //= SIO5-PKT-10
    //= SIO5-PKT-14
    fn array(&self, json: &[u8], attachments: usize) -> Result<Array, DecodeError> {
        if json.is_empty() {
            return Err(self.fault(DecodeErrorKind::InvalidPayload, json));
        }
        self.tight(json)?;
        self.validate(json)?;
        if json.first() != Some(&b'[') {
            return Err(self.fault(DecodeErrorKind::InvalidPayload, json));
        }
        //= SIO5-ATT-08
        //= SIO5-ATT-17
        if attachments > 0 {
            args::check_at_most(json, attachments, self.limits.max_attachments).map_err(|fault| {
                let offset = self.offset(json) + fault.offset;
                DecodeError { kind: DecodeErrorKind::IllegalPlaceholder, offset }
            })?;
        }
        let json = self.cut(json, json.len());
        Ok(Array { json, items_at: 1, lead: Lead::Bare, attachments })
    }

    //= SIO5-PKT-07
    //= SIO5-PKT-08
    fn event(&self, json: &[u8], attachments: usize) -> Result<(Text, Array), DecodeError> {
        let array = self.array(json, attachments)?;
        let after_bracket = json.get(array.items_at..).unwrap_or_default();
        let start = skip_space(after_bracket);
        let Ok((rest, literal)) = first_element(start) else {
            return Err(self.fault(DecodeErrorKind::InvalidPayload, start));
        };
        let name = self.name(start, literal)?;
        if RESERVED_NAMES.iter().any(|reserved| name == *reserved) {
            return Err(self.fault(DecodeErrorKind::ReservedName, start));
        }
        let rest = skip_space(rest);
        let rest = rest.strip_prefix(b",").unwrap_or(rest);
        Ok((name, Array { items_at: json.len() - rest.len(), lead: Lead::Named, ..array }))
    }

    /// The name that a string or a number stands for.
    fn name(&self, start: &[u8], literal: Literal<'_>) -> Result<Text, DecodeError> {
        match literal {
            Literal::Number(digits) => Ok(self.cut(start, digits.len())),
            Literal::String(raw) if !raw.contains(&b'\\') => {
                let inner = raw.len().saturating_sub(2);
                Ok(self.cut(start.get(1..).unwrap_or_default(), inner))
            }
            Literal::String(raw) => serde_json::from_slice::<String>(raw)
                .map(Text::from)
                .map_err(|_| self.fault(DecodeErrorKind::InvalidPayload, start)),
        }
    }

    /// The reference takes white space before the JSON for digits of the id, so it is not for JSON to skip.
    fn tight(&self, json: &[u8]) -> Result<(), DecodeError> {
        let fault = self.fault(DecodeErrorKind::InvalidPayload, json);
        if skip_space(json).len() == json.len() { Ok(()) } else { Err(fault) }
    }

    //= SIO5-PKT-15
    //= SIO5-PKT-24
    fn validate(&self, json: &[u8]) -> Result<(), DecodeError> {
        args::validate(json).map_err(|fault| DecodeError {
            kind: DecodeErrorKind::InvalidJson,
            offset: self.offset(json) + fault.offset,
        })
    }

    /// The first `len` bytes of the rest of the input, sharing the packet's buffer.
    fn cut(&self, rest: &[u8], len: usize) -> Text {
        let start = self.offset(rest);
        self.text.slice(start..start + len).unwrap_or_default()
    }

    fn fault(&self, kind: DecodeErrorKind, rest: &[u8]) -> DecodeError {
        DecodeError { kind, offset: self.offset(rest) }
    }

    /// Where the rest of the input begins: every parser here leaves a tail of the text.
    fn offset(&self, rest: &[u8]) -> usize {
        self.text.len().saturating_sub(rest.len())
    }
}

#[derive(Clone, Copy)]
enum Type {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
    BinaryEvent,
    BinaryAck,
}

fn packet_type(input: &[u8]) -> IResult<&[u8], Type> {
    map_opt(take(1_usize), |byte: &[u8]| {
        Some(match byte {
            b"0" => Type::Connect,
            b"1" => Type::Disconnect,
            b"2" => Type::Event,
            b"3" => Type::Ack,
            b"4" => Type::ConnectError,
            b"5" => Type::BinaryEvent,
            b"6" => Type::BinaryAck,
            _ => return None,
        })
    })
    .parse(input)
}

fn count(input: &[u8]) -> IResult<&[u8], &[u8]> {
    terminated(digit1, char('-')).parse(input)
}

fn namespace(input: &[u8]) -> IResult<&[u8], Option<&[u8]>> {
    let path = recognize(preceded(char('/'), take_while(|byte| byte != b',')));
    opt(terminated(path, alt((tag(&b","[..]), eof)))).parse(input)
}

fn ack_digits(input: &[u8]) -> IResult<&[u8], &[u8]> {
    digit0(input)
}

/// The first element of an array, if it can be an event's name. The JSON is known to be valid.
enum Literal<'i> {
    String(&'i [u8]),
    Number(&'i [u8]),
}

fn first_element(input: &[u8]) -> IResult<&[u8], Literal<'_>> {
    alt((string.map(Literal::String), number_literal.map(Literal::Number))).parse(input)
}

fn string(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let (mut rest, _) = char('"').parse(input)?;
    loop {
        let (after, _) = take_while(|byte| byte != b'"' && byte != b'\\').parse(rest)?;
        let (after, stop) = take(1_usize).parse(after)?;
        if stop == b"\"" {
            let len = input.len() - after.len();
            return take(len).parse(input);
        }
        let (after, _) = take(1_usize).parse(after)?;
        rest = after;
    }
}

fn number_literal(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let literal = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    nom::bytes::complete::take_while1(literal).parse(input)
}

/// JSON's white space.
fn skip_space(input: &[u8]) -> &[u8] {
    let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let len = input.iter().take_while(|byte| space(byte)).count();
    input.get(len..).unwrap_or_default()
}

/// The value of a run of digits; `None` if it does not fit 64 bits.
fn number(digits: &[u8]) -> Option<u64> {
    digits
        .iter()
        .try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit.wrapping_sub(b'0'))))
}

#[cfg(test)]
mod tests;
