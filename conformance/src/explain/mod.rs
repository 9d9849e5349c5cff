//! Explains frames in words: how each layer reads them, and where the first fault is.
//!
//! ```text
//! frame ──▶ body ──▶ packets of Engine.IO ──▶ packets of Socket.IO ──▶ words
//! ```
//!
//! Everything that is in a frame is in its explanation, also what a receiver ignores.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`explain`] |
//! | `body.rs` | the packets of a polling body |
//! | `recording.rs` | a [session] of a recording, and the [rest] |
//! | `reader.rs` | what one side sends, layer by layer |
//! | `packets.rs` | what a packet says |
//! | `page.rs` | the text of an explanation |
//! | `predecessor.rs` | frames of Socket.IO 0.9 |
//! | `words.rs` | texts and bytes in a form that can be read |

mod body;
mod packets;
mod page;
mod predecessor;
mod reader;
mod recording;
mod words;

use sio_codec::engineio::Revision;
use sio_codec::socketio::Parser;
use sio_codec::{Frame, Text};

pub use recording::{Narrator, heading, rest, session};

use body::Body;
use page::{Fault, Page};
use reader::Reader;

use crate::replay::plural;

/// The explanation of a sequence of frames.
#[derive(Debug, PartialEq, Eq)]
pub enum Explained {
    /// Every frame was read.
    Sound(String),
    /// A frame has a fault, and the rest was not read.
    Faulty(String),
}

impl Explained {
    /// The explanation, whatever was found.
    #[must_use]
    pub fn into_words(self) -> String {
        match self {
            Self::Sound(words) | Self::Faulty(words) => words,
        }
    }
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
/// A frame may also be a polling body, whose packets are taken one by one: in revision 4 a text with U+001E, in revision 3
/// a text or bytes whose lengths end where the frame ends, and in both the script or the form of JSONP. No client or
/// server sends such a frame on a WebSocket.
///
/// ```
/// use siospec::explain::{Explained, explain, frame};
/// use sio_codec::engineio::Revision;
/// use sio_codec::socketio::Parser;
///
/// let event = frame(r#"42["message","hello"]"#)?;
/// let Explained::Sound(words) = explain(Revision::V4, Parser::Json, [event]) else { panic!("a fault") };
/// assert!(words.contains(r#"EVENT / "message""#), "{words}");
/// # Ok::<(), String>(())
/// ```
pub fn explain(revision: Revision, parser: Parser, frames: impl IntoIterator<Item = Frame>) -> Explained {
    let (mut page, mut reader) = (Page::default(), Reader::new(revision, parser));
    let mut frames = (1..).zip(frames);
    while let Some((number, frame)) = frames.next() {
        if read(&mut page, &mut reader, number, frame).is_err() {
            page.unexplained(frames.count(), "frames");
            return Explained::Faulty(page.text());
        }
    }
    reader.finish(&mut page);
    Explained::Sound(page.text())
}

/// Explains one frame, or each packet of a body.
fn read(page: &mut Page, reader: &mut Reader, number: usize, frame: Frame) -> Result<(), Fault> {
    let Some(body) = Body::of(reader.revision(), &frame) else { return reader.read(page, &number, frame) };
    let count = body.packets.len();
    let (bytes, packets) = (plural(frame.len(), "byte"), plural(count, "packet"));
    page.line(0, format_args!("{number}  {}, {bytes}, {packets}", body.kind));
    for (at, packet) in (1..).zip(body.packets) {
        let outcome = reader.read(page, &format_args!("{number}.{at}"), packet);
        if outcome.is_err() {
            page.unexplained(count.saturating_sub(at), "packets of this body");
            return outcome;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
