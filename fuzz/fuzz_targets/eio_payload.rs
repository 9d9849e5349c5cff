//! Any bytes as a polling body: what was read survives being written and read again.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sio_codec::engineio::payload::{Encoder, Packets};

fuzz_target!(|data: &[u8]| {
    let Ok(packets) = Packets::new(Bytes::copy_from_slice(data)) else { return };
    let packets: Vec<_> = packets.map_while(Result::ok).collect();
    let mut payload = Encoder::new();
    for packet in &packets {
        payload.push(&packet.to_frame()).expect("an element holds no separator");
    }
    if let Some(body) = payload.finish() {
        let again: Result<Vec<_>, _> = Packets::new(body.into_bytes()).expect("text").collect();
        assert_eq!(again.expect("written by ourselves"), packets);
    }
});
