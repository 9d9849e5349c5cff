//! The codec in place of rust_socketio's own packets: from a message to what its callbacks get, and back.
//!
//! ```text
//! cargo run -p sio-benches --features rust-engineio --example rust_socketio_packets
//! ```

use std::error::Error;

use bytes::Bytes;
use rust_engineio::PacketId;
use rust_socketio::{Event, Payload};
use sio_codec::engineio::{self, Encoded};
use sio_codec::socketio::{Args, ArgsError, Binary, Decoder, Namespace, Outgoing, PacketKind, Value};
use sio_codec::{Frame, Limits, Text};

/// A packet of Engine.IO as theirs, which their transports take.
fn engine_packet(packet: engineio::Packet) -> rust_engineio::Packet {
    let text = |id, text: Text| rust_engineio::Packet::new(id, text.into_bytes());
    match packet {
        engineio::Packet::Open(data) => text(PacketId::Open, data),
        engineio::Packet::Close => rust_engineio::Packet::new(PacketId::Close, Bytes::new()),
        engineio::Packet::Ping(data) => text(PacketId::Ping, data),
        engineio::Packet::Pong(data) => text(PacketId::Pong, data),
        engineio::Packet::Message(Frame::Text(data)) => text(PacketId::Message, data),
        engineio::Packet::Message(Frame::Binary(data)) => rust_engineio::Packet::new(PacketId::MessageBinary, data),
        engineio::Packet::Upgrade => rust_engineio::Packet::new(PacketId::Upgrade, Bytes::new()),
        engineio::Packet::Noop => rust_engineio::Packet::new(PacketId::Noop, Bytes::new()),
    }
}

/// Arguments as their callbacks get them: one call for the text, and one for each binary argument. A binary value that is
/// inside of another becomes an array of numbers.
fn payloads(args: &Args) -> Result<Vec<Payload>, Box<dyn Error>> {
    let (mut text, mut payloads) = (Vec::new(), Vec::new());
    for value in args.values()? {
        match value {
            Value::Binary(bytes) => payloads.push(Payload::Binary(bytes)),
            value => text.push(serde_json::to_value(value)?),
        }
    }
    if !text.is_empty() || payloads.is_empty() {
        payloads.insert(0, Payload::Text(text));
    }
    Ok(payloads)
}

/// What their `emit` takes, as the messages to send.
fn emit(namespace: &Namespace, event: &Event, payload: Payload) -> Result<Encoded, ArgsError> {
    let outgoing = Outgoing::event(namespace, event.as_str());
    match payload {
        Payload::Binary(bytes) => {
            let handles = [bytes.clone()];
            outgoing.sharing(&handles).encode(&(Binary(bytes),))
        }
        Payload::Text(values) => outgoing.encode(&values),
        #[expect(deprecated, reason = "they still have it")]
        Payload::String(text) => outgoing.encode(&(text,)),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut decoder = Decoder::new(&Limits::default());
    let photo = emit(&Namespace::root(), &Event::from("photo"), Payload::Binary(Bytes::from_static(b"\x89PNG")))?;
    for frame in photo.frames() {
        let packet = engineio::Packet::parse(engineio::Revision::V4, frame)?;
        println!("sent: {:?}", engine_packet(packet.clone()));
        // And back.
        let engineio::Packet::Message(message) = packet else { continue };
        let Some(packet) = decoder.push(message)? else { continue };
        if let PacketKind::Event { name, args, .. } = packet.kind {
            println!("received: {:?} with {:?}", Event::from(name.as_str()), payloads(&args)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests say what they expect by panicking")]

    use serde_json::json;
    use sio_codec::engineio::Revision;

    use super::*;

    #[test]
    fn their_transports_write_the_same_bytes() {
        for text in [r#"0{"sid":"x"}"#, "1", "2probe", "3", r#"42["hello",1]"#, "5", "6"] {
            let packet = engineio::Packet::parse(Revision::V4, Frame::from(text.to_owned())).unwrap();
            assert_eq!(Bytes::from(engine_packet(packet)), text);
        }
        let binary = engineio::Packet::Message(Frame::Binary(Bytes::from_static(&[1, 2, 3])));
        assert_eq!(Bytes::from(engine_packet(binary)), "bAQID");
    }

    #[test]
    fn payloads_come_back_as_they_were_emitted() {
        for payload in [
            Payload::Text(vec![json!("a"), json!({"b": [null, 1.5]})]),
            Payload::Text(vec![]),
            Payload::Binary(Bytes::from_static(b"\x89PNG")),
        ] {
            let event = Event::from("greeting");
            let mut decoder = Decoder::new(&Limits::default());
            let mut decoded = None;
            for frame in emit(&Namespace::root(), &event, payload.clone()).unwrap().frames() {
                let engineio::Packet::Message(message) = engineio::Packet::parse(Revision::V4, frame).unwrap() else {
                    unreachable!("an event is a message")
                };
                decoded = decoder.push(message).unwrap();
            }
            let PacketKind::Event { name, args, .. } = decoded.unwrap().kind else { unreachable!("it is an event") };
            assert_eq!((Event::from(name.as_str()), payloads(&args).unwrap()), (event, vec![payload]));
        }
    }
}
