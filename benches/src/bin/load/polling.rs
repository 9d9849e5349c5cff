//! A client on polling, on one connection: a POST with all messages, then GETs until all are back.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{Load, Result};

const SEPARATOR: &str = "\u{1e}";

pub(super) struct Client {
    requests: SendRequest<Full<Bytes>>,
    server: String,
    path: String,
}

impl Client {
    /// A session in the main namespace.
    pub(super) async fn open(server: &str) -> Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let (requests, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::task::spawn_local(connection);
        let path = "/socket.io/?EIO=4&transport=polling".to_owned();
        let mut client = Self { requests, server: server.to_owned(), path };
        let open = client.get().await?;
        let (_, sid) = open.split_once(r#""sid":""#).ok_or("no open packet")?;
        let sid = sid.split('"').next().unwrap_or_default();
        client.path = format!("{}&sid={sid}", client.path);
        client.post("40".to_owned()).await?;
        while !client.get().await?.contains("40") {}
        Ok(client)
    }

    /// Sends as many messages as came back, until a request fails.
    pub(super) async fn run(mut self, load: &Load) -> Result<()> {
        let body = vec![load.text.as_str(); load.in_flight].join(SEPARATOR);
        loop {
            self.post(body.clone()).await?;
            let mut missing = load.in_flight;
            while missing > 0 {
                for packet in self.get().await?.split(SEPARATOR) {
                    if load.is_echo(packet) {
                        missing -= 1;
                    } else if packet == "2" {
                        self.post("3".to_owned()).await?;
                    }
                }
            }
        }
    }

    async fn get(&mut self) -> Result<String> {
        self.request(Method::GET, String::new()).await
    }

    async fn post(&mut self, body: String) -> Result<String> {
        self.request(Method::POST, body).await
    }

    async fn request(&mut self, method: Method, body: String) -> Result<String> {
        let mut request = Request::builder().method(&method).uri(&self.path).header("host", &self.server);
        if method == Method::POST {
            request = request.header("content-type", "text/plain;charset=UTF-8");
        }
        self.requests.ready().await?;
        let response = self.requests.send_request(request.body(Full::from(body))?).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if status != StatusCode::OK {
            return Err(format!("{method} answered with {status}").into());
        }
        Ok(String::from_utf8(body.into())?)
    }
}
