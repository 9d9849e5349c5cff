//! The same rows with socketioxide and its two parsers.

use std::hint::black_box;

use bytes::Bytes;
use engineioxide_core::{ProtocolVersion, Str};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sio_benches::settings::Group;
use sio_benches::typed::{Auth, AuthRef, Typed};
use sio_benches::{H, I, J, K1, K10, L, M_TEXT};
use socketioxide_core::Value;
use socketioxide_core::packet::{Packet, PacketData};
use socketioxide_core::parser::{Parse, ParseConfig, ParseError, ParserState};
use socketioxide_parser_common::CommonParser;
use socketioxide_parser_msgpack::MsgPackParser;

use super::hand_on;

const NAME: &str = "socketioxide";

pub(super) fn decode<T: Typed>(group: &mut Group<'_>, text: &str) {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let text = Str::from(text.to_owned());
    let packet = || CommonParser.decode_str(&config, &state, black_box(&text).clone()).ok();
    typed::<T>(group, CommonParser, packet);
}

/// To a type that owns its content, and to one that borrows.
fn typed<T: Typed>(group: &mut Group<'_>, parser: impl Parse, packet: impl Fn() -> Option<Packet>) {
    owned::<T>(group, parser, &packet);
    let borrowed = || {
        let (mut value, with_event) = args(packet()?)?;
        if with_event {
            black_box(parser.read_event(&value).ok()?);
        }
        parser.decode_value::<T::Borrowed<'_>>(&mut value, with_event).ok().map(hand_on)
    };
    assert!(borrowed().is_some(), "their packet");
    group.bench_function("socketioxide to borrowed", |b| b.iter(borrowed));
}

fn owned<T: Typed>(group: &mut Group<'_>, parser: impl Parse, packet: impl Fn() -> Option<Packet>) {
    let owned = || values::<T::Owned>(parser, packet()?);
    assert!(owned().is_some(), "their packet");
    group.bench_function(NAME, |b| b.iter(owned));
}

pub(super) fn decode_handles(group: &mut Group<'_>, text: &str, attachments: &[Bytes]) {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let text = Str::from(text.to_owned());
    let decode = || -> Option<bool> {
        let mut decoded = CommonParser.decode_str(&config, &state, black_box(&text).clone());
        for attachment in attachments {
            assert!(matches!(decoded, Err(ParseError::NeedsMoreBinaryData)), "an attachment too many");
            decoded = CommonParser.decode_bin(&config, &state, attachment.clone());
        }
        values::<Handles>(CommonParser, decoded.ok()?)
    };
    assert!(decode().is_some(), "{}", &text[..text.len().min(40)]);
    group.bench_function(NAME, |b| b.iter(decode));
}

type Handles = (Vec<Bytes>,);

fn values<T: DeserializeOwned>(parser: impl Parse, packet: Packet) -> Option<bool> {
    let (mut value, with_event) = args(packet)?;
    if with_event {
        black_box(parser.read_event(&value).ok()?);
    }
    parser.decode_value::<T>(&mut value, with_event).ok().map(hand_on)
}

/// The arguments of a packet, and whether a name is in front of them.
fn args(packet: Packet) -> Option<(Value, bool)> {
    match packet.inner {
        PacketData::Event(value, _) | PacketData::BinaryEvent(value, _) => Some((value, true)),
        PacketData::EventAck(value, _) | PacketData::BinaryAck(value, _) => Some((value, false)),
        _ => None,
    }
}

/// Through their parser of Engine.IO first.
pub(super) fn decode_layers<T: Typed>(group: &mut Group<'_>, text: &str) {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let text = Str::from(text.to_owned());
    typed::<T>(group, CommonParser, || {
        match engineioxide_core::Packet::parse(ProtocolVersion::V4, black_box(&text).clone()) {
            Ok(engineioxide_core::Packet::Message(message)) => CommonParser.decode_str(&config, &state, message).ok(),
            _ => None,
        }
    });
}

/// Their WebSocket makes a text of its own for each.
pub(super) fn one_more_recipient(group: &mut Group<'_>, text: &str) {
    let text = Str::from(text.to_owned());
    group.bench_function("engineioxide", |b| {
        b.iter(|| String::from(engineioxide_core::Packet::Message(black_box(&text).clone())))
    });
}

pub(super) fn encode<T: Serialize>(group: &mut Group<'_>, row: &str, args: &T) {
    let encode = || -> Option<Value> {
        let args = black_box(args);
        let packet = match row {
            L => Packet::ack("/", CommonParser.encode_value(args, None).ok()?, 12),
            H => {
                let mut packet = Packet::event("/admin", CommonParser.encode_value(args, Some("project:delete")).ok()?);
                packet.inner.set_ack_id(12);
                packet
            }
            I | J => Packet::event("/", CommonParser.encode_value(args, Some("update")).ok()?),
            K1 | K10 => Packet::event("/", CommonParser.encode_value(args, Some("upload")).ok()?),
            _ => Packet::event("/", CommonParser.encode_value(args, Some("message")).ok()?),
        };
        Some(CommonParser.encode(packet))
    };
    assert!(encode().is_some(), "{row}");
    group.bench_function(NAME, |b| b.iter(encode));
}

pub(super) fn decode_connect(group: &mut Group<'_>) {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let payload = || {
        let packet = CommonParser.decode_str(&config, &state, black_box(Str::from(M_TEXT))).ok()?;
        let PacketData::Connect(auth) = packet.inner else { return None };
        auth
    };
    let owned = || CommonParser.decode_default::<Auth>(payload().as_ref()).ok().map(hand_on);
    assert!(owned().is_some());
    group.bench_function(NAME, |b| b.iter(owned));
    group.bench_function("socketioxide to borrowed", |b| {
        b.iter(|| CommonParser.decode_default::<AuthRef<'_>>(payload().as_ref()).ok().map(hand_on));
    });
}

pub(super) fn encode_connect(group: &mut Group<'_>) {
    #[derive(Serialize)]
    struct Connected<'a> {
        sid: &'a str,
    }
    let encode = || -> Option<Value> {
        let sid = CommonParser.encode_default(&Connected { sid: black_box("oSO0OpakMV_3jnilAAAA") }).ok()?;
        Some(CommonParser.encode(Packet::connect("/admin", Some(sid))))
    };
    assert!(encode().is_some());
    group.bench_function(NAME, |b| b.iter(encode));
}

pub(super) fn decode_msgpack<T: Typed>(group: &mut Group<'_>, message: &Bytes) {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    // It lends nothing.
    owned::<T>(group, MsgPackParser, || MsgPackParser.decode_bin(&config, &state, black_box(message).clone()).ok());
}

pub(super) fn decode_msgpack_handles(group: &mut Group<'_>, message: &Bytes) {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let decode = || {
        let packet = MsgPackParser.decode_bin(&config, &state, black_box(message).clone()).ok()?;
        values::<Handles>(MsgPackParser, packet)
    };
    assert!(decode().is_some());
    group.bench_function(NAME, |b| b.iter(decode));
}

pub(super) fn encode_msgpack<T: Serialize>(group: &mut Group<'_>, name: &str, args: &T) {
    let encode = || -> Option<Value> {
        let value = MsgPackParser.encode_value(black_box(args), Some(name)).ok()?;
        Some(MsgPackParser.encode(Packet::event("/", value)))
    };
    assert!(encode().is_some());
    group.bench_function(NAME, |b| b.iter(encode));
}
