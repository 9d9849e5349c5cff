//! Packets of the msgpack parser.

use std::hint::black_box;

use bytes::Bytes;
use serde::de::IgnoredAny;
use sio_codec::socketio::{Decoder, MsgPackKindRef, MsgPackPacketRef, PacketKind, Parser, Protocol};
use sio_codec::{Frame, Limits};

use super::{Case, case};

pub(super) fn all() -> Vec<Case> {
    let counted = |unit: &'static [u8]| {
        move |size: usize| {
            let count = size / unit.len();
            let len = u32::try_from(count + 1).unwrap_or(u32::MAX).to_be_bytes();
            event(&[b"\xdd", &len[..], b"\xa1a", &unit.repeat(count)].concat())
        }
    };
    let bare = |start: &'static [u8], unit: &'static [u8]| {
        move |size: usize| event(&[start, &unit.repeat(size / unit.len())].concat())
    };
    let keys = |size: usize| {
        let count = size / 8;
        let len = u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes();
        let entries = (0..u32::try_from(count).unwrap_or(u32::MAX))
            .flat_map(|key| [&[0xa6][..], format!("{key:06x}").as_bytes(), &[1]].concat());
        event(&[b"\x92\xa1a\xdf", &len[..], &entries.collect::<Vec<_>>()].concat())
    };
    let again = |size: usize| {
        let count = size / 8;
        let len = u32::try_from(count + 2).unwrap_or(u32::MAX).to_be_bytes();
        let data = b"\xa4data\x92\xa1a\x01".repeat(count);
        [b"\xdf", &len[..], b"\xa4type\x02\xa3nsp\xa1/", &data].concat()
    };
    vec![
        case("msgpack: small numbers", counted(b"\x01"), read),
        case("msgpack: empty arrays", counted(b"\x90"), read),
        case("msgpack: empty binaries", counted(b"\xc4\x00"), read),
        case("msgpack: dates", counted(b"\xd7\x00\x00\x00\x00\x00\x00\x00\x00\x01"), read),
        case("msgpack: open arrays", bare(b"\x92\xa1a", b"\x91"), read),
        case("msgpack: lengths that promise the most", bare(b"\x92\xa1a", b"\xdd\xff\xff\xff\xff"), read),
        case("msgpack: a text that promises the most", bare(b"\x92\xa1a\xdb\xff\xff\xff\xff", b"a"), read),
        case("msgpack: different keys", keys, read),
        case("msgpack: data after data", again, read),
    ]
}

/// An event of the main namespace with this as its data.
fn event(data: &[u8]) -> Vec<u8> {
    [b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data", data].concat()
}

fn read(message: &[u8]) {
    let limits = Limits::default().with_max_payload(usize::MAX);
    if let Ok(view) = MsgPackPacketRef::parse(message, Protocol::V5, &limits) {
        let _ = black_box(view.validate());
        if let MsgPackKindRef::Event { args, .. } = view.kind() {
            let _ = black_box(args.decode::<Vec<IgnoredAny>>().map(|values| values.len()));
        }
    }
    let mut decoder = Decoder::new(&limits).with_parser(Parser::MsgPack);
    let Ok(Some(packet)) = decoder.push(Frame::Binary(Bytes::copy_from_slice(message))) else { return };
    let PacketKind::Event { args, .. } = &packet.kind else { return };
    let _ = black_box(args.values().map(|values| values.len()));
    let _ = black_box(args.decode::<Vec<IgnoredAny>>().map(|values| values.len()));
    let _ = black_box(args.to_form(Parser::Json));
    black_box(packet.encode());
}
