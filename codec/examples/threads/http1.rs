//! As much of HTTP/1.1 as a server of this protocol needs: a head, a body with a length, an answer.

use std::io::{self, BufRead, Read as _, Write};

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Request, Response, StatusCode, Version};

/// The longest head of a request, in bytes.
const MAX_HEAD: u64 = 16 << 10;

/// What a client sends behind a head.
pub(crate) enum Body {
    Whole(Bytes),
    /// It is longer than allowed, and was not read.
    TooLarge,
    /// It does not say how long it is.
    WithoutLength,
}

/// What becomes of the connection after an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    Next,
    Close,
}

/// Reads the head of a request; nothing if the client has no more.
///
/// # Errors
///
/// If the connection breaks, or what comes is no HTTP.
pub(crate) fn read_head(incoming: &mut impl BufRead) -> io::Result<Option<Request<()>>> {
    let mut bytes = Vec::new();
    let mut limited = incoming.take(MAX_HEAD);
    while !bytes.ends_with(b"\r\n\r\n") {
        if limited.read_until(b'\n', &mut bytes)? == 0 {
            return if bytes.is_empty() { Ok(None) } else { Err(io::ErrorKind::InvalidData.into()) };
        }
    }
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut fields);
    head.parse(&bytes).map_err(io::Error::other)?;
    let version = if head.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
    let (method, path) = (head.method.unwrap_or_default(), head.path.unwrap_or_default());
    let mut request = Request::builder().method(method).uri(path).version(version);
    for field in head.headers {
        request = request.header(field.name, field.value);
    }
    request.body(()).map(Some).map_err(io::Error::other)
}

/// What becomes of the connection if the body of this request, should it have one, is read or is not. One that is not read
/// would be taken for the next request.
pub(crate) fn after(request: &http::request::Parts, body: Option<&Body>) -> Then {
    let headers = &request.headers;
    let is_unread = headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
    let is_last = headers.get(CONNECTION).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
    match body {
        None if is_unread => Then::Close,
        Some(Body::TooLarge | Body::WithoutLength) => Then::Close,
        None | Some(Body::Whole(_)) if is_last || request.version == Version::HTTP_10 => Then::Close,
        None | Some(Body::Whole(_)) => Then::Next,
    }
}

/// Reads a body. One with chunks as well as a length, or with two lengths, has none here: a proxy in front might find another
/// end of it, and then another request behind.
///
/// # Errors
///
/// If the connection breaks.
pub(crate) fn read_body(incoming: &mut impl BufRead, headers: &HeaderMap, longest: usize) -> io::Result<Body> {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let length = match (lengths.next(), lengths.next()) {
        (Some(length), None) if !headers.contains_key(TRANSFER_ENCODING) => length.to_str().ok(),
        _ => None,
    };
    match length.and_then(|length| length.parse().ok()) {
        None => Ok(Body::WithoutLength),
        Some(length) if length > longest => Ok(Body::TooLarge),
        Some(length) => {
            let mut body = vec![0; length];
            incoming.read_exact(&mut body)?;
            Ok(Body::Whole(body.into()))
        }
    }
}

/// Writes an answer.
///
/// # Errors
///
/// If the connection breaks.
pub(crate) fn write_answer(mut stream: impl Write, answer: &Response<Bytes>, then: Then) -> io::Result<()> {
    let mut bytes = format!("HTTP/1.1 {}\r\n", answer.status()).into_bytes();
    for (name, value) in answer.headers() {
        write!(bytes, "{name}: ")?;
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        write!(bytes, "content-length: {}\r\n", answer.body().len())?;
    }
    if then == Then::Close {
        bytes.extend_from_slice(b"connection: close\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(answer.body());
    stream.write_all(&bytes)
}
