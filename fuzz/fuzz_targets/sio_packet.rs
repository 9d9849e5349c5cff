//! Any sequence of messages as Socket.IO: no panic, and what was decoded survives being encoded and decoded again.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sio_codec::socketio::Decoder;
use sio_codec::{Frame, Limits, Text};

fuzz_target!(|data: &[u8]| {
    let mut decoder = Decoder::new(&Limits::default());
    // 0xff occurs in no text: what stands before the first is one, what follows are attachments.
    for (index, part) in data.split(|byte| *byte == 0xff).enumerate() {
        let bytes = Bytes::copy_from_slice(part);
        let frame = match (index, Text::try_from(bytes.clone())) {
            (0, Ok(text)) => Frame::Text(text),
            (0, Err(_)) => return,
            (_, _) => Frame::Binary(bytes),
        };
        let Ok(Some(packet)) = decoder.push(frame) else { continue };
        let mut again = Decoder::new(&Limits::default());
        let mut decoded = None;
        for (index, frame) in packet.encode().frames().enumerate() {
            // The text starts with the type of the Engine.IO packet that carries it.
            let frame = match frame {
                Frame::Text(text) if index == 0 => Frame::Text(text.slice(1..text.len()).expect("4")),
                frame => frame,
            };
            decoded = again.push(frame).expect("written by ourselves");
        }
        assert_eq!(decoded, Some(packet));
    }
});
