//! One HTTP request on a new connection.

use std::convert::Infallible;

use bytes::{Bytes, BytesMut};
use http_body_util::channel::Channel;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;

use super::connect::Connection;
use super::{Order, Target, foreign, plain};
use crate::coding;
use crate::replay::{Answer, Outgoing, Seen};

/// The largest body of an answer that is read, in bytes.
const MAX_BODY: usize = 64 << 20;

/// The largest head of an answer that is read, from the status line to the empty line, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// The largest number of header fields in it.
const MAX_FIELDS: usize = 256;

pub(super) type Body = BoxBody<Bytes, Infallible>;

/// Why there is no answer, with a description.
#[derive(Debug)]
pub(super) enum Fault {
    /// There is no connection.
    Unreachable(String),
    /// The connection ended before the answer.
    Ended(String),
    /// The answer is not HTTP, or is larger than the limits.
    Unreadable(String),
}

impl Fault {
    pub(super) fn into_words(self) -> String {
        match self {
            Self::Unreachable(words) | Self::Ended(words) | Self::Unreadable(words) => words,
        }
    }
}

/// Sends a request and waits for its answer.
pub(super) async fn exchange(
    target: Target,
    outgoing: Outgoing,
    orders: mpsc::UnboundedReceiver<Order>,
) -> Result<Seen, Fault> {
    let request = request(&target, outgoing, orders).map_err(Fault::Unreachable)?;
    let offered = offered(request.headers());
    send(&target, request, async |response| read(response, &offered).await).await.map(Seen::Answer)
}

/// Sends a request on a new connection, and calls `read` with the response while the connection is served.
pub(super) async fn send<T>(
    target: &Target,
    request: Request<Body>,
    read: impl AsyncFnOnce(Response<Incoming>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let Connection { stream, greeting } = target.connect().await.map_err(Fault::Unreachable)?;
    let (mut sender, connection) = client().handshake(TokioIo::new(stream)).await.map_err(|error| fault(&error))?;
    let exchange = async {
        let response =
            sender.send_request(request).await.map_err(|error| match foreign::not_http(greeting.bytes()) {
                Some(words) => Fault::Unreadable(words),
                None => fault(&error),
            })?;
        target.jar.take(&target.url(), response.headers());
        read(response).await
    };
    let connection = connection.with_upgrades();
    tokio::pin!(connection);
    tokio::pin!(exchange);
    let mut connected = true;
    loop {
        tokio::select! {
            answer = &mut exchange => return answer,
            // The connection may end before the answer was read completely.
            _ = &mut connection, if connected => connected = false,
        }
    }
}

/// HTTP/1.1 with our limits.
pub(super) fn client() -> http1::Builder {
    let mut client = http1::Builder::new();
    client.max_header_size(MAX_HEAD).max_headers(MAX_FIELDS).title_case_headers(true);
    client
}

fn request(
    target: &Target,
    outgoing: Outgoing,
    orders: mpsc::UnboundedReceiver<Order>,
) -> Result<Request<Body>, String> {
    let headers = target.headers(outgoing.headers);
    let has = |name: HeaderName| headers.iter().any(|(other, _)| name.as_str().eq_ignore_ascii_case(other));
    let mut request = Request::builder().method(outgoing.method.as_str()).uri(target.uri(&outgoing.query));
    if !has(ACCEPT) {
        request = request.header(ACCEPT, "*/*");
    }
    if outgoing.method == "POST" && !has(CONTENT_TYPE) {
        request = request.header(CONTENT_TYPE, "text/plain;charset=UTF-8");
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let body = match outgoing.length {
        Some(length) => {
            request = request.header(CONTENT_LENGTH, length);
            in_parts(outgoing.body, orders)
        }
        None => Full::new(outgoing.body).boxed(),
    };
    request.body(body).map_err(|error| format!("this request cannot be sent: {error}"))
}

/// A body that is sent in pieces as they are ordered; it ends only when the declared length is reached.
fn in_parts(first: Bytes, mut orders: mpsc::UnboundedReceiver<Order>) -> Body {
    let (mut sender, body) = Channel::new(4);
    tokio::spawn(async move {
        if !first.is_empty() && sender.send_data(first).await.is_err() {
            return;
        }
        while let Some(order) = orders.recv().await {
            if let Order::Part(bytes) = order
                && sender.send_data(bytes).await.is_err()
            {
                return;
            }
        }
    });
    body.boxed()
}

async fn read(response: Response<Incoming>, offered: &[String]) -> Result<Answer, Fault> {
    let status = response.status().as_u16();
    let headers = header_fields(response.headers());
    let coding = values(response.headers(), &CONTENT_ENCODING).next().filter(|coding| offered.contains(coding));
    let mut body = BytesMut::new();
    read_body(response.into_body(), &mut body).await?;
    let body = match coding {
        Some(coding) => decoded(&coding, body.freeze())?,
        None => body.freeze(),
    };
    Ok(Answer { status, headers, body })
}

/// The content codings that a request allows by name. In another one a body is left as it is: the server had no right to it.
//= EIO4-HDR-05
fn offered(headers: &HeaderMap) -> Vec<String> {
    let allowed = |offer: String| match offer.split_once(';') {
        None => Some(offer),
        Some((coding, weight)) => {
            let weight = weight.trim().strip_prefix("q=")?.parse::<f32>().ok()?;
            (weight > 0.0).then(|| coding.trim().to_owned())
        }
    };
    values(headers, &ACCEPT_ENCODING).filter_map(allowed).collect()
}

/// The parts of a header field that is a list, in lower case.
fn values(headers: &HeaderMap, name: &HeaderName) -> impl Iterator<Item = String> {
    let fields = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    fields.flat_map(|value| value.split(',')).map(|part| part.trim().to_ascii_lowercase())
}

fn decoded(coding: &str, body: Bytes) -> Result<Bytes, Fault> {
    match coding::decode(coding, &body, MAX_BODY) {
        Ok(decoded) => Ok(decoded.map_or(body, Bytes::from)),
        Err(coding::Fault::TooLong) => Err(too_long()),
        Err(coding::Fault::Unknown(_)) => Ok(body),
        Err(coding::Fault::Broken(why)) => Err(Fault::Unreadable(format!("the answer's body is no {coding}: {why}"))),
    }
}

/// Appends a body to what is there of it.
pub(super) async fn read_body(mut rest: Incoming, body: &mut BytesMut) -> Result<(), Fault> {
    if rest.size_hint().lower() > MAX_BODY as u64 {
        return Err(too_long());
    }
    while let Some(frame) = rest.frame().await {
        let frame =
            frame.map_err(|error| Fault::Ended(format!("the answer broke off: {}", fault(&error).into_words())))?;
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > MAX_BODY - body.len() {
            return Err(too_long());
        }
        // Copied, because a piece keeps the whole buffer alive that it was read into.
        body.extend_from_slice(&data);
    }
    Ok(())
}

fn too_long() -> Fault {
    Fault::Unreadable(format!("the answer's body is longer than {MAX_BODY} bytes"))
}

pub(super) fn header_fields(headers: &HeaderMap) -> Vec<(String, String)> {
    let field = |(name, value): (&HeaderName, &hyper::header::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    headers.iter().map(field).collect()
}

pub(super) fn fault(error: &hyper::Error) -> Fault {
    let source = std::error::Error::source(error);
    if let Some(io) = source.and_then(|source| source.downcast_ref::<std::io::Error>()) {
        return Fault::Ended(plain(io));
    }
    if error.is_parse_too_large() {
        let what = format!("the answer's head is longer than {MAX_HEAD} bytes, or has more than {MAX_FIELDS} fields");
        return Fault::Unreadable(what);
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return Fault::Ended("the connection ended without an answer".to_owned());
    }
    Fault::Unreadable(format!("the answer is not HTTP: {error}"))
}
