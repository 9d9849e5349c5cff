//! Messages between the servers of a cluster.

use std::hint::black_box;

use bytes::Bytes;
use sio_codec::Limits;
use sio_codec::cluster::{sharded, streams};
use sio_codec::socketio::Namespace;

use super::{Case, case, repeated};

pub(super) fn all() -> Vec<Case> {
    let keys = |size: usize| {
        let members: Vec<_> = (0..size / 14).map(|key| format!(r#""k{key:08}":1"#)).collect();
        format!(r#"{{"type":3,"data":{{{}}},"uid":"x","nsp":"/"}}"#, members.join(",")).into_bytes()
    };
    let rooms = r#"{"type":4,"uid":"x","nsp":"/","data":{"rooms":[],"opts":{"rooms":["r""#;
    let sockets = r#"{"type":8,"uid":"x","nsp":"/","data":{"requestId":"y","sockets":[{"id":"s"}"#;
    let uids = r#"{"type":1,"nsp":"/","uid":"x""#;
    vec![
        case("cluster: different keys", keys, published),
        case("cluster: rooms", repeated(rooms, r#","r""#, "]}}}"), published),
        case("cluster: sockets", repeated(sockets, r#",{"id":"s"}"#, "]}}"), published),
        case("cluster: the same key", repeated(uids, r#","uid":"x""#, "}"), published),
        case("cluster: open objects", repeated("", r#"{"a":"#, ""), published),
        case("cluster: base64 that is no message", repeated("", "3f8=", ""), added),
        case("cluster: base64 of nil", repeated("", "wMDA", ""), added),
    ]
}

fn limits() -> Limits {
    Limits::default().with_max_bus_message(usize::MAX).with_max_bus_rooms(usize::MAX)
}

fn published(message: &[u8]) {
    let codec = sharded::Codec::new(sharded::Config::default().with_limits(limits()), Namespace::root());
    let _ = black_box(codec.decode(Bytes::copy_from_slice(message)));
}

fn added(data: &[u8]) {
    let fields: [(&str, &[u8]); 4] = [("uid", b"x"), ("nsp", b"/"), ("type", b"3"), ("data", data)];
    let entry = streams::Entry::new(fields.map(|(name, value)| (name, Bytes::copy_from_slice(value))));
    let codec = streams::Codec::new(streams::Config::default().with_limits(limits()), Namespace::root());
    let _ = black_box(codec.decode_entry(entry));
}
