//! The packets of a session, layer by layer.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value};
use sio_codec::engineio::{Open, Packet, PacketError, Revision};
use sio_codec::socketio::{self, Args, Decoder, Json, PacketKind, Parser, Protocol};
use sio_codec::{Frame, Limits, Text};

use super::body::Body;
use super::{predecessor, words};
use crate::replay::visible;

/// A fault was written; the rest cannot be read.
#[derive(Debug)]
pub(super) struct Fault;

/// Reads one frame after the other, and writes what each says.
#[derive(Debug)]
pub(super) struct Session {
    revision: Revision,
    decoder: Decoder,
    out: String,
    /// Of the frame that is read.
    number: usize,
    /// Whether the last message announced attachments that have not all arrived.
    waiting: Waiting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    Nothing,
    Attachments,
}

impl Session {
    pub(super) fn new(revision: Revision, parser: Parser) -> Self {
        let protocol = match revision {
            Revision::V3 => Protocol::V4,
            Revision::V4 => Protocol::V5,
        };
        let decoder = Decoder::new(&Limits::default()).with_protocol(protocol).with_parser(parser);
        Self { revision, decoder, out: String::new(), number: 0, waiting: Waiting::Nothing }
    }

    /// Explains the next frame.
    ///
    /// # Errors
    ///
    /// [`Fault`] if a receiver cannot read it. The explanation says why.
    pub(super) fn read(&mut self, frame: Frame) -> Result<(), Fault> {
        self.number += 1;
        let number = self.number;
        let Some(body) = Body::of(self.revision, &frame) else { return self.frame(&number, frame) };
        let count = body.packets.len();
        let plural = if count == 1 { "" } else { "s" };
        self.line(0, format_args!("{number}  {}, {} bytes, {count} packet{plural}", body.kind, frame.len()));
        for (at, packet) in (1..).zip(body.packets) {
            let read = self.frame(&format_args!("{number}.{at}"), packet);
            if read.is_err() {
                self.unexplained(count.saturating_sub(at), "packets of this body");
                return read;
            }
        }
        Ok(())
    }

    /// The explanation, when there is nothing more to read.
    pub(super) fn finish(mut self) -> String {
        if self.waiting == Waiting::Attachments {
            self.line(0, format_args!("the attachments of the last packet are missing"));
        }
        self.out
    }

    /// The explanation, when a fault was found before `unread` frames.
    pub(super) fn stop(mut self, unread: usize) -> String {
        self.unexplained(unread, "frames");
        self.out
    }

    /// What stands behind a fault. A receiver closes the connection there.
    fn unexplained(&mut self, count: usize, of: &str) {
        if count > 0 {
            self.line(0, format_args!("{of} that are not explained, since a receiver stops at the fault: {count}"));
        }
    }

    fn frame(&mut self, number: &dyn fmt::Display, frame: Frame) -> Result<(), Fault> {
        let (kind, content) = match &frame {
            Frame::Text(text) => ("text", visible(text.as_str())),
            Frame::Binary(bytes) => ("binary", words::bytes(bytes)),
        };
        self.line(0, format_args!("{number}  {kind}, {} bytes: {content}", frame.len()));
        if let Frame::Text(text) = &frame {
            self.hint(text);
        }
        match Packet::parse(self.revision, frame.clone()) {
            Ok(packet) => self.packet(&frame, packet),
            Err(error) => self.engine_fault(&frame, error),
        }
    }

    /// Other things that a text can be.
    fn hint(&mut self, text: &Text) {
        if let Some(hint) = predecessor::hint(text.as_str()) {
            self.line(1, format_args!("in Socket.IO 0.9, which knows no Engine.IO, this is: {hint}"));
        }
        let digits = text.as_str().bytes().take_while(u8::is_ascii_digit).count();
        let has_length = digits > 0 && text.as_str().as_bytes().get(digits) == Some(&b':');
        let is_body = || Body::of(Revision::V3, &Frame::Text(text.clone())).is_some();
        match self.revision {
            Revision::V4 if has_length && is_body() => {
                self.line(1, format_args!("its lengths fit: it is a polling body of Engine.IO 3, which --eio 3 reads"));
            }
            // A body whose lengths fit was taken apart before.
            Revision::V3 if has_length => {
                self.line(
                    1,
                    format_args!("it begins as a polling body does, but its lengths do not end where it ends"),
                );
            }
            Revision::V3 | Revision::V4 => {}
        }
    }

    fn packet(&mut self, frame: &Frame, packet: Packet) -> Result<(), Fault> {
        match packet {
            Packet::Message(message) => {
                self.engine("message");
                return self.message(message);
            }
            Packet::Open(json) => self.open(&json),
            Packet::Close => self.bare("close: the sender ends the session", frame),
            Packet::Ping(data) => self.engine(&with_data("ping", &data)),
            Packet::Pong(data) => self.engine(&with_data("pong", &data)),
            Packet::Upgrade => self.bare("upgrade: the client moves to this transport", frame),
            Packet::Noop => self.bare("noop", frame),
        }
        Ok(())
    }

    fn open(&mut self, json: &Text) {
        let open = match Open::parse(json.as_str()) {
            Ok(open) => open,
            Err(error) => return self.engine(&format!("open: {error}")),
        };
        let (interval, timeout) = (open.ping_interval, open.ping_timeout);
        let sid = words::name(open.sid.as_str());
        let most = open.max_payload.map_or_else(String::new, |most| format!(", at most {most} bytes a payload"));
        self.engine(&format!("open: sid {sid}, ping every {interval:?}, pong within {timeout:?}{most}"));
        // It was read before.
        let keys: Map<String, Value> = serde_json::from_str(json.as_str()).unwrap_or_default();
        let told = ["sid", "pingInterval", "pingTimeout", "maxPayload"];
        for (key, value) in keys.iter().filter(|(key, _)| !told.contains(&key.as_str())) {
            self.line(2, format_args!("{} {}", words::name(key), visible(&value.to_string())));
        }
    }

    /// A packet that has no data. Receivers ignore what stands behind its type.
    fn bare(&mut self, words: &str, frame: &Frame) {
        self.engine(words);
        let data = match frame {
            Frame::Text(text) => text.as_str().get(1..).unwrap_or_default(),
            Frame::Binary(_) => "",
        };
        if !data.is_empty() {
            self.line(2, format_args!("ignored, since such a packet has no data: {}", visible(data)));
        }
    }

    fn engine(&mut self, words: &str) {
        self.line(1, format_args!("engine.io  {words}"));
    }

    fn socket(&mut self, words: fmt::Arguments<'_>) {
        self.line(1, format_args!("socket.io  {words}"));
    }

    fn message(&mut self, message: Frame) -> Result<(), Fault> {
        self.waiting = Waiting::Nothing;
        match self.decoder.push(message.clone()) {
            Ok(Some(packet)) => self.socket_packet(&packet),
            Ok(None) => {
                self.waiting = Waiting::Attachments;
                self.socket(format_args!("more attachments are announced than have arrived"));
            }
            Err(error) => {
                self.socket(format_args!("{error}"));
                self.point_at(&message, error.offset);
                return Err(Fault);
            }
        }
        Ok(())
    }

    fn socket_packet(&mut self, packet: &socketio::Packet) {
        let namespace = words::name(packet.namespace.as_str());
        match &packet.kind {
            PacketKind::Connect { payload } => {
                self.socket(format_args!("CONNECT {namespace} with {}", payload_words(payload.as_ref())));
            }
            PacketKind::Disconnect => self.socket(format_args!("DISCONNECT {namespace}")),
            PacketKind::ConnectError { payload } => {
                self.socket(format_args!("CONNECT_ERROR {namespace} with {}", payload_words(payload.as_ref())));
            }
            PacketKind::Event { name, args, ack } => {
                let ack = ack.map_or_else(String::new, |id| format!(", to be acknowledged as {}", id.value()));
                self.socket(format_args!("EVENT {namespace} {:?}{ack}", name.as_str()));
                self.arguments(args);
            }
            PacketKind::Ack { id, args } => {
                let id = id.map_or_else(|| "nothing".into(), |id| id.value().to_string());
                self.socket(format_args!("ACK {namespace} of {id}"));
                self.arguments(args);
            }
        }
    }

    fn arguments(&mut self, args: &Args) {
        match args.to_form(Parser::Json) {
            Ok(args) => {
                self.line(2, format_args!("arguments  [{}]", visible(args.items())));
                for (number, attachment) in args.attachments().iter().enumerate() {
                    let content = words::bytes(attachment);
                    self.line(2, format_args!("attachment {number}: {} bytes: {content}", attachment.len()));
                }
            }
            Err(_) => self.line(2, format_args!("arguments in MessagePack  {}", words::bytes(args.items_bytes()))),
        }
    }

    fn engine_fault(&mut self, frame: &Frame, error: PacketError) -> Result<(), Fault> {
        self.engine(&error.to_string());
        self.point_at(frame, error.offset);
        Err(Fault)
    }

    /// Shows a text and marks the faulty byte.
    fn point_at(&mut self, frame: &Frame, offset: usize) {
        if let Frame::Text(text) = frame {
            let before = visible(text.as_str().get(..offset).unwrap_or_default()).chars().count();
            self.line(2, format_args!("{}", visible(text.as_str())));
            self.line(2, format_args!("{:before$}^", ""));
        }
    }

    fn line(&mut self, depth: usize, text: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{:indent$}{text}", "", indent = 3 * depth);
    }
}

fn payload_words(payload: Option<&Json>) -> String {
    payload.map_or_else(|| "nothing".to_owned(), |payload| visible(payload.as_str()))
}

fn with_data(name: &str, data: &Text) -> String {
    if data.is_empty() { name.to_owned() } else { format!("{name} with {:?}", data.as_str()) }
}
