//! WebTransport streams that arrive in pieces.

use bytes::Bytes;
use sio_codec::engineio::webtransport::Decoder;
use sio_codec::engineio::{Packet, PacketErrorKind};

/// The result of decoding a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The packets before the end or the first fault.
    pub packets: Vec<Packet>,
    /// How the stream ended.
    pub end: End,
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Between two frames.
    Complete,
    /// Within a frame.
    Unfinished,
    /// With this fault.
    Fault(PacketErrorKind),
}

/// Decodes a stream that arrives in these pieces. Packets are taken after each piece.
///
/// # Panics
///
/// Panics if the decoder yields a packet after a fault.
pub fn read<'p>(pieces: impl IntoIterator<Item = &'p [u8]>, max_payload: usize) -> Stream {
    let mut decoder = Decoder::new(max_payload);
    let mut packets = Vec::new();
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(packet) = decoder.next_packet() {
            match packet {
                Ok(packet) => packets.push(packet),
                Err(error) => {
                    assert_eq!(decoder.next_packet(), None, "nothing comes after a fault");
                    return Stream { packets, end: End::Fault(error.kind) };
                }
            }
        }
    }
    let end = if decoder.is_idle() { End::Complete } else { End::Unfinished };
    Stream { packets, end }
}
