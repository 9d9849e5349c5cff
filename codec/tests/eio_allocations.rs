//! How often the hot paths allocate.

use bytes::Bytes;
use sio_codec::engineio::payload::{Encoder, Format, Packets, PacketsRef};
use sio_codec::engineio::webtransport::{self, Decoder};
use sio_codec::engineio::{Packet, PacketRef, Parts, Revision};
use sio_codec::{Frame, FrameRef, Text};
use sio_support::allocator::{self, Counting, count};

#[global_allocator]
static ALLOCATOR: &Counting = allocator::COUNTING;

fn main() {
    reading_a_packet();
    for format in [Format::V4, Format::V3Text, Format::V3Binary] {
        reading_a_payload(format);
        writing_a_payload(format);
    }
    writing_a_packet();
    streams();
}

fn reading_a_packet() {
    let bytes = vec![7; 1000];
    for revision in [Revision::V3, Revision::V4] {
        for text in ["2", "2probe", "4hello", "b4AQIDBA==", "7", ""] {
            assert_eq!(count(|| PacketRef::parse(revision, text)), 0, "{text}");
            // The first share of a buffer costs the block in which its shares are counted, at most.
            let frame = Frame::Text(Text::from(String::from(text)));
            assert!(count(|| Packet::parse(revision, frame)) <= usize::from(text.starts_with('b')), "{text}");
        }
        assert_eq!(count(|| PacketRef::parse(revision, FrameRef::Binary(&bytes))), 0);
        let frame = Frame::Binary(Bytes::from(bytes.clone()));
        assert_eq!(count(|| Packet::parse(revision, frame)), 0);
    }
}

fn reading_a_payload(format: Format) {
    let packets = packets();
    let body = Bytes::from(encode(Encoder::new(format), &packets));
    assert_eq!(count(|| PacketsRef::new(format, &*body).expect("text").map(Result::unwrap).count()), 0);
    // One for the whole body, to count its shares, and the content of each base64 message.
    let base64 = packets.iter().filter(|packet| format.is_text() && Parts::from(*packet).is_binary()).count();
    let read = || Packets::new(format, body.clone()).expect("text").map(Result::unwrap).count();
    let allocations = count(read);
    assert!(allocations <= 1 + base64, "{allocations} for {} packets", packets.len());
}

fn writing_a_payload(format: Format) {
    let packets = packets();
    let buffer = encode(Encoder::new(format), &packets);
    let mut reused = None;
    assert_eq!(count(|| reused = Some(encode(Encoder::new(format).with_buffer(buffer), &packets))), 0);
    assert!(reused.is_some_and(|body| !body.is_empty()));
}

fn writing_a_packet() {
    let mut out = Vec::with_capacity(10_000);
    for packet in packets() {
        for revision in [Revision::V3, Revision::V4] {
            assert_eq!(count(|| Parts::from(&packet).write_frame(revision, &mut out)), 0);
            assert_eq!(count(|| Parts::from(&packet).write_text(revision, &mut out)), 0);
            assert_eq!(count(|| Parts::from(&packet).frame_slices(revision)), 0);
            assert!(count(|| packet.to_frame(revision)) <= 1);
        }
    }
}

fn streams() {
    let mut stream = Vec::with_capacity(10_000);
    let packets = packets();
    assert_eq!(count(|| packets.iter().map(|packet| webtransport::write(packet, &mut stream)).all(|it| it.is_ok())), 0);
    let mut decoder = Decoder::new(1000);
    decoder.push(Bytes::from(stream));
    assert!(count(|| while let Some(Ok(_)) = decoder.next_packet() {}) <= 1, "one, to count the shares");
    assert!(decoder.is_idle());
}

fn packets() -> Vec<Packet> {
    let text = |text: &'static str| Packet::Message(Frame::from(text));
    let binary = Packet::Message(Frame::Binary(Bytes::from_static(&[1, 2, 3, 4])));
    let some = [text("hello"), text("€ 😀"), binary, Packet::Ping(Text::new()), Packet::Close];
    some.iter().cycle().take(100).cloned().collect()
}

fn encode(mut payload: Encoder, packets: &[Packet]) -> Vec<u8> {
    packets.iter().try_for_each(|packet| payload.push(packet)).expect("no separator");
    payload.finish().expect("packets")
}
