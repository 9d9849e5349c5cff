//! One message of a framed transport.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;

use crate::text::Text;

/// Text or bytes: one WebSocket message, and equally the content of one Engine.IO message.
///
/// It is made without a copy from whatever owns its content, and from text that lives for ever. What is borrowed otherwise
/// is copied by [`FrameRef::to_frame`].
///
/// ```
/// use bytes::Bytes;
/// use sio_codec::{Frame, FrameRef, Text};
///
/// assert_eq!(Frame::from("4hello"), Frame::from(String::from("4hello")));
/// assert_eq!(Frame::from(Text::from("4hello")), FrameRef::from("4hello").to_frame());
/// assert_eq!(Frame::from(vec![1, 2]), Frame::from(Bytes::from_static(&[1, 2])));
/// ```
//= EIO4-PKT-12
#[derive(Clone, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "WebSocket has these two kinds of messages and no others")]
pub enum Frame {
    /// A text message.
    Text(Text),
    /// A binary message.
    Binary(Bytes),
}

impl Frame {
    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether the message has no content.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A [`Frame`] that borrows its content.
///
/// ```
/// use sio_codec::{Frame, FrameRef};
///
/// let frame = FrameRef::from("4hello");
/// assert_eq!(frame.len(), 6);
/// assert_eq!(frame.to_frame(), Frame::from("4hello"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "as `Frame`")]
pub enum FrameRef<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
}

impl FrameRef<'_> {
    /// Length in bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether the message has no content.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An owned copy of the message.
    #[must_use]
    pub fn to_frame(&self) -> Frame {
        match self {
            Self::Text(text) => Frame::Text(Text::from(String::from(*text))),
            Self::Binary(bytes) => Frame::Binary(Bytes::copy_from_slice(bytes)),
        }
    }
}

impl<'a> From<&'a str> for FrameRef<'a> {
    #[inline]
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for FrameRef<'a> {
    #[inline]
    fn from(bytes: &'a [u8]) -> Self {
        Self::Binary(bytes)
    }
}

impl<'a> From<&'a Frame> for FrameRef<'a> {
    /// Costs a walk over a text, as [`Text::as_str`] does.
    fn from(frame: &'a Frame) -> Self {
        match frame {
            Frame::Text(text) => Self::Text(text.as_str()),
            Frame::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

impl From<Text> for Frame {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<&'static str> for Frame {
    fn from(text: &'static str) -> Self {
        Self::Text(Text::from(text))
    }
}

impl From<String> for Frame {
    fn from(text: String) -> Self {
        Self::Text(Text::from(text))
    }
}

impl From<Bytes> for Frame {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl From<Vec<u8>> for Frame {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(Bytes::from(bytes))
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({text:?})"),
            Self::Binary(bytes) => write!(f, "Binary({bytes:?})"),
        }
    }
}
