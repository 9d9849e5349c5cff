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
    for packet in &whole.0 {
        assert!(Parts::from(packet).frame_len(Revision::V4) <= MAX_LEN);
        webtransport::write(packet, &mut again).expect("no frame was empty");
    }
    assert_eq!(read(&again, 7), (whole.0, None));
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
