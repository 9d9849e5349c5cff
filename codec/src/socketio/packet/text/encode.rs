//! The wire form of packets as JSON: a text, and the attachments that follow it.

use alloc::string::String;

use bytes::Bytes;

use crate::engineio::Encoded;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::{Args, ArgsError, Json, Parser};
use crate::socketio::json;
use crate::socketio::namespace::Namespace;
#[cfg(feature = "msgpack")]
use crate::socketio::packet::msgpack;
use crate::socketio::packet::{Packet, PacketKind};
use crate::text::Text;

impl Packet {
    /// Writes the packet once, for any number of receivers: its text, and the attachments that follow it.
    ///
    /// Arguments decide about the form: a packet with [`Args`] in MessagePack form is written as MessagePack, any other
    /// as JSON. [`encode_with`](Self::encode_with) decides otherwise.
    ///
    /// ```
    /// use sio_codec::socketio::{Args, Namespace, Packet, PacketKind};
    ///
    /// let kind = PacketKind::Event { name: "move".into(), args: Args::encode(&(1, 2))?, ack: None };
    /// let packet = Packet { namespace: Namespace::new("/game").unwrap(), kind };
    /// assert_eq!(packet.encode().frames().next(), Some(r#"42/game,["move",1,2]"#.into()));
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    //= SIO5-ATT-02: then the binaries in `num` order
    //= SIO5-ATT-03: if there is at least one binary
    //= SIO5-ACK-12: when the ack arguments contain binary
    #[must_use]
    pub fn encode(&self) -> Encoded {
        #[cfg(feature = "msgpack")]
        if let PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } = &self.kind
            && args.parser() == Parser::MsgPack
        {
            return Encoded::binary(Bytes::from(msgpack::encode(self, args)));
        }
        let mut out = frame(self.size());
        let json = self.begin(&mut out);
        Encoded::packet(json.close(out), self.attachments())
    }

    /// Writes the packet once, for any number of receivers that speak with `parser`. Arguments in the other form are
    /// rewritten.
    ///
    /// # Errors
    ///
    /// [`ArgsError::PlaceholderInData`] if arguments in MessagePack form have binary values next to data that looks like
    /// a placeholder, which JSON cannot tell apart.
    ///
    /// ```
    /// use sio_codec::socketio::{Args, Namespace, Packet, PacketKind, Parser};
    ///
    /// let kind = PacketKind::Ack { id: None, args: Args::encode(&(true,))? };
    /// let packet = Packet { namespace: Namespace::root(), kind };
    /// assert_eq!(packet.encode_with(Parser::Json)?, packet.encode());
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn encode_with(&self, parser: Parser) -> Result<Encoded, ArgsError> {
        match parser {
            #[cfg(not(feature = "msgpack"))]
            Parser::Json => Ok(self.encode()),
            #[cfg(feature = "msgpack")]
            _ => match &self.kind {
                PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } if args.parser() != parser => {
                    Ok(self.with_args(args.to_form(parser)?).encode())
                }
                PacketKind::Connect { .. } | PacketKind::Disconnect | PacketKind::ConnectError { .. }
                    if parser == Parser::MsgPack =>
                {
                    Ok(Encoded::binary(Bytes::from(msgpack::encode(self, &Args::empty()))))
                }
                _ => Ok(self.encode()),
            },
        }
    }

    /// Appends the packet's JSON form to a buffer of the caller's, without the type of the Engine.IO packet around it.
    /// The [`attachments`](Self::attachments) are to follow.
    ///
    /// # Errors
    ///
    /// As for [`encode_with`](Self::encode_with); the buffer is then as it was.
    ///
    /// ```
    /// use sio_codec::socketio::{Namespace, Packet, PacketKind};
    ///
    /// let packet = Packet { namespace: Namespace::root(), kind: PacketKind::Disconnect };
    /// let mut frame = String::from("4");
    /// packet.encode_into(&mut frame)?;
    /// assert_eq!(frame, "41");
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn encode_into(&self, out: &mut String) -> Result<(), ArgsError> {
        #[cfg(feature = "msgpack")]
        if let PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } = &self.kind
            && args.parser() != Parser::Json
        {
            let packet = self.with_args(args.to_form(Parser::Json)?);
            packet.begin(out).append_to(out);
            return Ok(());
        }
        self.begin(out).append_to(out);
        Ok(())
    }

    /// The binary messages that follow the packet's JSON form.
    #[must_use]
    pub fn attachments(&self) -> &[Bytes] {
        match &self.kind {
            PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } => args.attachments(),
            PacketKind::Connect { .. } | PacketKind::Disconnect | PacketKind::ConnectError { .. } => &[],
        }
    }

    /// Writes what stands in front of the JSON that is there already; gives what is left.
    fn begin(&self, out: &mut String) -> Rest<'_> {
        let namespace = &self.namespace;
        match &self.kind {
            PacketKind::Connect { payload } => write_control(out, '0', namespace, payload.as_ref()),
            PacketKind::Disconnect => write_control(out, '1', namespace, None),
            PacketKind::ConnectError { payload } => write_control(out, '4', namespace, payload.as_ref()),
            PacketKind::Event { name, args, ack } => write_event(out, namespace, name.as_str(), &Items::of(args), *ack),
            PacketKind::Ack { id, args } => write_acknowledgement(out, namespace, *id, &Items::of(args)),
        }
    }

    /// How many bytes the text has.
    fn size(&self) -> usize {
        match &self.kind {
            PacketKind::Connect { payload } | PacketKind::ConnectError { payload } => {
                let json = payload.as_ref().map_or(0, |payload| payload.as_bytes().len());
                head_len(&self.namespace, None, 0).saturating_add(json)
            }
            PacketKind::Disconnect => head_len(&self.namespace, None, 0),
            PacketKind::Event { name, args, ack } => {
                event_len(&self.namespace, name.as_bytes(), &Items::of(args), *ack)
            }
            PacketKind::Ack { id, args } => acknowledgement_len(&self.namespace, *id, &Items::of(args)),
        }
    }

    #[cfg(feature = "msgpack")]
    fn with_args(&self, args: Args) -> Self {
        let kind = match &self.kind {
            PacketKind::Event { name, ack, .. } => PacketKind::Event { name: name.clone(), args, ack: *ack },
            PacketKind::Ack { id, .. } => PacketKind::Ack { id: *id, args },
            other => other.clone(),
        };
        Self { namespace: self.namespace.clone(), kind }
    }
}

/// An event in the form of `parser`. Arguments in the other form are rewritten.
pub(in crate::socketio) fn event(
    parser: Parser,
    namespace: &Namespace,
    name: &str,
    args: &Args,
    ack: Option<AckId>,
) -> Result<Encoded, ArgsError> {
    if (parser, args.parser()) != (Parser::Json, Parser::Json) {
        let kind = PacketKind::Event { name: Text::from(String::from(name)), args: args.clone(), ack };
        return Packet { namespace: namespace.clone(), kind }.encode_with(parser);
    }
    let items = Items::of(args);
    let mut out = frame(event_len(namespace, name.as_bytes(), &items, ack));
    let json = write_event(&mut out, namespace, name, &items, ack);
    Ok(Encoded::packet(json.close(out), args.attachments()))
}

/// An acknowledgement in the form of `parser`. Arguments in the other form are rewritten.
pub(in crate::socketio) fn acknowledgement(
    parser: Parser,
    namespace: &Namespace,
    id: AckId,
    args: &Args,
) -> Result<Encoded, ArgsError> {
    if (parser, args.parser()) != (Parser::Json, Parser::Json) {
        let kind = PacketKind::Ack { id: Some(id), args: args.clone() };
        return Packet { namespace: namespace.clone(), kind }.encode_with(parser);
    }
    let items = Items::of(args);
    let mut out = frame(acknowledgement_len(namespace, Some(id), &items));
    let json = write_acknowledgement(&mut out, namespace, Some(id), &items);
    Ok(Encoded::packet(json.close(out), args.attachments()))
}

/// Arguments as they stand in a packet.
struct Items<'a> {
    json: &'a [u8],
    attachments: usize,
}

impl<'a> Items<'a> {
    #[inline]
    fn of(args: &'a Args) -> Self {
        Self { json: args.items_bytes(), attachments: args.attachments().len() }
    }
}

/// What follows a head: JSON that is there already, and was text before.
struct Rest<'a> {
    json: &'a [u8],
    closing: &'static str,
}

impl Rest<'_> {
    /// Ends the text without another look at its encoding.
    fn close(self, head: String) -> Text {
        let mut text = head.into_bytes();
        text.extend_from_slice(self.json);
        text.extend_from_slice(self.closing.as_bytes());
        Text::vouched(Bytes::from(text))
    }

    fn append_to(self, out: &mut String) {
        out.push_str(str::from_utf8(self.json).unwrap_or_default());
        out.push_str(self.closing);
    }
}

fn write_control<'a>(out: &mut String, kind: char, namespace: &Namespace, payload: Option<&'a Json>) -> Rest<'a> {
    out.push(kind);
    write_namespace(out, namespace);
    Rest { json: payload.map_or(&[], Json::as_bytes), closing: "" }
}

fn write_event<'a>(
    out: &mut String,
    namespace: &Namespace,
    name: &str,
    items: &Items<'a>,
    ack: Option<AckId>,
) -> Rest<'a> {
    write_head(out, '2', '5', namespace, ack, items.attachments);
    out.push('[');
    json::write_string(out, name);
    if !items.json.is_empty() {
        out.push(',');
    }
    Rest { json: items.json, closing: "]" }
}

fn write_acknowledgement<'a>(
    out: &mut String,
    namespace: &Namespace,
    id: Option<AckId>,
    items: &Items<'a>,
) -> Rest<'a> {
    write_head(out, '3', '6', namespace, id, items.attachments);
    out.push('[');
    Rest { json: items.json, closing: "]" }
}

//= SIO5-PKT-01
pub(super) fn write_head(
    out: &mut String,
    plain: char,
    binary: char,
    namespace: &Namespace,
    id: Option<AckId>,
    attachments: usize,
) {
    write_kind(out, plain, binary, attachments);
    write_namespace(out, namespace);
    write_id(out, id);
}

#[inline]
pub(in crate::socketio::packet) fn write_kind(out: &mut String, plain: char, binary: char, attachments: usize) {
    match attachments {
        0 => out.push(plain),
        count => {
            out.push(binary);
            json::write_unsigned(out, count as u64);
            out.push('-');
        }
    }
}

pub(in crate::socketio::packet) fn write_namespace(out: &mut String, namespace: &Namespace) {
    if namespace.is_root() {
        return;
    }
    let name = namespace.as_str();
    // Only a MessagePack peer can have left the slash out.
    if !name.starts_with('/') {
        out.push('/');
    }
    out.push_str(name);
    out.push(',');
}

/// A negative id, which only a MessagePack peer can have sent, has no form here.
pub(in crate::socketio::packet) fn write_id(out: &mut String, id: Option<AckId>) {
    if let Some(id) = id.filter(|id| *id <= AckId::MAX && id.signed() >= 0) {
        json::write_unsigned(out, id.value());
    }
}

/// A text that begins with the type of the Engine.IO packet that carries it, with room for as many bytes behind that. If
/// they fill it, the text is shared without another allocation.
pub(in crate::socketio::packet) fn frame(content: usize) -> String {
    let mut out = String::with_capacity(content.saturating_add(1));
    out.push('4');
    out
}

/// How many bytes an event has; more if its name needs escapes.
fn event_len(namespace: &Namespace, name: &[u8], items: &Items<'_>, ack: Option<AckId>) -> usize {
    // Brackets, quotes, and a comma in front of arguments.
    let punctuation = if items.json.is_empty() { 4 } else { 5 };
    let content = items.json.len().saturating_add(name.len()).saturating_add(punctuation);
    head_len(namespace, ack, items.attachments).saturating_add(content)
}

fn acknowledgement_len(namespace: &Namespace, id: Option<AckId>, items: &Items<'_>) -> usize {
    // And brackets.
    head_len(namespace, id, items.attachments).saturating_add(items.json.len()).saturating_add(2)
}

/// How many bytes stand in front of the JSON.
pub(super) fn head_len(namespace: &Namespace, id: Option<AckId>, attachments: usize) -> usize {
    let count = if attachments == 0 { 0 } else { digits(attachments as u64).saturating_add(1) };
    let name = if namespace.is_root() { 0 } else { namespace.as_bytes().len().saturating_add(1) };
    let id = id.map_or(0, |id| digits(id.value()));
    name.saturating_add(count).saturating_add(id).saturating_add(1)
}

fn digits(number: u64) -> usize {
    (number.checked_ilog10().unwrap_or(0) as usize).saturating_add(1)
}

/// First allocation for arguments that are written; most events fit.
pub(in crate::socketio::packet) const TYPICAL_SIZE: usize = 160;
