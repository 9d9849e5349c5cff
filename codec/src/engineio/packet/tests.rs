use alloc::string::String;

use super::*;
use crate::engineio::PacketErrorKind;
use crate::frame::FrameRef;
use proptest::prelude::*;

const REVISIONS: [Revision; 2] = [Revision::V3, Revision::V4];

/// Reads a text both ways; what they say must agree.
fn parse(revision: Revision, text: &'static str) -> Result<Packet, PacketError> {
    let owned = Packet::parse(revision, Frame::from(text));
    assert_eq!(PacketRef::parse(revision, text).and_then(|packet| packet.to_packet()), owned, "{text}");
    owned
}

fn parse_bytes(revision: Revision, bytes: &'static [u8]) -> Result<Packet, PacketError> {
    let owned = Packet::parse(revision, Frame::from(Bytes::from_static(bytes)));
    assert_eq!(PacketRef::parse(revision, bytes).and_then(|packet| packet.to_packet()), owned, "{bytes:?}");
    owned
}

fn binary(bytes: &'static [u8]) -> Packet {
    Packet::Message(Frame::Binary(Bytes::from_static(bytes)))
}

const fn fault(kind: PacketErrorKind, offset: usize) -> Result<Packet, PacketError> {
    Err(PacketError { kind, offset })
}

//= EIO4-PKT-03
//= EIO4-PKT-13
#[test]
fn every_type_is_read_in_both_revisions() {
    for revision in REVISIONS {
        let parse = |text| parse(revision, text).unwrap();
        assert_eq!(parse("0{}"), Packet::Open(Text::from("{}")));
        assert_eq!(parse("1"), Packet::Close);
        assert_eq!(parse("1x"), Packet::Close);
        assert_eq!(parse("2probe"), Packet::Ping(Text::from("probe")));
        assert_eq!(parse("3"), Packet::Pong(Text::new()));
        assert_eq!(parse("4"), Packet::Message(Frame::from("")));
        assert_eq!(parse("4a\x1eb\0"), Packet::Message(Frame::from("a\x1eb\0")));
        assert_eq!(parse("5"), Packet::Upgrade);
        assert_eq!(parse("52"), Packet::Upgrade);
        assert_eq!(parse("6"), Packet::Noop);
    }
}

//= EIO4-PKT-05
//= EIO4-PKT-06
//= EIO3-PKT-03
#[test]
fn other_first_characters_are_refused() {
    for revision in REVISIONS {
        assert_eq!(parse(revision, ""), fault(PacketErrorKind::Empty, 0));
        for text in ["7", "x", "B", " 4", "\n4", "٤", "é", "éabcd"] {
            assert_eq!(parse(revision, text), fault(PacketErrorKind::UnknownType, 0), "{text:?}");
        }
    }
}

//= EIO3-PKT-02
//= EIO3-WS-03
#[test]
fn base64_has_a_type_in_revision_3_only() {
    //= EIO4-PKT-15
    assert_eq!(parse(Revision::V4, "bAQIDBA=="), Ok(binary(&[1, 2, 3, 4])));
    //= EIO4-PKT-14: `b` alone
    assert_eq!(parse(Revision::V4, "b"), Ok(binary(&[])));
    assert_eq!(parse(Revision::V4, "bAQID\r\nBA==\n"), Ok(binary(&[1, 2, 3, 4])));
    assert_eq!(parse(Revision::V4, "b4444"), Ok(binary(&[0xe3, 0x8e, 0x38])));
    assert_eq!(parse(Revision::V4, "bAQID!A=="), fault(PacketErrorKind::Base64, 5));
    assert_eq!(parse(Revision::V3, "b4AQIDBA=="), Ok(binary(&[1, 2, 3, 4])));
    assert_eq!(parse(Revision::V3, "b4"), Ok(binary(&[])));
    assert_eq!(parse(Revision::V3, "b4AQID\r\nBA==\n"), Ok(binary(&[1, 2, 3, 4])));
    assert_eq!(parse(Revision::V3, "b4AQID!A=="), fault(PacketErrorKind::Base64, 6));
    //= EIO3-PKT-04
    assert_eq!(parse(Revision::V3, "b"), fault(PacketErrorKind::UnknownType, 1));
    assert_eq!(parse(Revision::V3, "b7AQID"), fault(PacketErrorKind::UnknownType, 1));
    assert_eq!(parse(Revision::V3, "b€"), fault(PacketErrorKind::UnknownType, 1));
    assert_eq!(parse(Revision::V3, "b0AQID"), fault(PacketErrorKind::BinaryType, 1));
}

//= EIO3-PKT-01
//= EIO3-PKT-06
#[test]
fn binary_frames_have_a_type_in_revision_3_only() {
    //= EIO4-PKT-07
    for first in [b"\x04\x01".as_slice(), b"44", b"b4", b""] {
        assert_eq!(parse_bytes(Revision::V4, first), Ok(binary(first)));
    }
    assert_eq!(parse_bytes(Revision::V3, &[4, 1]), Ok(binary(&[1])));
    assert_eq!(parse_bytes(Revision::V3, &[4]), Ok(binary(&[])));
    //= EIO3-PKT-05
    assert_eq!(parse_bytes(Revision::V3, &[]), fault(PacketErrorKind::Empty, 0));
    //= EIO3-PKT-04
    assert_eq!(parse_bytes(Revision::V3, b"4"), fault(PacketErrorKind::UnknownType, 0));
    assert_eq!(parse_bytes(Revision::V3, &[7]), fault(PacketErrorKind::UnknownType, 0));
    assert_eq!(parse_bytes(Revision::V3, &[6, 255]), fault(PacketErrorKind::BinaryType, 0));
}

//= EIO3-WS-01
//= EIO3-WS-02
//= EIO3-PKT-02
#[test]
fn a_client_without_binary_gets_base64() {
    let message = binary(&[1, 2, 3, 4]);
    assert_eq!(message.to_text(Revision::V4), "bAQIDBA==");
    assert_eq!(message.to_text(Revision::V3), "b4AQIDBA==");
    assert_eq!(binary(&[]).to_text(Revision::V4), "b");
    assert_eq!(Packet::Noop.to_text(Revision::V3), "6");
}

#[test]
fn parsing_shares_the_frame() {
    let frame = Bytes::from(alloc::vec![b'4'; 100]);
    let Ok(Packet::Message(Frame::Text(text))) =
        Packet::parse(Revision::V4, Frame::Text(frame.clone().try_into().unwrap()))
    else {
        panic!("a message")
    };
    assert_eq!(text.as_bytes().as_ptr(), frame[1..].as_ptr());
}

proptest! {
    //= EIO4-PKT-01
    //= EIO4-PKT-02
    //= EIO3-WS-01
    #[test]
    fn l8_round_trip(packet in any_packet()) {
        for revision in REVISIONS {
            //= EIO4-PKT-04
            //= EIO4-PKT-07
            //= EIO3-PKT-01
            let (frame, text) = (packet.to_frame(revision), packet.to_text(revision));
            let parts = Parts::from(&packet);
            prop_assert_eq!(parts.frame_len(revision), frame.len());
            prop_assert_eq!(parts.text_len(revision), text.len());
            prop_assert_eq!(matches!(frame, Frame::Binary(_)), parts.is_binary());
            let mut out = Vec::from(*b"before");
            parts.write_frame(revision, &mut out);
            let (head, data) = parts.frame_slices(revision);
            prop_assert_eq!(&out[6..], &[head, data].concat());
            prop_assert_eq!(Packet::parse(revision, frame), Ok(packet.clone()));
            //= EIO3-PKT-02
            //= EIO4-PKT-11
            let view = PacketRef::parse(revision, text.as_str()).unwrap();
            prop_assert_eq!(view.to_packet(), Ok(packet.clone()));
            prop_assert!(view.parts().is_none_or(|view| view.frame_slices(revision) == parts.frame_slices(revision)));
            prop_assert_eq!(Packet::parse(revision, Frame::Text(text)), Ok(packet.clone()));
        }
    }

    //= SIO5-ERR-06
    #[test]
    fn l3_any_frame_is_read_or_refused(text in "[0-9b]{0,3}.*", bytes in any::<Vec<u8>>()) {
        for revision in REVISIONS {
            let view = PacketRef::parse(revision, text.as_str()).and_then(|packet| packet.to_packet());
            prop_assert_eq!(Packet::parse(revision, Frame::Text(Text::from(text.clone()))), view);
            let view = PacketRef::parse(revision, FrameRef::Binary(&bytes)).and_then(|packet| packet.to_packet());
            prop_assert_eq!(Packet::parse(revision, Frame::Binary(bytes.clone().into())), view);
        }
    }
}

fn any_packet() -> impl Strategy<Value = Packet> {
    let text = || any::<String>().prop_map(Text::from);
    prop_oneof![
        text().prop_map(Packet::Open),
        Just(Packet::Close),
        text().prop_map(Packet::Ping),
        text().prop_map(Packet::Pong),
        text().prop_map(|text| Packet::Message(Frame::Text(text))),
        any::<Vec<u8>>().prop_map(|bytes| Packet::Message(Frame::Binary(bytes.into()))),
        Just(Packet::Upgrade),
        Just(Packet::Noop),
    ]
}
