//! Whole packets.

use alloc::vec::Vec;

use bytes::Bytes;
use serde::Serialize;

use super::{DecodeError, DecodeErrorKind, Outgoing, Packet, PacketKind, Protocol};
use crate::limits::Limits;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::{Args, ArgsError, Json};
use crate::socketio::msgpack::tokens::{Token, Tokens};
use crate::socketio::msgpack::{ser, value, write};
use crate::socketio::namespace::Namespace;
use crate::text::Text;

/// Reads one packet.
//= MSG-06
pub(in crate::socketio) fn decode(message: Bytes, names: Protocol, limits: &Limits) -> Result<Packet, DecodeError> {
    let fields = Fields::read(&message)?;
    let kind = fields.packet_type()?;
    let namespace = fields.namespace(&message, names, limits)?;
    // The reference looks at the data before the id; so does this.
    let kind = match kind {
        //= MSG-04
        0 => PacketKind::Connect { payload: fields.payload(&message, kind)? },
        1 => match fields.data {
            None => PacketKind::Disconnect,
            Some(field) => return Err(field.fault(DecodeErrorKind::InvalidPayload)),
        },
        2 => {
            let (name, args) = fields.event(&message)?;
            PacketKind::Event { name, args, ack: fields.id()? }
        }
        3 => {
            let (reader, count) = fields.array()?;
            PacketKind::Ack { args: fields.args(&message, reader, count), id: fields.id()? }
        }
        _ => PacketKind::ConnectError { payload: fields.payload(&message, kind)? },
    };
    //= SIO5-PKT-20
    if fields.id.is_some() {
        fields.id()?;
    }
    Ok(Packet { namespace, kind })
}

/// A key's value: where it is.
#[derive(Clone, Copy)]
struct Field<'m> {
    /// At its token.
    at: Tokens<'m>,
    end: usize,
}

impl<'m> Field<'m> {
    /// Its token, and what stands behind that: an array's or map's contents.
    #[inline]
    fn token(&self) -> Result<(Token<'m>, Tokens<'m>), DecodeError> {
        let mut reader = self.at;
        Ok((reader.next()?, reader))
    }

    const fn fault(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { kind, offset: self.at.at() }
    }
}

/// A key of the packet's map.
enum Key {
    Type,
    Namespace,
    Data,
    Id,
    Other,
}

impl Key {
    #[inline]
    fn read(reader: &mut Tokens<'_>) -> Result<Self, DecodeError> {
        let start = *reader;
        if let Some(name) = reader.short_string() {
            let key = Self::named(name);
            if !matches!(key, Self::Other) {
                return Ok(key);
            }
            *reader = start;
        }
        let token = reader.next()?;
        reader.skip_contents(token)?;
        Ok(match token {
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

/// The keys that mean something. What comes twice counts with its last value.
#[derive(Default)]
struct Fields<'m> {
    kind: Option<Field<'m>>,
    namespace: Option<Field<'m>>,
    data: Option<Field<'m>>,
    id: Option<Field<'m>>,
    end: usize,
}

impl<'m> Fields<'m> {
    //= MSG-05: unknown keys
    //= MSG-06: trailing bytes, truncated input, non-map values
    //= MSG-07: any key order and any integer width
    fn read(message: &'m [u8]) -> Result<Self, DecodeError> {
        let mut reader = Tokens::new(message);
        let mut fields = Self { end: message.len(), ..Self::default() };
        let Token::Map(count) = reader.next()? else {
            return Err(DecodeError { kind: DecodeErrorKind::UnknownType, offset: 0 });
        };
        for _ in 0..count {
            let key = Key::read(&mut reader)?;
            let at = reader;
            reader.skip_inside()?;
            //= MSG-02
            let field = (!at.is_undefined()).then_some(Field { at, end: reader.at() });
            match key {
                Key::Type => fields.kind = field,
                Key::Namespace => fields.namespace = field,
                Key::Data => fields.data = field,
                Key::Id => fields.id = field,
                Key::Other => {}
            }
        }
        if !reader.is_at_end() {
            return Err(DecodeError { kind: DecodeErrorKind::InvalidMsgPack, offset: reader.at() });
        }
        Ok(fields)
    }

    /// Types 5 and 6 do not exist here.
    //= MSG-03
    fn packet_type(&self) -> Result<u8, DecodeError> {
        let fault = self.fault(self.kind, DecodeErrorKind::UnknownType);
        let number = match self.kind {
            Some(field) => integer(field.token()?.0).ok_or(fault)?,
            None => return Err(fault),
        };
        u8::try_from(number).ok().filter(|kind| *kind <= 4).ok_or(fault)
    }

    /// The name as the peer wrote it, which may lack the slash; then nothing has that name.
    //= MSG-03
    fn namespace(&self, message: &Bytes, names: Protocol, limits: &Limits) -> Result<Namespace, DecodeError> {
        let fault = |kind| self.fault(self.namespace, kind);
        if self.namespace.is_some_and(|Field { mut at, .. }| at.short_string() == Some(b"/")) {
            return Ok(Namespace::root());
        }
        let Some(Token::String(name)) = self.namespace.map(|field| field.token()).transpose()?.map(|(token, _)| token)
        else {
            return Err(fault(DecodeErrorKind::InvalidNamespace));
        };
        if names.name_of(name.as_bytes()).len() > limits.max_namespace_len {
            return Err(fault(DecodeErrorKind::NamespaceTooLong));
        }
        // No namespace of ours, and none that JSON can name, holds a comma.
        if name.contains(',') {
            return Err(fault(DecodeErrorKind::InvalidNamespace));
        }
        Ok(Namespace::from_wire(text(message, name)))
    }

    //= MSG-03
    //= MSG-04
    fn id(&self) -> Result<Option<AckId>, DecodeError> {
        let Some(field) = self.id else { return Ok(None) };
        let number = match field.token()?.0 {
            Token::Unsigned(_) => return Err(field.fault(DecodeErrorKind::AckIdTooLarge)),
            token => integer(token).ok_or_else(|| field.fault(DecodeErrorKind::InvalidAckId))?,
        };
        AckId::new_signed(number).map(Some).ok_or_else(|| field.fault(DecodeErrorKind::AckIdTooLarge))
    }

    /// A CONNECT may come without data, a refusal may not.
    //= MSG-03
    //= MSG-08
    fn payload(&self, message: &Bytes, kind: u8) -> Result<Option<Json>, DecodeError> {
        let Some(field) = self.data else {
            return if kind == 0 { Ok(None) } else { Err(self.fault(None, DecodeErrorKind::InvalidPayload)) };
        };
        let fits = match field.token()?.0 {
            Token::Map(_) => true,
            Token::String(_) => kind == 4,
            _ => false,
        };
        let value = field.at.at()..field.end;
        if fits {
            Ok(Some(Json::from_msgpack(message.slice(value))))
        } else {
            Err(field.fault(DecodeErrorKind::InvalidPayload))
        }
    }

    //= MSG-03
    fn array(&self) -> Result<(Tokens<'m>, u32), DecodeError> {
        match self.data.map(|field| field.token()).transpose()? {
            Some((Token::Array(count), inside)) => Ok((inside, count)),
            _ => Err(self.fault(self.data, DecodeErrorKind::InvalidPayload)),
        }
    }

    /// The name is not checked. What is neither string nor number is called what JavaScript would call it.
    //= MSG-11
    fn event(&self, message: &Bytes) -> Result<(Text, Args), DecodeError> {
        let (mut reader, count) = self.array()?;
        if count == 0 {
            return Ok((Text::from("undefined"), self.args(message, reader, 0)));
        }
        let at = reader.at();
        // Whether it is text was seen when the data was read over.
        if let Some(name) = reader.short_string() {
            let name = Text::vouched(message.slice_ref(name));
            return Ok((name, self.args(message, reader, count.saturating_sub(1))));
        }
        let name = match reader.next()? {
            Token::String(name) => text(message, name),
            Token::Nil => Text::from("null"),
            Token::Undefined => Text::from("undefined"),
            token => match value::number_name(token) {
                Some(name) => Text::from(name),
                None => return Err(DecodeError { kind: DecodeErrorKind::InvalidPayload, offset: at }),
            },
        };
        Ok((name, self.args(message, reader, count.saturating_sub(1))))
    }

    fn args(&self, message: &Bytes, from: Tokens<'m>, count: u32) -> Args {
        let end = self.data.map_or(0, |field| field.end);
        Args::from_msgpack(message.slice(from.at()..end), count)
    }

    /// A fault of a field, or of the packet that lacks it.
    fn fault(&self, field: Option<Field<'_>>, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { kind, offset: field.map_or(self.end, |field| field.at.at()) }
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

/// Text that was cut out of the message, as a handle to it.
fn text(message: &Bytes, part: &str) -> Text {
    Text::vouched(message.slice_ref(part.as_bytes()))
}

/// Writes a packet whose arguments, if it has any, are `args` in MessagePack form.
///
/// The keys are in the order in which the reference's client has them.
//= MSG-01
//= MSG-10
pub(in crate::socketio) fn encode(packet: &Packet, args: &Args) -> Vec<u8> {
    let (items, count) = args.msgpack();
    let name = match &packet.kind {
        PacketKind::Event { name, .. } => name.as_str(),
        _ => "",
    };
    let room = items.len().saturating_add(name.len()).saturating_add(packet.namespace.as_bytes().len());
    let mut out = Vec::with_capacity(room.saturating_add(HEAD));
    match &packet.kind {
        PacketKind::Connect { payload } => control(&mut out, 0, payload.as_ref()),
        PacketKind::Disconnect => control(&mut out, 1, None),
        PacketKind::ConnectError { payload: Some(payload) } => control(&mut out, 4, Some(payload)),
        // Here a refusal must say something.
        PacketKind::ConnectError { payload: None } => control(&mut out, 4, Some(&Json::object(&[]))),
        PacketKind::Event { ack, .. } => {
            head(&mut out, 2, *ack);
            write::write_array(&mut out, count.saturating_add(1));
            write::write_string(&mut out, name);
            out.extend_from_slice(items);
            write_id(&mut out, *ack);
        }
        PacketKind::Ack { id, .. } => {
            head(&mut out, 3, *id);
            write::write_array(&mut out, count);
            out.extend_from_slice(items);
            write_id(&mut out, *id);
        }
    }
    write_namespace(&mut out, &packet.namespace);
    out
}

/// Appends an event or acknowledgement, its arguments written straight into the message.
pub(in crate::socketio) fn encode_outgoing<T: Serialize + ?Sized>(
    outgoing: &Outgoing<'_>,
    out: &mut Vec<u8>,
    args: &T,
) -> Result<(), ArgsError> {
    let start = out.len();
    head(out, if outgoing.name.is_some() { 2 } else { 3 }, outgoing.id);
    if let Err(error) = ser::append(out, outgoing.name, args) {
        out.truncate(start);
        return Err(ArgsError::unwritten(error, args));
    }
    write_id(out, outgoing.id);
    write_namespace(out, outgoing.namespace);
    Ok(())
}

fn control(out: &mut Vec<u8>, kind: u8, payload: Option<&Json>) {
    write::write_map(out, if payload.is_some() { 3 } else { 2 });
    write::write_string(out, "type");
    out.push(kind);
    if let Some(payload) = payload {
        write::write_string(out, "data");
        payload.write_msgpack(out);
    }
}

/// Everything up to the array of an event or acknowledgement.
fn head(out: &mut Vec<u8>, kind: u8, id: Option<AckId>) {
    write::write_map(out, if id.is_some() { 4 } else { 3 });
    write::write_string(out, "type");
    out.push(kind);
    write::write_string(out, "data");
}

fn write_id(out: &mut Vec<u8>, id: Option<AckId>) {
    if let Some(id) = id {
        write::write_string(out, "id");
        write::write_integer(out, id.signed());
    }
}

fn write_namespace(out: &mut Vec<u8>, namespace: &Namespace) {
    write::write_string(out, "nsp");
    write::write_string(out, namespace.as_str());
}

/// Enough for the keys and short values.
const HEAD: usize = 40;

#[cfg(test)]
mod tests;
