//! Joins the frames of a WebSocket to messages.

use bytes::{Bytes, BytesMut};
use sio_codec::{Frame, Text};

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// The largest payload of a control frame, in bytes.
const MAX_CONTROL: usize = 125;

/// Codes of Close frames, from RFC 6455, 7.4.1.
const PROTOCOL_ERROR: u16 = 1002;
const NOT_UTF_8: u16 = 1007;

/// The message that is being joined from frames.
#[derive(Debug, Default)]
pub(super) enum Joint {
    #[default]
    Between,
    Within {
        opcode: u8,
        so_far: BytesMut,
    },
}

/// What a frame completes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Joined {
    Message(Frame),
    Ping,
    Pong,
    Close,
}

impl Joint {
    /// Adds a frame: its first byte and its payload. Control frames may come between the frames of a message. `Err` is
    /// the code with which the WebSocket must be closed.
    pub(super) fn push(&mut self, head: u8, payload: &[u8]) -> Result<Option<Joined>, u16> {
        let (is_final, opcode) = (head & FIN != 0, head & 0x0f);
        if head & RESERVED != 0 || (opcode >= CLOSE && (!is_final || payload.len() > MAX_CONTROL)) {
            return Err(PROTOCOL_ERROR);
        }
        let (opcode, mut so_far) = match (opcode, std::mem::take(self)) {
            (CLOSE | PING | PONG, within) => {
                *self = within;
                return Ok(Some(match opcode {
                    CLOSE => Joined::Close,
                    PING => Joined::Ping,
                    _ => Joined::Pong,
                }));
            }
            (TEXT | BINARY, Self::Between) => (opcode, BytesMut::new()),
            (CONTINUATION, Self::Within { opcode, so_far }) => (opcode, so_far),
            _ => return Err(PROTOCOL_ERROR),
        };
        so_far.extend_from_slice(payload);
        if is_final {
            return message(opcode, so_far.freeze()).map(|frame| Some(Joined::Message(frame)));
        }
        *self = Self::Within { opcode, so_far };
        Ok(None)
    }
}

fn message(opcode: u8, bytes: Bytes) -> Result<Frame, u16> {
    if opcode == BINARY {
        return Ok(Frame::Binary(bytes));
    }
    let text = String::from_utf8(bytes.into()).map_err(|_| NOT_UTF_8)?;
    Ok(Frame::Text(Text::from(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &'static str) -> Result<Option<Joined>, u16> {
        Ok(Some(Joined::Message(Frame::from(text))))
    }

    #[test]
    //= EIO4-WS-02
    fn fragments_are_one_message_also_around_a_ping_and_within_a_character() {
        let mut joint = Joint::default();
        assert_eq!(joint.push(0x01, b"4he"), Ok(None));
        assert_eq!(joint.push(0x00, b"l"), Ok(None));
        assert_eq!(joint.push(0x89, b"hi"), Ok(Some(Joined::Ping)));
        assert_eq!(joint.push(0x80, b"lo"), text("4hello"));
        assert_eq!(joint.push(0x01, b"4\xe2"), Ok(None));
        assert_eq!(joint.push(0x80, b"\x82\xac"), text("4\u{20ac}"));
        assert_eq!(joint.push(0x02, b"a"), Ok(None));
        let binary = Joined::Message(Frame::Binary(Bytes::from_static(b"ab")));
        assert_eq!(joint.push(0x80, b"b"), Ok(Some(binary)));
    }

    #[test]
    fn frames_that_the_protocol_forbids_have_the_code_of_their_fault() {
        let within = || {
            let mut joint = Joint::default();
            assert_eq!(joint.push(0x01, b"4"), Ok(None));
            joint
        };
        for (mut joint, head, payload, code) in [
            (Joint::default(), 0x80, &b""[..], PROTOCOL_ERROR),
            (Joint::default(), 0xc1, b"4", PROTOCOL_ERROR),
            (Joint::default(), 0x83, b"", PROTOCOL_ERROR),
            (Joint::default(), 0x8b, b"", PROTOCOL_ERROR),
            (Joint::default(), 0x09, b"", PROTOCOL_ERROR),
            (Joint::default(), 0x89, &[0; 126], PROTOCOL_ERROR),
            (Joint::default(), 0x81, b"4\xff", NOT_UTF_8),
            (within(), 0x81, b"4", PROTOCOL_ERROR),
            (within(), 0x80, b"\xe2", NOT_UTF_8),
        ] {
            assert_eq!(joint.push(head, payload), Err(code), "{head:x} {payload:?}");
        }
    }
}
