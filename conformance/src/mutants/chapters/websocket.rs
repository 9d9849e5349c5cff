//! Defects of the WebSocket transport.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sio_codec::Frame;
use sio_codec::engineio::server::Input;

use super::super::mutant::Mutant;
use super::super::past::{Line, Past};
use super::super::payload::{UNDECODABLE, refuse, text_of, to_text, unless};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new(
        "separator-splits-messages",
        &["EIO4-WS-03", "EIO4-PKT-11"],
        "A message on a WebSocket is split at U+001E.",
    )
    .on_received(|past, packet| {
        if past.is_polling() || !text_of(&packet).contains(SEPARATOR) {
            return vec![packet];
        }
        text_of(&packet).split(SEPARATOR).map(to_text).collect()
    }),
    Mutant::new(
        "undecodable-is-ignored",
        &["EIO4-WS-04", "EIO4-PKT-06"],
        "A message on a WebSocket that begins with no digit of a type is ignored.",
    )
    .on_received(|past, packet| {
        let is_unknown = |text: &str| !text.is_empty() && !text.starts_with(|first| matches!(first, '0'..='6' | 'b'));
        unless(packet, |text| is_established(past) && is_unknown(text))
    }),
    Mutant::new("empty-message-is-ignored", &["EIO4-WS-04", "EIO4-PKT-05"], "An empty text on a WebSocket is ignored.")
        .on_received(|past, packet| unless(packet, |text| is_established(past) && text.is_empty())),
    Mutant::new(
        "undecodable-is-answered",
        &["EIO4-WS-04"],
        "A message that cannot be decoded is answered before the WebSocket closes.",
    )
    .on_received(|past, packet| {
        let text = text_of(&packet);
        if is_established(past) && text.starts_with(|first: char| first.is_alphabetic() && first != 'b') {
            past.say("4parse error");
        }
        vec![packet]
    }),
    Mutant::new("bytes-as-base64", &["EIO4-WS-01"], "Binary messages are sent as base64 on a WebSocket.").on_sent(
        |past, packet| match &packet {
            Frame::Binary(bytes) if is_established(past) => vec![to_text(format!("b{}", STANDARD.encode(bytes)))],
            _ => vec![packet],
        },
    ),
    Mutant::new(
        "bytes-with-a-type",
        &["EIO4-PKT-07", "EIO4-WS-01"],
        "Binary messages begin with the byte 4, as in revision 3.",
    )
    .on_sent(|past, packet| match &packet {
        Frame::Binary(bytes) if is_established(past) => vec![Frame::Binary([b"\x04", &bytes[..]].concat().into())],
        _ => vec![packet],
    }),
    Mutant::new("bytes-lose-a-type", &["EIO4-PKT-07"], "A first byte 4 of a binary message is taken for its type.")
        .on_received(|past, packet| match &packet {
            Frame::Binary(bytes) if is_established(past) && bytes.first() == Some(&4) => {
                vec![Frame::Binary(bytes.slice(1..))]
            }
            _ => vec![packet],
        }),
    Mutant::new("idle-packets-close", &["EIO4-WS-17"], "A noop on a WebSocket ends the session.")
        .on_received(|past, packet| refuse(packet, |text| is_established(past) && text == "6")),
    Mutant::new("open-from-the-client-closes", &["EIO4-WS-17"], "An open packet on a WebSocket ends the session.")
        .on_received(|past, packet| refuse(packet, |text| is_established(past) && text.starts_with('0'))),
    Mutant::new("session-outlives-its-websocket", &["EIO4-WS-11"], "A session stays when its WebSocket closes.")
        .on_input(|past, input| match input {
            Input::WsClosed { ws } if past.line == Line::WebSocket(ws) => Vec::new(),
            input => vec![input],
        }),
    Mutant::new("empty-bytes-close", &["EIO4-WS-05"], "An empty binary message on a WebSocket ends the session.")
        .on_received(|past, packet| {
            if is_established(past) && packet == Frame::Binary(Bytes::new()) {
                vec![to_text(UNDECODABLE)]
            } else {
                vec![packet]
            }
        }),
    Mutant::new("every-message-twice", &["EIO4-WS-01"], "Every text message is sent twice on a WebSocket.").on_sent(
        |past, packet| {
            let is_twice = is_established(past) && text_of(&packet).starts_with('4') && !past.has_joined;
            if is_twice { vec![packet.clone(), packet] } else { vec![packet] }
        },
    ),
];

const SEPARATOR: char = '\u{1e}';

const fn is_established(past: &Past) -> bool {
    !past.is_polling()
}
