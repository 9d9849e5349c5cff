//! The same rows with socketioxide and its two parsers.

use std::collections::BTreeMap;
use std::hint::black_box;

use bytes::Bytes;
use engineioxide_core::Str;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sio_benches::settings::Group;
use sio_benches::{H, L, M_TEXT};
use socketioxide_core::Value;
use socketioxide_core::packet::{Packet, PacketData};
use socketioxide_core::parser::{Parse, ParseConfig, ParseError, ParserState};
use socketioxide_parser_common::CommonParser;
use socketioxide_parser_msgpack::MsgPackParser;

const NAME: &str = "socketioxide";

pub(super) fn decode<T: DeserializeOwned>(group: &mut Group<'_>, text: &str, attachments: &[Bytes]) {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let text = Str::from(text.to_owned());
    let decode = || -> Option<T> {
        let mut decoded = CommonParser.decode_str(&config, &state, black_box(&text).clone());
        for attachment in attachments {
            assert!(matches!(decoded, Err(ParseError::NeedsMoreBinaryData)), "an attachment too many");
            decoded = CommonParser.decode_bin(&config, &state, attachment.clone());
        }
        values(CommonParser, decoded.ok()?)
    };
    assert!(decode().is_some(), "{}", &text[..text.len().min(40)]);
    group.bench_function(NAME, |b| b.iter(decode));
}

fn values<T: DeserializeOwned>(parser: impl Parse, packet: Packet) -> Option<T> {
    match packet.inner {
        PacketData::Event(mut value, _) | PacketData::BinaryEvent(mut value, _) => {
            black_box(parser.read_event(&value).ok()?);
            parser.decode_value(&mut value, true).ok()
        }
        PacketData::EventAck(mut value, _) | PacketData::BinaryAck(mut value, _) => {
            parser.decode_value(&mut value, false).ok()
        }
        _ => None,
    }
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
            _ => Packet::event("/", CommonParser.encode_value(args, Some("message")).ok()?),
        };
        Some(CommonParser.encode(packet))
    };
    assert!(encode().is_some(), "{row}");
    group.bench_function(NAME, |b| b.iter(encode));
}

pub(super) fn decode_connect(group: &mut Group<'_>) {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let decode = || -> Option<BTreeMap<String, String>> {
        let packet = CommonParser.decode_str(&config, &state, black_box(Str::from(M_TEXT))).ok()?;
        let PacketData::Connect(auth) = packet.inner else { return None };
        CommonParser.decode_default(auth.as_ref()).ok()
    };
    assert!(decode().is_some());
    group.bench_function(NAME, |b| b.iter(decode));
}

pub(super) fn encode_connect(group: &mut Group<'_>) {
    #[derive(Serialize)]
    struct Connected<'a> {
        sid: &'a str,
    }
    let encode = || -> Option<Value> {
        let sid = CommonParser.encode_default(&Connected { sid: black_box("oSO0OpakMV_3jnilAAAA") }).ok()?;
        Some(CommonParser.encode(Packet::connect("/", Some(sid))))
    };
    assert!(encode().is_some());
    group.bench_function(NAME, |b| b.iter(encode));
}

pub(super) fn decode_msgpack<T: DeserializeOwned>(group: &mut Group<'_>, message: &Bytes) {
    let (config, state) = (ParseConfig::default(), ParserState::default());
    let decode = || -> Option<T> {
        let packet = MsgPackParser.decode_bin(&config, &state, black_box(message).clone()).ok()?;
        values(MsgPackParser, packet)
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
