//! A stream cut into pieces: no panic. The cuts change nothing. No frame is above the limit. Packets that were read can
//! be written and read again.

use sio_codec::engineio::{Parts, Revision, webtransport};

use crate::streams::{self, End, Stream};

const MAX_LEN: usize = 300;

/// The input is the length of the pieces minus one, and the stream.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    let Some((cut, stream)) = data.split_first() else { return };
    let whole = read(stream, stream.len().max(1));
    assert_eq!(read(stream, usize::from(*cut) + 1), whole);
    assert_eq!(read(stream, 1), whole);
    let mut again = Vec::new();
    let mut written = Vec::new();
    for packet in whole.packets {
        let parts = Parts::from(&packet);
        assert!(parts.frame_len(Revision::V4) <= MAX_LEN);
        // The text `b` is an empty binary message, which has no frame.
        let is_empty = parts.is_binary() && parts.frame_len(Revision::V4) == 0;
        assert_eq!(webtransport::write(&packet, &mut again).is_err(), is_empty);
        written.extend((!is_empty).then_some(packet));
    }
    assert_eq!(read(&again, 7), Stream { packets: written, end: End::Complete });
}

fn read(stream: &[u8], piece: usize) -> Stream {
    streams::read(stream.chunks(piece), MAX_LEN)
}
