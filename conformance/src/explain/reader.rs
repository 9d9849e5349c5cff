//! What one side sends, layer by layer.

use std::fmt;

use bytes::Bytes;
use sio_codec::engineio::{Packet, PacketError, Revision};
use sio_codec::socketio::{Decoder, Parser, Protocol};
use sio_codec::{Frame, Limits, Text};

use super::body::Body;
use super::page::{Fault, Page};
use super::{packets, predecessor, words};
use crate::replay::{plural, visible};

/// Reads the packets of one side, one after the other.
#[derive(Debug)]
pub(super) struct Reader {
    revision: Revision,
    parser: Parser,
    decoder: Decoder,
    /// The text of the packet whose attachments are missing.
    announced: Option<Frame>,
}

impl Reader {
    pub(super) fn new(revision: Revision, parser: Parser) -> Self {
        Self { revision, parser, decoder: decoder(revision, parser), announced: None }
    }

    pub(super) const fn revision(&self) -> Revision {
        self.revision
    }

    /// Explains a packet, below a line that begins with `heading`.
    ///
    /// # Errors
    ///
    /// [`Fault`] if a receiver cannot read it. The explanation says why.
    pub(super) fn read(&mut self, page: &mut Page, heading: &dyn fmt::Display, frame: Frame) -> Result<(), Fault> {
        let (kind, content) = match &frame {
            Frame::Text(text) => ("text", visible(text.as_str())),
            Frame::Binary(bytes) => ("binary", words::bytes(bytes)),
        };
        page.line(0, format_args!("{heading}  {kind}, {}: {content}", plural(frame.len(), "byte")));
        if let Frame::Text(text) = &frame {
            self.hint(page, text);
        }
        match Packet::parse(self.revision, frame.clone()) {
            Ok(packet) => self.packet(page, &frame, packet),
            Err(error) => Err(engine_fault(page, &frame, error)),
        }
    }

    /// Explains a binary message whose content is not known: an attachment, if one is due.
    pub(super) fn unrecorded(&mut self, page: &mut Page, heading: &dyn fmt::Display, words: &str) {
        page.line(0, format_args!("{heading}  {}", visible(words)));
        if self.decoder.is_idle() {
            return;
        }
        self.hidden(page);
    }

    /// A message that cannot be shown: an attachment, if one is due.
    pub(super) fn hidden(&mut self, page: &mut Page) {
        if self.decoder.is_idle() {
            return;
        }
        // What stands in its place is not shown.
        match self.decoder.push(Frame::Binary(Bytes::new())) {
            Ok(Some(packet)) => {
                self.announced = None;
                packets::without_contents(page, &packet);
            }
            Ok(None) => page.socket(format_args!("more attachments are announced than have arrived")),
            Err(_) => {}
        }
    }

    /// Packets are lost, and with them any attachments that are due.
    pub(super) fn cut(&mut self, page: &mut Page) {
        if !self.decoder.is_idle() {
            self.abandon(page);
        }
    }

    /// Goes on behind a fault. A text in place of an attachment is shown, and so is the packet that lacks it.
    pub(super) fn resume(&mut self, page: &mut Page, frame: &Frame) {
        let message = match Packet::parse(self.revision, frame.clone()) {
            Ok(Packet::Message(message @ Frame::Text(_))) if self.announced.is_some() => message,
            _ => return *self = Self::new(self.revision, self.parser),
        };
        page.line(1, format_args!("the packet before:"));
        self.abandon(page);
        page.line(1, format_args!("this packet, if nothing was missing:"));
        if self.message(page, message).is_err() {
            *self = Self::new(self.revision, self.parser);
        }
    }

    /// Shows the packet whose attachments are missing, and expects another one.
    fn abandon(&mut self, page: &mut Page) {
        self.decoder = decoder(self.revision, self.parser);
        let mut packet = self.announced.take().and_then(|text| self.decoder.push(text).ok());
        while matches!(packet, Some(None)) {
            packet = self.decoder.push(Frame::Binary(Bytes::new())).ok();
        }
        if let Some(Some(packet)) = packet {
            packets::without_attachments(page, &packet);
        }
        self.decoder = decoder(self.revision, self.parser);
    }

    /// Nothing more comes from this side.
    pub(super) fn finish(&mut self, page: &mut Page) {
        if !self.decoder.is_idle() {
            page.line(0, format_args!("the attachments of the last packet are missing"));
            self.abandon(page);
        }
    }

    /// Other things that a text can be.
    fn hint(&self, page: &mut Page, text: &Text) {
        if let Some(hint) = predecessor::hint(text.as_str()) {
            page.line(1, format_args!("in Socket.IO 0.9, which knows no Engine.IO, this is: {hint}"));
        }
        let digits = text.as_str().bytes().take_while(u8::is_ascii_digit).count();
        let has_length = digits > 0 && text.as_str().as_bytes().get(digits) == Some(&b':');
        let is_body = || Body::of(Revision::V3, &Frame::Text(text.clone())).is_some();
        match self.revision {
            Revision::V4 if has_length && is_body() => {
                page.line(1, format_args!("its lengths fit: it is a polling body of Engine.IO 3, which --eio 3 reads"));
            }
            // A body whose lengths fit was taken apart before.
            Revision::V3 if has_length => {
                page.line(
                    1,
                    format_args!("it begins as a polling body does, but its lengths do not end where it ends"),
                );
            }
            Revision::V3 | Revision::V4 => {}
        }
    }

    fn packet(&mut self, page: &mut Page, frame: &Frame, packet: Packet) -> Result<(), Fault> {
        match packet {
            Packet::Message(message) => {
                page.engine("message");
                return self.message(page, message);
            }
            Packet::Open(json) => return packets::open(page, &json),
            Packet::Close => packets::bare(page, "close: the sender ends the session", frame),
            Packet::Ping(data) => page.engine(&packets::with_data("ping", &data)),
            Packet::Pong(data) => page.engine(&packets::with_data("pong", &data)),
            Packet::Upgrade => packets::bare(page, "upgrade: the client moves to this transport", frame),
            Packet::Noop => packets::bare(page, "noop", frame),
        }
        Ok(())
    }

    fn message(&mut self, page: &mut Page, message: Frame) -> Result<(), Fault> {
        match self.decoder.push(message.clone()) {
            Ok(Some(packet)) => {
                self.announced = None;
                packets::socket(page, &packet);
            }
            Ok(None) => {
                page.socket(format_args!("more attachments are announced than have arrived"));
                if matches!(message, Frame::Text(_)) {
                    self.announced = Some(message);
                }
            }
            Err(error) => {
                page.socket(format_args!("{error}"));
                page.point_at(&message, error.offset);
                return Err(Fault);
            }
        }
        Ok(())
    }
}

fn decoder(revision: Revision, parser: Parser) -> Decoder {
    let protocol = match revision {
        Revision::V3 => Protocol::V4,
        Revision::V4 => Protocol::V5,
    };
    Decoder::new(&Limits::default()).with_protocol(protocol).with_parser(parser)
}

fn engine_fault(page: &mut Page, frame: &Frame, error: PacketError) -> Fault {
    page.engine(&error.to_string());
    page.point_at(frame, error.offset);
    Fault
}
