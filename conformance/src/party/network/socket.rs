//! One WebSocket.

use std::future::poll_fn;
use std::task::{Context, Poll};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::connect::Stream;
use super::flood::Flood;
use super::handshake::{self, Opened};
use super::paced::Paced;
use super::{Mailbox, Order, Target};
use crate::replay::{Happening, Id, Seen};

/// The largest message, and the largest frame, that is read, in bytes.
const MAX_MESSAGE: usize = 64 << 20;

/// How many bytes are read at once. Every WebSocket has a buffer of this size as long as it is open, and a case may open
/// hundreds of them.
const READ: usize = 16 << 10;

/// Where the events of a WebSocket are reported.
pub(super) struct Reports {
    pub(super) id: Id,
    pub(super) mailbox: Mailbox,
    pub(super) flood: Flood,
}

impl Reports {
    async fn send(&self, seen: Seen) {
        let _ = self.mailbox.send(Happening { id: self.id, seen }).await;
    }

    /// Reports a message; `Err` is the end of the WebSocket.
    async fn take(&mut self, message: Message) -> Result<(), Seen> {
        self.flood.count(message.len()).map_err(Seen::Flooded)?;
        match message {
            Message::Text(text) => self.send(Seen::Text(text.as_str().to_owned())).await,
            Message::Binary(bytes) => self.send(Seen::Binary(bytes)).await,
            Message::Pong(bytes) => self.send(Seen::Pong(bytes)).await,
            Message::Close(frame) => return Err(Seen::Closed(frame.map(|frame| frame.code.into()))),
            Message::Ping(_) | Message::Frame(_) => {}
        }
        Ok(())
    }
}

/// Opens a WebSocket and carries messages until it ends.
pub(super) async fn pump(
    target: Target,
    query: String,
    headers: Vec<(String, String)>,
    mut orders: mpsc::UnboundedReceiver<Order>,
    mut reports: Reports,
) -> Seen {
    let mut socket = match open(&target, &query, headers).await {
        Ok(socket) => socket,
        Err(seen) => return seen,
    };
    reports.send(Seen::Opened).await;
    let mut sending = Sending::Sent;
    loop {
        tokio::select! {
            // Reports everything that has arrived before sending.
            biased;
            turn = poll_fn(|cx| carry(&mut socket, sending, cx)) => match turn {
                Turn::Sent => sending = Sending::Sent,
                Turn::Arrived(Some(Ok(message))) => {
                    if let Err(end) = reports.take(message).await {
                        return end;
                    }
                }
                Turn::Arrived(Some(Err(error))) => return end(&error),
                Turn::Arrived(None) => return Seen::Closed(None),
            },
            Some(order) = orders.recv(), if sending == Sending::Sent => {
                // If sending fails, the stream ends next, and that is reported.
                let _ = obey(&mut socket, order);
                sending = Sending::Under;
            }
        }
    }
}

type Socket = WebSocketStream<Paced<Stream>>;

/// Whether a message is being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    Sent,
    Under,
}

/// The next event on a WebSocket.
enum Turn {
    /// The message was sent.
    Sent,
    Arrived(Option<Result<Message, Error>>),
}

/// Sends and reads at the same time, so that a peer that does not read does not stop the reading.
fn carry(socket: &mut Socket, sending: Sending, cx: &mut Context<'_>) -> Poll<Turn> {
    if sending == Sending::Under && socket.poll_flush_unpin(cx).is_ready() {
        return Poll::Ready(Turn::Sent);
    }
    socket.poll_next_unpin(cx).map(Turn::Arrived)
}

/// How a WebSocket ended without a Close frame: the connection ended, or its data was invalid or too much.
fn end(error: &Error) -> Seen {
    match error {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) | Error::ConnectionClosed | Error::Io(_) => {
            Seen::Closed(None)
        }
        Error::Utf8(_) => Seen::Broken("a text message is not UTF-8".to_owned()),
        Error::Capacity(_) => Seen::Flooded(format!("a message is longer than {MAX_MESSAGE} bytes")),
        Error::Protocol(fault) => Seen::Broken(format!("the server breaks the WebSocket protocol: {fault}")),
        other => Seen::Broken(other.to_string()),
    }
}

async fn open(target: &Target, query: &str, headers: Vec<(String, String)>) -> Result<Socket, Seen> {
    let Opened { stream, first } = handshake::open(target, query, headers).await?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ)
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    let stream = Paced::new(stream);
    Ok(WebSocketStream::from_partially_read(stream, first.into(), Role::Client, Some(config)).await)
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

/// The header of a frame with this first byte; mask and length are added when it is sent.
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
