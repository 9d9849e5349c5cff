//! Defects on the WebSocket.

use sio_codec::Frame;

use super::super::mutant::Mutant;
use super::super::past::Line;
use crate::mutants::framing::base64;
use crate::mutants::payload::{edit, refuse, text_of, to_text, unless};

pub(super) const ALL: &[Mutant] = &[
    Mutant::new("binary-is-base64", &["EIO4-WS-01"], "A binary message is base64 in a text message.").on_sent(
        |past, packet| match (&packet, past.line) {
            (Frame::Binary(bytes), Line::WebSocket(_)) => vec![to_text(base64(bytes))],
            _ => vec![packet],
        },
    ),
    Mutant::new("binary-has-a-type", &["EIO4-PKT-07", "EIO4-WS-01"], "A binary message begins with its type.").on_sent(
        |past, packet| match (&packet, past.line) {
            (Frame::Binary(bytes), Line::WebSocket(_)) => vec![Frame::Binary([&[4], bytes.as_ref()].concat().into())],
            _ => vec![packet],
        },
    ),
    Mutant::new("first-byte-is-a-type", &["EIO4-PKT-07", "EIO4-WS-01"], "The first byte of what arrives is dropped.")
        .on_received(|past, packet| match (&packet, past.line) {
            (Frame::Binary(bytes), Line::WebSocket(_)) if !bytes.is_empty() => vec![Frame::Binary(bytes.slice(1..))],
            _ => vec![packet],
        }),
    Mutant::new(
        "messages-end-with-a-separator",
        &["EIO4-WS-03"],
        "A text message ends with the separator of payloads.",
    )
    .on_sent(|past, packet| match past.line {
        Line::WebSocket(_) => edit(packet, |text| text.starts_with('4').then(|| format!("{text}\u{1e}"))),
        _ => vec![packet],
    }),
    Mutant::new(
        "messages-are-split-at-separators",
        &["EIO4-WS-03", "EIO4-PKT-11"],
        "A text message is read as a payload.",
    )
    .on_received(|past, packet| match past.line {
        Line::WebSocket(_) if matches!(packet, Frame::Text(_)) => {
            text_of(&packet).split('\u{1e}').map(to_text).collect()
        }
        _ => vec![packet],
    }),
    Mutant::new(
        "separators-are-not-sent",
        &["EIO4-PKT-11"],
        "The separator of payloads is not sent as a part of a text.",
    )
    .on_sent(|past, packet| match past.line {
        Line::WebSocket(_) => edit(packet, |text| Some(text.replace('\u{1e}', ""))),
        _ => vec![packet],
    }),
    Mutant::new("empty-binary-is-lost", &["EIO4-WS-05"], "An empty binary message is not received.").on_received(
        |_, packet| match &packet {
            Frame::Binary(bytes) if bytes.is_empty() => Vec::new(),
            _ => vec![packet],
        },
    ),
    Mutant::new("noop-is-refused", &["EIO4-WS-18"], "A noop on a WebSocket ends the session.")
        .on_received(|past, packet| refuse(packet, |text| text == "6" && matches!(past.line, Line::WebSocket(_)))),
    Mutant::new("pong-is-refused", &["EIO4-WS-18"], "A pong on a WebSocket ends the session.")
        .on_received(|past, packet| refuse(packet, |text| text == "3" && matches!(past.line, Line::WebSocket(_)))),
    Mutant::new("upgrade-packet-is-refused", &["EIO4-WS-18"], "An upgrade packet on a WebSocket ends the session.")
        .on_received(|past, packet| refuse(packet, |text| text == "5" && matches!(past.line, Line::WebSocket(_)))),
    Mutant::new("undecodable-packet-is-skipped", &["EIO4-WS-19"], "An undecodable packet on a WebSocket is ignored.")
        .on_received(|_, packet| unless(packet, |text| !text.starts_with(|it| matches!(it, '0'..='6' | 'b')))),
    Mutant::new("binary-arrives-as-text", &["EIO4-PKT-12"], "Bytes that arrive are handed out as a text.").on_told(
        |_, mut event| {
            if event["event"] == "data" && event["data"].is_object() {
                event["data"] = event["data"]["$b64"].clone();
            }
            vec![event]
        },
    ),
];
