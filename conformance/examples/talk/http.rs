//! One HTTP request on a connection of its own.

use std::error::Error;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use sio_codec::engineio::client::Body;
use tokio::net::TcpStream;

use crate::embedding::Target;

type Failure = Box<dyn Error + Send + Sync>;

/// Sends a request and waits for the answer.
pub(crate) async fn exchange(
    target: &Target,
    query: &str,
    body: Option<Body>,
    limit: usize,
) -> Result<Response<Bytes>, Failure> {
    let stream = TcpStream::connect(&target.authority).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = request(target, query, body)?;
    let exchange = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, limit).collect().await?.to_bytes();
        Ok(Response::from_parts(head, body))
    };
    tokio::pin!(connection, exchange);
    let mut connected = true;
    loop {
        tokio::select! {
            answer = &mut exchange => return answer,
            // The connection may end before all of the answer was read.
            _ = &mut connection, if connected => connected = false,
        }
    }
}

fn request(target: &Target, query: &str, body: Option<Body>) -> Result<Request<Full<Bytes>>, Failure> {
    let builder = Request::builder()
        .uri(format!("{}?{query}", target.path))
        .header(HOST, &target.authority)
        .header(ACCEPT, "*/*");
    Ok(match body {
        None => builder.method("GET").body(Full::default())?,
        Some(Body { format, bytes, .. }) => {
            builder.method("POST").header(CONTENT_TYPE, format.request_type()).body(Full::new(bytes))?
        }
    })
}
