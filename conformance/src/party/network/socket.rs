//! One WebSocket.

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::http::header_fields;
use super::{Mailbox, Order, Target};
use crate::replay::{Answer, Happening, Id, Seen};

/// Opens a WebSocket and carries messages until it is over.
pub(super) async fn pump(
    target: Target,
    query: String,
    headers: Vec<(String, String)>,
    mut orders: mpsc::UnboundedReceiver<Order>,
    mailbox: Mailbox,
    id: Id,
) -> Seen {
    let report = |seen| drop(mailbox.send(Happening { id, seen }));
    let mut socket = match open(&target, &query, headers).await {
        Ok(socket) => socket,
        Err(seen) => return seen,
    };
    report(Seen::Opened);
    loop {
        tokio::select! {
            // Whatever has arrived is reported before anything else is sent.
            biased;
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => report(Seen::Text(text.as_str().to_owned())),
                Some(Ok(Message::Binary(bytes))) => report(Seen::Binary(bytes)),
                Some(Ok(Message::Close(frame))) => return Seen::Closed(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Seen::Closed(None),
            },
            Some(order) = orders.recv() => {
                // A send that fails is followed by the end of the stream, which is what is reported.
                let _ = obey(&mut socket, order).await;
            }
        }
    }
}

async fn open(
    target: &Target,
    query: &str,
    headers: Vec<(String, String)>,
) -> Result<WebSocketStream<TcpStream>, Seen> {
    let lost = |_| Seen::Closed(None);
    let stream = target.connect().await.map_err(lost)?;
    let url = format!("ws://{}{}", target.authority(), target.uri(query));
    let mut request = url.into_client_request().map_err(|_| Seen::Closed(None))?;
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            request.headers_mut().insert(name, value);
        }
    }
    let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
    match client_async_with_config(request, stream, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => {
            let (head, body) = response.into_parts();
            let headers = header_fields(&head.headers);
            let body = body.map(Bytes::from).unwrap_or_default();
            Err(Seen::Refused(Answer { status: head.status.as_u16(), headers, body }))
        }
        Err(Error::Protocol(ProtocolError::HandshakeIncomplete) | _) => Err(Seen::Closed(None)),
    }
}

async fn obey(socket: &mut WebSocketStream<TcpStream>, order: Order) -> Result<(), Error> {
    match order {
        Order::Text(text) => socket.send(Message::text(text)).await,
        Order::Binary(bytes) => socket.send(Message::Binary(bytes)).await,
        Order::Close(None) => socket.send(Message::Close(None)).await,
        Order::Close(Some(code)) => {
            let frame = CloseFrame { code: CloseCode::from(code), reason: Utf8Bytes::default() };
            socket.send(Message::Close(Some(frame))).await
        }
        Order::Part(_) => Ok(()),
    }
}
