//! One HTTP request on a connection of its own.

use std::error::Error;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use sio_codec::engineio::BodyFormat;
use sio_codec::engineio::client::Body;
use tokio::net::TcpStream;

use crate::embedding::Target;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) format: BodyFormat,
    pub(crate) body: Bytes,
}

type Failure = Box<dyn Error + Send + Sync>;

/// Sends a request and waits for the answer.
pub(crate) async fn exchange(
    target: &Target,
    query: &str,
    body: Option<Body>,
    limit: usize,
) -> Result<Answer, Failure> {
    let stream = TcpStream::connect(&target.authority).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = request(target, query, body)?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let format = BodyFormat::of_response(content_type);
        let body = Limited::new(response.into_body(), limit).collect().await?.to_bytes();
        Ok(Answer { status, format, body })
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
