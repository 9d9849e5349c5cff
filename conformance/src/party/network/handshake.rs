//! The opening handshake of a WebSocket: an HTTP request whose answer may turn the connection into a WebSocket.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::header::{
    CONNECTION, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::{HeaderMap, Request, Response, StatusCode, Version};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::Target;
use super::connect::Stream;
use super::http::{self, Body, Fault, header_fields};
use crate::replay::{Answer, Seen};

/// How long to wait for the body of a refusal, which may have no known end.
const REFUSAL: Duration = Duration::from_millis(500);

/// A connection that has become a WebSocket, and the bytes that were already read from it.
pub(super) struct Opened {
    pub(super) stream: Stream,
    pub(super) first: Bytes,
}

/// Opens a WebSocket; `Err` is what happened instead.
pub(super) async fn open(target: &Target, query: &str, headers: Vec<(String, String)>) -> Result<Opened, Seen> {
    let request = request(target, query, headers).map_err(Seen::Broken)?;
    let asked = request.headers().clone();
    let opened = http::send(target, request, async |response| {
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Err(Seen::Refused(refusal(response).await)));
        }
        if let Err(fault) = check(&asked, &response) {
            return Ok(Err(Seen::Broken(format!("the WebSocket's handshake is answered wrongly: {fault}"))));
        }
        let lost = || Fault::Ended("the connection ended".to_owned());
        let upgraded = hyper::upgrade::on(response).await.map_err(|_| lost())?;
        let parts = upgraded.downcast::<TokioIo<Stream>>().map_err(|_| lost())?;
        Ok(Ok(Opened { stream: parts.io.into_inner(), first: parts.read_buf }))
    });
    opened.await.map_err(|fault| match fault {
        Fault::Ended(_) => Seen::Closed(None),
        Fault::Unreachable(words) | Fault::Unreadable(words) => Seen::Broken(words),
    })?
}

fn request(target: &Target, query: &str, headers: Vec<(String, String)>) -> Result<Request<Body>, String> {
    let no_request = |error: &dyn std::fmt::Display| format!("this request cannot be sent: {error}");
    let mut request = Request::builder()
        .uri(target.uri(query))
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, generate_key())
        .body(Empty::new().boxed())
        .map_err(|error| no_request(&error))?;
    for (name, value) in target.headers(headers) {
        let name = HeaderName::try_from(name).map_err(|error| no_request(&error))?;
        let value = HeaderValue::try_from(value).map_err(|error| no_request(&error))?;
        request.headers_mut().insert(name, value);
    }
    Ok(request)
}

async fn refusal(response: Response<Incoming>) -> Answer {
    let status = response.status().as_u16();
    let headers = header_fields(response.headers());
    let mut body = BytesMut::new();
    // The body is what has arrived until then.
    let _ = tokio::time::timeout(REFUSAL, http::read_body(response.into_body(), &mut body)).await;
    Answer { status, headers, body: body.freeze() }
}

/// Checks the answer to the handshake by RFC 6455, 4.1. The error is a sentence.
fn check(asked: &HeaderMap, response: &Response<Incoming>) -> Result<(), &'static str> {
    let answered = response.headers();
    if response.version() < Version::HTTP_11 {
        return Err("in HTTP/1.0");
    }
    if !lists(answered, &UPGRADE, "websocket") {
        return Err("without `Upgrade: websocket`");
    }
    if !lists(answered, &CONNECTION, "upgrade") {
        return Err("without `Connection: Upgrade`");
    }
    let key = asked.get(SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()));
    if answered.get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes) != key.as_ref().map(String::as_bytes) {
        return Err("Sec-WebSocket-Accept does not belong to the key");
    }
    let chosen = answered.get(SEC_WEBSOCKET_PROTOCOL).map(|chosen| String::from_utf8_lossy(chosen.as_bytes()));
    if chosen.is_some_and(|chosen| !lists(asked, &SEC_WEBSOCKET_PROTOCOL, &chosen)) {
        return Err("Sec-WebSocket-Protocol names one that was not offered");
    }
    if answered.contains_key(SEC_WEBSOCKET_EXTENSIONS) && !asked.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        return Err("Sec-WebSocket-Extensions names one that was not offered");
    }
    Ok(())
}

/// Whether a header field that is a list has this member.
fn lists(headers: &HeaderMap, name: &HeaderName, what: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|token| token.trim().eq_ignore_ascii_case(what))
}
