//! Answers to polling requests.

mod refusal;
#[cfg(feature = "http")]
mod types;

use alloc::vec::Vec;

use bytes::Bytes;

pub use self::refusal::HttpError;
use super::payload::Format;

/// What a response's body is.
///
/// A part of [`Response`], which has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentType {
    /// A payload in one of the textual forms, or in a script.
    Payload,
    /// A payload in the binary form of revision 3.
    BinaryPayload,
    /// The `ok` of an accepted POST.
    Ok,
    /// An error as JSON.
    Json,
    /// An error as plain words, for a refused WebSocket.
    Words,
    /// There is no body.
    Empty,
}

impl ContentType {
    /// The value of the `Content-Type` header; `None` without a body.
    //= EIO4-GET-03
    //= EIO4-ERR-07
    #[must_use]
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Payload => Some(Format::V4.response_type()),
            Self::BinaryPayload => Some(Format::V3Binary.response_type()),
            Self::Ok | Self::Words => Some("text/html"),
            Self::Json => Some("application/json"),
            Self::Empty => None,
        }
    }

    /// The value of the `Cache-Control` header, if there is one.
    const fn cache_control(self) -> Option<&'static str> {
        match self {
            Self::Payload | Self::BinaryPayload | Self::Ok => Some("no-store"),
            Self::Json | Self::Words | Self::Empty => None,
        }
    }
}

/// An answer to send.
///
/// ```
/// use sio_codec::engineio::HttpError;
///
/// let response = HttpError::UnknownSid.response();
/// assert_eq!((response.status, response.headers().next()), (400, Some(("Content-Type", "application/json"))));
/// assert_eq!(response.body, r#"{"code":1,"message":"Session ID unknown"}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// What the body is.
    pub content_type: ContentType,
    /// The body, complete.
    pub body: Bytes,
}

impl Response {
    /// The headers that go with it, `Content-Length` aside.
    ///
    /// Answers that carry packets forbid caching.
    //= EIO4-GET-04
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let content_type = self.content_type.as_str().map(|value| ("Content-Type", value));
        let cache_control = self.content_type.cache_control().map(|value| ("Cache-Control", value));
        content_type.into_iter().chain(cache_control)
    }

    //= EIO3-BIN-02
    pub(in crate::engineio) const fn payload(format: Format, body: Bytes) -> Self {
        let content_type = if format.is_text() { ContentType::Payload } else { ContentType::BinaryPayload };
        Self { status: 200, content_type, body }
    }

    //= EIO4-POST-01
    pub(in crate::engineio) const fn ok() -> Self {
        Self { status: 200, content_type: ContentType::Ok, body: Bytes::from_static(b"ok") }
    }

    fn refusal(status: u16, content_type: ContentType, body: Vec<u8>) -> Self {
        Self { status, content_type, body: Bytes::from(body) }
    }
}
