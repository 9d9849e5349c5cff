//! One HTTP request on a connection of its own.

use bytes::Bytes;
use http_body_util::channel::Channel;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;

use super::{Order, Target, plain};
use crate::replay::{Answer, Outgoing, Seen};

/// More than this of an answer's body is not read.
const MAX_BODY: usize = 64 << 20;

type Body = BoxBody<Bytes, std::convert::Infallible>;

/// Sends a request and waits for its answer; `Err` says in words why there is none.
pub(super) async fn exchange(
    target: Target,
    outgoing: Outgoing,
    orders: mpsc::UnboundedReceiver<Order>,
) -> Result<Seen, String> {
    let stream = target.connect().await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| words(&error))?;
    let request = request(&target, outgoing, orders)?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(|error| words(&error))?;
        read(response).await
    };
    tokio::pin!(connection);
    tokio::pin!(exchange);
    let mut connected = true;
    loop {
        tokio::select! {
            answer = &mut exchange => return answer.map(Seen::Answer),
            // The connection may end before the last of the answer was taken out of it.
            _ = &mut connection, if connected => connected = false,
        }
    }
}

fn request(
    target: &Target,
    outgoing: Outgoing,
    orders: mpsc::UnboundedReceiver<Order>,
) -> Result<Request<Body>, String> {
    let has_type = outgoing.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let mut request = Request::builder()
        .method(outgoing.method.as_str())
        .uri(target.uri(&outgoing.query))
        .header(HOST, target.authority())
        .header(ACCEPT, "*/*");
    if outgoing.method == "POST" && !has_type {
        request = request.header(CONTENT_TYPE, "text/plain;charset=UTF-8");
    }
    for (name, value) in &outgoing.headers {
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

/// A body that is sent as its pieces are ordered, and is never complete unless they are enough.
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

async fn read(response: Response<hyper::body::Incoming>) -> Result<Answer, String> {
    let status = response.status().as_u16();
    let headers = header_fields(response.headers());
    let body = http_body_util::Limited::new(response.into_body(), MAX_BODY);
    let body = body.collect().await.map_err(|error| format!("the answer broke off: {error}"))?;
    Ok(Answer { status, headers, body: body.to_bytes() })
}

pub(super) fn header_fields(headers: &HeaderMap) -> Vec<(String, String)> {
    let field = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    headers.iter().map(field).collect()
}

fn words(error: &hyper::Error) -> String {
    let source = std::error::Error::source(error);
    if let Some(io) = source.and_then(|source| source.downcast_ref::<std::io::Error>()) {
        return plain(io);
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return "the connection ended without an answer".to_owned();
    }
    format!("the answer is no HTTP: {error}")
}
