//! One WebSocket.

use std::future::poll_fn;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::http::header_fields;
use super::paced::Paced;
use super::{Mailbox, Order, Target};
use crate::replay::{Answer, Happening, Id, Seen};

/// The longest message, and the longest frame of one, that is read, in bytes.
const MAX_MESSAGE: usize = 64 << 20;

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
    let mut sending = Sending::Sent;
    loop {
        tokio::select! {
            // Whatever has arrived is reported before anything else is sent.
            biased;
            carried = poll_fn(|cx| carry(&mut socket, &mut sending, cx)) => match carried {
                Carried::Out => {}
                Carried::In(message) => match message {
                Some(Ok(Message::Text(text))) => report(Seen::Text(text.as_str().to_owned())),
                Some(Ok(Message::Binary(bytes))) => report(Seen::Binary(bytes)),
                Some(Ok(Message::Pong(bytes))) => report(Seen::Pong(bytes)),
                Some(Ok(Message::Close(frame))) => return Seen::Closed(frame.map(|frame| frame.code.into())),
                Some(Ok(Message::Ping(_) | Message::Frame(_))) => {}
                Some(Err(error)) => return end(&error),
                None => return Seen::Closed(None),
            }},
            Some(order) = orders.recv(), if sending == Sending::Sent => {
                // A send that fails is followed by the end of the stream, which is what is reported.
                let _ = obey(&mut socket, order);
                sending = Sending::Under;
            }
        }
    }
}

type Socket = WebSocketStream<Paced<TcpStream>>;

/// Whether something is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    Sent,
    Under,
}

/// What came of carrying.
enum Carried {
    /// All that was to be sent is on its way.
    Out,
    In(Option<Result<Message, Error>>),
}

/// Sends what is to be sent, and reads what has arrived; a peer that does not read holds up no reading.
fn carry(socket: &mut Socket, sending: &mut Sending, cx: &mut Context<'_>) -> Poll<Carried> {
    if let Poll::Ready(message) = socket.poll_next_unpin(cx) {
        return Poll::Ready(Carried::In(message));
    }
    if *sending == Sending::Under && socket.poll_flush_unpin(cx).is_ready() {
        *sending = Sending::Sent;
        return Poll::Ready(Carried::Out);
    }
    Poll::Pending
}

/// How a WebSocket ended without a Close frame: with the connection, or because nobody could read on.
fn end(error: &Error) -> Seen {
    match error {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) | Error::ConnectionClosed | Error::Io(_) => {
            Seen::Closed(None)
        }
        Error::Utf8(_) => Seen::Broken("a text message is not UTF-8".to_owned()),
        Error::Capacity(_) => Seen::Broken(format!("a message is longer than {MAX_MESSAGE} bytes")),
        other => Seen::Broken(format!("the server breaks the WebSocket protocol: {other}")),
    }
}

async fn open(target: &Target, query: &str, headers: Vec<(String, String)>) -> Result<Socket, Seen> {
    let lost = |_| Seen::Closed(None);
    let stream = target.connect().await.map_err(lost)?;
    let url = format!("ws://{}{}", target.authority(), target.uri(query));
    let mut request = url.into_client_request().map_err(|_| Seen::Closed(None))?;
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            request.headers_mut().insert(name, value);
        }
    }
    let config = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    match client_async_with_config(request, Paced::new(stream), Some(config)).await {
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

/// Starts to send; [`carry`] does the rest.
fn obey(socket: &mut Socket, order: Order) -> Result<(), Error> {
    let message = match order {
        Order::Text(text) => Message::text(text),
        Order::Binary(bytes) => Message::Binary(bytes),
        Order::Close(None) => Message::Close(None),
        Order::Close(Some(code)) => {
            let frame = CloseFrame { code: CloseCode::from(code), reason: Utf8Bytes::default() };
            Message::Close(Some(frame))
        }
        Order::Frame { head, payload, cut } => {
            if let Some(cut) = cut {
                socket.get_mut().cut_after(cut);
            }
            Message::Frame(Frame::from_payload(header(head), payload))
        }
        Order::Part(_) => return Ok(()),
    };
    socket.start_send_unpin(message)
}

/// The header of a frame with this first byte; mask and length are added where it is sent.
fn header(first: u8) -> FrameHeader {
    FrameHeader {
        is_final: first & 0x80 != 0,
        rsv1: first & 0x40 != 0,
        rsv2: first & 0x20 != 0,
        rsv3: first & 0x10 != 0,
        opcode: OpCode::from(first & 0x0f),
        mask: None,
    }
}
