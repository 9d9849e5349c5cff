//! Packets of Socket.IO: digits, names, JSON and placeholders.

use std::collections::BTreeMap;
use std::hint::black_box;

use bytes::Bytes;
use serde::de::IgnoredAny;
use sio_codec::socketio::{Decoder, Packet, PacketKind, PacketRef, Protocol, Value};
use sio_codec::{Frame, Limits, Text};

use super::{Case, case, repeated};

pub(super) fn all() -> Vec<Case> {
    let texts: [(&str, &str, &str, &str); 16] = [
        ("packet: digits of the number of attachments", "5", "9", "-[]"),
        ("packet: zeros of the number of attachments", "5", "0", "1-[]"),
        ("packet: digits of an id", "2", "7", "[\"a\"]"),
        ("packet: a namespace", "2/", "a", ",[\"a\"]"),
        ("packet: the query of a namespace", "0/a?", "b=c&", ","),
        ("packet: an event's name", "2[\"", "n", "\"]"),
        ("packet: an event's name in escapes", "2[\"", "\\u0041", "\"]"),
        ("packet: an event's name that is a number", "2[1", "0", "]"),
        ("packet: open arrays", "2[\"a\",", "[", ""),
        ("packet: closed arrays", "2[\"a\"", ",[[]]", "]"),
        ("packet: spaces", "2[\"a\"", " ", "]"),
        ("packet: escapes that stand for half a character", "2[\"a\",\"", "\\ud800", "\"]"),
        ("packet: digits of a number", "2[\"a\",1", "1", "]"),
        ("packet: digits of a fraction and an exponent", "2[\"a\",0.", "0", "1e-9999999]"),
        ("packet: the same key again and again", "2[\"a\",{\"k\":1", ",\"k\":1", "}]"),
        ("packet: placeholders without an attachment", "2[\"a\"", ",{\"_placeholder\":true,\"num\":0}", "]"),
    ];
    let text = |(name, start, unit, end)| case(name, repeated(start, unit, end), |text| read(&[frame(text)]));
    let keys = |size: usize| {
        let keys: Vec<_> = (0..size / 14).map(|key| format!("\"key{key}\":{key}")).collect();
        format!("2[\"a\",{{{}}}]", keys.join(",")).into_bytes()
    };
    let cases = [
        case("packet: different keys", keys, |text| read(&[frame(text)])),
        // Each unit is one placeholder and one attachment, in reverse order.
        case("packet: as many placeholders as attachments", header(|number, count| count - 1 - number), flood),
        case("packet: the first attachment again and again", header(|_, _| 0), flood),
    ];
    texts.map(text).into_iter().chain(cases).collect()
}

/// A header that announces as many attachments as it has placeholders.
fn header(num: impl Fn(usize, usize) -> usize) -> impl Fn(usize) -> Vec<u8> {
    move |size| {
        let count = size / 40 + 1;
        let placeholders: Vec<_> =
            (0..count).map(|number| format!(r#"{{"_placeholder":true,"num":{}}}"#, num(number, count))).collect();
        format!(r#"5{count}-["a",{}]"#, placeholders.join(",")).into_bytes()
    }
}

fn flood(header: &[u8]) {
    let text = core::str::from_utf8(header).expect("text");
    let count: usize = text[1..].split('-').next().and_then(|count| count.parse().ok()).expect("a number");
    let mut messages = vec![frame(header)];
    messages.resize(count + 1, Frame::Binary(Bytes::from_static(b"x")));
    read(&messages);
}

fn frame(text: &[u8]) -> Frame {
    Frame::Text(Text::try_from(Bytes::copy_from_slice(text)).expect("text"))
}

/// Reads a packet in every way, under the default limits and without.
fn read(messages: &[Frame]) {
    let none = Limits::default()
        .with_max_payload(usize::MAX)
        .with_max_attachments(usize::MAX)
        .with_max_namespace_len(usize::MAX);
    for limits in [none, Limits::default()] {
        if let Some(Frame::Text(text)) = messages.first() {
            let view = PacketRef::parse(text.as_str(), Protocol::V5, &limits);
            let _ = black_box(view.and_then(|view| view.validate(&limits)));
        }
        let mut decoder = Decoder::new(&limits);
        for message in messages {
            match decoder.push(message.clone()) {
                Ok(Some(packet)) => look(&packet),
                Ok(None) => {}
                Err(_) => break,
            }
        }
    }
}

fn look(packet: &Packet) {
    if let PacketKind::Event { args, .. } = &packet.kind {
        let _ = black_box(args.values().map(|values| values.len()));
        let _ = black_box(args.decode::<Vec<IgnoredAny>>().map(|values| values.len()));
        let _ = black_box(args.decode::<(Value,)>());
        let _ = black_box(args.decode::<(BTreeMap<String, f64>,)>());
    }
    black_box(packet.encode());
}
