//! A WebSocket's two ends: messages in to the session, messages out of it.

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use sio_codec::engineio::server::{Input, WsId};
use sio_codec::{Frame, Text};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::http::{close_after, plain};
use super::session::{Mail, Outbound};

/// How long the peer has to answer our Close frame.
const FAREWELL: std::time::Duration = std::time::Duration::from_secs(2);

/// The largest message, the contract's limit.
const MAX_MESSAGE: usize = 1_000_000;

type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

/// Completes the handshake of a WebSocket that was let in; `open` tells whose it is.
pub(super) fn answer(
    mut request: Request<Incoming>,
    ws: WsId,
    inlet: mpsc::Receiver<Outbound>,
    open: impl FnOnce(WsId) -> mpsc::Sender<Mail>,
) -> Response<Full<Bytes>> {
    let headers = request.headers();
    let version = headers.get(SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let Some(key) = headers.get(SEC_WEBSOCKET_KEY).filter(|_| version) else {
        return close_after(plain(StatusCode::BAD_REQUEST, "this is no WebSocket handshake\n"));
    };
    let accept = derive_accept_key(key.as_bytes());
    let mailbox = open(ws);
    tokio::spawn(async move {
        match hyper::upgrade::on(&mut request).await {
            Ok(upgraded) => pump(upgraded, ws, mailbox, inlet).await,
            Err(_) => drop(mailbox.send(Mail::Input(Input::WsClosed { ws })).await),
        }
    });
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::try_from(accept) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

//= EIO4-WS-02
async fn pump(
    upgraded: hyper::upgrade::Upgraded,
    ws: WsId,
    mailbox: mpsc::Sender<Mail>,
    mut inlet: mpsc::Receiver<Outbound>,
) {
    let config = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
    let end = loop {
        tokio::select! {
            outbound = inlet.recv() => match outbound {
                Some(Outbound::Frame(frame)) => {
                    if socket.send(message_of(frame)).await.is_err() {
                        break End::Lost;
                    }
                }
                Some(Outbound::Close) | None => break End::Ours,
            },
            message = socket.next() => match message.map(|message| message.map(frame_of)) {
                Some(Ok(Some(frame))) => {
                    if mailbox.send(Mail::Input(Input::WsFrame { ws, frame })).await.is_err() {
                        break End::Ours;
                    }
                }
                Some(Ok(None)) => {}
                Some(Err(error)) => break End::of(&error),
                None => break End::Lost,
            },
        }
    };
    let _ = mailbox.send(Mail::Input(Input::WsClosed { ws })).await;
    say_goodbye(&mut socket, end).await;
}

/// How a WebSocket ends.
enum End {
    /// The session wants it.
    Ours,
    /// The peer broke a rule of WebSocket itself.
    Fault(CloseCode),
    /// The peer closed it, or it broke.
    Lost,
}

impl End {
    //= EIO4-WS-06
    //= EIO4-WS-08
    fn of(error: &Error) -> Self {
        match error {
            Error::Capacity(CapacityError::MessageTooLong { .. }) => Self::Fault(CloseCode::Size),
            Error::Utf8(_) => Self::Fault(CloseCode::Invalid),
            Error::Protocol(_) => Self::Fault(CloseCode::Protocol),
            _ => Self::Lost,
        }
    }
}

async fn say_goodbye(socket: &mut Socket, end: End) {
    let frame = match end {
        End::Ours => None,
        End::Fault(code) => Some(CloseFrame { code, reason: Utf8Bytes::default() }),
        End::Lost => return,
    };
    if socket.close(frame).await.is_ok() {
        let drain = async { while let Some(Ok(_)) = socket.next().await {} };
        let _ = tokio::time::timeout(FAREWELL, drain).await;
    }
}

fn message_of(frame: Frame) -> Message {
    match frame {
        Frame::Text(text) => {
            // Both types hold checked UTF-8; neither offers a way to pass that on.
            Utf8Bytes::try_from(text.into_bytes()).map_or_else(|_| Message::text(""), Message::Text)
        }
        Frame::Binary(bytes) => Message::Binary(bytes),
    }
}

/// A message for the session; pings, pongs and Close frames are WebSocket's own.
fn frame_of(message: Message) -> Option<Frame> {
    match message {
        Message::Text(text) => Some(Frame::Text(Text::from(text.as_str().to_owned()))),
        Message::Binary(bytes) => Some(Frame::Binary(bytes)),
        _ => None,
    }
}
