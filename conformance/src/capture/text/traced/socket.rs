//! A WebSocket of a trace.

use super::super::super::frames::{Compression, Frames};
use super::super::super::sighting::{Exchange, What};
use crate::trace::Side;

/// A WebSocket.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) exchange: Exchange,
    pub(super) stage: Stage,
    frames: Frames,
}

/// How far a WebSocket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The client has asked for it.
    Asked,
    /// Something passed on it.
    Open,
    Over,
}

impl Socket {
    pub(super) fn new(exchange: Exchange) -> Self {
        Self { exchange, stage: Stage::Asked, frames: Frames::of(Side::Client, Compression::None) }
    }

    /// A frame of the client; what is complete with it.
    pub(super) fn frame(&mut self, head: u8, payload: &[u8]) -> Vec<What> {
        self.frames.feed(&framed(head, payload))
    }
}

/// A frame with a mask that changes nothing.
fn framed(head: u8, payload: &[u8]) -> Vec<u8> {
    /// Says that a mask follows the length.
    const MASKED: u8 = 0x80;
    let mut frame = vec![head];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..126), _) => frame.push(MASKED | length),
        (_, Ok(length)) => {
            frame.push(MASKED | 126);
            frame.extend(length.to_be_bytes());
        }
        _ => {
            frame.push(MASKED | 127);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}
