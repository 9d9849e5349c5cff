//! A stream cut into pieces: no panic; the cuts change nothing; no frame above the limit; what was read is written and
//! read again.

use bytes::Bytes;
use sio_codec::Frame;
use sio_codec::engineio::webtransport::{self, Decoder};
use sio_codec::engineio::{Packet, PacketErrorKind, Parts, Revision};

const MAX_LEN: usize = 300;

/// How long the pieces are, and the stream.
pub(crate) fn run(data: &[u8]) {
    let Some((cut, stream)) = data.split_first() else { return };
    let whole = read(stream, stream.len().max(1));
    assert_eq!(read(stream, usize::from(*cut) + 1), whole);
    assert_eq!(read(stream, 1), whole);
    let (mut again, mut written) = (Vec::new(), Vec::new());
    for packet in whole.0 {
        assert!(Parts::from(&packet).frame_len(Revision::V4) <= MAX_LEN);
        let result = webtransport::write(&packet, &mut again);
        if packet == Packet::Message(Frame::Binary(Bytes::new())) {
            // It can arrive, as the text `b`, but a frame of its own form would be empty, which there is not.
            assert!(result.is_err());
        } else {
            assert_eq!(result, Ok(()));
            written.push(packet);
        }
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
