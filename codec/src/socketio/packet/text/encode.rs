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
            PacketKind::Event { name, args, ack } => write_event(out, namespace, name.as_str(), args, *ack),
            PacketKind::Ack { id, args } => write_acknowledgement(out, namespace, *id, args),
        }
    }

    /// About how many bytes the text has.
    fn size(&self) -> usize {
        let content = match &self.kind {
            PacketKind::Connect { payload } | PacketKind::ConnectError { payload } => {
                payload.as_ref().map_or(0, |payload| payload.as_bytes().len())
            }
            PacketKind::Disconnect => 0,
            PacketKind::Event { name, args, .. } => name.len().saturating_add(args.items_bytes().len()),
            PacketKind::Ack { args, .. } => args.items_bytes().len(),
        };
        content.saturating_add(self.namespace.as_bytes().len())
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
    let content = args.items_bytes().len().saturating_add(name.len());
    let mut out = frame(content.saturating_add(namespace.as_bytes().len()));
    let json = write_event(&mut out, namespace, name, args, ack);
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
    let mut out = frame(args.items_bytes().len().saturating_add(namespace.as_bytes().len()));
    let json = write_acknowledgement(&mut out, namespace, Some(id), args);
    Ok(Encoded::packet(json.close(out), args.attachments()))
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
    args: &'a Args,
    ack: Option<AckId>,
) -> Rest<'a> {
    write_head(out, '2', '5', namespace, ack, args.attachments().len());
    out.push('[');
    json::write_string(out, name);
    let json = args.items_bytes();
    if !json.is_empty() {
        out.push(',');
    }
    Rest { json, closing: "]" }
}

fn write_acknowledgement<'a>(out: &mut String, namespace: &Namespace, id: Option<AckId>, args: &'a Args) -> Rest<'a> {
    write_head(out, '3', '6', namespace, id, args.attachments().len());
    out.push('[');
    Rest { json: args.items_bytes(), closing: "]" }
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

/// A text that begins with the type of the Engine.IO packet that carries it.
pub(in crate::socketio::packet) fn frame(content: usize) -> String {
    let mut out = String::with_capacity(content.saturating_add(HEAD));
    out.push('4');
    out
}

/// Enough for the type digits, a count, an id, and punctuation.
const HEAD: usize = 32;

/// First allocation for arguments that are written; most events fit.
pub(in crate::socketio::packet) const TYPICAL_SIZE: usize = 128;
