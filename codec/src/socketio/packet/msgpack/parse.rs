//! The message of a packet: where its parts are.
//!
//! [`layout`] walks over the message once. The keys may come in any order, and an array says how many values it has but not
//! how many bytes, so that what stands behind the data is found only by going over all of that.
//!
//! The owned form of a packet has its text checked on that walk. The borrowed one has not, and then a value costs as much as
//! its first byte takes to read: of a message of 1 KiB with 8 objects it takes 5,500 instructions, of 21,600 for reading
//! everything into a type.
//!
//! What leads from a message to the caller is inlined without exception, as for text: what is passed through memory costs a
//! small packet a quarter more.

use alloc::borrow::Cow;

use crate::limits::Limits;
use crate::socketio::ack_id::AckId;
use crate::socketio::msgpack::MsgPackFault;
use crate::socketio::msgpack::tokens::{Token, Tokens};
use crate::socketio::msgpack::value::number_name;
use crate::socketio::packet::{DecodeError, DecodeErrorKind, Protocol};

/// Where the parts of a packet's message are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Layout<'m> {
    /// The name as the peer wrote it, which may lack the slash; then nothing has that name.
    pub(super) namespace: &'m str,
    pub(super) id: Option<AckId>,
    pub(super) content: Content<'m>,
}

/// What a packet says, by type. A payload is the one value that the tokens are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Content<'m> {
    Connect(Option<Tokens<'m>>),
    Disconnect,
    Event { name: EventName<'m>, args: Values<'m> },
    Ack { args: Values<'m> },
    ConnectError(Tokens<'m>),
}

/// Arguments: so many values, with which the tokens end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Values<'m> {
    pub(super) items: Tokens<'m>,
    pub(super) count: u32,
}

/// What an event is called: the first value of its data.
///
/// It is not compared with the reserved names. What is neither string nor number is called what JavaScript would call it.
//= MSG-11
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum EventName<'m> {
    /// UTF-8, so that whoever only needs a handle to it has no `str` to make.
    Text(&'m [u8]),
    Other(Token<'m>),
    Absent,
}

impl<'m> EventName<'m> {
    /// Takes the first of so many values, which stand in two arrays or maps.
    #[inline(always)]
    fn read<const TEXT: bool>(reader: &mut Tokens<'m>, count: u32) -> Result<Self, MsgPackFault> {
        if count == 0 {
            return Ok(Self::Absent);
        }
        if let Some(name) = reader.short_ascii() {
            return Ok(Self::Text(name));
        }
        let token = reader.next()?;
        reader.skip_contents::<TEXT>(token, 2)?;
        Ok(if let Token::String(name) = token { Self::Text(name.as_bytes()) } else { Self::Other(token) })
    }

    const fn is_name(self) -> bool {
        !matches!(
            self,
            Self::Other(
                Token::Bool(_)
                    | Token::Binary(_)
                    | Token::Array(_)
                    | Token::Map(_)
                    | Token::Date(_)
                    | Token::Extension(..)
            )
        )
    }

    pub(super) fn resolve(self) -> Cow<'m, str> {
        match self {
            Self::Text(name) => Cow::Borrowed(str::from_utf8(name).unwrap_or_default()),
            Self::Other(Token::Nil) => Cow::Borrowed("null"),
            Self::Other(token) => number_name(token).map_or(Cow::Borrowed("undefined"), Cow::Owned),
            Self::Absent => Cow::Borrowed("undefined"),
        }
    }
}

/// Finds the parts of a packet in its message.
///
/// With `TEXT`, the whole of the message is checked; else all of it but whether the strings in its data are UTF-8.
//= MSG-03
//= MSG-04
#[inline(always)]
pub(super) fn layout<'m, const TEXT: bool>(
    message: &'m [u8],
    names: Protocol,
    limits: &Limits,
) -> Result<Layout<'m>, DecodeError> {
    let fields = Fields::read::<TEXT>(message)?;
    let kind = fields.packet_type()?;
    let namespace = fields.namespace(names, limits)?;
    // The reference looks at the data before the id; so does this.
    let content = match kind {
        0 => Content::Connect(fields.payload(false)?),
        1 if fields.data.is_none() => Content::Disconnect,
        2 => fields.event()?,
        3 => fields.acknowledgement()?,
        4 => Content::ConnectError(fields.payload(true)?.ok_or_else(|| fields.invalid_payload())?),
        _ => return Err(fields.invalid_payload()),
    };
    //= SIO5-PKT-20
    Ok(Layout { namespace, id: fields.id()?, content })
}

/// The fault of a message that is no map, of which no more than its first token is looked at.
pub(super) const NO_MAP: DecodeError = DecodeError { kind: DecodeErrorKind::UnknownType, offset: 0 };

/// A key of the packet's map.
enum Key {
    Type,
    Namespace,
    Data,
    Id,
    Other,
}

impl Key {
    #[inline(always)]
    fn read(reader: &mut Tokens<'_>) -> Result<Self, MsgPackFault> {
        let start = *reader;
        if let Some(name) = reader.short_string() {
            let key = Self::named(name);
            if !matches!(key, Self::Other) {
                return Ok(key);
            }
            *reader = start;
        }
        Self::read_other(reader)
    }

    /// A key that means nothing, or is written in an unusual way.
    #[inline(never)]
    fn read_other(reader: &mut Tokens<'_>) -> Result<Self, MsgPackFault> {
        Ok(match Field::read(reader)?.token {
            Token::String(name) => Self::named(name.as_bytes()),
            _ => Self::Other,
        })
    }

    const fn named(name: &[u8]) -> Self {
        match name {
            b"type" => Self::Type,
            b"nsp" => Self::Namespace,
            b"data" => Self::Data,
            b"id" => Self::Id,
            _ => Self::Other,
        }
    }
}

/// A value in the packet's map, of which only the first token matters.
#[derive(Clone, Copy)]
struct Field<'m> {
    at: usize,
    token: Token<'m>,
}

impl<'m> Field<'m> {
    #[inline(always)]
    fn read(reader: &mut Tokens<'m>) -> Result<Self, MsgPackFault> {
        let at = reader.at();
        let token = reader.next()?;
        reader.skip_contents::<true>(token, 1)?;
        Ok(Self { at, token })
    }
}

/// The value of `data`: its first token, and where it and its parts are.
#[derive(Clone, Copy)]
struct Data<'m> {
    token: Token<'m>,
    /// The first value of an array.
    name: EventName<'m>,
    at: usize,
    /// Behind the token.
    inside: usize,
    /// Behind the name.
    others: usize,
    end: usize,
}

impl<'m> Data<'m> {
    #[inline(always)]
    fn read<const TEXT: bool>(reader: &mut Tokens<'m>) -> Result<Self, MsgPackFault> {
        let at = reader.at();
        let token = reader.next()?;
        let inside = reader.at();
        let Token::Array(count) = token else {
            reader.skip_contents::<TEXT>(token, 1)?;
            return Ok(Self { token, name: EventName::Absent, at, inside, others: inside, end: reader.at() });
        };
        let name = EventName::read::<TEXT>(reader, count)?;
        let others = reader.at();
        reader.skip_elements::<TEXT>(count.saturating_sub(1), 2)?;
        Ok(Self { token, name, at, inside, others, end: reader.at() })
    }
}

/// The keys that mean something. What comes twice counts with its last value.
struct Fields<'m> {
    message: &'m [u8],
    kind: Option<Field<'m>>,
    namespace: Option<Field<'m>>,
    data: Option<Data<'m>>,
    id: Option<Field<'m>>,
}

impl<'m> Fields<'m> {
    //= MSG-05: unknown keys
    //= MSG-06: trailing bytes, truncated input, non-map values
    //= MSG-07: any key order and any integer width
    #[inline(always)]
    fn read<const TEXT: bool>(message: &'m [u8]) -> Result<Self, DecodeError> {
        let mut reader = Tokens::new(message);
        let mut fields = Self { message, kind: None, namespace: None, data: None, id: None };
        let Token::Map(count) = reader.next()? else {
            return Err(NO_MAP);
        };
        for _ in 0..count {
            let key = Key::read(&mut reader)?;
            if let Key::Data = key {
                // Nobody will look into an earlier value.
                if !TEXT && let Some(earlier) = fields.data {
                    fields.part(earlier.at, earlier.end).skip_all()?;
                }
                let data = Data::read::<TEXT>(&mut reader)?;
                fields.data = (data.token != Token::Undefined).then_some(data);
                continue;
            }
            let field = Field::read(&mut reader)?;
            //= MSG-02: undefined = key absent
            let field = (field.token != Token::Undefined).then_some(field);
            match key {
                Key::Type => fields.kind = field,
                Key::Namespace => fields.namespace = field,
                Key::Id => fields.id = field,
                Key::Data | Key::Other => {}
            }
        }
        if !reader.is_at_end() {
            return Err(DecodeError { kind: DecodeErrorKind::InvalidMsgPack, offset: reader.at() });
        }
        Ok(fields)
    }

    /// Types 5 and 6 do not exist here.
    //= MSG-03
    #[inline(always)]
    fn packet_type(&self) -> Result<u8, DecodeError> {
        let number = self.kind.and_then(|field| integer(field.token));
        let kind = number.and_then(|number| u8::try_from(number).ok()).filter(|kind| *kind <= 4);
        kind.ok_or_else(|| self.fault(self.kind, DecodeErrorKind::UnknownType))
    }

    //= MSG-03
    #[inline(always)]
    fn namespace(&self, names: Protocol, limits: &Limits) -> Result<&'m str, DecodeError> {
        let fault = |kind| Err(self.fault(self.namespace, kind));
        match self.namespace.map(|field| field.token) {
            Some(Token::String("/")) => Ok("/"),
            Some(Token::String(name)) if names.name_of(name.as_bytes()).len() > limits.max_namespace_len => {
                fault(DecodeErrorKind::NamespaceTooLong)
            }
            // No namespace of ours, and none that JSON can name, holds a comma.
            Some(Token::String(name)) if !name.contains(',') => Ok(name),
            _ => fault(DecodeErrorKind::InvalidNamespace),
        }
    }

    //= MSG-03
    //= MSG-04
    #[inline(always)]
    fn id(&self) -> Result<Option<AckId>, DecodeError> {
        let Some(field) = self.id else { return Ok(None) };
        let fault = |kind| self.fault(self.id, kind);
        let number = match field.token {
            Token::Unsigned(_) => return Err(fault(DecodeErrorKind::AckIdTooLarge)),
            token => integer(token).ok_or_else(|| fault(DecodeErrorKind::InvalidAckId))?,
        };
        AckId::new_signed(number).map(Some).ok_or_else(|| fault(DecodeErrorKind::AckIdTooLarge))
    }

    /// An object, if there is data; for a refusal it may be a string.
    //= MSG-03
    //= MSG-08
    #[inline(always)]
    fn payload(&self, is_refusal: bool) -> Result<Option<Tokens<'m>>, DecodeError> {
        let Some(data) = self.data else { return Ok(None) };
        match data.token {
            Token::Map(_) => {}
            Token::String(_) if is_refusal => {}
            _ => return Err(self.invalid_payload()),
        }
        Ok(Some(self.part(data.at, data.end)))
    }

    #[inline(always)]
    fn event(&self) -> Result<Content<'m>, DecodeError> {
        let (data, count) = self.array()?;
        if !data.name.is_name() {
            return Err(DecodeError { kind: DecodeErrorKind::InvalidPayload, offset: data.inside });
        }
        let args = self.values(data.others, data.end, count.saturating_sub(1));
        Ok(Content::Event { name: data.name, args })
    }

    #[inline(always)]
    fn acknowledgement(&self) -> Result<Content<'m>, DecodeError> {
        let (data, count) = self.array()?;
        Ok(Content::Ack { args: self.values(data.inside, data.end, count) })
    }

    //= MSG-03
    #[inline(always)]
    fn array(&self) -> Result<(Data<'m>, u32), DecodeError> {
        match self.data {
            Some(data @ Data { token: Token::Array(count), .. }) => Ok((data, count)),
            _ => Err(self.invalid_payload()),
        }
    }

    fn values(&self, from: usize, to: usize, count: u32) -> Values<'m> {
        Values { items: self.part(from, to), count }
    }

    fn part(&self, from: usize, to: usize) -> Tokens<'m> {
        Tokens::part(self.message, from..to)
    }

    fn invalid_payload(&self) -> DecodeError {
        DecodeError {
            kind: DecodeErrorKind::InvalidPayload,
            offset: self.data.map_or(self.message.len(), |data| data.at),
        }
    }

    /// A fault of a field, or of the packet that lacks it.
    fn fault(&self, field: Option<Field<'_>>, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { kind, offset: field.map_or(self.message.len(), |field| field.at) }
    }
}

/// A whole number, also one that was written as a fraction.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the comparison notices what changed")]
fn integer(token: Token<'_>) -> Option<i64> {
    match token {
        Token::Integer(number) => Some(number),
        Token::Float(number) if number as i64 as f64 == number => Some(number as i64),
        _ => None,
    }
}
