//! One message of a framed transport: it is read or refused, without a panic. Owned and borrowed forms agree, and a
//! packet that was read is written unchanged.

use bytes::Bytes;
use sio_codec::engineio::{Packet, PacketRef, Parts, Revision};
use sio_codec::{Frame, FrameRef, Text};

/// The input is the content of a message: text if it is valid UTF-8, and in any case binary.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    for revision in [Revision::V3, Revision::V4] {
        let bytes = Bytes::copy_from_slice(data);
        check(revision, FrameRef::Binary(data), Frame::Binary(bytes.clone()));
        if let (Ok(view), Ok(text)) = (core::str::from_utf8(data), Text::try_from(bytes)) {
            check(revision, FrameRef::Text(view), Frame::Text(text));
        }
    }
}

fn check(revision: Revision, view: FrameRef<'_>, frame: Frame) {
    let len = frame.len();
    let read = Packet::parse(revision, frame);
    assert_eq!(PacketRef::parse(revision, view).and_then(|packet| packet.to_packet()), read);
    match read {
        Err(error) => assert!(error.offset <= len),
        Ok(packet) => {
            let (frame, text, parts) = (packet.to_frame(revision), packet.to_text(revision), Parts::from(&packet));
            assert_eq!((parts.frame_len(revision), parts.text_len(revision)), (frame.len(), text.len()));
            assert_eq!(Packet::parse(revision, frame).as_ref(), Ok(&packet));
            assert_eq!(Packet::parse(revision, Frame::Text(text)).as_ref(), Ok(&packet));
        }
    }
}
