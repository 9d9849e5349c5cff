//! What one packet costs, decoded and encoded.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sio_codec::engineio::payload::{Encoder, Format, Packets};
use sio_codec::engineio::{Packet, Revision};
use sio_codec::socketio::{Args, Decoder, Namespace, PacketKind};
use sio_codec::{Frame, Limits, socketio};

fn engineio(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("engineio");
    let message = Frame::from("4hello, this is a message of forty bytes");
    group.throughput(Throughput::Bytes(message.len() as u64));
    group.bench_function("decode/text", |bencher| {
        bencher.iter(|| Packet::parse(Revision::V4, black_box(message.clone())))
    });
    let packet = Packet::parse(Revision::V4, message.clone()).expect("a message");
    let payload = || {
        let mut payload = Encoder::new(Format::V4);
        for _ in 0..16 {
            payload.push(&packet).expect("no separator");
        }
        payload.finish().expect("not empty")
    };
    let body = Bytes::from(payload());
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("decode/payload of 16", |bencher| {
        bencher.iter(|| Packets::new(Format::V4, black_box(body.clone())).expect("text").count());
    });
    group.bench_function("encode/payload of 16", |bencher| bencher.iter(payload));
    group.finish();
}

fn socketio(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("socketio");
    let small = Frame::from(r#"2["message","hello"]"#);
    group.bench_function("decode/event", |bencher| {
        let mut decoder = Decoder::new(&Limits::default());
        bencher.iter(|| decoder.push(black_box(small.clone())));
    });
    let header = Frame::from(r#"51-["upload",{"_placeholder":true,"num":0}]"#);
    let attachment = Frame::Binary(Bytes::from(vec![7; 1024]));
    group.bench_function("decode/binary event of 1 KiB", |bencher| {
        let mut decoder = Decoder::new(&Limits::default());
        bencher.iter(|| {
            let _ = decoder.push(black_box(header.clone()));
            decoder.push(black_box(attachment.clone()))
        });
    });
    group.bench_function("encode/event", |bencher| {
        bencher.iter(|| {
            let args = Args::encode(black_box(&("hello",))).expect("a sequence");
            let kind = PacketKind::Event { name: "message".into(), args, ack: None };
            socketio::Packet { namespace: Namespace::root(), kind }.encode()
        });
    });
    group.finish();
}

criterion_group!(benches, engineio, socketio);
criterion_main!(benches);
