//! The wire form of packets.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use bytes::Bytes;

use super::args::Args;
use super::json::Json;
use super::namespace::Namespace;
use super::packet::{AckId, Packet, PacketKind};
use crate::engineio::Encoded;
use crate::text::Text;

impl Packet {
    /// Writes the packet once, for any number of receivers: its text, and the attachments that follow it.
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
        let namespace = &self.namespace;
        match &self.kind {
            PacketKind::Connect { payload } => control('0', namespace, payload.as_ref()),
            PacketKind::Disconnect => control('1', namespace, None),
            PacketKind::ConnectError { payload } => control('4', namespace, payload.as_ref()),
            PacketKind::Event { name, args, ack } => event(namespace, name.as_str(), args, *ack),
            PacketKind::Ack { id, args } => acknowledgement(namespace, *id, args),
        }
    }
}

pub(super) fn control(kind: char, namespace: &Namespace, payload: Option<&Json>) -> Encoded {
    let payload = payload.map_or(&[][..], Json::as_bytes);
    let mut out = Writer::new(payload.len() + namespace.as_str().len());
    out.push(kind);
    out.namespace(namespace);
    out.0.extend_from_slice(payload);
    out.finish(&[])
}

pub(super) fn event(namespace: &Namespace, name: &str, args: &Args, ack: Option<AckId>) -> Encoded {
    let items = args.items();
    let mut out = Writer::new(items.len() + name.len() + namespace.as_str().len());
    out.head('2', '5', namespace, ack, args.attachments().len());
    out.push('[');
    out.string(name);
    if !items.is_empty() {
        out.push(',');
        out.0.extend_from_slice(items.as_bytes());
    }
    out.push(']');
    out.finish(args.attachments())
}

pub(super) fn acknowledgement(namespace: &Namespace, id: AckId, args: &Args) -> Encoded {
    let items = args.items();
    let mut out = Writer::new(items.len() + namespace.as_str().len());
    out.head('3', '6', namespace, Some(id), args.attachments().len());
    out.push('[');
    out.0.extend_from_slice(items.as_bytes());
    out.push(']');
    out.finish(args.attachments())
}

/// Enough for the type digits, a count, an id, and punctuation.
const HEAD: usize = 32;

struct Writer(Vec<u8>);

impl Writer {
    fn new(content: usize) -> Self {
        let mut out = Vec::with_capacity(content + HEAD);
        // The type of the Engine.IO packet that carries it.
        out.push(b'4');
        Self(out)
    }

    //= SIO5-PKT-01
    fn head(&mut self, plain: char, binary: char, namespace: &Namespace, id: Option<AckId>, attachments: usize) {
        if attachments == 0 {
            self.push(plain);
        } else {
            self.push(binary);
            self.number(attachments as u64);
            self.push('-');
        }
        self.namespace(namespace);
        if let Some(id) = id {
            self.number(id.value());
        }
    }

    fn namespace(&mut self, namespace: &Namespace) {
        if !namespace.is_root() {
            self.0.extend_from_slice(namespace.as_str().as_bytes());
            self.push(',');
        }
    }

    //= SIO5-PKT-22
    fn string(&mut self, text: &str) {
        // A string without quotes, backslashes and control characters is its own JSON.
        if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
            self.push('"');
            self.0.extend_from_slice(text.as_bytes());
            self.push('"');
        } else {
            let json: String = serde_json::to_string(text).unwrap_or_default();
            self.0.extend_from_slice(json.as_bytes());
        }
    }

    fn number(&mut self, number: u64) {
        let mut digits = Digits { buffer: [0; 20], len: 0 };
        // Twenty digits hold every u64.
        let _ = write!(digits, "{number}");
        self.0.extend_from_slice(digits.buffer.get(..digits.len).unwrap_or_default());
    }

    fn push(&mut self, character: char) {
        let mut buffer = [0; 4];
        self.0.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
    }

    fn finish(self, attachments: &[Bytes]) -> Encoded {
        // Every piece above is text.
        let text = Text::try_from(Bytes::from(self.0)).unwrap_or_default();
        Encoded::packet(text, attachments)
    }
}

struct Digits {
    buffer: [u8; 20],
    len: usize,
}

impl core::fmt::Write for Digits {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let end = self.len + text.len();
        let room = self.buffer.get_mut(self.len..end).ok_or(core::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
