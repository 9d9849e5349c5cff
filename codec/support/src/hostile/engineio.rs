//! Polling bodies, WebTransport streams, scripts, forms and queries.

use std::hint::black_box;

use bytes::Bytes;
use sio_codec::engineio::payload::{Format, Packets, PacketsRef};
use sio_codec::engineio::webtransport::Decoder;
use sio_codec::engineio::{Query, jsonp};

use super::{Case, case, repeated};

pub(super) fn all() -> Vec<Case> {
    let payloads: [(&str, Format, &[u8]); 11] = [
        ("v3 payload: the smallest packets", Format::V3Text, b"1:3"),
        ("v3 payload: empty elements", Format::V3Text, b"0:"),
        ("v3 payload: short lengths of long characters", Format::V3Text, "3:4€😀".as_bytes()),
        ("v3 payload: a run of digits", Format::V3Text, b"9"),
        ("v3 binary payload: the smallest binary packets", Format::V3Binary, b"\x01\x01\xff\x04"),
        ("v3 binary payload: the smallest packets", Format::V3Binary, b"\x00\x01\xff3"),
        ("v3 binary payload: a run of digit bytes", Format::V3Binary, b"\x00"),
        ("v4 payload: the smallest packets", Format::V4, b"2\x1e"),
        ("v4 payload: one packet", Format::V4, b"4"),
        ("v4 payload: base64 in short lines", Format::V4, b"bAQ==\n\x1e"),
        ("v3 payload: base64 in short lines", Format::V3Text, b"8:b4AQ\r\n=="),
    ];
    let payload = |(name, format, unit): (&'static str, Format, &'static [u8])| {
        case(name, move |size| unit.repeat(size / unit.len()), move |body| walk(format, body))
    };
    let long = |size: usize| format!("{}:4{}", size / 3 + 1, "€".repeat(size / 3)).into_bytes();
    let one = |size: usize| {
        let len = u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes();
        [&[0xff, 0, 0, 0, 0], &len[..], &vec![7; size]].concat()
    };
    let cases = [
        case("v4 payload: base64 of line breaks", repeated("bAQID", "\n", ""), |body| walk(Format::V4, body)),
        case("v4 payload: a fault behind many lines", repeated("b", "A\r\n", "!"), |body| walk(Format::V4, body)),
        case("v3 payload: one packet of long characters", long, |body| walk(Format::V3Text, body)),
        case("webtransport: a frame that comes in single bytes", one, |stream| read(stream, 1)),
        case(
            "webtransport: the smallest frames",
            |size| b"\x012".repeat(size / 2),
            |stream| read(stream, stream.len()),
        ),
        case("jsonp: escaped newlines", repeated("", "\\n", ""), |text| {
            let form = jsonp::encode_form(text_of(text));
            assert_eq!(jsonp::decode_form(form.as_bytes()).map(|payload| payload.len()), Some(text.len()));
        }),
        case("jsonp: line separators", repeated("", "\u{2028}", ""), |text| {
            let script = jsonp::wrap(&jsonp::Index::default(), text_of(text));
            assert!(jsonp::unwrap(&script).is_ok_and(|(_, payload)| payload == text_of(text)));
        }),
        case("jsonp: fields of a form", repeated("", "d&", ""), |form| assert_eq!(jsonp::decode_form(form), None)),
        case("query: parameters", repeated("", "sid=%41&", ""), |query| {
            assert_eq!(Query::new(text_of(query)).value("sid").as_deref(), Some("A"));
        }),
    ];
    payloads.map(payload).into_iter().chain(cases).collect()
}

fn walk(format: Format, body: &[u8]) {
    for packet in PacketsRef::new(format, body).expect("text").flatten() {
        let _ = black_box(packet.to_packet());
    }
    black_box(Packets::new(format, Bytes::copy_from_slice(body)).expect("text").count());
}

fn read(stream: &[u8], piece: usize) {
    let mut decoder = Decoder::new(usize::MAX);
    for piece in stream.chunks(piece) {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(packet) = decoder.next_packet() {
            assert!(packet.is_ok());
        }
    }
    assert!(decoder.is_idle());
}

fn text_of(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).expect("text")
}
