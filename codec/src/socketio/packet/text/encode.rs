//! The wire form of packets as JSON: a text, and the attachments that follow it.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;
use serde::Serialize;

use crate::engineio::Encoded;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::{Args, ArgsError, Json, Parser};
use crate::socketio::bridge::Lead;
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
    //= SIO5-ATT-02
    //= SIO5-ATT-03
    //= SIO5-ACK-12
    #[must_use]
    pub fn encode(&self) -> Encoded {
        #[cfg(feature = "msgpack")]
        if let PacketKind::Event { args, .. } | PacketKind::Ack { args, .. } = &self.kind
            && args.parser() == Parser::MsgPack
        {
            return Encoded::binary(Bytes::from(msgpack::encode(self, args)));
        }
        let mut out = frame(self.size());
        self.write_json(&mut out);
        Encoded::packet(Text::from(out), self.attachments())
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
            self.with_args(args.to_form(Parser::Json)?).write_json(out);
            return Ok(());
        }
        self.write_json(out);
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

    fn write_json(&self, out: &mut String) {
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

/// An event or acknowledgement to be sent, whose arguments are still values of the program's.
///
/// Name and arguments are written straight into one buffer; with a [`Packet`] the arguments would be written first and
/// copied behind the name. Whether an event's name is reserved is not looked at.
///
/// ```
/// use sio_codec::socketio::{Namespace, Outgoing};
///
/// let chat = Namespace::new("/chat")?;
/// let packet = Outgoing::event(&chat, "message").encode(&("hello", 7)).unwrap();
/// assert_eq!(packet.frames().next(), Some(r#"42/chat,["message","hello",7]"#.into()));
/// # Ok::<(), sio_codec::socketio::InvalidNamespace>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    pub(in crate::socketio) namespace: &'a Namespace,
    /// `None` for an acknowledgement.
    pub(in crate::socketio) name: Option<&'a str>,
    pub(in crate::socketio) id: Option<AckId>,
    shared: &'a [Bytes],
}

impl<'a> Outgoing<'a> {
    /// An event that nobody is to acknowledge.
    #[must_use]
    pub const fn event(namespace: &'a Namespace, name: &'a str) -> Self {
        Self { namespace, name: Some(name), id: None, shared: &[] }
    }

    /// The same event, to be acknowledged with this id.
    #[must_use]
    pub const fn with_ack(mut self, id: AckId) -> Self {
        self.id = Some(id);
        self
    }

    /// The acknowledgement of the event with this id.
    #[must_use]
    pub const fn acknowledgement(namespace: &'a Namespace, id: AckId) -> Self {
        Self { namespace, name: None, id: Some(id), shared: &[] }
    }

    /// Binary values that lie inside one of these handles are shared instead of copied.
    ///
    /// Handles in the order of the values are found at once; in any other order each value is looked for among all of
    /// them.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use sio_codec::Frame;
    /// use sio_codec::socketio::{Binary, Namespace, Outgoing};
    ///
    /// let photo = Bytes::from_static(b"\x89PNG");
    /// let root = Namespace::root();
    /// let event = Outgoing::event(&root, "photo").sharing(core::slice::from_ref(&photo));
    /// let packet = event.encode(&(Binary(photo.clone()),))?;
    /// let Some(Frame::Binary(sent)) = packet.frames().nth(1) else { unreachable!() };
    /// assert_eq!(sent.as_ptr(), photo.as_ptr());
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    #[must_use]
    pub const fn sharing(mut self, handles: &'a [Bytes]) -> Self {
        self.shared = handles;
        self
    }

    /// Writes the packet as JSON, for any number of receivers.
    ///
    /// # Errors
    ///
    /// As for [`Args::encode`].
    pub fn encode<T: Serialize + ?Sized>(&self, args: &T) -> Result<Encoded, ArgsError> {
        let mut attachments = Vec::new();
        let mut out = frame(TYPICAL_SIZE);
        self.encode_into(&mut out, &mut attachments, args)?;
        Ok(Encoded::packet(Text::from(out), &attachments))
    }

    /// Writes the packet in the form of `parser`, for any number of receivers.
    ///
    /// # Errors
    ///
    /// As for [`Args::encode`].
    pub fn encode_with<T: Serialize + ?Sized>(&self, parser: Parser, args: &T) -> Result<Encoded, ArgsError> {
        match parser {
            Parser::Json => self.encode(args),
            #[cfg(feature = "msgpack")]
            Parser::MsgPack => {
                let mut out = Vec::with_capacity(TYPICAL_SIZE);
                self.encode_msgpack_into(&mut out, args)?;
                Ok(Encoded::binary(Bytes::from(out)))
            }
        }
    }

    /// Appends the packet's text to a buffer of the caller's, without the type of the Engine.IO packet around it, and
    /// its binary values to `attachments`. Into buffers with enough room nothing is allocated.
    ///
    /// # Errors
    ///
    /// As for [`Args::encode`]; both buffers are then as they were.
    ///
    /// ```
    /// use sio_codec::socketio::{AckId, Namespace, Outgoing};
    ///
    /// let (mut text, mut attachments) = (String::new(), Vec::new());
    /// let answer = Outgoing::acknowledgement(&Namespace::root(), AckId::new(7).unwrap())
    ///     .encode_into(&mut text, &mut attachments, &("done",));
    /// assert_eq!((answer, &*text), (Ok(()), r#"37["done"]"#));
    /// ```
    //= SIO5-ATT-03
    pub fn encode_into<T: Serialize + ?Sized>(
        &self,
        out: &mut String,
        attachments: &mut Vec<Bytes>,
        args: &T,
    ) -> Result<(), ArgsError> {
        let (start, before) = (out.len(), attachments.len());
        out.push(if self.name.is_some() { '2' } else { '3' });
        write_namespace(out, self.namespace);
        write_id(out, self.id);
        out.push('[');
        let mut lead = Lead::Bare;
        if let Some(name) = self.name {
            json::write_string(out, name);
            lead = Lead::Named;
        }
        if let Err(error) = json::append(out, attachments, self.shared, lead, args) {
            out.truncate(start);
            return Err(error.into());
        }
        out.push(']');
        let lifted = attachments.len().saturating_sub(before);
        if lifted > 0 {
            self.announce(out, start, lifted);
        }
        Ok(())
    }

    /// Makes it a packet with attachments, once their number is known.
    //= SIO5-ATT-02
    #[cold]
    fn announce(&self, out: &mut String, start: usize, attachments: usize) {
        let mut head = String::from(if self.name.is_some() { '5' } else { '6' });
        json::write_unsigned(&mut head, attachments as u64);
        head.push('-');
        out.replace_range(start..start.saturating_add(1), &head);
    }
}

#[cfg(feature = "msgpack")]
impl Outgoing<'_> {
    /// Appends the packet's MessagePack form to a buffer of the caller's.
    ///
    /// # Errors
    ///
    /// As for [`Args::encode`]; the buffer is then as it was.
    ///
    /// ```
    /// use sio_codec::socketio::{Namespace, Outgoing};
    ///
    /// let (root, mut message) = (Namespace::root(), Vec::new());
    /// Outgoing::event(&root, "a").encode_msgpack_into(&mut message, &(true,))?;
    /// assert_eq!(message, b"\x83\xa4type\x02\xa4data\x92\xa1a\xc3\xa3nsp\xa1/");
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn encode_msgpack_into<T: Serialize + ?Sized>(&self, out: &mut Vec<u8>, args: &T) -> Result<(), ArgsError> {
        msgpack::encode_outgoing(self, out, args)
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
    write_event(&mut out, namespace, name, args, ack);
    Ok(Encoded::packet(Text::from(out), args.attachments()))
}

/// An acknowledgement in the form of `parser`. Arguments in the other form are rewritten.
pub(in crate::socketio) fn acknowledgement(
    parser: Parser,
    namespace: &Namespace,
    id: AckId,
    args: &Args,
) -> Result<Encoded, ArgsError> {
    let kind = PacketKind::Ack { id: Some(id), args: args.clone() };
    Packet { namespace: namespace.clone(), kind }.encode_with(parser)
}

fn write_control(out: &mut String, kind: char, namespace: &Namespace, payload: Option<&Json>) {
    out.push(kind);
    write_namespace(out, namespace);
    out.push_str(payload.map_or("", Json::as_str));
}

fn write_event(out: &mut String, namespace: &Namespace, name: &str, args: &Args, ack: Option<AckId>) {
    write_head(out, '2', '5', namespace, ack, args);
    out.push('[');
    json::write_string(out, name);
    let items = args.items();
    if !items.is_empty() {
        out.push(',');
        out.push_str(items);
    }
    out.push(']');
}

fn write_acknowledgement(out: &mut String, namespace: &Namespace, id: Option<AckId>, args: &Args) {
    write_head(out, '3', '6', namespace, id, args);
    out.push('[');
    out.push_str(args.items());
    out.push(']');
}

//= SIO5-PKT-01
fn write_head(out: &mut String, plain: char, binary: char, namespace: &Namespace, id: Option<AckId>, args: &Args) {
    match args.attachments().len() {
        0 => out.push(plain),
        count => {
            out.push(binary);
            json::write_unsigned(out, count as u64);
            out.push('-');
        }
    }
    write_namespace(out, namespace);
    write_id(out, id);
}

fn write_namespace(out: &mut String, namespace: &Namespace) {
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
fn write_id(out: &mut String, id: Option<AckId>) {
    if let Some(id) = id.filter(|id| *id <= AckId::MAX && id.signed() >= 0) {
        json::write_unsigned(out, id.value());
    }
}

/// A text that begins with the type of the Engine.IO packet that carries it.
fn frame(content: usize) -> String {
    let mut out = String::with_capacity(content.saturating_add(HEAD));
    out.push('4');
    out
}

/// Enough for the type digits, a count, an id, and punctuation.
const HEAD: usize = 32;

/// First allocation for arguments that are written; most events fit.
const TYPICAL_SIZE: usize = 128;
