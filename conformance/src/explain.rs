//! Explains frames in words: how each layer reads them, and where the first fault is.

use std::fmt::Write as _;

use sio_codec::engineio::{Open, Packet, PacketError, Revision};
use sio_codec::socketio::{self, Decoder, PacketKind};
use sio_codec::{Frame, Limits, Text};

/// The explanation of a sequence of frames.
#[derive(Debug, PartialEq, Eq)]
pub enum Explained {
    /// Every frame was read.
    Sound(String),
    /// A frame has a fault, and the rest was not read.
    Faulty(String),
}

/// Parses a frame of the command line: `0x` and hexadecimal digits for a binary one, anything else for a text.
///
/// # Errors
///
/// What is wrong with the digits.
pub fn frame(source: &str) -> Result<Frame, String> {
    let Some(digits) = source.strip_prefix("0x") else { return Ok(Frame::Text(Text::from(source.to_owned()))) };
    let pairs: Option<Vec<&str>> = (0..digits.len()).step_by(2).map(|at| digits.get(at..at + 2)).collect();
    let bytes: Option<Vec<u8>> =
        pairs.and_then(|pairs| pairs.into_iter().map(|pair| u8::from_str_radix(pair, 16).ok()).collect());
    match bytes {
        Some(bytes) => Ok(Frame::Binary(bytes.into())),
        None => Err(format!("{source:?} is not a binary frame: pairs of hexadecimal digits must follow 0x")),
    }
}

/// Explains the frames of one session, in order: each as a frame, as an Engine.IO packet, and as Socket.IO.
///
/// In revision 4 a text with U+001E is a polling body, whose packets are taken one by one.
///
/// ```
/// use siospec::explain::{Explained, explain, frame};
/// use sio_codec::engineio::Revision;
///
/// let event = frame(r#"42["message","hello"]"#)?;
/// let Explained::Sound(words) = explain(Revision::V4, [event]) else { panic!("a fault") };
/// assert!(words.contains(r#"EVENT / "message""#), "{words}");
/// # Ok::<(), String>(())
/// ```
pub fn explain(revision: Revision, frames: impl IntoIterator<Item = Frame>) -> Explained {
    let mut session = Session { revision, out: String::new(), decoder: Decoder::new(&Limits::default()), number: 0 };
    for frame in frames {
        let elements = match &frame {
            Frame::Text(text) if revision == Revision::V4 && text.as_str().contains('\u{1e}') => elements(text),
            Frame::Text(_) | Frame::Binary(_) => vec![frame],
        };
        for element in elements {
            if session.frame(element).is_err() {
                return Explained::Faulty(session.out);
            }
        }
    }
    Explained::Sound(session.out)
}

/// The packets of a polling body, each as a separate frame.
fn elements(body: &Text) -> Vec<Frame> {
    body.as_str().split('\u{1e}').map(|element| Frame::Text(Text::from(element.to_owned()))).collect()
}

/// A fault was written; the rest cannot be read.
struct Fault;

struct Session {
    revision: Revision,
    out: String,
    decoder: Decoder,
    number: usize,
}

impl Session {
    fn frame(&mut self, frame: Frame) -> Result<(), Fault> {
        self.number += 1;
        let kind = match &frame {
            Frame::Text(text) => format!("text, {} bytes: {}", text.len(), visible(text.as_str())),
            Frame::Binary(bytes) => format!("binary, {} bytes", bytes.len()),
        };
        self.line(0, &format!("{}  {kind}", self.number));
        match Packet::parse(self.revision, frame.clone()) {
            Ok(packet) => self.packet(packet),
            Err(error) => self.engine_fault(&frame, error),
        }
    }

    fn packet(&mut self, packet: Packet) -> Result<(), Fault> {
        match packet {
            Packet::Message(message) => {
                self.line(1, "engine.io  message");
                self.message(message)
            }
            Packet::Open(json) => self.open(&json),
            Packet::Close => self.other("close: the sender ends the session"),
            Packet::Ping(data) => self.other(&with_data("ping", &data)),
            Packet::Pong(data) => self.other(&with_data("pong", &data)),
            Packet::Upgrade => self.other("upgrade: the client moves to this transport"),
            Packet::Noop => self.other("noop"),
        }
    }

    fn open(&mut self, json: &Text) -> Result<(), Fault> {
        match Open::parse(json.as_str()) {
            Ok(open) => {
                let (interval, timeout) = (open.ping_interval, open.ping_timeout);
                self.other(&format!("open: sid {}, ping every {interval:?}, pong within {timeout:?}", open.sid))
            }
            Err(error) => self.other(&format!("open: {error}")),
        }
    }

    fn other(&mut self, words: &str) -> Result<(), Fault> {
        self.line(1, &format!("engine.io  {words}"));
        Ok(())
    }

    fn message(&mut self, message: Frame) -> Result<(), Fault> {
        match self.decoder.push(message.clone()) {
            Ok(Some(packet)) => self.socket_packet(&packet),
            Ok(None) => self.line(1, "socket.io  more attachments are announced than have arrived"),
            Err(error) => {
                self.line(1, &format!("socket.io  {error}"));
                self.point_at(&message, error.offset);
                return Err(Fault);
            }
        }
        Ok(())
    }

    fn socket_packet(&mut self, packet: &socketio::Packet) {
        let namespace = &packet.namespace;
        match &packet.kind {
            PacketKind::Connect { payload } => {
                let payload = payload.as_ref().map_or("nothing", |payload| payload.as_str());
                self.line(1, &format!("socket.io  CONNECT {namespace} with {payload}"));
            }
            PacketKind::Disconnect => self.line(1, &format!("socket.io  DISCONNECT {namespace}")),
            PacketKind::ConnectError { payload } => {
                let payload = payload.as_ref().map_or("nothing", |payload| payload.as_str());
                self.line(1, &format!("socket.io  CONNECT_ERROR {namespace} with {payload}"));
            }
            PacketKind::Event { name, args, ack } => {
                let ack = ack.map_or_else(String::new, |id| format!(", to be acknowledged as {}", id.value()));
                self.line(1, &format!("socket.io  EVENT {namespace} {name:?}{ack}"));
                self.arguments(args);
            }
            PacketKind::Ack { id, args } => {
                let id = id.map_or_else(|| "nothing".into(), |id| id.value().to_string());
                self.line(1, &format!("socket.io  ACK {namespace} of {id}"));
                self.arguments(args);
            }
        }
    }

    fn arguments(&mut self, args: &socketio::Args) {
        self.line(2, &format!("arguments  [{}]", args.items()));
        for (number, attachment) in args.attachments().iter().enumerate() {
            self.line(2, &format!("attachment {number}: {} bytes", attachment.len()));
        }
    }

    fn engine_fault(&mut self, frame: &Frame, error: PacketError) -> Result<(), Fault> {
        self.line(1, &format!("engine.io  {error}"));
        self.point_at(frame, error.offset);
        Err(Fault)
    }

    /// Shows a text and marks the faulty byte.
    fn point_at(&mut self, frame: &Frame, offset: usize) {
        if let Frame::Text(text) = frame {
            let before = visible(text.as_str().get(..offset).unwrap_or_default()).chars().count();
            self.line(2, &visible(text.as_str()));
            self.line(2, &format!("{}^", " ".repeat(before)));
        }
    }

    fn line(&mut self, depth: usize, text: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{}{text}", "   ".repeat(depth));
    }
}

/// The text with its control characters escaped.
fn visible(text: &str) -> String {
    let escape = |character: char| {
        if character.is_control() { character.escape_default().to_string() } else { character.into() }
    };
    text.chars().map(escape).collect()
}

fn with_data(name: &str, data: &Text) -> String {
    if data.is_empty() { name.to_owned() } else { format!("{name} with {data:?}") }
}
