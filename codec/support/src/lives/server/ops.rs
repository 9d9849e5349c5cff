//! Events that can happen to a server's session.

use bytes::Bytes;
use core::time::Duration;
use sio_codec::engineio::BinaryForm;
use sio_codec::engineio::server::BodyFormat;
use sio_codec::{Frame, Text};

use super::dialect::{Body, Names};
use crate::lives::moves::{self, duration};
use crate::lives::player::Time;

/// One event. It selects requests and WebSockets by the number of later ones.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Op {
    Poll(Names),
    /// The head of a POST.
    Post(Names, BodyFormat),
    Body {
        post: usize,
        body: Body,
    },
    /// A POST, head and body.
    PostBody {
        body: Body,
        /// Whether the client prefers binary bodies.
        binary: bool,
    },
    BodyTooLarge {
        post: usize,
    },
    Aborted {
        request: usize,
    },
    Upgrade(Names, BinaryForm),
    Frame {
        ws: usize,
        frame: Frame,
    },
    WsClosed {
        ws: usize,
    },
    /// The client's part of a heartbeat, on a WebSocket and in a POST; one of the two arrives.
    Beat,
    Time(Time),
    Verb(Verb),
}

/// A call of the application. Each kind of machine knows some of these, and ignores the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Send(&'static str),
    SendVolatile(&'static str),
    SendBinary,
    Close,
    Accept(&'static str),
    Refuse(&'static str),
    Emit(&'static str),
    EmitVolatile(&'static str),
    EmitBinary(&'static str),
    EmitWithAck(&'static str, Duration),
    Acknowledge,
    Disconnect(&'static str),
    CloseConnection,
    ShutDown,
}

/// The largest payload of the sessions under test.
pub(crate) const MAX_PAYLOAD: usize = 64;

/// A message that may be lost.
pub(crate) const VOLATILE: &str = "now or never";

impl Op {
    /// The operations for a client that begins by joining `/` and `/a`, or does not.
    pub(crate) fn life(joined: bool, bytes: &[u8]) -> Vec<Self> {
        moves::all_from(joined.then_some(JOIN), bytes, moves)
    }
}

/// The kind of move that joins.
const JOIN: u8 = 38;

fn moves([kind, a, b, c]: [u8; 4]) -> Vec<Op> {
    let recent = usize::from(a % 3);
    let verb = |verb| Op::Verb(verb);
    match kind % 64 {
        0..6 => vec![Op::Poll(names(a)), verb(Verb::Send("answer"))],
        6..8 => vec![Op::Poll(names(a))],
        8 => vec![Op::Post(names(a), if b % 8 == 7 { BodyFormat::Binary } else { BodyFormat::Text })],
        9 => vec![Op::Body { post: recent, body: body(a, b, c) }],
        10 => vec![Op::BodyTooLarge { post: recent }],
        11 => vec![Op::Aborted { request: recent }],
        12 => vec![Op::WsClosed { ws: recent }],
        13 => vec![Op::Upgrade(names(a), form(b))],
        14 => vec![Op::Upgrade(names(a), form(b)), heard("2probe")],
        15..18 => vec![Op::Upgrade(names(a), form(b)), heard("2probe"), heard("5")],
        18..28 => vec![Op::PostBody { body: body(a, b, c), binary: c % 4 == 3 }],
        28..38 => vec![Op::Frame { ws: usize::from(a % 32 == 31), frame: frame(b, c) }],
        // One of the two arrives, on any transport.
        JOIN..=40 => [("40", "/"), ("40/a,", "/a")]
            .into_iter()
            .filter(|(_, namespace)| a % 2 == 0 || *namespace == "/")
            .flat_map(|(connect, namespace)| [heard(connect), posted(connect), verb(Verb::Accept(namespace))])
            .collect(),
        41..43 => vec![Op::Time(Time::Told(Duration::from_millis(300))), Op::Beat],
        43..47 => vec![Op::Time(Time::Told(duration(b)))],
        47 => vec![Op::Time(Time::Untold(duration(b)))],
        48 => vec![Op::Time(Time::Back(duration(b)))],
        _ => vec![verb(self::verb(a, b))],
    }
}

fn heard(text: &'static str) -> Op {
    Op::Frame { ws: 0, frame: Frame::from(text) }
}

fn posted(text: &'static str) -> Op {
    Op::PostBody { body: Body::Packets(vec![text]), binary: false }
}

fn names(selector: u8) -> Names {
    match selector {
        255 => Names::Nothing,
        254 => Names::Other,
        _ => Names::Own,
    }
}

fn form(selector: u8) -> BinaryForm {
    if selector % 4 == 3 { BinaryForm::Base64 } else { BinaryForm::Native }
}

/// Packets that a correct client may send at some point.
const GOOD: [&str; 24] = [
    "4hello",
    "2probe",
    "5",
    "3",
    "40",
    "40/a,",
    r#"42["x"]"#,
    r#"42/a,["y",1]"#,
    r#"421["ack",1]"#,
    r#"42/a,7["ack"]"#,
    r#"451-["e",{"_placeholder":true,"num":0}]"#,
    "bAQID",
    "430[]",
    "432[1]",
    "434[]",
    "43/a,0[]",
    "43/a,2[1]",
    "43/a,4[]",
    "41",
    "41/a,",
    "6",
    "3pong",
    r#"42["é€😀"]"#,
    r#"462-0[{"_placeholder":true,"num":1}]"#,
];

/// Packets that a correct client does not send.
const BAD: [&str; 18] = [
    "1",
    "2",
    "",
    "zz",
    "b!",
    "7",
    "0{}",
    "4",
    "b",
    "40/b,",
    "40/c,",
    "42{}",
    "44{}",
    "4\u{1e}4x",
    r#"42/nowhere,["x"]"#,
    r#"42["connect"]"#,
    "43[]",
    "x2345678901234567890123456789012345678901234567890123456789012345",
];

/// A text that is mostly valid.
fn text(selector: u8, quality: u8) -> &'static str {
    let table: &[&str] = if quality >= 240 { &BAD } else { &GOOD };
    table[usize::from(selector) % table.len()]
}

fn frame(selector: u8, quality: u8) -> Frame {
    match (selector, quality) {
        (_, 230..240) => Frame::Binary(Bytes::from_static(&[1, 2, 3])),
        (0..8, 240..) => Frame::Binary(Bytes::from_static(&[0; MAX_PAYLOAD + 1])),
        _ => Frame::Text(Text::from(text(selector, quality))),
    }
}

/// A body of one packet or two.
fn body(first: u8, second: u8, quality: u8) -> Body {
    match (first, quality) {
        (0..8, 240..) => Body::Raw(Bytes::from_static(b"4\xff\xfe")),
        (8..16, 240..) => Body::Raw(Bytes::from_static(&[b'4'; MAX_PAYLOAD + 1])),
        (16..24, 240..) => Body::Packets(vec!["6"; 5]),
        (32..40, 240..) => Body::Raw(Bytes::from_static(b"2:4a9:4b")),
        // In revision 3 each of these is answered.
        (24..32, 240..) => Body::Packets(vec!["2"; 12]),
        (_, 0..120) => Body::Packets(vec![text(first, 0)]),
        _ => Body::Packets(vec![text(first, 0), text(second, quality)]),
    }
}

fn verb(selector: u8, detail: u8) -> Verb {
    let namespace = ["/", "/", "/a", "/b"][usize::from(detail) % 4];
    match selector % 32 {
        0..5 => Verb::Send(["hello", "", "é", "a\u{1e}b"][usize::from(detail) % 4]),
        5..7 => Verb::SendBinary,
        7..11 => Verb::Accept(namespace),
        11 => Verb::Refuse(namespace),
        12..17 => Verb::Emit(namespace),
        17..19 => Verb::EmitBinary(namespace),
        19..25 => Verb::EmitWithAck(namespace, duration(1 + detail % 7)),
        25..29 => Verb::Acknowledge,
        29 => Verb::Disconnect(namespace),
        30 if detail >= 192 => Verb::Close,
        31 if detail >= 224 => Verb::CloseConnection,
        31 if detail >= 192 => Verb::ShutDown,
        31 if detail >= 128 => Verb::EmitVolatile(namespace),
        30 => Verb::SendVolatile(VOLATILE),
        _ => Verb::Send("filler"),
    }
}
