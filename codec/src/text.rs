//! Text that shares its bytes.

use alloc::string::String;
use core::fmt;
use core::ops::{Deref, Range};

use bytes::{Buf as _, Bytes};

/// UTF-8 text in a reference-counted buffer: cloning and slicing copy nothing.
///
/// The encoding is checked once, when the text is made. [`as_bytes`](Self::as_bytes) is free; [`as_str`](Self::as_str)
/// walks the text again, because the crate forbids the unsafe code that would vouch for it, so keep its result. The same
/// holds for the methods of `str`, which a text has through `Deref`, unless it has its own.
///
/// ```
/// use sio_codec::Text;
///
/// let text = Text::from("4hello €");
/// assert_eq!(text.slice(1..6).unwrap(), "hello");
/// assert_eq!(text.slice(7..8), None, "not on a character boundary");
/// assert!(text.starts_with('4') && text.len() == 10);
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Bytes);

impl Text {
    /// The empty text; allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(Bytes::new())
    }

    /// The text as a string slice. Costs a walk over the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).expect("checked when the text was made, and cut on boundaries only")
    }

    /// The part from a position on; none if that is not on a character boundary. Costs a walk over that part only.
    pub(crate) fn str_from(&self, at: usize) -> &str {
        core::str::from_utf8(self.0.get(at..).unwrap_or_default()).unwrap_or_default()
    }

    /// The UTF-8 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A part of the text that shares its bytes; `None` if an end lies outside or inside a character.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Option<Self> {
        let inside = range.start <= range.end && self.is_boundary(range.start) && self.is_boundary(range.end);
        inside.then(|| Self(self.0.slice(range)))
    }

    /// Takes over bytes that are known to be UTF-8, without the walk that [`TryFrom`] costs.
    ///
    /// Nothing unsafe depends on it: a mistake shows as a panic in [`as_str`](Self::as_str).
    #[inline]
    pub(crate) fn vouched(bytes: Bytes) -> Self {
        debug_assert!(core::str::from_utf8(&bytes).is_ok(), "not UTF-8: {bytes:?}");
        Self(bytes)
    }

    /// The text from a position on that is known to be on a character boundary. The handle moves.
    #[inline]
    pub(crate) fn tail(mut self, at: usize) -> Self {
        debug_assert!(self.is_boundary(at), "{at} in {self:?}");
        self.0.advance(at.min(self.0.len()));
        self
    }

    /// The shared bytes.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    fn is_boundary(&self, at: usize) -> bool {
        // A continuation byte is 10xxxxxx.
        at == self.0.len() || self.0.get(at).is_some_and(|byte| byte & 0xc0 != 0x80)
    }
}

/// The bytes are not UTF-8.
///
/// ```
/// use bytes::Bytes;
/// use sio_codec::Text;
///
/// let fault = Text::try_from(Bytes::from_static(b"caf\xe9")).unwrap_err();
/// assert_eq!(fault.offset, 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidUtf8 {
    /// Bytes before the first fault.
    pub offset: usize,
}

impl fmt::Display for InvalidUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid UTF-8 at byte {}", self.offset)
    }
}

impl core::error::Error for InvalidUtf8 {}

impl TryFrom<Bytes> for Text {
    type Error = InvalidUtf8;

    fn try_from(bytes: Bytes) -> Result<Self, InvalidUtf8> {
        match core::str::from_utf8(&bytes) {
            Ok(_) => Ok(Self(bytes)),
            Err(error) => Err(InvalidUtf8 { offset: error.valid_up_to() }),
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Bytes::from(text))
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self(Bytes::from_static(text.as_bytes()))
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
