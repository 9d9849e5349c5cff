//! Hostile input costs no more than in proportion to its size.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use sio_codec::engineio::jsonp;
use sio_codec::engineio::payload::{Format, Packets, PacketsRef};
use sio_codec::engineio::webtransport::Decoder;

const SIZE: usize = 40_000;
const FACTOR: u32 = 8;

/// The best of some runs, which is what the machine's other work disturbs least.
fn time(mut run: impl FnMut()) -> Duration {
    let run = || {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    std::iter::repeat_with(run).take(5).min().unwrap_or_default()
}

/// Eight times the input may take up to half of what eight times eight would be.
fn assert_linear(name: &str, input: impl Fn(usize) -> Vec<u8>, run: impl Fn(&[u8])) {
    let (small, large) = (input(SIZE), input(SIZE * FACTOR as usize));
    let (small, large) = (time(|| run(&small)), time(|| run(&large)));
    let bound = (small + Duration::from_micros(50)) * FACTOR * FACTOR / 2;
    assert!(large < bound, "{name}: {small:?}, and {large:?} for {FACTOR} times as much");
}

#[test]
fn payloads() {
    let repeated = |unit: &'static [u8]| move |size: usize| unit.repeat(size / unit.len());
    let inputs: [(&str, Format, &[u8]); 9] = [
        ("the smallest packets of revision 3", Format::V3Text, b"1:3"),
        ("empty elements", Format::V3Text, b"0:"),
        ("short lengths of long characters", Format::V3Text, "3:4€😀".as_bytes()),
        ("a run of digits", Format::V3Text, b"9"),
        ("the smallest binary packets", Format::V3Binary, b"\x01\x01\xff\x04"),
        ("the smallest packets of the binary form", Format::V3Binary, b"\x00\x01\xff3"),
        ("a run of digit bytes", Format::V3Binary, b"\x00"),
        ("the smallest packets of revision 4", Format::V4, b"2\x1e"),
        ("one packet", Format::V4, b"4"),
    ];
    for (name, format, unit) in inputs {
        assert_linear(name, repeated(unit), |body| {
            black_box(PacketsRef::new(format, body).expect("text").count());
            black_box(Packets::new(format, Bytes::copy_from_slice(body)).expect("text").count());
        });
    }
    let long = |size: usize| format!("{}:4{}", size / 3 + 1, "€".repeat(size / 3)).into_bytes();
    assert_linear("one long packet of long characters", long, |body| {
        assert_eq!(PacketsRef::new(Format::V3Text, body).expect("text").count(), 1);
    });
}

#[test]
fn streams() {
    let one = |size: usize| {
        [&[0xff, 0, 0, 0, 0], &u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes()[..], &vec![7; size]].concat()
    };
    assert_linear("a frame that comes in single bytes", one, |stream| {
        let mut decoder = Decoder::new(usize::MAX);
        for byte in stream.chunks(1) {
            decoder.push(Bytes::copy_from_slice(byte));
            black_box(decoder.next_packet());
        }
        assert!(decoder.is_idle());
    });
    assert_linear(
        "the smallest frames",
        |size| b"\x012".repeat(size / 2),
        |stream| {
            let mut decoder = Decoder::new(10);
            decoder.push(Bytes::copy_from_slice(stream));
            while let Some(packet) = decoder.next_packet() {
                assert!(packet.is_ok());
            }
        },
    );
}

#[test]
fn scripts_and_forms() {
    assert_linear(
        "escaped newlines",
        |size| b"\\n".repeat(size / 2),
        |text| {
            let form = jsonp::encode_form(core::str::from_utf8(text).expect("ASCII"));
            assert_eq!(jsonp::decode_form(form.as_bytes()).map(|payload| payload.len()), Some(text.len()));
        },
    );
    assert_linear(
        "line separators",
        |size| "\u{2028}".repeat(size / 3).into_bytes(),
        |text| {
            let payload = core::str::from_utf8(text).expect("UTF-8");
            let script = jsonp::wrap(&jsonp::Index::default(), payload);
            assert!(jsonp::unwrap(&script).is_ok_and(|(_, unwrapped)| unwrapped == payload));
        },
    );
    assert_linear("fields of a form", |size| b"d&".repeat(size / 2), |form| assert_eq!(jsonp::decode_form(form), None));
}
