//! Events that can happen to a client's session.

use core::time::Duration;

use bytes::Bytes;
use sio_codec::engineio::client::{Config, Transports};
use sio_codec::engineio::{BinaryForm, Revision};
use sio_codec::{Frame, Limits, Text};

use crate::lives::moves::{self, duration};
use crate::lives::player::Time;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Op {
    /// The GET in flight is answered with these packets.
    Poll(Vec<&'static str>),
    /// The POST in flight is answered.
    Posted,
    /// A request is answered with a status; it is selected by the number of later ones.
    Answer {
        request: usize,
        status: u16,
        body: Bytes,
        binary: bool,
    },
    Failed {
        request: usize,
    },
    WsOpened {
        ws: usize,
    },
    Frame {
        ws: usize,
        frame: Frame,
    },
    WsClosed {
        ws: usize,
    },
    Time(Time),
    Verb(Verb),
}

/// What the application does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Send(&'static str),
    SendBinary,
    Close,
}

/// The largest body that the server accepts.
pub(crate) const MAX_PAYLOAD: usize = 64;

const OPEN: &str = r#"0{"sid":"S","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":64}"#;
const HASTY: &str = r#"0{"sid":"S","upgrades":["websocket"],"pingInterval":0,"pingTimeout":0,"maxPayload":64}"#;

/// Sixteen kinds of clients.
pub(crate) fn config(selector: u8) -> Config {
    let transports = [
        Transports::PollingThenUpgrade,
        Transports::PollingOnly,
        Transports::WebSocketOnly,
        Transports::WebSocketThenPolling,
    ];
    let limits = Limits::default().with_max_payload(300).with_max_queued_bytes(600);
    Config::default()
        .with_transports(transports[usize::from(selector % 4)])
        .with_revision(if selector & 4 == 0 { Revision::V4 } else { Revision::V3 })
        .with_binary(if selector & 8 == 0 { BinaryForm::Native } else { BinaryForm::Base64 })
        .with_connect_timeout(Duration::from_millis(400))
        .with_close_timeout(Duration::from_millis(500))
        .with_limits(limits)
}

impl Op {
    /// The operations for a client whose server opens the session, or does not.
    pub(crate) fn life(opened: bool, bytes: &[u8]) -> Vec<Self> {
        moves::all_from(opened.then_some(OPENING), bytes, moves)
    }
}

/// The kind of move that opens a session.
const OPENING: u8 = 30;

fn moves([kind, a, b, c]: [u8; 4]) -> Vec<Op> {
    let recent = usize::from(a % 3);
    match kind % 64 {
        0..12 => vec![Op::Poll(packets(a, b, c))],
        12..20 => vec![Op::Posted],
        20 => vec![Op::Answer { request: recent, status: status(b), body: body(b, c), binary: c % 4 == 0 }],
        21 => vec![Op::Failed { request: recent }],
        22 => vec![Op::WsOpened { ws: recent }],
        23 => vec![Op::WsClosed { ws: recent }],
        24..30 => vec![Op::Frame { ws: usize::from(a % 32 == 31), frame: frame(b, c) }],
        OPENING => vec![Op::Poll(vec![open(a)]), Op::WsOpened { ws: 0 }, heard(open(a))],
        31..33 => vec![Op::WsOpened { ws: 0 }, heard("3probe")],
        33..37 => vec![Op::WsOpened { ws: 0 }, heard("3probe"), Op::Poll(vec!["6"]), Op::Posted],
        37..40 => vec![Op::Time(Time::Told(Duration::from_millis(300))), heard("2"), Op::Poll(vec!["2"])],
        40..42 => vec![Op::Time(Time::Told(Duration::from_millis(300))), heard("3"), Op::Poll(vec!["3"])],
        42..45 => vec![Op::Time(Time::Told(duration(b)))],
        45 => vec![Op::Time(Time::Untold(duration(b)))],
        46 => vec![Op::Time(Time::Back(duration(b)))],
        47 if a >= 192 => vec![Op::Verb(Verb::Close)],
        _ => vec![Op::Verb(verb(a, b))],
    }
}

const fn open(selector: u8) -> &'static str {
    if selector < 240 { OPEN } else { HASTY }
}

fn heard(text: &'static str) -> Op {
    Op::Frame { ws: 0, frame: Frame::from(text) }
}

fn status(selector: u8) -> u16 {
    if selector < 200 { 200 } else { 400 }
}

/// Packets that a correct server may send.
const GOOD: [&str; 12] = ["4hello", "4", "4é€😀", "2", "3", "6", "bAQID", "b4AQID", "2probe", "3probe", "5", OPEN];

/// Packets that end a session, or that no correct server sends.
const BAD: [&str; 8] = ["1", "", "zz", "b!", "7", "0{}", "4\u{1e}4x", HASTY];

fn text(selector: u8, quality: u8) -> &'static str {
    let table: &[&str] = if quality >= 245 { &BAD } else { &GOOD };
    table[usize::from(selector) % table.len()]
}

fn packets(first: u8, second: u8, quality: u8) -> Vec<&'static str> {
    match quality {
        0..150 => vec![text(first, 0)],
        150..160 => vec!["2"; 8],
        _ => vec![text(first, 0), text(second, quality)],
    }
}

fn frame(selector: u8, quality: u8) -> Frame {
    match (selector, quality) {
        (_, 230..245) => Frame::Binary(Bytes::from_static(&[4, 2, 3])),
        (0..8, 245..) => Frame::Binary(Bytes::from_static(&[4; 301])),
        (8..16, 245..) => Frame::Binary(Bytes::new()),
        _ => Frame::Text(Text::from(text(selector, quality))),
    }
}

/// A body that no correct server sends.
fn body(selector: u8, quality: u8) -> Bytes {
    match selector % 8 {
        0 => Bytes::from_static(b"4\xff\xfe"),
        1 => Bytes::from_static(&[b'4'; 301]),
        2 => Bytes::from_static(b"\x00\x02\xff4a\x01\x02\xff\x04\x01"),
        3 => Bytes::new(),
        _ => Bytes::from_static(text(selector, quality).as_bytes()),
    }
}

fn verb(selector: u8, detail: u8) -> Verb {
    match selector % 8 {
        0..5 => Verb::Send(["hello", "", "é", "a\u{1e}b", LARGE][usize::from(detail) % 5]),
        5..7 => Verb::SendBinary,
        _ => Verb::Send("filler"),
    }
}

/// More than the server accepts.
const LARGE: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
