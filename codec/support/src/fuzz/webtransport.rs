//! A stream cut into pieces: no panic; the cuts change nothing; no frame above the limit; what was read is written and
//! read again.

use bytes::Bytes;
use sio_codec::engineio::webtransport::{self, Decoder};
use sio_codec::engineio::{Packet, PacketErrorKind, Parts, Revision};

const MAX_LEN: usize = 300;

/// How long the pieces are, and the stream.
pub(crate) fn run(data: &[u8]) {
    let Some((cut, stream)) = data.split_first() else { return };
    let whole = read(stream, stream.len().max(1));
    assert_eq!(read(stream, usize::from(*cut) + 1), whole);
    assert_eq!(read(stream, 1), whole);
    let mut again = Vec::new();
    let mut written = Vec::new();
    for packet in whole.0 {
        let parts = Parts::from(&packet);
        assert!(parts.frame_len(Revision::V4) <= MAX_LEN);
        // The text `b` is an empty binary message, which has no frame of its own.
        let is_empty = parts.is_binary() && parts.frame_len(Revision::V4) == 0;
        assert_eq!(webtransport::write(&packet, &mut again).is_err(), is_empty);
        written.extend((!is_empty).then_some(packet));
    }
    assert_eq!(read(&again, 7), (written, None));
}

fn read(stream: &[u8], piece: usize) -> (Vec<Packet>, Option<PacketErrorKind>) {
    let mut decoder = Decoder::new(MAX_LEN);
    let mut packets = Vec::new();
    for piece in stream.chunks(piece) {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(packet) = decoder.next_packet() {
            match packet {
                Ok(packet) => packets.push(packet),
                Err(error) => {
                    assert_eq!(decoder.next_packet(), None, "nothing comes after a fault");
                    return (packets, Some(error.kind));
                }
            }
        }
    }
    (packets, None)
}
