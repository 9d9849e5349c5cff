//! Defects of the payloads of Engine.IO 3.

use bytes::Bytes;
use sio_codec::Frame;
use sio_codec::engineio::ContentType;
use sio_codec::engineio::server::{BodyFormat, Input};

use super::super::framing::{Framing, binary_element, text_element, utf_16_len};
use super::super::mutant::Mutant;
use super::super::past::Past;
use super::super::payload::{UNDECODABLE, edit, text_of, to_text};
use super::eio3::is_v3;

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("v3-length-in-bytes", &["EIO3-PLD-01"], "The length of a packet counts bytes.")
        .on_framed(|framing, packets| text(framing, packets, |text| text.len().to_string())),
    Mutant::new("v3-length-in-characters", &["EIO3-PLD-01"], "The length of a packet counts code points.")
        .on_framed(|framing, packets| text(framing, packets, |text| text.chars().count().to_string())),
    Mutant::new("v3-length-with-a-zero", &["EIO3-PLD-02"], "The length of a packet has a leading zero.")
        .on_framed(|framing, packets| text(framing, packets, |text| format!("0{}", utf_16_len(text)))),
    Mutant::new("v3-bytes-without-a-type", &["EIO3-PKT-02", "EIO3-PLD-08"], "Bytes in base64 have no type.")
        .on_sent(|_, packet| edit(packet, |text| text.strip_prefix("b4").map(|digits| format!("b{digits}")))),
    Mutant::new("v3-bytes-in-text-are-lost", &["EIO3-PLD-08", "EIO3-BIN-04"], "Bytes in base64 are not sent.")
        .on_payload(|past, packets| {
            let keeps = |packet: &Frame| !is_v3(past) || !text_of(packet).starts_with("b4");
            packets.into_iter().filter(keeps).collect()
        }),
    Mutant::new("v3-b64-is-ignored", &["EIO3-BIN-04", "EIO3-HS-07"], "A client that asks for base64 gets bytes.")
        .on_request(|request| {
            if request.parameter("EIO") == Some("3") {
                request.remove("b64");
            }
            Ok(())
        }),
    Mutant::new("v3-binary-length-in-ascii", &["EIO3-BIN-01"], "The digits of a length are ASCII digits.").on_framed(
        |framing, packets| {
            let in_ascii = |packet| {
                let mut element = binary_element(packet, Vec::len);
                element[1..].iter_mut().take_while(|byte| **byte < 10).for_each(|digit| *digit += b'0');
                element
            };
            (framing == Framing::V3Binary).then(|| packets.iter().flat_map(in_ascii).collect())
        },
    ),
    Mutant::new(
        "v3-binary-length-without-the-type",
        &["EIO3-BIN-01"],
        "The length of a packet in a binary payload does not count its type.",
    )
    .on_framed(|framing, packets| {
        binary(framing, packets, |bytes| if bytes.first() == Some(&4) { bytes.len() - 1 } else { bytes.len() })
    }),
    Mutant::new(
        "v3-binary-length-in-characters",
        &["EIO3-BIN-01"],
        "The length of a text in a binary payload counts its characters.",
    )
    .on_framed(|framing, packets| {
        binary(framing, packets, |bytes| std::str::from_utf8(bytes).map_or(bytes.len(), |text| text.chars().count()))
    }),
    Mutant::new("v3-binary-payload-is-labelled-as-text", &["EIO3-BIN-02"], "A binary payload is labelled text/plain.")
        .on_answer(|response| {
            if response.content_type == ContentType::BinaryPayload {
                response.content_type = ContentType::Payload;
            }
        }),
    Mutant::new("v3-binary-post-is-text", &["EIO3-BIN-03"], "A binary POST is read as a text.").on_input(
        |past, input| match input {
            Input::Post { id, revision, format: BodyFormat::Binary } if is_v3(past) => {
                vec![Input::Post { id, revision, format: BodyFormat::Text }]
            }
            input => vec![input],
        },
    ),
    Mutant::new("v3-posts-stay-binary", &["EIO3-BIN-03"], "After a binary POST, all others are read as binary.")
        .on_input(|past, input| match input {
            Input::Post { id, revision, .. } if is_v3(past) && past.posted == BodyFormat::Binary => {
                vec![Input::Post { id, revision, format: BodyFormat::Binary }]
            }
            input => vec![input],
        }),
    Mutant::new("v3-posts-count-bytes", &["EIO3-PLD-01", "EIO3-PLD-09"], "The lengths in a POST are taken for bytes.")
        .on_input(|past, input| {
            change_body(past, input, |past, body| is_text(past) && !body.is_ascii(), |_, _| UNDECODABLE.into())
        }),
    Mutant::new("v3-posts-count-characters", &["EIO3-PLD-01"], "The lengths in a POST are taken for code points.")
        .on_input(|past, input| {
            let is_wrong = |past: &Past, body: &[u8]| {
                let text = std::str::from_utf8(body).unwrap_or_default();
                is_text(past) && text.chars().any(|character| character.len_utf16() > 1)
            };
            change_body(past, input, is_wrong, |_, _| UNDECODABLE.into())
        }),
    Mutant::new("v3-rest-is-ignored", &["EIO3-PLD-03"], "What follows the last whole packet of a POST is ignored.")
        .on_input(|past, input| {
            change_body(past, input, is_broken, |past, body| {
                let (packets, _) = Framing::V3Text.split_valid(body);
                past.body(BodyFormat::Text, &if packets.is_empty() { vec![to_text("6")] } else { packets })
            })
        }),
    Mutant::new("v3-empty-post-is-nothing", &["EIO3-PLD-03"], "A POST without a body is accepted.").on_input(
        |past, input| {
            let is_empty = |past: &Past, body: &[u8]| is_text(past) && body.is_empty();
            change_body(past, input, is_empty, |_, _| Bytes::from_static(b"1:6"))
        },
    ),
    Mutant::new("v3-long-length-is-cut", &["EIO3-PLD-03"], "A packet that is shorter than its length is accepted.")
        .on_input(|past, input| {
            change_body(past, input, is_broken, |past, body| {
                let (mut packets, rest) = Framing::V3Text.split_valid(body);
                let text = String::from_utf8_lossy(rest);
                if let Some((length, packet)) = text.split_once(':')
                    && length.bytes().all(|byte| byte.is_ascii_digit())
                {
                    packets.push(to_text(packet));
                }
                past.body(BodyFormat::Text, &packets)
            })
        }),
    Mutant::new("v3-fault-loses-all", &["EIO3-PLD-04"], "The packets before a fault are not delivered.")
        .on_input(|past, input| change_body(past, input, is_broken, |_, _| UNDECODABLE.into())),
    Mutant::new("v3-broken-bytes-are-cut", &["EIO3-BIN-06"], "A broken binary payload is accepted.").on_input(
        |past, input| {
            let is_broken = |past: &Past, body: &[u8]| {
                is_v3(past) && past.posted == BodyFormat::Binary && past.packets(body).is_none()
            };
            change_body(past, input, is_broken, |past, _| past.body(BodyFormat::Binary, &[to_text("6")]))
        },
    ),
    Mutant::new("v3-unknown-type-is-ignored", &["EIO3-PKT-03"], "A packet with an unknown type in a POST is ignored.")
        .on_body(|past, packets| {
            let is_known = |packet: &Frame| !is_v3(past) || text_of(packet).is_empty() || has_type(text_of(packet));
            packets.into_iter().filter(is_known).collect()
        }),
];

fn has_type(text: &str) -> bool {
    text.starts_with(|first: char| matches!(first, '0'..='6' | 'b'))
}

/// Writes a textual payload with other lengths.
fn text(framing: Framing, packets: &[Frame], count: fn(&str) -> String) -> Option<Bytes> {
    let elements = || packets.iter().map(|packet| text_element(packet, count));
    (framing == Framing::V3Text).then(|| elements().collect::<String>().into())
}

/// Writes a binary payload with other lengths.
fn binary(framing: Framing, packets: &[Frame], count: fn(&Vec<u8>) -> usize) -> Option<Bytes> {
    let elements = || packets.iter().flat_map(|packet| binary_element(packet, count));
    (framing == Framing::V3Binary).then(|| elements().collect())
}

/// Whether a textual payload of revision 3 is due.
fn is_text(past: &Past) -> bool {
    is_v3(past) && past.posted == BodyFormat::Text
}

/// Whether a body is no textual payload of revision 3, although one is due.
fn is_broken(past: &Past, body: &[u8]) -> bool {
    is_text(past) && !past.is_scripted && Framing::V3Text.split(body).is_none()
}

/// Lets the session read another body.
fn change_body(
    past: &Past,
    input: Input,
    fits: impl FnOnce(&Past, &[u8]) -> bool,
    change: impl FnOnce(&Past, &[u8]) -> Bytes,
) -> Vec<Input> {
    match input {
        Input::Body { id, body } if fits(past, &body) => vec![Input::Body { id, body: change(past, &body) }],
        input => vec![input],
    }
}
