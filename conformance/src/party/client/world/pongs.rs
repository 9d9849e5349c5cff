//! Pongs that no ping asks for.

use sio_codec::Frame;
use sio_codec::engineio::Query;

use super::wire::{Kind, Wire};

/// Counts the pings that the client has not answered.
///
/// Some clients send a pong as soon as their session is open. No rule forbids it, and a server must tolerate it
/// (EIO4-HB-09), so such pongs are set aside. In revision 3 it is the client that pings, and the server that sends pongs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pongs {
    due: usize,
}

impl Pongs {
    /// The server sends a packet.
    pub(super) fn server_sends(&mut self, packet: &str) {
        match packet {
            "2probe" => {}
            ping if ping.starts_with('2') => self.due = self.due.saturating_add(1),
            // Another session.
            open if open.starts_with('0') => self.due = 0,
            _ => {}
        }
    }

    /// Whether these packets of the client are one pong that no ping asks for. A ping that is answered by it is no longer due.
    pub(super) fn is_unasked(&mut self, wire: &Wire, frame: Option<&Frame>) -> bool {
        let is_pong = match (&wire.kind, frame) {
            (Kind::Socket(_), Some(Frame::Text(text))) => *text == "3",
            (Kind::Post { packets, .. }, None) => *packets == ["3"],
            _ => false,
        };
        if !is_pong || Query::new(&wire.query).value("EIO").as_deref() != Some("4") {
            return false;
        }
        let is_unasked = self.due == 0;
        self.due = self.due.saturating_sub(1);
        is_unasked
    }
}
