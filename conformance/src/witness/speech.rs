//! What one side says in Socket.IO.

use sio_codec::socketio::{DecodeError, DecodeErrorKind, Decoder, Packet, Parser, Protocol};
use sio_codec::{Frame, Limits};

use super::book::{Book, Place};
use super::opening::Opening;
use crate::trace::{Revision, Side};

/// More than any packet has. What a receiver takes is its own matter.
const UNBOUNDED: usize = 64 << 20;

/// What the messages of a session are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tongue {
    /// Nothing was said yet.
    #[default]
    Unheard,
    /// Socket.IO.
    Spoken(Parser),
    /// Something else, of which the witness says nothing.
    Foreign,
}

impl Tongue {
    /// Tells by the first message of a session. `is_late` says that this is only the first that was recorded.
    pub(super) fn of(revision: Revision, message: &Frame, is_socketio_path: bool, is_late: bool) -> Self {
        let opens = |parser| {
            let first = decoder(revision, parser).push(message.clone());
            matches!(first, Ok(Some(Packet { kind: sio_codec::socketio::PacketKind::Connect { .. }, .. })))
        };
        match message {
            Frame::Text(text) if is_socketio_path && text.as_str().starts_with(|first| matches!(first, '0'..='6')) => {
                Self::Spoken(Parser::Json)
            }
            Frame::Text(_) if opens(Parser::Json) => Self::Spoken(Parser::Json),
            Frame::Binary(_) if decoder(revision, Parser::MsgPack).push(message.clone()).is_ok() => {
                Self::Spoken(Parser::MsgPack)
            }
            Frame::Binary(_) if is_late && is_socketio_path => Self::Spoken(Parser::Json),
            _ => Self::Foreign,
        }
    }
}

impl Tongue {
    /// Tells by the first message of a recording that shows no request. What could be of another protocol too decides
    /// nothing.
    pub(super) fn of_unknown(revision: Revision, message: &Frame) -> Self {
        let reads = |parser| decoder(revision, parser).push(message.clone()).is_ok();
        match message {
            Frame::Text(text) if text.as_str().contains(['[', '{']) && reads(Parser::Json) => {
                Self::Spoken(Parser::Json)
            }
            Frame::Text(text) if text.as_str() == "1" => Self::Unheard,
            Frame::Binary(_) if reads(Parser::MsgPack) => Self::Spoken(Parser::MsgPack),
            // An attachment whose packet came before.
            Frame::Binary(_) => Self::Unheard,
            Frame::Text(text) if text.as_str().starts_with(|kind| matches!(kind, '0'..='4')) && reads(Parser::Json) => {
                Self::Spoken(Parser::Json)
            }
            Frame::Text(_) => Self::Foreign,
        }
    }
}

fn decoder(revision: Revision, parser: Parser) -> Decoder {
    let mut limits = Limits::default();
    limits.max_payload = UNBOUNDED;
    limits.max_attachments = UNBOUNDED;
    limits.max_namespace_len = UNBOUNDED;
    let protocol = match revision {
        Revision::Three => Protocol::V4,
        Revision::Four => Protocol::V5,
    };
    Decoder::new(&limits).with_protocol(protocol).with_parser(parser)
}

/// One side's messages, put together to packets.
#[derive(Debug)]
pub(super) struct Speech {
    revision: Revision,
    parser: Parser,
    decoder: Decoder,
    pending: Pending,
    /// A text that came while attachments were missing. Where they are decides what was wrong.
    cut: Option<Cut>,
}

/// The packet whose attachments are not complete.
#[derive(Debug, Default)]
enum Pending {
    #[default]
    Nothing,
    Attachments {
        of: Place,
        missing: usize,
    },
}

#[derive(Debug)]
struct Cut {
    place: Place,
    missing: usize,
}

impl Speech {
    pub(super) fn new(revision: Revision, parser: Parser) -> Self {
        let decoder = decoder(revision, parser);
        Self { revision, parser, decoder, pending: Pending::Nothing, cut: None }
    }

    /// Hears a message; returns the packet that is complete with it.
    pub(super) fn hear(&mut self, book: &mut Book, place: &Place, message: Frame) -> Option<Packet> {
        if let (Frame::Text(_), Pending::Attachments { missing, .. }) = (&message, &self.pending) {
            let missing = *missing;
            self.finish(book);
            self.cut = Some(Cut { place: place.clone(), missing });
            self.restart();
        }
        self.count(place, &message);
        let is_text = matches!(message, Frame::Text(_));
        match self.decoder.push(message.clone()) {
            Ok(packet) => {
                if packet.is_some() && matches!(self.pending, Pending::Attachments { .. }) {
                    book.fulfilled("SIO5-ATT-02", place.side);
                }
                if packet.is_some() {
                    self.pending = Pending::Nothing;
                }
                packet
            }
            Err(error) if error.kind == DecodeErrorKind::UnexpectedAttachment => {
                self.stray(book, place);
                self.restart();
                None
            }
            Err(error) => {
                if let Some(requirement) = broken(self.revision, &message, error)
                    && (is_text || book.is_whole(place.side))
                {
                    book.violated(requirement, place, error.to_string());
                }
                self.restart();
                None
            }
        }
    }

    /// Nothing more comes.
    //= SIO5-ATT-02
    pub(super) fn finish(&mut self, book: &mut Book) {
        let Some(Cut { place, missing }) = self.cut.take() else { return };
        if book.is_whole(place.side) {
            let plural = if missing == 1 { "attachment is" } else { "attachments are" };
            book.violated("SIO5-ATT-02", &place, format!("{missing} {plural} missing before this packet"));
        }
    }

    /// Keeps the number of attachments that a header announces.
    fn count(&mut self, place: &Place, message: &Frame) {
        match message {
            Frame::Text(text) if self.parser == Parser::Json => {
                if let Some(missing @ 1..) = announced(text.as_str()) {
                    self.pending = Pending::Attachments { of: place.clone(), missing };
                }
            }
            Frame::Binary(_) => {
                if let Pending::Attachments { missing, .. } = &mut self.pending {
                    *missing = missing.saturating_sub(1);
                }
            }
            Frame::Text(_) => {}
        }
    }

    /// An attachment that nothing announced: one that comes too late, or one too many.
    //= SIO5-ATT-04
    fn stray(&mut self, book: &mut Book, place: &Place) {
        if !book.is_whole(place.side) {
            return;
        }
        match self.cut.take() {
            Some(Cut { place: text, missing }) => {
                let fault = "another packet stands between a packet and its attachments";
                book.violated("SIO5-ATT-04", &text, fault);
                self.cut = missing.checked_sub(1).filter(|left| *left > 0).map(|missing| Cut { place: text, missing });
            }
            None => book.violated("SIO5-ATT-02", place, "no packet has announced this attachment"),
        }
    }

    fn restart(&mut self) {
        self.decoder = decoder(self.revision, self.parser);
        self.pending = Pending::Nothing;
    }

    /// The packet whose attachments are missing at the end of the recording.
    pub(super) fn incomplete(&self) -> Option<&Place> {
        match &self.pending {
            Pending::Attachments { of, .. } => Some(of),
            Pending::Nothing => None,
        }
    }
}

/// Judges a message of a WebSocket by its form.
//= EIO4-WS-01
//= EIO4-WS-06
pub(super) fn frame(book: &mut Book, opening: &Opening, place: &Place, frame: &Frame, wants_base64: bool) {
    if book.revision == Revision::Three || !place.lane.is_socket() {
        return;
    }
    let bytes = match frame {
        Frame::Text(text) => text.as_str().len(),
        Frame::Binary(bytes) => bytes.len(),
    };
    if let Some(most) = opening.max_payload
        && u64::try_from(bytes).is_ok_and(|bytes| bytes > most)
        && place.side == Side::Client
    {
        let why = format!("the client has sent a message of {bytes} bytes; maxPayload is {most}");
        book.must_end(Side::Server, "EIO4-WS-06", place, why);
    }
    if !wants_base64 && matches!(frame, Frame::Text(text) if text.as_str().starts_with('b')) {
        book.violated("EIO4-WS-01", place, "a binary message is sent as base64 in a text message of the WebSocket");
    }
}

/// Judges the head of a packet: what stands before its data.
//= SIO5-PKT-01
pub(super) fn head(book: &mut Book, place: &Place, message: &Frame) {
    let Frame::Text(text) = message else { return };
    let text = text.as_str();
    let Some(rest) = text.strip_prefix(|kind: char| matches!(kind, '0'..='6')) else { return };
    let rest = announced(text).and_then(|_| rest.split_once('-')).map_or(rest, |(_, rest)| rest);
    if rest.starts_with("/,") {
        book.violated("SIO5-PKT-01", place, "the main namespace is written out");
    } else if rest.starts_with('/') && !rest.contains(',') {
        book.violated("SIO5-PKT-01", place, "no comma follows the namespace");
    }
}

/// The number of attachments that the text of a packet announces.
fn announced(text: &str) -> Option<usize> {
    let digits = text.strip_prefix(['5', '6'])?;
    digits.split_once('-')?.0.parse().ok()
}

/// The requirement that the sender of an undecodable message broke, if that is certain.
//= SIO5-PKT-15
fn broken(revision: Revision, message: &Frame, error: DecodeError) -> Option<&'static str> {
    let text = match message {
        Frame::Text(text) => text.as_str(),
        Frame::Binary(_) => "",
    };
    Some(match error.kind {
        DecodeErrorKind::InvalidJson if text.contains('\u{1e}') && revision == Revision::Four => "EIO4-WS-03",
        DecodeErrorKind::InvalidJson => "SIO5-PKT-15",
        DecodeErrorKind::UnknownType => "SIO5-PKT-05",
        DecodeErrorKind::IllegalAttachments => "SIO5-ATT-09",
        DecodeErrorKind::IllegalPlaceholder => "SIO5-ATT-02",
        DecodeErrorKind::ReservedName => "SIO5-EVT-02",
        DecodeErrorKind::InvalidPayload => match text.as_bytes().first()? {
            b'0' => "SIO5-PKT-11",
            b'1' => "SIO5-PKT-12",
            // Nothing stands where the arguments are due, which only some receivers refuse.
            b'2' | b'5' if !text.contains(['[', '{', '"']) => return None,
            b'2' | b'5' => "SIO5-PKT-07",
            b'3' | b'6' if !text.contains(['[', '{', '"']) => return None,
            b'3' | b'6' => "SIO5-PKT-10",
            b'4' => "SIO5-PKT-13",
            _ => return None,
        },
        _ => return None,
    })
}
