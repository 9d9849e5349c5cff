use alloc::string::String;
use alloc::vec;

use super::*;
use proptest::prelude::*;

fn decode(pieces: &[&[u8]], max_payload: usize) -> (Vec<Packet>, Option<PacketErrorKind>) {
    let mut decoder = Decoder::new(max_payload);
    let mut packets = Vec::new();
    for piece in pieces {
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

//= EIO4-WT-03
//= EIO4-WT-04
#[test]
fn lengths_are_judged_as_soon_as_the_header_is_complete() {
    let judged = |header: &[u8], max_payload| decode(&[header], max_payload).1;
    assert_eq!(judged(&[0], 100), Some(PacketErrorKind::Length));
    assert_eq!(judged(&[0x80], 100), Some(PacketErrorKind::Length));
    assert_eq!(judged(&[126, 0, 0], 100), Some(PacketErrorKind::Length));
    assert_eq!(judged(&[127, 0, 0x20, 0, 0, 0, 0, 0, 0], usize::MAX), Some(PacketErrorKind::Length));
    assert_eq!(judged(&[127, 0, 0x1f, 255, 255, 255, 255, 255, 255], usize::MAX), None, "2^53 - 1 is one");
    assert_eq!(judged(&[100], 100), None);
    assert_eq!(judged(&[101], 100), Some(PacketErrorKind::TooLarge));
    assert_eq!(judged(&[126, 1], 100), None, "half of a length");
    assert_eq!(judged(&[126, 1, 0], 100), Some(PacketErrorKind::TooLarge));
}

//= EIO4-WT-02
#[test]
fn long_forms_of_short_lengths_are_read() {
    let ping = vec![Packet::Ping(Text::new())];
    assert_eq!(decode(&[&[126, 0, 1, b'2']], 100), (ping.clone(), None));
    assert_eq!(decode(&[&[127, 0, 0, 0, 0, 0, 0, 0, 1, b'2']], 100), (ping, None));
}

//= EIO4-WT-03
#[test]
fn an_empty_binary_message_is_not_written() {
    let mut out = vec![7];
    assert_eq!(write(&Packet::Message(Frame::Binary(Bytes::new())), &mut out), Err(EncodeError::EmptyBinary));
    assert_eq!(out, [7]);
}

#[test]
fn faults_inside_a_frame_end_the_stream() {
    assert_eq!(
        decode(&[b"\x012\x02\x34\xff\x012"], 100),
        (vec![Packet::Ping(Text::new())], Some(PacketErrorKind::Utf8))
    );
    assert_eq!(decode(&[b"\x017\x012"], 100), (vec![], Some(PacketErrorKind::UnknownType)));
}

#[test]
fn a_frame_in_one_piece_is_not_copied() {
    let mut stream = Vec::new();
    write(&Packet::Message(Frame::Binary(Bytes::from(vec![7; 1000]))), &mut stream).unwrap();
    let stream = Bytes::from(stream);
    let mut decoder = Decoder::new(1000);
    decoder.push(stream.clone());
    let Some(Ok(Packet::Message(Frame::Binary(bytes)))) = decoder.next_packet() else { panic!("a message") };
    assert_eq!(bytes.as_ptr(), stream[3..].as_ptr());
    assert!(decoder.is_idle());
}

#[test]
fn a_large_length_takes_no_memory_of_its_own() {
    let mut decoder = Decoder::new(usize::MAX);
    decoder.push(Bytes::from_static(&[0xff, 0, 0x1f, 255, 255, 255, 255, 255, 255, 1, 2, 3]));
    assert_eq!(decoder.next_packet(), None);
    let State::Content { partial, .. } = &decoder.state else { panic!("within a frame") };
    assert!(partial.capacity() < 100);
    assert!(!decoder.is_idle());
}

proptest! {
    //= EIO4-WT-01
    //= EIO4-WT-05
    #[test]
    fn l8_round_trip_over_any_split(
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
        decoded.extend(core::iter::from_fn(|| decoder.next_packet()).map(Result::unwrap));
        prop_assert!(decoder.is_idle());
        prop_assert_eq!(decoded, packets);
    }

    #[test]
    fn l3_any_stream_is_read_or_refused(stream in prop::collection::vec(any::<u8>(), 0..80), at in any::<prop::sample::Index>()) {
        let whole = decode(&[&stream], 60);
        let at = at.index(stream.len() + 1);
        prop_assert_eq!(decode(&[&stream[..at], &stream[at..]], 60), whole.clone());
        let bytes: Vec<_> = stream.chunks(1).collect();
        prop_assert_eq!(decode(&bytes, 60), whole);
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
