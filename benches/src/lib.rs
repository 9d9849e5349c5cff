//! The inputs for all codecs: ours, its peers in Rust, and the npm parsers (`compare.js`).

pub mod cluster;
pub mod cpu_time;
pub mod machines;
pub mod settings;
pub mod typed;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;
use sio_codec::engineio::payload::{Encoder, Format};
use sio_codec::engineio::{Packet, Revision};
use sio_codec::socketio::{Namespace, Outgoing, Parser};
use sio_codec::{Frame, Text};

use self::typed::Update;

/// The message of 40 bytes, and the one of 64 KiB.
#[must_use]
pub fn texts() -> [String; 2] {
    ["hello, this is a message of forty bytes.".into(), "The quick brown fox. ".repeat(3121)[..65_536].into()]
}

/// Irregular binary data.
#[must_use]
pub fn binary(len: usize) -> Bytes {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// Small packets; for a binary payload every fourth is binary.
#[must_use]
pub fn packets(format: Format, count: usize) -> Vec<Packet> {
    let packet = |number: usize| match format {
        Format::V3Binary if number % 4 == 3 => Packet::Message(Frame::Binary(binary(16))),
        _ => Packet::Message(Frame::Text(Text::from(format!(r#"2["message","hello, number {number}"]"#)))),
    };
    (0..count).map(packet).collect()
}

/// The polling body with these packets.
#[must_use]
pub fn payload(format: Format, packets: &[Packet]) -> Bytes {
    let mut payload = Encoder::new(format);
    for packet in packets {
        let pushed = payload.push(packet);
        assert!(pushed.is_ok(), "no separators in these packets");
    }
    payload.finish().unwrap_or_default().into()
}

/// A body of the limit's size that consists of packets of one byte.
#[must_use]
pub fn worst_case() -> Bytes {
    b"1:3".repeat(100_000 / 3).into()
}

/// The attachments of the binary events: one of 1 KiB, ten of 64 KiB.
#[must_use]
pub fn attachments() -> [Vec<Bytes>; 2] {
    [vec![binary(1024)], vec![binary(65_536); 10]]
}

/// The namespace of row h.
#[must_use]
pub fn admin() -> Namespace {
    Namespace::new("/admin").unwrap_or_else(|_| Namespace::root())
}

/// The text of an event in the main namespace, as in an Engine.IO message.
#[must_use]
pub fn event<T: Serialize>(name: &str, args: &T) -> (String, Vec<Bytes>) {
    let (mut text, mut attachments) = (String::new(), Vec::new());
    let written = Outgoing::event(&Namespace::root(), name).encode_into(&mut text, &mut attachments, args);
    assert!(written.is_ok(), "these arguments can be written");
    (text, attachments)
}

/// The message of an event in `MessagePack`.
#[must_use]
pub fn msgpack<T: Serialize>(name: &str, args: &T) -> Bytes {
    let encoded = Outgoing::event(&Namespace::root(), name).encode_with(Parser::MsgPack, args);
    match encoded.as_ref().map(|encoded| encoded.frames().next()) {
        Ok(Some(Frame::Binary(message))) => message,
        _ => Bytes::new(),
    }
}

/// The message of row i in `MessagePack`.
#[must_use]
pub fn update_as_msgpack() -> Bytes {
    Update::short().map_or_else(Bytes::new, |update| msgpack("update", &(update,)))
}

/// One row of the table, in the form on the wire.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The letter, and the name of the input.
    pub name: String,
    /// The parser for it: `eio4`, `eio4-payload`, `eio3-payload`, `sio5`, `msgpack`; or the adapter: `classic`, `sharded`,
    /// `streams`.
    pub parser: &'static str,
    /// The text messages (unchanged) and the binary messages (after `base64:`) that are decoded.
    pub frames: Vec<String>,
    /// The message that is encoded, if it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// All rows that the npm parsers decode and encode in `compare.js`.
#[must_use]
pub fn rows() -> Vec<Row> {
    let row = |name: &str, parser, frames| Row { name: name.into(), parser, frames, answer: None };
    let base64 = |bytes: &[u8]| format!("base64:{}", STANDARD.encode(bytes));
    let [short, long] = texts();
    let text = |packet: &Packet| packet.to_text(Revision::V4).as_str().to_owned();
    let mut rows = vec![
        row(A, "eio4", vec!["2".into()]),
        row(B, "eio4", vec![format!("4{short}")]),
        row(C, "eio4", vec![format!("4{long}")]),
        row(D, "eio4", vec![text(&Packet::Message(Frame::Binary(binary(65_536))))]),
    ];
    for (format, parser) in
        [(Format::V4, "eio4-payload"), (Format::V3Text, "eio3-payload"), (Format::V3Binary, "eio3-payload")]
    {
        for count in [16, 1000] {
            let body = payload(format, &packets(format, count));
            let frame = match str::from_utf8(&body) {
                Ok(text) if format.is_text() => text.to_owned(),
                _ => base64(&body),
            };
            rows.push(row(&payload_row(format, count), parser, vec![frame]));
        }
    }
    rows.push(row(WORST, "eio3-payload", vec![String::from_utf8_lossy(&worst_case()).into_owned()]));
    rows.push(row(G, "sio5", vec![G_TEXT.into()]));
    rows.push(row(H, "sio5", vec![H_TEXT.into()]));
    rows.push(row(I, "sio5", vec![I_TEXT.into()]));
    rows.push(row(J, "sio5", vec![J_TEXT.into()]));
    for (name, values) in [K1, K10].into_iter().zip(attachments()) {
        let (text, attachments) = event("upload", &(values,));
        rows.push(row(name, "sio5", [text].into_iter().chain(attachments.iter().map(|it| base64(it))).collect()));
    }
    rows.push(row(L, "sio5", vec![L_TEXT.into()]));
    rows.push(Row { answer: Some(CONNECTED_TEXT.into()), ..row(M, "sio5", vec![M_TEXT.into()]) });
    rows.push(row(NG, "msgpack", vec![base64(&msgpack("message", &("hello",)))]));
    rows.push(row(NI, "msgpack", vec![base64(&update_as_msgpack())]));
    for (name, values) in [NK1, NK10].into_iter().zip(attachments()) {
        rows.push(row(name, "msgpack", vec![base64(&msgpack("upload", &(values,)))]));
    }
    for (name, text) in [(SG, G_TEXT), (SI, I_TEXT)] {
        rows.push(row(name, "eio4+sio5", vec![format!("4{text}")]));
    }
    for name in [TG, TI, TJ] {
        // Node writes no packet once for all of its recipients, so there is nothing to time.
        rows.push(row(name, "none", Vec::new()));
    }
    for adapter in ["classic", "sharded", "streams"] {
        for cluster::Said { row: name, payload, .. } in cluster::said(adapter) {
            let frame = match str::from_utf8(&payload) {
                Ok(text) => text.to_owned(),
                Err(_) => base64(&payload),
            };
            rows.push(row(&name, adapter, vec![frame]));
        }
    }
    rows
}

/// The name of a payload's row.
#[must_use]
pub fn payload_row(format: Format, count: usize) -> String {
    match format {
        Format::V4 => format!("e v4 payload of {count}"),
        Format::V3Text => format!("f v3 text payload of {count}"),
        Format::V3Binary => format!("f v3 binary payload of {count}"),
    }
}

macro_rules! names {
    ($($name:ident = $text:expr;)+) => {$(
        #[doc = concat!("The row or text `", stringify!($name), "`.")]
        pub const $name: &str = $text;
    )+};
}

names! {
    A = "a ping";
    B = "b text of 40 B";
    C = "c text of 64 KiB";
    D = "d base64 of 64 KiB";
    WORST = "f v3 worst case of 100 kB";
    G = "g event";
    H = "h event with namespace and id";
    I = "i event of 1 KiB";
    J = "j event of 64 KiB";
    K1 = "k binary event of 1 x 1 KiB";
    K10 = "k binary event of 10 x 64 KiB";
    L = "l acknowledgement";
    M = "m connect";
    NG = "n msgpack event";
    NI = "n msgpack event of 1 KiB";
    NK1 = "n msgpack binary event of 1 x 1 KiB";
    NK10 = "n msgpack binary event of 10 x 64 KiB";
    SG = "s both layers, event";
    SI = "s both layers, event of 1 KiB";
    TG = "t one more recipient of event";
    TI = "t one more recipient of event of 1 KiB";
    TJ = "t one more recipient of event of 64 KiB";
    G_TEXT = r#"2["message","hello"]"#;
    H_TEXT = r#"2/admin,12["project:delete",123]"#;
    I_TEXT = include_str!("../../fixtures/bench-inputs/event-1k.txt");
    J_TEXT = include_str!("../../fixtures/bench-inputs/event-64k.txt");
    L_TEXT = include_str!("../../fixtures/bench-inputs/ack.txt");
    M_TEXT = include_str!("../../fixtures/bench-inputs/connect-in.txt");
    CONNECTED_TEXT = include_str!("../../fixtures/bench-inputs/connect-out.txt");
}
