//! The bytes below a WebSocket: adapts an asynchronous stream to tungstenite, whose calls do not wait.
//!
//! The adapter gives tungstenite no byte of a frame before it has read the frame before. The buffer of tungstenite
//! grows to the longest message and keeps that size. Because it is empty between two messages, it can be replaced
//! there. tungstenite also allocates the whole length of a message at once, so it must not see the length of a long
//! message before there is [room](Room) for it.

use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use tokio::io::{AsyncBufRead as _, AsyncRead, AsyncWrite, BufReader};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;
use tokio_util::io::poll_write_buf;
use tokio_util::sync::PollSemaphore;

use super::bounds;

/// The longest header: two bytes, 8 bytes of length, and 4 bytes of mask.
pub(super) const MAX_HEADER: usize = 14;

/// A stream of frames.
#[derive(Debug)]
pub(super) struct Wire<S> {
    stream: BufReader<S>,
    frames: Frames,
    room: Room,
}

/// The reader's position in the stream.
#[derive(Debug)]
struct Frames {
    place: Place,
    /// The bytes that the frames of the message have announced so far, if more frames follow.
    begun: Option<u64>,
    /// The longest message that the reader accepts.
    longest: usize,
}

#[derive(Debug)]
enum Place {
    /// In a header, of which this many bytes were read.
    Header([u8; MAX_HEADER], usize),
    /// In a payload, of which this many bytes are missing.
    Payload(u64),
    /// Before the last byte of a header. The payload after it begins a long message, which needs this much room.
    Long { payload: u64, room: usize },
    /// After an invalid header; tungstenite will report it.
    Lost,
}

/// Room for long messages, shared by all WebSockets: the bytes of all messages that are still arriving.
#[derive(Debug)]
struct Room {
    shared: PollSemaphore,
    taken: Option<OwnedSemaphorePermit>,
}

impl<S: AsyncRead> Wire<S> {
    pub(super) fn new(stream: S, longest: usize, room: Arc<Semaphore>) -> Self {
        Self {
            stream: BufReader::with_capacity(bounds::WEBSOCKET_READ, stream),
            frames: Frames { place: Place::START, begun: None, longest },
            room: Room::new(room),
        }
    }

    /// Whether only complete messages were read.
    pub(super) const fn is_between_messages(&self) -> bool {
        matches!((&self.frames.place, self.frames.begun), (Place::Header(_, 0), None))
    }

    /// Frees the room: the message that needed it was taken.
    pub(super) fn make_room(&mut self) {
        self.room.taken = None;
    }

    /// Frees the room and the place in its queue: no more messages are wanted.
    pub(super) fn give_up_room(&mut self) {
        self.room = Room::new(self.room.shared.clone_inner());
    }

    /// The stream itself, without the bytes that were read from it.
    pub(super) fn into_inner(self) -> S {
        self.stream.into_inner()
    }

    /// The stream for one call of tungstenite; its task is woken when another call makes sense.
    pub(super) const fn now<'a, 'b>(&'a mut self, context: &'a mut Context<'b>) -> Now<'a, 'b, S> {
        Now { wire: self, context }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Writes all bytes.
    pub(super) fn poll_write_all(&mut self, context: &mut Context<'_>, bytes: &mut impl Buf) -> Poll<io::Result<()>> {
        while bytes.has_remaining() {
            let stream = Pin::new(&mut self.stream);
            let written = if bytes.chunk().len() == bytes.remaining() {
                // The system takes a single piece with less effort than a list of one.
                let written = ready!(stream.poll_write(context, bytes.chunk()))?;
                bytes.advance(written);
                written
            } else {
                ready!(poll_write_buf(stream, context, bytes))?
            };
            if written == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> Wire<S> {
    fn poll_read(&mut self, context: &mut Context<'_>, out: &mut [u8]) -> Poll<io::Result<usize>> {
        loop {
            if let Place::Long { payload, room } = self.frames.place {
                ready!(self.room.poll_take(context, room));
                self.frames.place = Place::Payload(1 + payload);
            }
            let bytes = ready!(Pin::new(&mut self.stream).poll_fill_buf(context))?;
            let some = bytes.len().min(out.len());
            let taken = self.frames.advance(&bytes[..some]);
            if taken == 0 && some > 0 {
                continue;
            }
            out[..taken].copy_from_slice(&bytes[..taken]);
            Pin::new(&mut self.stream).consume(taken);
            return Poll::Ready(Ok(taken));
        }
    }
}

impl Room {
    fn new(shared: Arc<Semaphore>) -> Self {
        Self { shared: PollSemaphore::new(shared), taken: None }
    }

    fn poll_take(&mut self, context: &mut Context<'_>, bytes: usize) -> Poll<()> {
        if self.taken.is_none() {
            let all = u32::try_from(bytes.min(bounds::LONG_MESSAGES)).unwrap_or(u32::MAX);
            self.taken = ready!(self.shared.poll_acquire_many(context, all));
        }
        Poll::Ready(())
    }
}

impl Frames {
    /// How many of these bytes may be read before the next check. They count as read.
    fn advance(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        loop {
            let rest = &bytes[taken..];
            match &mut self.place {
                Place::Header(header, len) => {
                    let missing = header_len(&header[..*len]) - *len;
                    let more = missing.min(rest.len());
                    header[*len..*len + more].copy_from_slice(&rest[..more]);
                    (*len, taken) = (*len + more, taken + more);
                    let header = &header[..*len];
                    if header_len(header) == header.len() {
                        self.place = match FrameHeader::parse(&mut Cursor::new(header)) {
                            Ok(Some((header, payload))) => self.enter(&header, payload),
                            Ok(None) | Err(_) => Place::Lost,
                        };
                    } else if more == 0 {
                        return taken;
                    }
                }
                Place::Payload(left) => {
                    let more = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    *left -= more as u64;
                    if *left == 0 {
                        self.place = Place::START;
                    }
                    return taken + more;
                }
                Place::Long { .. } => return taken.saturating_sub(1),
                Place::Lost => return bytes.len(),
            }
        }
    }

    /// Moves on to the payload of a frame.
    fn enter(&mut self, header: &FrameHeader, payload: u64) -> Place {
        if let OpCode::Control(_) = header.opcode {
            return Place::Payload(payload);
        }
        let before = self.begun.take();
        let message = before.unwrap_or(0).saturating_add(payload);
        if !header.is_final {
            self.begun = Some(message);
        }
        // A message that is too long is refused by its header.
        if payload == 0 || message <= bounds::LONG as u64 || payload > self.longest as u64 {
            return Place::Payload(payload);
        }
        let is_whole = header.is_final && before.is_none();
        // The final length of a message in fragments is not known.
        let room = if is_whole { usize::try_from(payload).unwrap_or(self.longest) } else { self.longest };
        Place::Long { payload, room: room.min(self.longest) }
    }
}

impl Place {
    const START: Self = Self::Header([0; MAX_HEADER], 0);
}

/// The length of a header that begins with these bytes; at first only the length of the part that determines it.
fn header_len(begin: &[u8]) -> usize {
    let [_, second, ..] = begin else { return 2 };
    let extended = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    2 + extended + if second & 0x80 == 0 { 0 } else { 4 }
}

/// A stream with the interface that tungstenite needs.
#[derive(Debug)]
pub(super) struct Now<'a, 'b, S> {
    wire: &'a mut Wire<S>,
    context: &'a mut Context<'b>,
}

impl<S: AsyncRead + Unpin> Read for Now<'_, '_, S> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        or_later(self.wire.poll_read(self.context, out))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Write for Now<'_, '_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        or_later(Pin::new(&mut self.wire.stream).poll_write(self.context, bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        or_later(Pin::new(&mut self.wire.stream).poll_flush(self.context))
    }
}

/// A stream that accepts nothing yet: what is written to it stays with the writer.
#[derive(Debug)]
pub(super) struct Later;

impl Read for Later {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::WouldBlock.into())
    }
}

impl Write for Later {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(ErrorKind::WouldBlock.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(ErrorKind::WouldBlock.into())
    }
}

fn or_later<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(ErrorKind::WouldBlock.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A final text frame of `len` bytes, with a mask.
    fn frame(len: usize) -> Vec<u8> {
        let mut frame = Vec::new();
        let header = FrameHeader { mask: Some([7; 4]), ..text_header(true) };
        header.format(len as u64, &mut frame).unwrap();
        frame.resize(frame.len() + len, b'x');
        frame
    }

    fn text_header(is_final: bool) -> FrameHeader {
        use tokio_tungstenite::tungstenite::protocol::frame::coding::Data;
        FrameHeader { is_final, opcode: OpCode::Data(Data::Text), ..FrameHeader::default() }
    }

    const fn frames() -> Frames {
        Frames { place: Place::START, begun: None, longest: 1_000_000 }
    }

    #[test]
    fn no_read_goes_beyond_a_frame() {
        let lengths = [0, 1, 125, 126, 65_535, 65_536];
        let bytes: Vec<u8> = lengths.iter().flat_map(|len| frame(*len)).collect();
        for step in [1, 2, 3, 7, 100, usize::MAX] {
            let mut frames = frames();
            let (mut ends, mut waits) = (Vec::new(), Vec::new());
            let mut at = 0;
            while at < bytes.len() {
                let end = bytes.len().min(at.saturating_add(step));
                let taken = frames.advance(&bytes[at..end]);
                at += taken;
                match frames.place {
                    Place::Header(_, 0) => ends.push(at),
                    Place::Long { payload, room } => {
                        waits.push(room);
                        frames.place = Place::Payload(1 + payload);
                    }
                    _ => assert!(taken > 0, "at {at} in steps of {step}"),
                }
            }
            let mut expected = 0;
            let expected = lengths.map(|len| {
                expected += frame(len).len();
                expected
            });
            assert_eq!(ends, expected, "in steps of {step}");
            assert_eq!(waits, [65_535, 65_536]);
        }
    }

    #[test]
    fn a_message_in_fragments_ends_with_its_last() {
        let mut frames = frames();
        // A text that continues, a ping in between, and the rest.
        for (bytes, begun) in [
            (&[0x01, 0x80, 0, 0, 0, 0][..], Some(0)),
            (&[0x89, 0x80, 0, 0, 0, 0], Some(0)),
            (&[0x80, 0x80, 0, 0, 0, 0], None),
        ] {
            assert_eq!(frames.advance(bytes), bytes.len());
            assert_eq!(frames.begun, begun, "{bytes:?}");
        }
    }

    /// Short fragments take room when their sum is a long message; the empty ones at its end take no more.
    #[test]
    fn fragments_take_room_together() {
        let mut frames = frames();
        let fragment = |is_final, len: usize| {
            let mut bytes = Vec::new();
            text_header(is_final).format(len as u64, &mut bytes).unwrap();
            bytes.resize(bytes.len() + len, b'x');
            bytes
        };
        let half = bounds::LONG / 2;
        for (len, is_long) in [(half, false), (half, false), (1, true), (0, false)] {
            let bytes = fragment(len == 0, len);
            let taken = frames.advance(&bytes);
            if let Place::Long { payload, room } = frames.place {
                assert_eq!(room, 1_000_000);
                frames.place = Place::Payload(1 + payload);
                assert_eq!(taken + frames.advance(&bytes[taken..]), bytes.len());
                assert!(is_long, "{len}");
            } else {
                assert!(!is_long, "{len}");
                assert_eq!(taken, bytes.len());
            }
        }
        assert_eq!(frames.begun, None);
    }
}
