//! A connection that speaks MessagePack.

use alloc::collections::BTreeMap;

use bytes::Bytes;

use super::script::{Script, opened_by, s};
use crate::socketio::{
    Args, ArgsError, Binary, Config, Connection, DecodeErrorKind, DisconnectReason, EmitError, Namespace, Parser,
};

/// A client in the main namespace. Keys may come in any order; ours are `type`, `data`, `id`, `nsp`.
fn joined() -> Script {
    opened_by(Connection::new(Config::default()).with_parser(Parser::MsgPack))
        .attachment(b"\x83\xa4type\x00\xa4data\xd4\x00\x00\xa3nsp\xa1/")
        .expect_requested("/", None)
        .accept("/")
        .expect_sent_bytes(b"\x83\xa4type\x00\xa4data\x81\xa3sid\xa1s\xa3nsp\xa1/")
}

//= MSG-10
#[test]
fn every_packet_is_one_binary_message() {
    let binary = Args::encode(&(Binary(Bytes::from_static(&[1, 2])),)).unwrap();
    joined()
        .attachment(b"\x84\xa4type\x02\xa4data\x91\xa1q\xa2id\x00\xa3nsp\xa1/")
        .expect_received("/", "q", "", Some(0))
        .acknowledge(&binary)
        .expect_sent_bytes(b"\x84\xa4type\x03\xa4data\x91\xc4\x02\x01\x02\xa2id\x00\xa3nsp\xa1/")
        .emit("/", "e", "[true]")
        .expect_sent_bytes(b"\x83\xa4type\x02\xa4data\x92\xa1e\xc3\xa3nsp\xa1/")
        .ask("/", 0)
        .expect_sent_bytes(b"\x84\xa4type\x02\xa4data\x91\xa3ask\xa2id\x00\xa3nsp\xa1/")
        .disconnect("/")
        .expect_sent_bytes(b"\x82\xa4type\x01\xa3nsp\xa1/")
        .expect_disconnected("/", DisconnectReason::ServerNamespace);
}

//= MSG-09
#[test]
fn text_closes_the_connection() {
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::UnexpectedText);
    joined().message("0/a,").expect_disconnected("/", reason).expect_close();
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::InvalidMsgPack);
    joined().attachment(&[0xc1]).expect_disconnected("/", reason).expect_close().at(s(60));
}

//= MSG-11
#[test]
fn reserved_names_close_the_connection() {
    let reason = DisconnectReason::InvalidPacket(DecodeErrorKind::ReservedName);
    joined()
        .attachment(b"\x83\xa4type\x02\xa4data\x91\xa7connect\xa3nsp\xa1/")
        .expect_disconnected("/", reason)
        .expect_close();
}

/// Arguments that came from a client of one parser can be sent on to a client of the other.
#[test]
fn arguments_of_the_other_form() {
    let args = Args::encode_with(Parser::MsgPack, &("a", 1)).unwrap();
    super::script::joined(&["/"])
        .does(|connection, _| connection.emit(&Namespace::root(), "e", &args))
        .expect_sent(r#"42["e","a",1]"#);
    let looks = BTreeMap::from([("_placeholder", true)]);
    let args = Args::encode_with(Parser::MsgPack, &(looks, Binary(Bytes::from_static(&[1])))).unwrap();
    let error = EmitError::Args(ArgsError::PlaceholderInData);
    super::script::joined(&["/"])
        .cannot(error, |connection, _| connection.emit(&Namespace::root(), "e", &args))
        .message(r#"20["x"]"#)
        .expect_received("/", "x", "", Some(0));
}
