//! The messages of a WebSocket, read from one of its directions.

use std::io::Cursor;

use flate2::{Decompress, FlushDecompress, Status};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::sighting::What;
use crate::trace::Side;

/// The largest message that is kept; the reference's default limit is 1 MB.
const LONGEST: usize = 64 << 20;

/// The longest head of a frame.
const HEAD: usize = 14;

/// One direction of a WebSocket.
#[derive(Debug)]
pub(super) struct Frames {
    side: Side,
    place: Place,
    /// The message whose last frame has not come.
    message: Option<Message>,
    compression: Compression,
}

/// Where the next byte belongs.
#[derive(Debug)]
enum Place {
    /// To the head of a frame, of which this came already.
    Head(Vec<u8>),
    /// To the payload of a frame, of which this number of bytes is left.
    Payload { head: FrameHeader, left: u64, kept: Kept },
    /// Nothing more can be read.
    Over,
}

/// What is kept of a frame or a message.
#[derive(Debug)]
enum Kept {
    Whole(Vec<u8>),
    /// It cannot be shown, for this reason.
    Damaged(String),
}

#[derive(Debug)]
struct Message {
    kind: Data,
    packing: Packing,
    kept: Kept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    Deflate,
}

/// What was agreed on the compression of messages.
#[derive(Debug)]
pub(super) enum Compression {
    None,
    /// permessage-deflate, each message with the window of the ones before it.
    Shared(Decompress),
    /// permessage-deflate, each message by itself.
    Alone,
    /// permessage-deflate; a message before was lost, and with it the window.
    Lost,
}

/// Bytes that are no frames.
type NoFrames = String;

impl Compression {
    /// What `side` does, by the `Sec-WebSocket-Extensions` of the answer.
    pub(super) fn agreed(side: Side, extensions: &str) -> Self {
        let Some(parameters) = extensions.trim().strip_prefix("permessage-deflate") else { return Self::None };
        let own = match side {
            Side::Client => "client_no_context_takeover",
            Side::Server => "server_no_context_takeover",
        };
        if parameters.split(';').any(|parameter| parameter.trim() == own) {
            Self::Alone
        } else {
            Self::Shared(Decompress::new(false))
        }
    }
}

impl Frames {
    /// What `side` sends.
    pub(super) const fn of(side: Side, compression: Compression) -> Self {
        Self { side, place: Place::Head(Vec::new()), message: None, compression }
    }

    /// Reads more bytes; returns what is complete.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Vec<What> {
        let mut seen = Vec::new();
        loop {
            match self.step(&mut bytes) {
                Ok(Step::Hungry) => return seen,
                Ok(Step::On) => {}
                Ok(Step::Saw(what)) => seen.push(what),
                Err(why) => {
                    self.place = Place::Over;
                    seen.push(What::Unreadable(self.side, why));
                    return seen;
                }
            }
        }
    }

    /// Goes on behind bytes that were not recorded.
    pub(super) fn skip(&mut self, missing: u64) -> Vec<What> {
        match &mut self.place {
            Place::Payload { left, kept, .. } if *left >= missing => {
                *left -= missing;
                *kept = Kept::Damaged(format!("a message of which {missing} bytes were not recorded"));
                self.feed(&[])
            }
            Place::Over => Vec::new(),
            Place::Head(_) | Place::Payload { .. } => {
                self.place = Place::Over;
                vec![What::Unreadable(
                    self.side,
                    format!("frames of a WebSocket, of which {missing} bytes were not recorded"),
                )]
            }
        }
    }

    /// Whether nothing more can be read.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.place, Place::Over)
    }

    /// Reads on to the end of a head, or of a payload.
    fn step(&mut self, bytes: &mut &[u8]) -> Result<Step, NoFrames> {
        match &mut self.place {
            Place::Over => Ok(Step::Hungry),
            Place::Head(begun) => {
                let before = begun.len();
                begun.extend(bytes.iter().take(HEAD.saturating_sub(before)));
                let mut cursor = Cursor::new(&*begun);
                let parsed =
                    FrameHeader::parse(&mut cursor).map_err(|error| format!("no frames of a WebSocket: {error}"))?;
                let read = usize::try_from(cursor.position()).unwrap_or(usize::MAX);
                let Some((head, left)) = parsed else {
                    *bytes = &[];
                    return Ok(Step::Hungry);
                };
                *bytes = bytes.get(read.saturating_sub(before)..).unwrap_or_default();
                self.check(&head)?;
                self.place = Place::Payload { head, left, kept: Kept::Whole(Vec::new()) };
                Ok(Step::On)
            }
            Place::Payload { left, kept, .. } => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                let (own, rest) = bytes.split_at(length);
                kept.push(own);
                *bytes = rest;
                *left -= length as u64;
                if *left > 0 {
                    return Ok(Step::Hungry);
                }
                let place = std::mem::replace(&mut self.place, Place::Head(Vec::new()));
                let Place::Payload { head, kept, .. } = place else { return Ok(Step::Hungry) };
                Ok(self.frame(&head, kept).map_or(Step::On, Step::Saw))
            }
        }
    }

    /// Whether a frame may have this head.
    fn check(&self, head: &FrameHeader) -> Result<(), NoFrames> {
        let no_frames = |why: &str| Err(format!("no frames of a WebSocket: {why}"));
        if head.rsv2 || head.rsv3 || (head.rsv1 && matches!(self.compression, Compression::None)) {
            return Err("frames of an extension that was not agreed on".to_owned());
        }
        match (head.opcode, &self.message) {
            _ if head.mask.is_some() != (self.side == Side::Client) => no_frames("only a client masks them"),
            (OpCode::Data(Data::Continue), None) => no_frames("a message begins with a continuation"),
            (OpCode::Data(Data::Text | Data::Binary), Some(_)) => no_frames("a message begins in another"),
            _ => Ok(()),
        }
    }

    /// A whole frame; the message that ends with it.
    fn frame(&mut self, head: &FrameHeader, mut kept: Kept) -> Option<What> {
        if let (Some(mask), Kept::Whole(bytes)) = (head.mask, &mut kept) {
            bytes.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        }
        let kind = match head.opcode {
            OpCode::Control(Control::Close) => {
                let code = match &kept {
                    Kept::Whole(bytes) => bytes.first_chunk().map(|code| u16::from_be_bytes(*code)),
                    Kept::Damaged(_) => None,
                };
                return Some(What::Close(self.side, code));
            }
            // The frames that keep a connection awake belong to no message.
            OpCode::Control(_) => return None,
            OpCode::Data(kind) => kind,
        };
        let message = match self.message.take() {
            Some(begun) => Message { kept: begun.kept.and(kept), ..begun },
            None => Message { kind, packing: if head.rsv1 { Packing::Deflate } else { Packing::Plain }, kept },
        };
        if head.is_final {
            return Some(self.whole(message));
        }
        self.message = Some(message);
        None
    }

    fn whole(&mut self, Message { kind, packing, kept }: Message) -> What {
        let unpacked = match (packing, kept) {
            (Packing::Plain, kept) => kept,
            (Packing::Deflate, kept) => self.compression.unpack(kept),
        };
        match (unpacked, kind) {
            (Kept::Damaged(why), _) => What::Unreadable(self.side, why),
            (Kept::Whole(bytes), Data::Binary) => What::Binary(self.side, bytes),
            (Kept::Whole(bytes), _) => match String::from_utf8(bytes) {
                Ok(text) => What::Text(self.side, text),
                Err(error) => What::Unreadable(self.side, format!("a text message that is not UTF-8: {error}")),
            },
        }
    }
}

/// What came of some bytes.
enum Step {
    /// More bytes are needed.
    Hungry,
    On,
    Saw(What),
}

impl Kept {
    fn push(&mut self, more: &[u8]) {
        if let Self::Whole(bytes) = self {
            if bytes.len().saturating_add(more.len()) > LONGEST {
                *self = Self::Damaged(format!("a message of more than {LONGEST} bytes"));
            } else {
                bytes.extend_from_slice(more);
            }
        }
    }

    fn and(mut self, next: Self) -> Self {
        match next {
            Self::Whole(bytes) => self.push(&bytes),
            Self::Damaged(_) if matches!(self, Self::Damaged(_)) => {}
            Self::Damaged(why) => self = Self::Damaged(why),
        }
        self
    }
}

impl Compression {
    /// A message without its compression (RFC 7692, section 7.2.2).
    fn unpack(&mut self, packed: Kept) -> Kept {
        let Kept::Whole(mut packed) = packed else {
            if matches!(self, Self::Shared(_)) {
                *self = Self::Lost;
            }
            return packed;
        };
        packed.extend([0, 0, 0xff, 0xff]);
        let unpacked = match self {
            Self::Shared(window) => inflate(window, &packed),
            Self::Alone | Self::None => inflate(&mut Decompress::new(false), &packed),
            Self::Lost => Err("a message that is compressed with the help of one that was not recorded".to_owned()),
        };
        unpacked.map_or_else(
            |why| {
                if matches!(self, Self::Shared(_)) {
                    *self = Self::Lost;
                }
                Kept::Damaged(why)
            },
            Kept::Whole,
        )
    }
}

fn inflate(window: &mut Decompress, mut packed: &[u8]) -> Result<Vec<u8>, String> {
    /// How much room there is for the next step.
    const STEP: usize = 16 << 10;
    let mut unpacked = Vec::new();
    loop {
        unpacked.reserve(STEP);
        let (read, written) = (window.total_in(), unpacked.len());
        let status = window
            .decompress_vec(packed, &mut unpacked, FlushDecompress::Sync)
            .map_err(|error| format!("a message that cannot be decompressed: {error}"))?;
        let read = usize::try_from(window.total_in() - read).unwrap_or(usize::MAX);
        packed = packed.get(read..).unwrap_or_default();
        if unpacked.len() > LONGEST {
            return Err(format!("a message of more than {LONGEST} bytes"));
        }
        let is_stuck = read == 0 && unpacked.len() == written;
        let has_room = unpacked.len() < unpacked.capacity();
        if status == Status::StreamEnd || is_stuck || (packed.is_empty() && has_room) {
            return Ok(unpacked);
        }
    }
}
