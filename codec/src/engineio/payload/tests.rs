use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::engineio::{EncodeError, Packet, PacketErrorKind, PayloadError, jsonp};
use crate::frame::Frame;
use crate::text::Text;

const FORMATS: [Format; 3] = [Format::V4, Format::V3Text, Format::V3Binary];

type Read = (Vec<Packet>, Option<PayloadError>);

/// Reads a body both ways; what they say must agree.
fn decode(format: Format, body: &[u8]) -> Read {
    let owned: Result<Vec<_>, _> = Packets::new(format, Bytes::copy_from_slice(body)).map(Iterator::collect);
    let borrowed: Result<Vec<_>, _> = PacketsRef::new(format, body)
        .map(|views| views.map(|view| view.map(|view| view.to_packet().expect("checked"))).collect());
    assert_eq!(borrowed, owned);
    let mut fault = owned.as_ref().err().copied();
    let mut packets = Vec::new();
    for packet in owned.unwrap_or_default() {
        assert_eq!(fault, None, "the iterator ends after the first fault");
        match packet {
            Ok(packet) => packets.push(packet),
            Err(error) => fault = Some(error),
        }
    }
    (packets, fault)
}

#[test]
fn text_is_taken_as_it_is() {
    for (format, body) in [(Format::V4, "4one\x1e2"), (Format::V3Text, "4:4one1:2")] {
        let packets: Vec<_> = Packets::new(format, Text::from(body)).unwrap().collect();
        assert_eq!(packets, [Ok(Packet::Message(Frame::from("one"))), Ok(Packet::Ping(Text::new()))]);
    }
    let fault = Packets::new(Format::V3Binary, Text::from("4one")).unwrap().next().unwrap();
    assert!(fault.is_err(), "a binary body is no text");
}

fn texts(texts: &[&'static str]) -> Vec<Packet> {
    texts.iter().map(|text| Packet::Message(Frame::from(*text))).collect()
}

fn fault(kind: PacketErrorKind, offset: usize) -> Option<PayloadError> {
    Some(PayloadError { kind, offset })
}

//= EIO4-PLD-03
//= EIO4-PLD-04
//= EIO4-PLD-06
#[test]
fn v4_faults_end_the_payload() {
    let decode = |body: &str| decode(Format::V4, body.as_bytes());
    assert_eq!(decode(""), (vec![], fault(PacketErrorKind::Empty, 0)));
    assert_eq!(decode("4a\x1e"), (texts(&["a"]), fault(PacketErrorKind::Empty, 3)));
    assert_eq!(decode("\x1e4a"), (vec![], fault(PacketErrorKind::Empty, 0)));
    assert_eq!(decode("4a\x1e\x1e4b"), (texts(&["a"]), fault(PacketErrorKind::Empty, 3)));
    assert_eq!(decode("4one\x1ezz\x1e4two"), (texts(&["one"]), fault(PacketErrorKind::UnknownType, 5)));
    assert_eq!(decode("4a\x1ebAQ!D\x1e4b"), (texts(&["a"]), fault(PacketErrorKind::Base64, 6)));
    assert_eq!(decode("6:4hello"), (vec![Packet::Noop], None));
}

/// Where engine.io-client-java 2.x writes them, in every form in which base64 arrives.
//= EIO4-PKT-10
//= EIO3-PKT-02
#[test]
fn base64_may_come_in_lines() {
    let binary = |bytes: &'static [u8]| Packet::Message(Frame::Binary(Bytes::from_static(bytes)));
    let expected = [binary(&[1, 2, 3, 4]), texts(&["x"]).remove(0), binary(&[1, 2, 3, 4])];
    let bodies = [
        (Format::V4, "bAQIDBA==\n\x1e4x\x1ebAQID\r\nBA==\r\n"),
        (Format::V3Text, "11:b4AQIDBA==\n2:4x14:b4AQID\r\nBA==\r\n"),
        (Format::V3Binary, "\0\u{1}\u{1}?b4AQIDBA==\n\0\u{2}?4x\0\u{1}\u{4}?b4AQID\r\nBA==\r\n"),
    ];
    for (format, body) in bodies {
        // No text holds the byte that ends a length.
        let ends = |byte: u8| if byte == b'?' { 0xff } else { byte };
        let bytes: Vec<u8> = body.bytes().map(ends).collect();
        assert_eq!(decode(format, &bytes), (expected.to_vec(), None), "{format:?}");
        if format.is_text() {
            let form = jsonp::encode_form(body);
            assert_eq!(jsonp::decode_form(form.as_bytes()).as_deref(), Some(body));
            let script = jsonp::wrap(&jsonp::Index::default(), body);
            assert_eq!(jsonp::unwrap(&script), Ok((jsonp::Index::default(), body.into())));
        }
    }
    assert_eq!(
        decode(Format::V4, b"bAQID\n\x1eb\nAQ!D"),
        (vec![binary(&[1, 2, 3])], fault(PacketErrorKind::Base64, 11))
    );
}

//= EIO4-PLD-09
//= EIO3-PLD-09
#[test]
fn a_textual_body_that_is_not_utf8_is_refused_whole() {
    for format in [Format::V4, Format::V3Text] {
        assert_eq!(decode(format, b"4\xff\xfe"), (vec![], fault(PacketErrorKind::Utf8, 1)));
    }
}

//= EIO3-PLD-03
#[test]
fn v3_text_faults_end_the_payload() {
    let decode = |body: &str| decode(Format::V3Text, body.as_bytes());
    assert_eq!(decode("6:4hello2:4€"), (texts(&["hello", "€"]), None));
    assert_eq!(decode(""), (vec![], fault(PacketErrorKind::Empty, 0)));
    //= EIO3-PLD-06
    assert_eq!(decode("0:"), (vec![], None));
    assert_eq!(decode("0:0:2:4a0:"), (texts(&["a"]), None));
    //= EIO3-PLD-04
    assert_eq!(decode("2:4a9:4b"), (texts(&["a"]), fault(PacketErrorKind::Truncated, 4)));
    //= EIO3-PLD-05
    assert_eq!(decode("2:4ax"), (texts(&["a"]), fault(PacketErrorKind::Length, 4)));
    assert_eq!(decode("2:4a2:xy"), (texts(&["a"]), fault(PacketErrorKind::UnknownType, 6)));
    //= EIO3-PLD-07: splits a surrogate pair
    assert_eq!(decode("2:4😀"), (vec![], fault(PacketErrorKind::Surrogate, 0)));
    assert_eq!(decode("6:4hello99999999999:"), (texts(&["hello"]), fault(PacketErrorKind::Length, 8)));
    assert_eq!(decode("5:b4A!A"), (vec![], fault(PacketErrorKind::Base64, 5)));
}

//= EIO3-BIN-06
//= EIO3-BIN-07
#[test]
fn v3_binary_faults_end_the_payload() {
    let decode = |body: &[u8]| decode(Format::V3Binary, body);
    assert_eq!(decode(b"\x00\x02\xff4a\x01\x02\xff\x04\x01").1, None);
    //= EIO3-BIN-09
    assert_eq!(decode(b""), (vec![], None));
    //= EIO3-PLD-04
    assert_eq!(decode(b"\x00\x02\xff4a\x02\x02\xff\x04\x01"), (texts(&["a"]), fault(PacketErrorKind::Marker, 5)));
    assert_eq!(decode(b"\x00"), (vec![], fault(PacketErrorKind::Length, 1)));
    assert_eq!(decode(b"\x00\x02"), (vec![], fault(PacketErrorKind::Length, 1)));
    assert_eq!(decode(b"\x00\xff4"), (vec![], fault(PacketErrorKind::Length, 1)));
    assert_eq!(decode(b"\x00\x0a\xff4a"), (vec![], fault(PacketErrorKind::Length, 1)));
    assert_eq!(decode(b"\x00\x00\x02\xff4a"), (vec![], fault(PacketErrorKind::Length, 1)));
    assert_eq!(decode(b"\x00\x03\xff4a"), (vec![], fault(PacketErrorKind::Truncated, 1)));
    assert_eq!(decode(b"\x00\x00\xff"), (vec![], fault(PacketErrorKind::Empty, 3)));
    assert_eq!(decode(b"\x01\x00\xff"), (vec![], fault(PacketErrorKind::Empty, 3)));
    assert_eq!(decode(b"\x00\x03\xff4a\xe2"), (vec![], fault(PacketErrorKind::Utf8, 5)));
    let cesu8 = b"\x00\x02\xff4a\x00\x07\xff4\xed\xa0\xbd\xed\xb8\x80";
    assert_eq!(decode(cesu8), (texts(&["a"]), fault(PacketErrorKind::Utf8, 9)));
    assert_eq!(decode(b"\x00\x05\xffb4AQ!").1, fault(PacketErrorKind::Base64, 7));
    assert_eq!(decode(&[&[0], &[9; 1000][..]].concat()), (vec![], fault(PacketErrorKind::Length, 1)));
}

//= EIO4-PLD-07
#[test]
fn a_text_with_a_separator_is_not_written_in_revision_4() {
    let message = Packet::Message(Frame::from("a\x1eb"));
    let mut payload = Encoder::new(Format::V4);
    assert_eq!(payload.push(&message), Err(EncodeError::Separator));
    assert!(payload.is_empty());
    assert_eq!(payload.finish(), None);
    for format in [Format::V3Text, Format::V3Binary] {
        assert_eq!(Encoder::new(format).push(&message), Ok(()));
    }
}

//= EIO4-LIM-01
//= EIO4-LIM-03
#[test]
fn many_small_binaries_stay_below_the_limit() {
    // The input with which the reference's client writes 149 bytes, because it estimates: DIV-11.
    let packets = vec![Packet::Message(Frame::Binary(Bytes::from_static(&[7]))); 100];
    let bodies: Vec<_> = Bodies::new(Format::V4, Some(100), &packets).map(Result::unwrap).collect();
    assert!(bodies.iter().all(|body| body.len() <= 100));
    assert_eq!(bodies[0].len(), 16 * 5 + 15, "and there is no room for one more with its separator");
}

//= EIO4-LIM-02
//= EIO4-HS-14
#[test]
fn a_packet_that_cannot_be_sent_is_reported_in_its_place() {
    let packets = texts(&["a", "much too long", "b\x1ec", "d", "e"]);
    let bodies: Vec<_> = Bodies::new(Format::V4, Some(5), &packets).collect();
    let expected = [
        Ok(b"4a".to_vec()),
        Err(Unsent { index: 1, error: EncodeError::TooLarge }),
        Err(Unsent { index: 2, error: EncodeError::Separator }),
        Ok(b"4d\x1e4e".to_vec()),
    ];
    assert_eq!(bodies, expected);
    let all: Vec<_> = Bodies::new(Format::V3Text, None, &packets).collect();
    assert_eq!(all, [Ok("2:4a14:4much too long4:4b\x1ec2:4d2:4e".into())]);
    assert_eq!(Bodies::new(Format::V4, Some(5), &Vec::<Packet>::new()).count(), 0);
}

proptest! {
    //= EIO4-PLD-01
    //= EIO4-PLD-02
    //= EIO4-PLD-08
    #[test]
    fn l8_round_trip(packets in any_packets()) {
        for format in FORMATS {
            let mut payload = Encoder::new(format).with_buffer(vec![1, 2, 3]);
            let mut expected = 0;
            for packet in &packets {
                //= EIO4-LIM-03
                expected += format.element_len(packet) + usize::from(format == Format::V4 && !payload.is_empty());
                payload.push(packet).unwrap();
                prop_assert_eq!(payload.len(), expected);
            }
            let body = payload.finish().unwrap();
            //= EIO3-PLD-08
            prop_assert!(!format.is_text() || core::str::from_utf8(&body).is_ok());
            //= EIO3-PLD-01
            //= EIO3-PLD-02
            //= EIO3-BIN-01
            prop_assert_eq!(decode(format, &body), (packets.clone(), None));
        }
    }

    //= EIO4-LIM-01
    //= EIO4-LIM-02
    #[test]
    fn bodies_keep_the_limit_and_the_order(packets in any_packets(), max_len in 1..2000_usize) {
        for format in FORMATS {
            let mut read = Vec::new();
            let mut unsent = Vec::new();
            let mut before: Option<usize> = None;
            for body in Bodies::new(format, Some(max_len), &packets) {
                match body {
                    Ok(body) => {
                        prop_assert!(!body.is_empty() && body.len() <= max_len);
                        let first = decode(format, &body).0;
                        let separator = usize::from(format == Format::V4);
                        let fits = before.is_some_and(|len| len + separator + format.element_len(&first[0]) <= max_len);
                        prop_assert!(!fits, "the body before could have held more");
                        before = Some(body.len());
                        read.extend(first);
                    }
                    Err(error) => {
                        prop_assert_eq!(error.error, EncodeError::TooLarge);
                        before = None;
                        unsent.push(error.index);
                    }
                }
            }
            let fits = |packet: &Packet| format.element_len(packet) <= max_len;
            let expected: Vec<_> = packets.iter().filter(|packet| fits(packet)).cloned().collect();
            prop_assert_eq!(read, expected);
            let beyond: Vec<_> = (0..packets.len()).filter(|index| !fits(&packets[*index])).collect();
            prop_assert_eq!(unsent, beyond);
        }
    }

    #[test]
    fn l3_any_body_is_read_or_refused(body in any::<Vec<u8>>(), text in "([0-9]{1,2}:[0-9b].{0,9}){0,5}") {
        for format in FORMATS {
            for body in [body.as_slice(), text.as_bytes(), &[&[0, 2, 255, b'4'], body.as_slice()].concat()] {
                let (packets, fault) = decode(format, body);
                prop_assert!(packets.len() <= body.len() / 2 + 1);
                prop_assert!(fault.is_none_or(|fault| fault.offset <= body.len()));
            }
        }
    }
}

fn any_packets() -> impl Strategy<Value = Vec<Packet>> {
    prop_oneof![
        9 => prop::collection::vec(any_packet(), 1..20),
        1 => prop::collection::vec(any_large_packet(), 1..3),
    ]
}

fn any_packet() -> impl Strategy<Value = Packet> {
    prop_oneof![
        any_text().prop_map(|text| Packet::Message(Frame::Text(text))),
        prop::collection::vec(any::<u8>(), 0..150).prop_map(|bytes| Packet::Message(Frame::Binary(bytes.into()))),
        any_text().prop_map(Packet::Open),
        any_text().prop_map(Packet::Ping),
        any_text().prop_map(Packet::Pong),
        Just(Packet::Close),
        Just(Packet::Upgrade),
        Just(Packet::Noop),
    ]
}

/// Around the places where a length gets another digit, another byte, or another limit.
fn any_large_packet() -> impl Strategy<Value = Packet> {
    let len = prop_oneof![7..12_usize, 97..102_usize, 126..130_usize, 16_380..16_390_usize, 65_530..65_540_usize];
    let text = (len.clone(), prop::sample::select(&["a", "é", "€", "😀"][..]))
        .prop_map(|(len, unit)| Packet::Message(Frame::Text(Text::from(unit.repeat(len)))));
    prop_oneof![text, len.prop_map(|len| Packet::Message(Frame::Binary(vec![7; len].into())))]
}

fn any_text() -> impl Strategy<Value = Text> {
    let text = prop_oneof!["[ -~]{0,40}", "[aé€😀]{0,40}", any::<String>()];
    text.prop_map(|text: String| Text::from(text.replace('\x1e', " ")))
}
