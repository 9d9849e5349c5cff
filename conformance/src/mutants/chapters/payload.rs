//! Defects of packets, and of payloads on polling.

use bytes::Bytes;
use sio_codec::engineio::server::Input;
use sio_codec::engineio::{ContentType, Response};
use sio_codec::{Frame, Text};

use super::super::mutant::Mutant;
use super::super::payload::{UNDECODABLE, edit, refuse, text_of, to_text, unless};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new(
        "payload-without-separators",
        &["EIO4-PLD-01"],
        "The packets of a payload are joined without separators.",
    )
    .on_answer(|response| rewrite(response, |body| body.replace(SEPARATOR, ""))),
    Mutant::new("payload-of-lines", &["EIO4-PLD-01"], "The packets of a payload are separated by line feeds.")
        .on_answer(|response| rewrite(response, |body| body.replace(SEPARATOR, "\n"))),
    Mutant::new(
        "payload-ends-with-a-separator",
        &["EIO4-PLD-01"],
        "A payload of several packets ends with a separator.",
    )
    .on_answer(|response| {
        rewrite(response, |body| if body.contains(SEPARATOR) { format!("{body}{SEPARATOR}") } else { body.to_owned() })
    }),
    Mutant::new(
        "payload-begins-with-its-length",
        &["EIO4-PLD-06", "EIO4-PLD-01"],
        "Before each packet of a payload is its length, as in revision 3.",
    )
    .on_answer(|response| {
        rewrite(response, |body| {
            let packets: Vec<_> =
                body.split(SEPARATOR).map(|packet| format!("{}:{packet}", packet.chars().count())).collect();
            if packets.len() > 1 { packets.concat() } else { body.to_owned() }
        });
    }),
    Mutant::new("base64-for-urls", &["EIO4-PKT-08"], "Base64 has the alphabet for URLs.")
        .on_answer(|response| base64(response, |digits| digits.replace('+', "-").replace('/', "_"))),
    Mutant::new("base64-without-padding", &["EIO4-PKT-08"], "Base64 has no padding.")
        .on_answer(|response| base64(response, |digits| digits.replace('=', ""))),
    Mutant::new("base64-with-a-type", &["EIO4-PKT-08", "EIO4-PLD-02"], "Base64 begins with b4, as in revision 3.")
        .on_answer(|response| base64(response, |digits| format!("4{digits}"))),
    Mutant::new("bytes-as-latin-1", &["EIO4-PLD-02", "EIO4-PKT-12"], "Binary messages are sent as text on polling.")
        .on_payload(|_, packets| {
            let as_text = |packet| match packet {
                Frame::Binary(bytes) => {
                    to_text(format!("4{}", bytes.iter().map(|byte| char::from(*byte)).collect::<String>()))
                }
                text @ Frame::Text(_) => text,
            };
            packets.into_iter().map(as_text).collect()
        }),
    Mutant::new("unpadded-base64-closes", &["EIO4-PKT-09"], "Base64 without padding ends the session.").on_input(
        |_, input| match input {
            Input::Body { id, body } => {
                let is_unpadded = |packet: &[u8]| packet.first() == Some(&b'b') && packet.len() % 4 != 1;
                let is_refused = body.split(|byte| *byte == 0x1e).any(is_unpadded);
                let body = if is_refused { Bytes::from_static(UNDECODABLE.as_bytes()) } else { body };
                vec![Input::Body { id, body }]
            }
            input => vec![input],
        },
    ),
    Mutant::new(
        "unknown-packets-are-skipped",
        &["EIO4-PKT-06", "EIO4-POST-05"],
        "A packet in a POST that begins with no digit of a type is skipped.",
    )
    .on_body(|_, packets| packets.into_iter().filter(|packet| !is_unknown(packet)).collect()),
    Mutant::new("empty-packets-are-skipped", &["EIO4-PLD-04", "EIO4-PKT-05"], "Empty packets in a POST are skipped.")
        .on_body(|_, packets| packets.into_iter().filter(|packet| *packet != to_text("")).collect()),
    Mutant::new("empty-body-is-nothing", &["EIO4-PLD-04", "EIO4-PKT-05"], "A POST without a body is accepted.")
        .on_body(|_, packets| if packets == [to_text("")] { Vec::new() } else { packets }),
    Mutant::new("last-separator-is-skipped", &["EIO4-PLD-04", "EIO4-PKT-05"], "A POST may end with a separator.")
        .on_body(|_, mut packets| {
            if packets.len() > 1 && packets.last() == Some(&to_text("")) {
                packets.pop();
            }
            packets
        }),
    Mutant::new("first-separator-is-skipped", &["EIO4-PLD-04", "EIO4-PKT-05"], "A POST may begin with a separator.")
        .on_body(|_, mut packets| {
            if packets.len() > 1 && packets.first() == Some(&to_text("")) {
                packets.remove(0);
            }
            packets
        }),
    Mutant::new(
        "packets-after-a-fault-count",
        &["EIO4-PLD-03"],
        "The packets of a POST behind a fault are processed before the session ends.",
    )
    .on_body(|_, packets| {
        let (faults, fine): (Vec<_>, Vec<_>) = packets.into_iter().partition(is_unknown);
        fine.into_iter().chain(faults).collect()
    }),
    Mutant::new("packets-before-a-fault-are-lost", &["EIO4-PLD-03"], "A POST with a fault is dropped as a whole.")
        .on_body(|_, packets| if packets.iter().any(is_unknown) { vec![to_text(UNDECODABLE)] } else { packets }),
    Mutant::new(
        "packets-after-a-close-count",
        &["EIO4-PLD-05", "EIO4-CL-09"],
        "The packets of a POST behind a close packet are processed.",
    )
    .on_body(|_, packets| {
        let (close, others): (Vec<_>, Vec<_>) = packets.into_iter().partition(|packet| text_of(packet) == "1");
        others.into_iter().chain(close).collect()
    }),
    Mutant::new("packets-are-trimmed", &["EIO4-PKT-06"], "White space before a packet is skipped.").on_received(
        |_, packet| edit(packet, |text| text.starts_with(char::is_whitespace).then(|| text.trim_start().to_owned())),
    ),
    Mutant::new("capital-b-is-base64", &["EIO4-PKT-06"], "A capital B begins a binary message.")
        .on_received(|_, packet| edit(packet, |text| text.strip_prefix('B').map(|digits| format!("b{digits}")))),
    Mutant::new("type-7-is-a-message", &["EIO4-PKT-06"], "Packets of the types 7 to 9 are messages.").on_received(
        |_, packet| edit(packet, |text| text.strip_prefix(['7', '8', '9']).map(|data| format!("4{data}"))),
    ),
    Mutant::new("lengths-are-skipped", &["EIO4-PLD-06"], "A length before a packet is skipped, as in revision 3.")
        .on_received(|_, packet| {
            edit(packet, |text| {
                let (length, packet) = text.split_once(':')?;
                length.bytes().all(|byte| byte.is_ascii_digit()).then(|| packet.to_owned())
            })
        }),
    Mutant::new("bodies-in-latin-1", &["EIO4-PLD-09"], "The body of a POST is decoded as Latin-1.").on_input(
        |_, input| match input {
            Input::Body { id, body } => {
                let text: String = body.iter().map(|byte| char::from(*byte)).collect();
                vec![Input::Body { id, body: text.into() }]
            }
            input => vec![input],
        },
    ),
    Mutant::new("empty-text-is-lost", &["EIO4-PKT-03", "EIO4-PKT-04"], "A text message without data is ignored.")
        .on_received(|_, packet| unless(packet, |text| text == "4")),
    Mutant::new("empty-text-is-null", &["EIO4-PKT-03", "EIO4-PKT-04"], "A text message without data becomes `null`.")
        .on_sent(|_, packet| edit(packet, |text| (text == "4").then(|| "4null".to_owned()))),
    Mutant::new("empty-binary-is-lost", &["EIO4-PKT-14", "EIO4-WS-05"], "An empty binary message is ignored.")
        .on_received(|_, packet| if packet == Frame::Binary(Bytes::new()) { Vec::new() } else { vec![packet] }),
    Mutant::new(
        "empty-binary-is-text",
        &["EIO4-PKT-14", "EIO4-WS-05"],
        "An empty binary message becomes an empty text message.",
    )
    .on_received(|_, packet| if packet == Frame::Binary(Bytes::new()) { vec![to_text("4")] } else { vec![packet] }),
    Mutant::new("binary-is-text", &["EIO4-PKT-12"], "A binary message comes back as text, if it is text.").on_received(
        |_, packet| match &packet {
            Frame::Binary(bytes) => match Text::try_from(bytes.clone()) {
                Ok(text) => vec![to_text(format!("4{}", text.as_str()))],
                Err(_) => vec![packet],
            },
            Frame::Text(_) => vec![packet],
        },
    ),
    Mutant::new("text-ends-at-nul", &["EIO4-PKT-11"], "A text message ends at the first NUL.")
        .on_received(|_, packet| edit(packet, |text| text.split_once('\0').map(|(text, _)| text.to_owned()))),
    Mutant::new("text-is-one-line", &["EIO4-PKT-11"], "A text message ends at the first line feed.")
        .on_received(|_, packet| edit(packet, |text| text.split_once('\n').map(|(text, _)| text.to_owned()))),
    Mutant::new("noop-with-data-closes", &["EIO4-PKT-13"], "An upgrade packet with data is refused.")
        .on_received(|_, packet| refuse(packet, |text| text.starts_with('5') && text.len() > 1)),
    Mutant::new("text-in-ascii", &["EIO4-PKT-11", "EIO4-PLD-09"], "Characters beyond ASCII become question marks.")
        .on_sent(|_, packet| {
            edit(packet, |text| (!text.is_ascii()).then(|| text.replace(|character: char| !character.is_ascii(), "?")))
        }),
];

const SEPARATOR: char = '\u{1e}';

fn is_unknown(packet: &Frame) -> bool {
    matches!(packet, Frame::Text(text) if !text.as_str().starts_with(|first| matches!(first, '0'..='6')))
}

fn rewrite(response: &mut Response, change: impl FnOnce(&str) -> String) {
    if response.content_type == ContentType::Payload
        && let Ok(body) = std::str::from_utf8(&response.body)
    {
        response.body = change(body).into();
    }
}

/// Changes the digits of every binary message in a payload.
fn base64(response: &mut Response, change: impl Fn(&str) -> String) {
    rewrite(response, |body| {
        let packets = body.split(SEPARATOR).map(|packet| match packet.strip_prefix('b') {
            Some(digits) => format!("b{}", change(digits)),
            None => packet.to_owned(),
        });
        packets.collect::<Vec<_>>().join("\u{1e}")
    });
}
