//! Events that can happen to a client.

use std::time::Duration;

use crate::lives::moves::{self, duration};
use crate::lives::player::Time;

/// One event. It refers to the newest request, WebSocket or session.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Op {
    /// The WebSocket is established and brings the open packet.
    Opens,
    WsOpened,
    Frame(&'static str),
    Attachment,
    WsClosed,
    /// Something about an earlier session.
    Late,
    Time(Time),
    Verb(Verb),
}

/// What the application does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Connect(&'static str, Shows),
    Authenticate(&'static str),
    Emit(&'static str),
    EmitBinary(&'static str),
    EmitVolatile(&'static str),
    EmitWithAck(&'static str, Option<Duration>),
    Acknowledge,
    Disconnect(&'static str),
    Close,
    Open,
}

/// How the client identifies itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    Nothing,
    Token,
    /// What the application returns when it is asked.
    Fresh,
}

/// Packets that a correct server may send at some point.
const GOOD: [&str; 24] = [
    r#"40{"sid":"x"}"#,
    r#"40/a,{"sid":"y"}"#,
    r#"40{"sid":"x","pid":"p"}"#,
    r#"40/a,{"sid":"y","pid":"q"}"#,
    "40",
    "40/a,",
    r#"42["x"]"#,
    r#"42/a,["y","offset"]"#,
    r#"421["ack",1]"#,
    r#"42/a,7["ack"]"#,
    r#"451-["e",{"_placeholder":true,"num":0}]"#,
    "430[]",
    "431[1]",
    "432[]",
    "433[]",
    "43/a,0[]",
    "43/a,1[1]",
    r#"44{"message":"no"}"#,
    r#"44/a,{"message":"no","data":1}"#,
    "41",
    "41/a,",
    "2",
    "6",
    r#"42/nowhere,["x"]"#,
];

/// Packets that a correct server does not send.
const BAD: [&str; 10] = ["1", "zz", "", "7", "4", "49", "42{}", "43[]", r#"42["connect"]"#, "451-[]"];

pub(crate) fn all_from(bytes: &[u8]) -> Vec<Op> {
    moves::all_from(None, bytes, moves)
}

fn moves([kind, a, b, c]: [u8; 4]) -> Vec<Op> {
    let name = name(a);
    match kind % 64 {
        0..6 => vec![Op::Verb(Verb::Connect("/", shows(b))), Op::Opens, Op::Frame(GOOD[0]), Op::Frame("40")],
        6..10 => vec![Op::Opens],
        10 => vec![Op::WsOpened],
        11..26 => vec![Op::Frame(text(b, c))],
        26 => vec![Op::Frame(text(b, c)), Op::Attachment],
        27 => vec![Op::Attachment],
        28..31 => vec![Op::WsClosed],
        31 => vec![Op::Late],
        32..38 => vec![Op::Time(Time::Told(duration(b)))],
        38 => vec![Op::Time(Time::Told(duration(b))), Op::Frame("2")],
        39 => vec![Op::Time(Time::Untold(duration(b)))],
        40 => vec![Op::Time(Time::Back(duration(b)))],
        41..45 => vec![Op::Verb(Verb::Connect(name, shows(b)))],
        45 | 46 => vec![Op::Verb(Verb::Authenticate(name))],
        47..51 => vec![Op::Verb(Verb::Emit(name))],
        51 => vec![Op::Verb(Verb::EmitBinary(name))],
        52 => vec![Op::Verb(Verb::EmitVolatile(name))],
        53..58 => vec![Op::Verb(Verb::EmitWithAck(name, (c < 200).then(|| duration(1 + b % 7))))],
        58..60 => vec![Op::Verb(Verb::Acknowledge)],
        60 => vec![Op::Verb(Verb::Disconnect(name))],
        61 => vec![Op::Verb(Verb::Open)],
        62 if b < 60 => vec![Op::Verb(Verb::Close)],
        // More than may wait.
        63 if b >= 240 => {
            let step = Duration::from_millis(1);
            [Op::Verb(Verb::EmitWithAck(name, Some(step))), Op::Time(Time::Told(step))].repeat(20)
        }
        _ => vec![Op::Frame(text(b, 0)), Op::Frame(text(c, 0))],
    }
}

fn name(selector: u8) -> &'static str {
    ["/", "/", "/a", "/b"][usize::from(selector) % 4]
}

fn shows(selector: u8) -> Shows {
    [Shows::Nothing, Shows::Nothing, Shows::Token, Shows::Fresh][usize::from(selector) % 4]
}

/// A text that is mostly valid.
fn text(selector: u8, quality: u8) -> &'static str {
    let table: &[&str] = if quality >= 240 { &BAD } else { &GOOD };
    table[usize::from(selector) % table.len()]
}
