//! A WebSocket: receives and sends messages, and closes.
//!
//! It never waits for its peer while a session depends on it. What is written stays here until the peer takes it, and
//! [`Socket::has_room`] says whether more may be written. While the session does not want messages they are not read,
//! so they wait in the buffers of TCP and then at the peer.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use hyper::Request;
use hyper::http::request::Parts;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use sio_codec::{Frame, Text};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_util::io::ReaderStream;

use super::bounds;
use super::linger::linger;
use super::wire::{Later, MAX_HEADER, Wire};

/// The WebSocket that a request becomes after its 101; `None` if its client went away before.
pub(super) fn establish(
    head: Parts,
    max_message: usize,
    room: Arc<Semaphore>,
) -> impl Future<Output = Option<Box<Socket>>> {
    let upgraded = hyper::upgrade::on(Request::from_parts(head, ()));
    async move { Some(Box::new(Socket::new(TokioIo::new(upgraded.await.ok()?), max_message, room))) }
}

/// One end of an established WebSocket.
#[derive(Debug)]
pub(super) struct Socket<S = TokioIo<Upgraded>> {
    wire: Wire<S>,
    /// Reads frames, and writes the protocol's own frames: pongs and Close frames.
    protocol: WebSocketContext,
    outgoing: Outgoing,
    reply: Reply,
}

/// The messages that were written and not sent yet.
#[derive(Debug, Default)]
struct Outgoing {
    /// Frames; the last one may lack its payload.
    frames: BytesMut,
    /// The payload of the last frame, if it is missing.
    payload: Bytes,
}

/// Whether a pong or Close frame must be sent.
///
/// Nothing is read until it is sent: so pings of a peer that does not read cannot fill the memory with pongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    None,
    Due,
}

/// An event on a WebSocket.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Happening {
    /// A message arrived.
    Message(Frame),
    /// Everything that was written has been sent, so that there is room again.
    Written,
    /// The WebSocket has ended.
    Ended(End),
}

/// How a WebSocket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The session ended it.
    Ours,
    /// The peer closed it.
    Theirs,
    /// The peer broke a rule of the WebSocket protocol.
    Fault(CloseCode),
    /// The connection broke.
    Lost,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    fn new(stream: S, max_message: usize, room: Arc<Semaphore>) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message))
            .read_buffer_size(bounds::WEBSOCKET_CHUNK)
            // tungstenite writes one frame of at most 127 bytes at a time.
            .write_buffer_size(0)
            .max_write_buffer_size(bounds::WEBSOCKET_CHUNK);
        Self {
            wire: Wire::new(stream, max_message, room),
            protocol: WebSocketContext::new(Role::Server, Some(config)),
            outgoing: Outgoing::default(),
            reply: Reply::None,
        }
    }

    /// Whether another message may be written.
    pub(super) fn has_room(&self) -> bool {
        self.reply == Reply::None && self.outgoing.has_room()
    }

    /// Writes a message; it is sent while it is [polled](Self::poll).
    pub(super) fn write(&mut self, message: Frame) {
        self.outgoing.push(message);
    }

    /// The next event; reads messages only if `listening`.
    pub(super) fn poll(&mut self, context: &mut Context<'_>, listening: bool) -> Poll<Happening> {
        if self.wire.is_between_messages() {
            // The last message was taken.
            self.wire.make_room();
        }
        let is_full = !self.has_room();
        if is_full && let Poll::Ready(happening) = self.poll_written(context) {
            return Poll::Ready(happening);
        }
        // Reads everything that has already arrived, so that all its answers are sent together.
        while listening && self.reply == Reply::None {
            let Poll::Ready(message) = self.poll_message(context) else { break };
            if let Some(happening) = self.on_message(message) {
                return Poll::Ready(happening);
            }
        }
        if self.reply == Reply::Due {
            return self.poll_written(context);
        }
        if !is_full && !self.outgoing.is_empty() {
            // There was room all the time, so nobody waits to be told of it.
            if ready!(self.poll_flush(context)).is_err() {
                return Poll::Ready(Happening::Ended(End::Lost));
            }
        }
        Poll::Pending
    }

    fn poll_written(&mut self, context: &mut Context<'_>) -> Poll<Happening> {
        Poll::Ready(match ready!(self.poll_flush(context)) {
            Ok(()) => Happening::Written,
            Err(_) => Happening::Ended(End::Lost),
        })
    }

    fn on_message(&mut self, message: Result<Message, Error>) -> Option<Happening> {
        let message = match message {
            Ok(message) => message,
            Err(error) => return Some(Happening::Ended(End::of(&error))),
        };
        if message.len() > bounds::LONG && self.wire.is_between_messages() {
            // The buffer is freed with the message.
            self.protocol = WebSocketContext::new(Role::Server, Some(*self.protocol.get_config()));
        }
        match message {
            Message::Text(text) => Some(match Text::try_from(Bytes::from(text)) {
                Ok(text) => Happening::Message(Frame::Text(text)),
                Err(_) => Happening::Ended(End::Fault(CloseCode::Invalid)),
            }),
            Message::Binary(bytes) => Some(Happening::Message(Frame::Binary(bytes))),
            Message::Close(_) => Some(Happening::Ended(End::Theirs)),
            Message::Ping(_) => {
                self.reply = Reply::Due;
                None
            }
            Message::Pong(_) | Message::Frame(_) => None,
        }
    }

    //= EIO4-WS-02
    fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        match self.protocol.read(&mut self.wire.now(context)) {
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            message => Poll::Ready(message),
        }
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        ready!(self.wire.poll_write_all(context, &mut (&mut self.outgoing.frames).chain(&mut self.outgoing.payload)))?;
        match self.protocol.flush(&mut self.wire.now(context)) {
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => return Poll::Pending,
            // The last frame was the answer to the peer's Close frame.
            Ok(()) | Err(Error::ConnectionClosed) => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
        self.reply = Reply::None;
        self.outgoing = Outgoing::default();
        Poll::Ready(Ok(()))
    }

    /// Closes the WebSocket in the way that its end requires, in bounded time.
    pub(super) async fn say_goodbye(mut self: Box<Self>, end: End) {
        self.wire.give_up_room();
        match end {
            End::Lost => {}
            End::Theirs => {
                let _ = timeout(bounds::FAREWELL, self.flush()).await;
            }
            //= EIO4-CL-07
            End::Ours if self.wire.is_between_messages() => {
                let _ = timeout(bounds::FAREWELL, self.close()).await;
            }
            End::Ours => self.break_off(None).await,
            End::Fault(code) => self.break_off(Some(CloseFrame { code, reason: Utf8Bytes::default() })).await,
        }
    }

    /// Sends a Close frame, and waits for the peer's.
    async fn close(&mut self) {
        let _ = self.protocol.close(&mut Later, None);
        if self.flush().await.is_ok() {
            while let Ok(message) = poll_fn(|context| self.poll_message(context)).await {
                if let Message::Close(_) = message {
                    return;
                }
            }
        }
    }

    /// Sends a Close frame in the middle of a message; later input is not parsed.
    async fn break_off(mut self: Box<Self>, frame: Option<CloseFrame>) {
        let _ = self.protocol.close(&mut Later, frame);
        if let Ok(Ok(())) = timeout(bounds::FAREWELL, self.flush()).await {
            let mut stream = self.wire.into_inner();
            // Tells the peer that nothing follows.
            let _ = stream.shutdown().await;
            linger(ReaderStream::with_capacity(stream, bounds::WEBSOCKET_READ)).await;
        }
    }

    async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|context| self.poll_flush(context)).await
    }
}

impl Outgoing {
    fn has_room(&self) -> bool {
        self.payload.is_empty() && self.frames.len() < bounds::WEBSOCKET_BATCH
    }

    fn is_empty(&self) -> bool {
        self.payload.is_empty() && self.frames.is_empty()
    }

    fn push(&mut self, message: Frame) {
        let (kind, payload) = match message {
            Frame::Text(text) => (Data::Text, text.into_bytes()),
            Frame::Binary(bytes) => (Data::Binary, bytes),
        };
        debug_assert!(self.payload.is_empty(), "a message is written where there is room for it");
        let header = FrameHeader { opcode: OpCode::Data(kind), ..FrameHeader::default() };
        let shares = payload.len() < bounds::WEBSOCKET_BATCH;
        self.frames.reserve(MAX_HEADER + if shares { payload.len() } else { 0 });
        let _ = header.format(payload.len() as u64, &mut (&mut self.frames).writer());
        if shares {
            self.frames.extend_from_slice(&payload);
        } else {
            self.payload = payload;
        }
    }
}

impl End {
    //= EIO4-WS-06
    //= EIO4-WS-08
    fn of(error: &Error) -> Self {
        match error {
            Error::Capacity(CapacityError::MessageTooLong { .. }) => Self::Fault(CloseCode::Size),
            Error::Utf8(_) => Self::Fault(CloseCode::Invalid),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Lost,
            Error::Protocol(_) => Self::Fault(CloseCode::Protocol),
            _ => Self::Lost,
        }
    }
}

#[cfg(test)]
mod tests;
