//! The same rows with engineioxide, and with `rust_engineio` if it has public packets.

use std::hint::black_box;

use bytes::Bytes;
use engineioxide_core::{Packet, PacketParseError, ProtocolVersion, Str, payload};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use http::HeaderValue;
use http_body_util::Full;
use sio_codec::Frame;
use sio_codec::engineio::payload::Format;

use sio_benches::settings::Group;

const MAX_PAYLOAD: u64 = 100_000_000;

pub(super) fn decode_packet(group: &mut Group<'_>, text: &str) {
    let input = Str::from(text.to_owned());
    group.bench_function("engineioxide", |b| {
        b.iter(|| Packet::parse(ProtocolVersion::V4, black_box(&input).clone()));
    });
    group.bench_function("engineioxide, matched", |b| {
        b.iter(|| match Packet::parse(ProtocolVersion::V4, black_box(&input).clone()) {
            Ok(Packet::Message(data)) => Some(data),
            Ok(Packet::Ping) => Some(Str::from("")),
            _ => None,
        });
    });
    #[cfg(feature = "rust-engineio")]
    {
        let input = Bytes::from(text.to_owned());
        group.bench_function("rust_engineio", |b| {
            b.iter(|| rust_engineio::Packet::try_from(black_box(&input).clone()).ok());
        });
    }
}

pub(super) fn encode_packet(group: &mut Group<'_>, text: &str) {
    let Ok(packet) = Packet::parse(ProtocolVersion::V4, Str::from(text.to_owned())) else { return };
    group.bench_function("engineioxide", |b| b.iter(|| String::from(black_box(&packet).clone())));
    #[cfg(feature = "rust-engineio")]
    if let Ok(packet) = rust_engineio::Packet::try_from(Bytes::from(text.to_owned())) {
        group.bench_function("rust_engineio", |b| b.iter(|| Bytes::from(black_box(&packet).clone())));
    }
}

pub(super) fn decode_payload(group: &mut Group<'_>, format: Format, body: &Bytes) {
    let binary = HeaderValue::from_static("application/octet-stream");
    let content_type = (format == Format::V3Binary).then_some(&binary);
    let decode = || {
        let body = Full::new(black_box(body).clone());
        let packets = payload::decoder(body, content_type, version(format), MAX_PAYLOAD);
        let look = |packet| {
            let _: Result<Packet, PacketParseError> = black_box(packet);
            core::future::ready(())
        };
        packets.for_each(look).now_or_never()
    };
    assert!(decode().is_some(), "everything is there");
    group.bench_function("engineioxide", |b| b.iter(decode));
}

pub(super) fn encode_payload(group: &mut Group<'_>, format: Format, packets: &[sio_codec::engineio::Packet]) {
    let packet = |packet: &sio_codec::engineio::Packet| match packet {
        sio_codec::engineio::Packet::Message(Frame::Text(text)) => {
            Some(Packet::Message(Str::from(text.as_str().to_owned())))
        }
        sio_codec::engineio::Packet::Message(Frame::Binary(bytes)) => Some(Packet::BinaryV3(bytes.clone())),
        _ => None,
    };
    let packets: Vec<Packet> = packets.iter().filter_map(packet).collect();
    let encode = || {
        let groups = stream::iter(black_box(&packets).iter().map(|packet| [packet.clone()].into_iter().collect()));
        payload::encoder(groups, version(format), format == Format::V3Binary, MAX_PAYLOAD)
            .now_or_never()
            .map(|payload| payload.data)
    };
    assert!(encode().is_some(), "everything is there");
    group.bench_function("engineioxide", |b| b.iter(encode));
}

fn version(format: Format) -> ProtocolVersion {
    match format {
        Format::V4 => ProtocolVersion::V4,
        Format::V3Text | Format::V3Binary => ProtocolVersion::V3,
    }
}
