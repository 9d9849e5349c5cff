//! What is no message: an error, and nothing else.

use std::collections::BTreeSet;

use sio_codec::cluster::classic::{self, Route};
use sio_codec::cluster::streams::Entry;
use sio_codec::cluster::{DecodeError, Envelope, Undecodable, Violation, sharded, streams};
use sio_codec::socketio::Namespace;
use sio_codec::{Limits, Text};
use sio_support::bus::load;

const BROADCAST: Route<'static> = Route::Broadcast { room: None };

fn classic(route: Route<'_>, payload: &[u8]) -> Result<Envelope, DecodeError> {
    classic::Codec::new(classic::Config::default(), Namespace::root()).decode(route, payload.to_vec().into())
}

fn sharded(payload: &[u8]) -> Result<Envelope, DecodeError> {
    sharded::Codec::new(sharded::Config::default(), Namespace::root()).decode(payload.to_vec().into())
}

fn streams(payload: &[u8]) -> Result<Envelope, DecodeError> {
    streams::Codec::new(streams::Config::default(), Namespace::root()).decode(payload.to_vec().into())
}

fn entry<const N: usize>(fields: [(&str, &'static str); N]) -> Result<Envelope, DecodeError> {
    streams::Codec::new(streams::Config::default(), Namespace::root()).decode_entry(Entry::new(fields))
}

const fn missing(member: &'static str) -> DecodeError {
    DecodeError::Forbidden(Violation::Missing(member))
}

const fn mistyped(member: &'static str) -> DecodeError {
    DecodeError::Forbidden(Violation::Mistyped(member))
}

const fn undecodable(fault: Undecodable, offset: usize) -> DecodeError {
    DecodeError::Undecodable { fault, offset }
}

/// Each of the messages that were sent to servers of Node.js, many of which ended there. One is no mistake of the message: an
/// answer to a question that nobody asked.
#[test]
fn what_ends_a_server_of_node_is_an_error() {
    let vectors = load("robustness");
    let vectors = vectors["vectors"].as_array().unwrap().iter();
    let mut known: BTreeSet<_> = vectors
        .map(|vector| (vector["adapter"].as_str().unwrap().to_owned(), vector["vector"].as_str().unwrap().to_owned()))
        .collect();
    for (adapter, name, decoded, error) in classic_messages().into_iter().chain(other_messages()) {
        assert_eq!(decoded, Err(error), "{adapter}: {name}");
        assert!(known.remove(&(adapter.to_owned(), name.to_owned())), "{adapter}: {name}");
    }
    let unasked = br#"{"type":8,"data":{"requestId":"?","sockets":[]},"uid":"x","nsp":"/"}"#;
    assert!(sharded(unasked).is_ok());
    assert_eq!(known, [("sharded".to_owned(), "response unknown id".to_owned())].into());
}

/// The adapter, the name of the vector, what is read, and what should be.
type Row = (&'static str, &'static str, Result<Envelope, DecodeError>, DecodeError);

fn classic_messages() -> Vec<Row> {
    let packet = b"\x83\xa4type\x02\xa4data\x91\xa1e\xa3nsp\xa1/";
    let opts = b"\x83\xa5rooms\x90\xa6except\x90\xa5flags\x80";
    let broadcast = |tail: &[u8]| [b"\x93\xa1x", &packet[..], tail].concat();
    let trailing = [&broadcast(opts)[..], b"\x00"].concat();
    let json = b"{\"uid\":\"x\"}";
    vec![
        ("classic", "missing data", classic(BROADCAST, b"\x93\xa1x\x82\xa4type\x02\xa3nsp\xa1/\x80"), missing("data")),
        (
            "classic",
            "opts missing (2-element array)",
            classic(BROADCAST, &[b"\x92\xa1x", &packet[..]].concat()),
            missing("opts"),
        ),
        ("classic", "map instead of array", classic(BROADCAST, b"\x80"), DecodeError::Forbidden(Violation::Shape)),
        (
            "classic",
            "JSON text on broadcast channel",
            classic(BROADCAST, json),
            undecodable(Undecodable::InvalidMsgPack, 1),
        ),
        (
            "classic",
            "trailing byte",
            classic(BROADCAST, &trailing),
            undecodable(Undecodable::InvalidMsgPack, trailing.len() - 1),
        ),
        ("classic", "empty payload", classic(BROADCAST, b""), undecodable(Undecodable::InvalidMsgPack, 0)),
        (
            "classic",
            "fetch request without opts",
            classic(Route::Request, br#"{"uid":"x","requestId":"y","type":5}"#),
            missing("opts"),
        ),
        (
            "classic",
            "type 7 without packet",
            classic(Route::Request, br#"{"uid":"x","requestId":"y","type":7,"opts":{}}"#),
            missing("packet"),
        ),
        (
            "classic",
            "serverSideEmit without data",
            classic(Route::Request, br#"{"uid":"x","type":6}"#),
            missing("data"),
        ),
        ("classic", "response nil", classic(Route::Response, b"\xc0"), DecodeError::Forbidden(Violation::Shape)),
        ("classic", "rooms is a string", classic(BROADCAST, &broadcast(b"\x81\xa5rooms\xa3abc")), mistyped("rooms")),
        ("classic", "rooms is a map", classic(BROADCAST, &broadcast(b"\x81\xa5rooms\x80")), mistyped("rooms")),
    ]
}

fn other_messages() -> Vec<Row> {
    vec![
        (
            "sharded",
            "bcast without opts",
            sharded(br#"{"type":3,"data":{"packet":{"type":2,"data":["e"]}},"uid":"x","nsp":"/"}"#),
            missing("opts"),
        ),
        ("sharded", "bcast without data", sharded(br#"{"type":3,"uid":"x","nsp":"/"}"#), missing("data")),
        (
            "sharded",
            "fetch no opts",
            sharded(br#"{"type":7,"data":{"requestId":"y"},"uid":"x","nsp":"/"}"#),
            missing("opts"),
        ),
        (
            "sharded",
            "join rooms string",
            sharded(br#"{"type":4,"data":{"opts":{"rooms":[]},"rooms":"abc"},"uid":"x","nsp":"/"}"#),
            mistyped("rooms"),
        ),
        ("sharded", "response without data", sharded(br#"{"type":8,"uid":"x","nsp":"/"}"#), missing("data")),
        (
            "streams",
            "pubsub bcast-ack no opts",
            streams(
                b"\x84\xa4type\x03\xa4data\x82\xa6packet\x82\xa4type\x02\xa4data\x91\xa1e\xa9requestId\xa1y\xa3uid\xa1x\xa3nsp\xa1/",
            ),
            missing("opts"),
        ),
        ("streams", "pubsub JSON instead of msgpack", streams(br#"{"uid":"x"}"#), undecodable(Undecodable::InvalidMsgPack, 1)),
    ]
}

/// What a reader of Node.js reads again and again until it is gone, and what it skips.
#[test]
fn entries_that_cannot_be_read_are_errors() {
    let all = |kind, data| entry([("uid", "x"), ("nsp", "/"), ("type", kind), ("data", data)]);
    assert_eq!(all("3", "{}"), Err(missing("packet")));
    assert_eq!(all("3", "{"), Err(undecodable(Undecodable::InvalidJson, 1)));
    assert_eq!(all("3", "gq*w"), Err(undecodable(Undecodable::InvalidBase64, 2)));
    assert_eq!(all("3", "gqZw"), Err(undecodable(Undecodable::InvalidMsgPack, 3)));
    assert_eq!(all("3", ""), Err(undecodable(Undecodable::InvalidMsgPack, 0)));
    for kind in ["0", "14", "99", "-1", "+3", "3.0", "x", "", "300"] {
        assert_eq!(all(kind, "{}"), Err(DecodeError::Forbidden(Violation::UnknownType)), "{kind}");
    }
    assert_eq!(entry([("uid", "x"), ("type", "1")]), Err(missing("nsp")));
    assert_eq!(entry([("uid", "x"), ("nsp", "/")]), Err(missing("type")));
    assert_eq!(entry([("nsp", "/"), ("type", "4")]), Err(missing("data")));
    let bytes = Entry::new([("uid", &b"\xff"[..]), ("nsp", b"/"), ("type", b"1")]);
    let codec = streams::Codec::new(streams::Config::default(), Namespace::root());
    assert_eq!(codec.decode_entry(bytes), Err(undecodable(Undecodable::InvalidUtf8, 0)));
}

#[test]
fn every_member_has_its_type() {
    for (data, error) in [
        (r#""type":3,"data":[]"#, mistyped("data")),
        (
            r#""type":3,"data":{"packet":{"type":1,"data":["e"]},"opts":{}}"#,
            DecodeError::Forbidden(Violation::NotAnEvent),
        ),
        (r#""type":3,"data":{"packet":{"type":2,"data":[]},"opts":{}}"#, DecodeError::Forbidden(Violation::NotAnEvent)),
        (r#""type":3,"data":{"packet":{"type":2,"data":"e"},"opts":{}}"#, mistyped("data")),
        (r#""type":3,"data":{"packet":{"type":2,"data":[{}]},"opts":{}}"#, mistyped("data")),
        (r#""type":3,"data":{"packet":{"type":2,"data":["e"],"id":-1},"opts":{}}"#, mistyped("id")),
        (r#""type":3,"data":{"packet":{"type":2,"data":["e"],"id":"1"},"opts":{}}"#, mistyped("id")),
        (r#""type":3,"data":{"packet":{"type":2,"data":["e"]},"opts":[]}"#, mistyped("opts")),
        (r#""type":3,"data":{"packet":{"type":2,"data":["e"]},"opts":{"flags":1}}"#, mistyped("flags")),
        (r#""type":3,"data":{"packet":{"type":2,"data":["e"]},"opts":{"except":1}}"#, mistyped("except")),
        (r#""type":4,"data":{"opts":{}}"#, missing("rooms")),
        (r#""type":6,"data":{"opts":{},"close":1}"#, mistyped("close")),
        (r#""type":7,"data":{"opts":{}}"#, missing("requestId")),
        (r#""type":7,"data":{"opts":{},"requestId":null}"#, missing("requestId")),
        (r#""type":7,"data":{"opts":{},"requestId":1}"#, mistyped("requestId")),
        (r#""type":7,"data":{"opts":{},"requestId":""}"#, mistyped("requestId")),
        (r#""type":8,"data":{"requestId":"y"}"#, missing("sockets")),
        (r#""type":8,"data":{"requestId":"y","sockets":{}}"#, mistyped("sockets")),
        (r#""type":8,"data":{"requestId":"y","sockets":[1]}"#, mistyped("sockets")),
        (r#""type":8,"data":{"requestId":"y","sockets":[{}]}"#, missing("id")),
        (r#""type":8,"data":{"requestId":"y","sockets":[{"id":1}]}"#, mistyped("id")),
        (r#""type":8,"data":{"requestId":"y","sockets":[{"id":"s","handshake":1}]}"#, mistyped("handshake")),
        (r#""type":11,"data":{"requestId":"y"}"#, missing("clientCount")),
        (r#""type":11,"data":{"requestId":"y","clientCount":-1}"#, mistyped("clientCount")),
        (r#""type":11,"data":{"requestId":"y","clientCount":1.5}"#, mistyped("clientCount")),
        (r#""type":"3""#, mistyped("type")),
        (r#""type":0"#, DecodeError::Forbidden(Violation::UnknownType)),
        (r#""type":14"#, DecodeError::Forbidden(Violation::UnknownType)),
        (r#""type":-1"#, DecodeError::Forbidden(Violation::UnknownType)),
        (r#""x":1"#, missing("type")),
    ] {
        let message = format!(r#"{{{data},"uid":"x","nsp":"/"}}"#);
        assert_eq!(sharded(message.as_bytes()), Err(error), "{data}");
    }
    assert_eq!(sharded(br#"{"type":1,"uid":"x"}"#), Err(missing("nsp")));
    assert_eq!(sharded(br#"{"type":1,"uid":"x","nsp":1}"#), Err(mistyped("nsp")));
    assert_eq!(sharded(br#"{"type":1,"uid":1,"nsp":"/"}"#), Err(mistyped("uid")));
    assert_eq!(sharded(br#"{"type":1,"uid":"","nsp":"/"}"#), Err(mistyped("uid")));
    assert_eq!(sharded(b"\x90"), Err(DecodeError::Forbidden(Violation::Shape)));
    assert_eq!(sharded(b" {}"), Err(undecodable(Undecodable::InvalidMsgPack, 1)), "JSON begins with its brace");
    assert_eq!(sharded(b"{\"\xff"), Err(undecodable(Undecodable::InvalidUtf8, 2)));
    assert_eq!(classic(Route::Request, br#"{"type":99}"#), Err(DecodeError::Forbidden(Violation::UnknownType)));
    assert_eq!(classic(Route::Request, br#"{"type":2,"requestId":"y"}"#), Err(missing("sid")));
    assert_eq!(classic(Route::Request, br#"{"type":2,"requestId":"y","sid":"s"}"#), Err(missing("room")));
    assert_eq!(classic(Route::Response, b"{}"), Err(missing("requestId")));
}

#[test]
fn what_is_missing_may_be_missing_where_the_reference_tolerates_it() {
    let bare = classic(BROADCAST, b"\x93\xa1x\x81\xa4data\x91\xa1e\x80").unwrap();
    let nil = b"\x93\xa1x\x83\xa4type\x02\xa4data\x91\xa1e\xa2id\xc0\x83\xa5rooms\xc0\xa6except\xc0\xa5flags\xc0";
    assert_eq!(classic(BROADCAST, nil), Ok(bare));
    let socket = sharded(br#"{"type":8,"data":{"requestId":"y","sockets":[{"id":"s","handshake":{}}]},"nsp":"/"}"#);
    assert!(socket.is_ok());
}

#[test]
fn what_is_read_is_bounded() {
    let limits = Limits::default().with_max_bus_message(200).with_max_bus_rooms(3).with_max_namespace_len(5);
    let config = sharded::Config::default().with_limits(limits);
    let codec = sharded::Codec::new(config, Namespace::root());
    let read = |text: String| codec.decode(text.into_bytes().into()).map(|_| ());
    let join = |all: &str, rooms: &str| {
        read(format!(r#"{{"type":4,"data":{{"opts":{{"rooms":[{all}]}},"rooms":[{rooms}]}},"uid":"x","nsp":"/"}}"#))
    };
    let too_many = Err(DecodeError::Forbidden(Violation::TooManyRooms));
    assert_eq!((join("1,2,3", "1,2,3"), join("1,2,3,4", ""), join("", "1,2,3,4")), (Ok(()), too_many, too_many));
    let beat = |namespace: &str| read(format!(r#"{{"type":1,"uid":"x","nsp":"{namespace}"}}"#));
    assert_eq!(beat("/five"), Ok(()));
    assert_eq!(beat("/longer"), Err(DecodeError::Forbidden(Violation::NamespaceTooLong)));
    assert_eq!(beat(&"x".repeat(200)), Err(undecodable(Undecodable::TooLong, 200)));

    // 127 levels, and no more.
    let deep = |levels: usize| [vec![0x91; levels], vec![0xc0]].concat();
    assert_eq!(streams(&deep(127)).map(|_| ()), Err(DecodeError::Forbidden(Violation::Shape)));
    assert_eq!(streams(&deep(128)).map(|_| ()), Err(undecodable(Undecodable::TooDeep, 127)));
    let json = |levels: usize| format!("{{\"x\":{}1{}}}", "[".repeat(levels), "]".repeat(levels)).into_bytes();
    assert_eq!(sharded(&json(126)), Err(missing("nsp")));
    assert_eq!(sharded(&json(127)), Err(undecodable(Undecodable::TooDeep, 131)));
}

#[test]
fn errors_have_names_and_words() {
    let words = |error: DecodeError| (error.name(), Text::from(error.to_string()));
    assert_eq!(words(missing("opts")), ("Missing", "`opts` is missing".into()));
    let fault = undecodable(Undecodable::InvalidMsgPack, 7);
    assert_eq!(words(fault), ("InvalidMsgPack", "invalid MessagePack at byte 7".into()));
    assert_eq!(sio_codec::cluster::EncodeError::Unnamed.name(), "Unnamed");
}
