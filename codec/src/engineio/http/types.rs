//! Requests and answers as the types of the crate `http`, which hyper, axum and others share.

use ::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, ORIGIN, UPGRADE};
use ::http::{StatusCode, request};
use bytes::Bytes;

use super::Response;
use crate::engineio::request::RequestHead;

/// Takes from a request what the protocol gives a meaning to.
///
/// A request asks for a WebSocket if it says so as HTTP/1.1 does it: `Connection: upgrade` and `Upgrade: websocket`, in any
/// case, among others. For an extended CONNECT of HTTP/2, set [`wants_websocket`](RequestHead::wants_websocket) and `method`
/// (to `GET`) afterwards.
///
/// ```
/// use sio_codec::engineio::RequestHead;
///
/// let request = http::Request::get("/socket.io/?EIO=4&transport=websocket")
///     .header("Connection", "keep-alive, Upgrade")
///     .header("Upgrade", "websocket");
/// let (parts, ()) = request.body(())?.into_parts();
/// let head = RequestHead::from(&parts);
/// assert_eq!((head.query, head.wants_websocket), ("EIO=4&transport=websocket", true));
/// # Ok::<(), http::Error>(())
/// ```
impl<'a> From<&'a request::Parts> for RequestHead<'a> {
    fn from(parts: &'a request::Parts) -> Self {
        Self {
            method: parts.method.as_str(),
            query: parts.uri.query().unwrap_or_default(),
            content_type: parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()),
            origin: parts.headers.get(ORIGIN).map(HeaderValue::as_bytes),
            wants_websocket: lists(&parts.headers, &CONNECTION, "upgrade")
                && lists(&parts.headers, &UPGRADE, "websocket"),
        }
    }
}

/// The answer with its status and its headers, `Content-Length` aside, which the program's server writes.
///
/// ```
/// use sio_codec::engineio::HttpError;
///
/// let answer: http::Response<bytes::Bytes> = HttpError::UnknownSid.response().into();
/// assert_eq!(answer.status(), 400);
/// assert_eq!(answer.headers()["content-type"], "application/json");
/// ```
impl From<Response> for ::http::Response<Bytes> {
    fn from(response: Response) -> Self {
        let content_type = response.content_type;
        let mut answer = Self::new(response.body);
        // Every status of the crate is one.
        *answer.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in [(CONTENT_TYPE, content_type.as_str()), (CACHE_CONTROL, content_type.cache_control())] {
            if let Some(value) = value {
                answer.headers_mut().insert(name, HeaderValue::from_static(value));
            }
        }
        answer
    }
}

/// Whether a header that is a list has this member, over all of its lines.
fn lists(headers: &HeaderMap, name: &HeaderName, member: &str) -> bool {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|one| one.trim().eq_ignore_ascii_case(member))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engineio::HttpError;
    use alloc::vec::Vec;

    fn head(headers: &[(&str, &str)]) -> (Option<&'static str>, bool) {
        let mut request = ::http::Request::post("/socket.io/?EIO=4");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let head = RequestHead::from(&parts);
        assert_eq!((head.method, head.query), ("POST", "EIO=4"));
        (head.content_type.map(|_| "labelled"), head.wants_websocket)
    }

    #[test]
    fn heads() {
        assert_eq!(head(&[]), (None, false));
        assert_eq!(head(&[("content-type", "text/plain")]), (Some("labelled"), false));
        for headers in [
            [("connection", "upgrade"), ("upgrade", "websocket")],
            [("Connection", "keep-alive, UPGRADE"), ("Upgrade", "h2c, WebSocket")],
        ] {
            assert!(head(&headers).1, "{headers:?}");
        }
        assert!(head(&[("connection", "keep-alive"), ("connection", "upgrade"), ("upgrade", "websocket")]).1);
        for headers in [
            &[("upgrade", "websocket")][..],
            &[("connection", "upgrade")],
            &[("connection", "upgrades"), ("upgrade", "websocket")],
            &[("connection", "upgrade"), ("upgrade", "websocket/13")],
        ] {
            assert!(!head(headers).1, "{headers:?}");
        }
    }

    #[test]
    fn answers_keep_everything() {
        for error in HttpError::ALL {
            for response in [error.response(), error.upgrade_response(), Response::ok()] {
                let answer: ::http::Response<Bytes> = response.clone().into();
                assert_eq!(answer.status().as_u16(), response.status);
                let headers = answer.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
                let mut expected: Vec<_> =
                    response.headers().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
                let mut found: Vec<_> = headers.map(|(name, value)| (name.into(), value)).collect();
                expected.sort_unstable();
                found.sort_unstable();
                assert_eq!(found, expected);
                assert_eq!(answer.into_body(), response.body);
            }
        }
    }
}
