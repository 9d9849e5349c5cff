//! Any bytes as one message: read or refused, never a panic, and what was read is written as it was.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sio_codec::engineio::Packet;
use sio_codec::{Frame, Text};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = Text::try_from(Bytes::copy_from_slice(data)) else { return };
    if let Ok(packet) = Packet::parse(Frame::Text(text)) {
        assert_eq!(Packet::parse(packet.to_frame()), Ok(packet));
    }
});
