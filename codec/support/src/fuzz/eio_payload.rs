//! A polling body in each form: no panic. Owned and borrowed forms agree. Packets that were read can be written and read
//! again, in one body and in several, with the lengths that JavaScript counts. Scripts and forms return the text that they
//! were made from.

use bytes::Bytes;
use sio_codec::engineio::payload::{Bodies, Encoder, Format, Packets, PacketsRef};
use sio_codec::engineio::{EncodeError, Packet, jsonp};

/// The input is the content of a body.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    for format in [Format::V4, Format::V3Text, Format::V3Binary] {
        let packets = read(format, data);
        write_and_read(format, &packets);
        split_and_read(format, &packets, data.len() / 2 + 1);
    }
    if let Ok(payload) = core::str::from_utf8(data) {
        script(payload);
        form(payload);
        let _ = jsonp::unwrap(payload);
    }
    let _ = jsonp::decode_form(data);
}

/// A script is one call with one string, which is a string to JavaScript and to JSON, and returns its payload.
fn script(payload: &str) {
    let index = jsonp::Index::from_query(payload);
    let script = jsonp::wrap(&index, payload);
    let argument =
        script.strip_prefix(&format!("___eio[{}](", index.as_str())).and_then(|rest| rest.strip_suffix(");"));
    let argument = argument.unwrap_or_else(|| panic!("{script} is no call"));
    assert!(!argument.contains(['\n', '\r', '\u{2028}', '\u{2029}']), "{argument} has a line break");
    assert_eq!(serde_json::from_str::<String>(argument).ok().as_deref(), Some(payload));
    assert_eq!(jsonp::unwrap(&script), Ok((index, payload.to_owned())));
}

/// A form returns its payload. So does the reading of the reference's server.
fn form(payload: &str) {
    // Forms cannot carry this text.
    if payload.contains("\\\n") {
        return;
    }
    let form = jsonp::encode_form(payload);
    assert_eq!(jsonp::decode_form(form.as_bytes()).as_deref(), Some(payload));
    let mut pairs = form_urlencoded::parse(form.as_bytes());
    assert_eq!(
        pairs.next().map(|(name, value)| (name.into_owned(), line_breaks(&value))),
        Some(("d".to_owned(), payload.to_owned()))
    );
    assert_eq!(pairs.next(), None, "one field");
}

/// What the reference's server does with the field of a form: an escaped line break becomes one, and one that is escaped twice is
/// escaped once.
fn line_breaks(field: &str) -> String {
    const TWICE: &str = "\\\\n";
    let pieces = field.split(TWICE).map(|piece| piece.replace("\\n", "\n"));
    pieces.collect::<Vec<_>>().join("\\n")
}

/// Reads a body both ways, and returns the packets before the first fault.
fn read(format: Format, body: &[u8]) -> Vec<Packet> {
    let owned = Packets::new(format, Bytes::copy_from_slice(body));
    let (Ok(mut owned), Ok(mut borrowed)) = (owned, PacketsRef::new(format, body)) else {
        assert!(format.is_text() && core::str::from_utf8(body).is_err());
        return Vec::new();
    };
    let mut packets = Vec::new();
    while let Some(packet) = owned.next() {
        let view = borrowed.next().expect("as many packets");
        let view = view.map(|view| view.to_packet().expect("base64 was checked"));
        assert_eq!(view, packet);
        match packet {
            Ok(packet) => packets.push(packet),
            Err(error) => {
                assert!(error.offset <= body.len());
                assert_eq!((owned.next(), borrowed.next()), (None, None), "nothing comes after a fault");
                return packets;
            }
        }
    }
    assert_eq!(borrowed.next(), None);
    packets
}

fn write_and_read(format: Format, packets: &[Packet]) {
    let mut payload = Encoder::new(format);
    for (index, packet) in packets.iter().enumerate() {
        let before = payload.len();
        payload.push(packet).expect("what was an element can be one");
        let separator = usize::from(format == Format::V4 && index > 0);
        assert_eq!(payload.len() - before, separator + format.element_len(packet));
    }
    if let Some(body) = payload.finish() {
        assert_eq!(read(format, &body), packets);
        if format == Format::V3Text {
            let body = core::str::from_utf8(&body).expect("a text");
            assert_eq!(cut_by_units(body).len(), packets.len(), "{body:?}");
        }
    }
}

/// The packets of a textual payload of revision 3, cut as JavaScript does it: a length counts UTF-16 units.
fn cut_by_units(payload: &str) -> Vec<String> {
    let units: Vec<u16> = payload.encode_utf16().collect();
    let mut rest = &units[..];
    let mut packets = Vec::new();
    while let Some(colon) = rest.iter().position(|unit| *unit == u16::from(b':')) {
        let length = String::from_utf16(&rest[..colon]).ok().and_then(|length| length.parse().ok());
        let (packet, others) = rest[colon + 1..].split_at(length.expect("a length"));
        packets.push(String::from_utf16(packet).expect("whole characters"));
        rest = others;
    }
    assert!(rest.is_empty(), "{payload:?}");
    packets
}

fn split_and_read(format: Format, packets: &[Packet], max_len: usize) {
    let mut sent = Vec::new();
    let mut unsent = 0;
    for body in Bodies::new(format, Some(max_len), packets) {
        match body {
            Ok(body) => {
                assert!(body.len() <= max_len);
                sent.extend(read(format, &body));
            }
            Err(error) => {
                assert_eq!(error.error, EncodeError::TooLarge);
                assert!(format.element_len(&packets[error.index]) > max_len);
                unsent += 1;
            }
        }
    }
    assert_eq!(sent.len() + unsent, packets.len());
}
