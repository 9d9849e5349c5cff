//! The server's end of one case: it reports requests and WebSockets, and does what it is told.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use sio_codec::Frame;
use sio_codec::engineio::BodyFormat;
use sio_codec::engineio::client::Input;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;

use crate::party::driver::{Doing, News};

/// The largest body of a request.
const MAX_BODY: usize = 32 << 20;

/// How long a client may take to answer a Close frame.
const GOODBYE: Duration = Duration::from_secs(2);

/// Where requests and WebSockets are reported, and where they wait for what the server does.
#[derive(Debug)]
pub(crate) struct Desk {
    case: u64,
    news: SyncSender<News>,
    next_id: AtomicU64,
    requests: Mutex<HashMap<u64, oneshot::Sender<Reply>>>,
    sockets: Mutex<HashMap<u64, UnboundedSender<Order>>>,
    /// The case is over, and with it every request and WebSocket.
    over: CancellationToken,
}

/// The answer to a request.
#[derive(Debug)]
struct Reply {
    status: u16,
    format: BodyFormat,
    body: Bytes,
}

/// What the server does with a WebSocket.
#[derive(Debug)]
enum Order {
    Accept,
    Send(Frame),
    Close,
}

impl Desk {
    pub(super) fn new(case: u64, news: SyncSender<News>) -> Self {
        Self {
            case,
            news,
            next_id: AtomicU64::new(1),
            requests: Mutex::default(),
            sockets: Mutex::default(),
            over: CancellationToken::new(),
        }
    }

    /// Ends every request and WebSocket.
    pub(super) fn end(&self) {
        self.over.cancel();
    }

    /// Does what the server does in the trace.
    pub(super) fn handle(&self, input: Input) {
        match input {
            Input::Response { id, status, format, body } => {
                if let Some(reply) = lock(&self.requests).remove(&id.0) {
                    let _ = reply.send(Reply { status, format, body });
                }
            }
            // Without an answer, the connection ends.
            Input::Failed { id } => drop(lock(&self.requests).remove(&id.0)),
            Input::WsOpened { ws } => self.order(ws.0, Order::Accept),
            Input::WsFrame { ws, frame } => self.order(ws.0, Order::Send(frame)),
            Input::WsClosed { ws } => self.order(ws.0, Order::Close),
            _ => {}
        }
    }

    fn report(&self, doing: Doing) {
        // If nobody reads fast enough, the case has too many requests, and is ended for that.
        let _ = self.news.try_send(News::Doing(self.case, doing));
    }

    fn order(&self, ws: u64, order: Order) {
        if let Some(orders) = lock(&self.sockets).get(&ws) {
            let _ = orders.send(order);
        }
    }

    /// Reports a request with this query, and answers it when the trace does. Tokio's runtime serves its WebSocket.
    ///
    /// # Errors
    ///
    /// If the connection is to end without an answer.
    pub(crate) async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
        query: String,
    ) -> io::Result<Response<Full<Bytes>>> {
        let over = self.over.clone();
        over.run_until_cancelled(self.answer(request, query)).await.unwrap_or_else(|| Err(reset()))
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>, query: String) -> io::Result<Response<Full<Bytes>>> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        if let Some(key) = request.headers().get(SEC_WEBSOCKET_KEY).cloned() {
            return self.upgrade(request, id, query, key.as_bytes()).await;
        }
        let (reply, answered) = oneshot::channel();
        lock(&self.requests).insert(id, reply);
        let content_type = if request.method() == Method::POST {
            let content_type = request.headers().get(CONTENT_TYPE);
            let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            let body = Limited::new(request.into_body(), MAX_BODY).collect().await;
            let body = body.map_err(|error| io::Error::other(error.to_string()))?.to_bytes();
            self.report(Doing::Post { id, query, content_type, body });
            "text/html"
        } else {
            self.report(Doing::Get { id, query });
            "text/plain; charset=UTF-8"
        };
        let mut pending = Pending { id, desk: Arc::clone(&self), is_answered: false };
        let result = answered.await;
        pending.is_answered = true;
        let Reply { status, format, body } = result.map_err(|_| reset())?;
        let content_type = match (status, format) {
            (200, BodyFormat::Binary) => "application/octet-stream",
            (200, BodyFormat::Text) => content_type,
            _ => "application/json",
        };
        answer(status, content_type, body)
    }

    async fn upgrade(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        id: u64,
        query: String,
        key: &[u8],
    ) -> io::Result<Response<Full<Bytes>>> {
        let (sender, mut orders) = mpsc::unbounded_channel();
        lock(&self.sockets).insert(id, sender);
        let upgrade = hyper::upgrade::on(&mut request);
        self.report(Doing::Open { id, query });
        if !matches!(orders.recv().await, Some(Order::Accept)) {
            return answer(400, "application/json", Bytes::from_static(br#"{"code":3,"message":"Bad request"}"#));
        }
        tokio::spawn(async move {
            let over = self.over.clone();
            over.run_until_cancelled(speak(&self, Upgraded { id, upgrade, orders })).await;
        });
        switching(key)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn reset() -> io::Error {
    io::Error::from(io::ErrorKind::ConnectionReset)
}

/// A WebSocket that was accepted.
struct Upgraded {
    id: u64,
    upgrade: OnUpgrade,
    orders: UnboundedReceiver<Order>,
}

/// A request that waits for its answer. hyper drops it when the client aborts the request.
struct Pending {
    id: u64,
    desk: Arc<Desk>,
    is_answered: bool,
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.is_answered {
            lock(&self.desk.requests).remove(&self.id);
            self.desk.report(Doing::GiveUp { id: self.id });
        }
    }
}

pub(super) fn answer(status: u16, content_type: &'static str, body: Bytes) -> io::Result<Response<Full<Bytes>>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = StatusCode::from_u16(status).map_err(io::Error::other)?;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    Ok(response)
}

/// The answer that turns a connection into a WebSocket.
pub(crate) fn switching(key: &[u8]) -> io::Result<Response<Full<Bytes>>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, HeaderValue::from_str(&derive_accept_key(key)).map_err(io::Error::other)?);
    Ok(response)
}

/// Sends what the server sends, and reports what the client sends.
async fn speak(desk: &Desk, Upgraded { id, upgrade, mut orders }: Upgraded) {
    let Ok(stream) = upgrade.await else { return desk.report(Doing::GiveUp { id }) };
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(stream), Role::Server, None).await;
    loop {
        tokio::select! {
            order = orders.recv() => {
                let sent = match order {
                    Some(Order::Send(Frame::Text(text))) => socket.send(Message::text(text.as_str())).await,
                    Some(Order::Send(Frame::Binary(bytes))) => socket.send(Message::binary(bytes)).await,
                    Some(Order::Accept) => Ok(()),
                    Some(Order::Close) | None => break,
                };
                if sent.is_err() {
                    return desk.report(Doing::GiveUp { id });
                }
            }
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    desk.report(Doing::Send { id, frame: Frame::Text(text.as_str().to_owned().into()) });
                }
                Some(Ok(Message::Binary(bytes))) => desk.report(Doing::Send { id, frame: Frame::Binary(bytes) }),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return desk.report(Doing::GiveUp { id }),
                Some(Ok(_)) => {}
            },
        }
    }
    let goodbye = async {
        let _ = socket.close(None).await;
        while let Some(Ok(_)) = socket.next().await {}
    };
    let _ = tokio::time::timeout(GOODBYE, goodbye).await;
}
