//! Answers to HTTP requests.

use bytes::Bytes;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::header::{CONNECTION, HeaderValue};
use sio_codec::engineio::Response;

pub(super) type Answer = hyper::Response<Full<Bytes>>;

/// An answer with a plain text body.
pub(super) fn plain(status: StatusCode, words: &'static str) -> Answer {
    let mut answer = Answer::new(Full::new(Bytes::from_static(words.as_bytes())));
    *answer.status_mut() = status;
    answer
}

/// The same answer, as the last one of its connection.
pub(super) fn close_after(mut answer: Answer) -> Answer {
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// Converts the machine's answer to the type of hyper.
pub(super) fn into_http(response: Response) -> Answer {
    hyper::Response::from(response).map(Full::new)
}
