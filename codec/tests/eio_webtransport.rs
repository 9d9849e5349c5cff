//! WebTransport streams: lengths, faults, and packets over any pieces.

#![allow(clippy::unwrap_used, reason = "tests say what they expect by panicking")]

use bytes::Bytes;
use proptest::prelude::*;
use sio_codec::engineio::webtransport::{Decoder, write};
use sio_codec::engineio::{Packet, PacketErrorKind, Parts, Revision};
use sio_codec::{Frame, Text};
use sio_support::fuzz;
use sio_support::streams::{self, End, Stream};

//= EIO4-WT-03
//= EIO4-WT-04
#[test]
fn lengths_are_judged_as_soon_as_the_header_is_complete() {
    let judged = |header: &[u8], max_payload| streams::read([header], max_payload).end;
    assert_eq!(judged(&[0], 100), End::Fault(PacketErrorKind::Length));
    assert_eq!(judged(&[0x80], 100), End::Fault(PacketErrorKind::Length));
    assert_eq!(judged(&[126, 0, 0], 100), End::Fault(PacketErrorKind::Length));
    assert_eq!(judged(&[127, 0, 0x20, 0, 0, 0, 0, 0, 0], usize::MAX), End::Fault(PacketErrorKind::Length));
    assert_eq!(judged(&[127, 0, 0x1f, 255, 255, 255, 255, 255, 255], usize::MAX), End::Unfinished, "2^53 - 1 is one");
    assert_eq!(judged(&[100], 100), End::Unfinished);
    assert_eq!(judged(&[101], 100), End::Fault(PacketErrorKind::TooLarge));
    assert_eq!(judged(&[126, 1], 100), End::Unfinished, "half of a length");
    assert_eq!(judged(&[126, 1, 0], 100), End::Fault(PacketErrorKind::TooLarge));
}

//= EIO4-WT-02
#[test]
fn long_forms_of_short_lengths_are_read() {
    let ping = Stream { packets: vec![Packet::Ping(Text::new())], end: End::Complete };
    assert_eq!(streams::read([&[126, 0, 1, b'2'][..]], 100), ping);
    assert_eq!(streams::read([&[127, 0, 0, 0, 0, 0, 0, 0, 1, b'2'][..]], 100), ping);
}

#[test]
fn faults_inside_a_frame_end_the_stream() {
    let read = |stream: &[u8]| streams::read([stream], 100);
    let ping = Packet::Ping(Text::new());
    assert_eq!(read(b"\x012\x02\x34\xff\x012"), Stream { packets: vec![ping], end: End::Fault(PacketErrorKind::Utf8) });
    assert_eq!(read(b"\x017\x012"), Stream { packets: vec![], end: End::Fault(PacketErrorKind::UnknownType) });
}

proptest! {
    //= EIO4-WT-01
    //= EIO4-WT-05
    #[test]
    fn packets_are_read_as_written_whatever_the_pieces(
        packets in prop::collection::vec(any_packet(), 1..5),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        drained in any::<bool>(),
    ) {
        let mut stream = Vec::new();
        for packet in &packets {
            let before = stream.len();
            write(packet, &mut stream).unwrap();
            let len = Parts::from(packet).frame_len(Revision::V4);
            let header = match len { 0..126 => 1, 126..65_536 => 3, _ => 9 };
            prop_assert_eq!(stream.len() - before, header + len, "the shortest form");
        }
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let mut decoder = Decoder::new(1 << 20);
        let mut decoded = Vec::new();
        for cut in cuts.windows(2) {
            decoder.push(Bytes::copy_from_slice(&stream[cut[0]..cut[1]]));
            while drained && let Some(packet) = decoder.next_packet() {
                decoded.push(packet.unwrap());
            }
        }
        decoded.extend(std::iter::from_fn(|| decoder.next_packet()).map(Result::unwrap));
        prop_assert!(decoder.is_idle());
        prop_assert_eq!(decoded, packets);
    }

    #[test]
    fn any_stream_is_read_alike_whatever_the_pieces(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        fuzz::webtransport::run(&bytes);
    }
}

fn any_packet() -> impl Strategy<Value = Packet> {
    let len = || prop_oneof![1_usize..300, 65_530_usize..65_540, 124_usize..129];
    prop_oneof![
        len().prop_map(|len| Packet::Message(Frame::Binary(vec![7; len].into()))),
        len().prop_map(|len| Packet::Message(Frame::Text(Text::from("x".repeat(len))))),
        any::<String>().prop_map(|text| Packet::Ping(Text::from(text))),
        Just(Packet::Close),
    ]
}
