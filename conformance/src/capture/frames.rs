//! The messages of a WebSocket, read from one of its directions.

use std::io::{self, ErrorKind, Read, Write};

use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket};

use super::sighting::What;
use crate::trace::Side;

/// The largest message that is kept; the reference's default limit is 1 MB.
const LONGEST: usize = 64 << 20;

/// One direction of a WebSocket.
#[derive(Debug)]
pub(super) struct Frames {
    side: Side,
    /// Reads as the other side would. What it wants to write is dropped.
    socket: WebSocket<Pipe>,
}

impl Frames {
    /// What `side` sends.
    pub(super) fn of(side: Side) -> Self {
        let role = match side {
            Side::Client => Role::Server,
            Side::Server => Role::Client,
        };
        let config = WebSocketConfig::default().max_message_size(Some(LONGEST)).max_frame_size(Some(LONGEST));
        Self { side, socket: WebSocket::from_raw_socket(Pipe::default(), role, Some(config)) }
    }

    /// Reads more bytes; returns what is complete.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<What> {
        self.socket.get_mut().unread.extend(bytes);
        let mut seen = Vec::new();
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => seen.push(What::Text(self.side, text.as_str().to_owned())),
                Ok(Message::Binary(bytes)) => seen.push(What::Binary(self.side, bytes.to_vec())),
                Ok(Message::Close(frame)) => {
                    seen.push(What::Close(self.side, frame.map(|frame| frame.code.into())));
                }
                // The frames that keep a connection awake belong to no message.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => return seen,
                Err(Error::ConnectionClosed | Error::AlreadyClosed) => return seen,
                Err(error) => {
                    seen.push(What::Unreadable(self.side, reason(&error)));
                    return seen;
                }
            }
        }
    }
}

fn reason(error: &Error) -> String {
    match error {
        Error::Protocol(fault) if fault.to_string().contains("eserved bits") => {
            "frames of an extension, such as permessage-deflate".to_owned()
        }
        error => format!("no frames of a WebSocket: {error}"),
    }
}

/// What was received and not yet read.
#[derive(Debug, Default)]
struct Pipe {
    unread: std::collections::VecDeque<u8>,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.unread.read(buffer)? {
            0 => Err(ErrorKind::WouldBlock.into()),
            length => Ok(length),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
