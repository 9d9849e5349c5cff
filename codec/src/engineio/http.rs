//! The HTTP half of polling, reduced to what the protocol gives a meaning to.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use bytes::Bytes;

use super::payload::Format;

/// The parts of a request's head that decide what becomes of it.
///
/// Whether the path is the configured one is the program's to check, before it asks the
/// [`Router`](super::server::Router).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "programs build it from their HTTP library's request")]
pub struct RequestHead<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The query string without its `?`; empty if there is none.
    pub query: &'a str,
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The `Origin` header.
    pub origin: Option<&'a [u8]>,
    /// Whether the request asks to be upgraded to a WebSocket.
    pub wants_websocket: bool,
}

/// The parameters of a query string.
///
/// ```
/// use sio_codec::engineio::Query;
///
/// let query = Query::new("EIO=3&transport=polling&EIO=4&token=a%20b");
/// assert_eq!(query.value("EIO").as_deref(), Some("4"), "the last one wins");
/// assert_eq!(query.value("token").as_deref(), Some("a b"));
/// ```
//= EIO4-URL-04
#[derive(Clone, Copy, Debug)]
pub struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    /// Reads a query string, given without its `?`.
    #[must_use]
    pub const fn new(query: &'a str) -> Self {
        Self(query)
    }

    /// The decoded value of a parameter; the last one if it is repeated.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Cow<'a, str>> {
        self.pairs().filter(|(key, _)| key == name).map(|(_, value)| value).last()
    }

    /// All parameters in order, decoded.
    pub fn pairs(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> + use<'a> {
        form_urlencoded::parse(self.0.as_bytes())
    }
}

/// How the sender of a polling body labelled it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a body is text or it is not")]
pub enum BodyFormat {
    /// Anything but `application/octet-stream`, or nothing.
    Text,
    /// `application/octet-stream`.
    Binary,
}

impl BodyFormat {
    /// How a POST is labelled: binary if the `Content-Type` is exactly that.
    //= EIO4-POST-07
    //= EIO3-BIN-03
    #[must_use]
    pub fn of_request(content_type: Option<&str>) -> Self {
        if content_type == Some(Format::V3Binary.request_type()) { Self::Binary } else { Self::Text }
    }

    /// How an answer is labelled. Other than a server, a client overlooks parameters and case in the `Content-Type`.
    //= EIO3-BIN-08
    #[must_use]
    pub fn of_response(content_type: Option<&str>) -> Self {
        let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
        let is_binary = media_type.trim().eq_ignore_ascii_case(Format::V3Binary.response_type());
        if is_binary { Self::Binary } else { Self::Text }
    }
}

/// What a response's body is.
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
}

/// An answer to send.
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
        let no_store = matches!(self.content_type, ContentType::Payload | ContentType::BinaryPayload | ContentType::Ok);
        content_type.into_iter().chain(no_store.then_some(("Cache-Control", "no-store")))
    }

    //= EIO3-BIN-02
    pub(super) const fn payload(format: Format, body: Bytes) -> Self {
        let content_type = if format.is_text() { ContentType::Payload } else { ContentType::BinaryPayload };
        Self { status: 200, content_type, body }
    }

    //= EIO4-POST-01
    pub(super) const fn ok() -> Self {
        Self { status: 200, content_type: ContentType::Ok, body: Bytes::from_static(b"ok") }
    }

    pub(super) fn refusal(status: u16, content_type: ContentType, body: Vec<u8>) -> Self {
        Self { status, content_type, body: Bytes::from(body) }
    }
}
