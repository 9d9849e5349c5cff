//! Rows a to f: packets and polling payloads of Engine.IO.

use bytes::Bytes;
use criterion::{Throughput, criterion_group, criterion_main};
use sio_benches::settings::{self, Criterion, Group};
use sio_benches::{A, B, C, D, WORST, binary, packets, payload, payload_row, texts, worst_case};
use sio_codec::engineio::payload::{Encoder, Format, Packets, PacketsRef};
use sio_codec::engineio::{Packet, PacketRef, Parts, Revision};
use sio_codec::{Frame, FrameRef, Text};
use std::hint::black_box;

#[cfg(feature = "peers")]
mod peers;

const V4: Revision = Revision::V4;

fn single_packets(criterion: &mut Criterion) {
    let [short, long] = texts();
    let message = |text: String| Packet::Message(Frame::Text(Text::from(text)));
    for (row, packet) in [(A, Packet::Ping(Text::new())), (B, message(short)), (C, message(long))] {
        let frame = packet.to_frame(V4);
        let Frame::Text(text) = frame.clone() else { continue };
        let mut group = criterion.benchmark_group(format!("{row}/decode"));
        group.throughput(Throughput::Bytes(frame.len() as u64));
        // `as_str` iterates over the text, and is not measured here.
        let view = text.as_str();
        group.bench_function("ours, &str, matched", |b| {
            b.iter(|| match PacketRef::parse(V4, black_box(view)) {
                Ok(PacketRef::Ping(data) | PacketRef::Message(FrameRef::Text(data))) => Some(data),
                _ => None,
            });
        });
        // A packet that the caller does not look into goes through memory.
        group.bench_function("ours, &str, handed on", |b| b.iter(|| PacketRef::parse(V4, black_box(view))));
        group.bench_function("ours, owned", |b| b.iter(|| Packet::parse(V4, black_box(&frame).clone())));
        #[cfg(feature = "peers")]
        peers::decode_packet(&mut group, text.as_str());
        group.finish();

        let mut group = criterion.benchmark_group(format!("{row}/encode"));
        group.throughput(Throughput::Bytes(frame.len() as u64));
        let mut buffer = Vec::with_capacity(frame.len());
        group.bench_function("ours, into a buffer", |b| {
            b.iter(|| {
                buffer.clear();
                Parts::from(black_box(&packet)).write_frame(V4, &mut buffer);
                black_box(&buffer);
            });
        });
        group.bench_function("ours, in two slices", |b| {
            b.iter(|| Parts::from(black_box(&packet)).frame_slices(V4));
        });
        group.bench_function("ours, owned", |b| b.iter(|| black_box(&packet).to_frame(V4)));
        #[cfg(feature = "peers")]
        peers::encode_packet(&mut group, text.as_str());
        group.finish();
    }
}

fn base64(criterion: &mut Criterion) {
    let packet = Packet::Message(Frame::Binary(binary(65_536)));
    let text = packet.to_text(V4);
    let mut group = criterion.benchmark_group(format!("{D}/decode"));
    group.throughput(Throughput::Bytes(65_536));
    let frame = Frame::Text(text.clone());
    group.bench_function("ours, owned", |b| b.iter(|| Packet::parse(V4, black_box(&frame).clone())));
    #[cfg(feature = "peers")]
    peers::decode_packet(&mut group, text.as_str());
    group.finish();

    let mut group = criterion.benchmark_group(format!("{D}/encode"));
    group.throughput(Throughput::Bytes(65_536));
    let mut buffer = Vec::with_capacity(text.len());
    group.bench_function("ours, into a buffer", |b| {
        b.iter(|| {
            buffer.clear();
            Parts::from(black_box(&packet)).write_text(V4, &mut buffer);
            black_box(&buffer);
        });
    });
    group.bench_function("ours, owned", |b| b.iter(|| black_box(&packet).to_text(V4)));
    #[cfg(feature = "peers")]
    peers::encode_packet(&mut group, text.as_str());
    group.finish();
}

fn payloads(criterion: &mut Criterion) {
    for format in [Format::V4, Format::V3Text, Format::V3Binary] {
        for count in [16, 1000] {
            let packets = packets(format, count);
            let body = payload(format, &packets);
            let row = payload_row(format, count);
            let mut group = criterion.benchmark_group(format!("{row}/decode"));
            decode_payload(&mut group, format, &body);
            group.finish();

            let mut group = criterion.benchmark_group(format!("{row}/encode"));
            group.throughput(Throughput::Bytes(body.len() as u64));
            let mut buffer = Vec::with_capacity(body.len());
            group.bench_function("ours, into a buffer", |b| {
                b.iter(|| {
                    let mut payload = Encoder::new(format).with_buffer(core::mem::take(&mut buffer));
                    for packet in black_box(&packets) {
                        let _ = payload.push(packet);
                    }
                    buffer = payload.finish().unwrap_or_default();
                    black_box(&buffer);
                });
            });
            group.bench_function("ours, owned", |b| {
                b.iter(|| {
                    let mut payload = Encoder::new(format);
                    for packet in black_box(&packets) {
                        let _ = payload.push(packet);
                    }
                    payload.finish()
                });
            });
            #[cfg(feature = "peers")]
            peers::encode_payload(&mut group, format, &packets);
            group.finish();
        }
    }
    let mut group = criterion.benchmark_group(format!("{WORST}/decode"));
    decode_payload(&mut group, Format::V3Text, &worst_case());
    group.finish();
}

fn decode_payload(group: &mut Group<'_>, format: Format, body: &Bytes) {
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("ours, &[u8]", |b| {
        b.iter(|| {
            let Ok(packets) = PacketsRef::new(format, black_box(&body[..])) else { return };
            for packet in packets {
                let _ = black_box(packet);
            }
        });
    });
    group.bench_function("ours, owned", |b| {
        b.iter(|| {
            let Ok(packets) = Packets::new(format, black_box(body).clone()) else { return };
            for packet in packets {
                let _ = black_box(packet);
            }
        });
    });
    #[cfg(feature = "peers")]
    peers::decode_payload(group, format, body);
}

criterion_group! {
    name = benches;
    config = settings::rows();
    targets = single_packets, base64, payloads
}
criterion_main!(benches);
