//! Row u: messages between servers, read and written as each adapter does. And what a broadcast of another server costs a node,
//! for each of its members that gets it.
#![allow(missing_docs, reason = "criterion makes functions without")]

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BatchSize, BenchmarkId, Throughput, criterion_group, criterion_main};
use sio_benches::cluster::{Said, classic, me, said, sharded, streams};
use sio_benches::settings::{self, Criterion};
use sio_codec::cluster::classic::Route;
use sio_codec::cluster::node::{Adapter, Channel, Config, Input, Node};
use sio_codec::cluster::streams::{Entry, Outgoing};
use sio_codec::cluster::{Envelope, Message};
use sio_codec::engineio::Sid;
use sio_codec::socketio::{Namespace, Object};
use sio_codec::{Machine as _, Timestamp};

fn messages(criterion: &mut Criterion) {
    for Said { row, message, payload, .. } in said("classic") {
        let codec = classic();
        let decode = || codec.decode(Route::Broadcast { room: None }, payload.clone());
        assert!(decode().is_ok(), "{row}");
        both(criterion, &row, &payload, || decode().ok(), || codec.publish(&me(), black_box(&message)).ok());
    }
    for Said { row, message, payload, .. } in said("sharded") {
        let codec = sharded();
        let decode = || codec.decode(payload.clone());
        assert!(decode().is_ok(), "{row}");
        both(criterion, &row, &payload, || decode().ok(), || codec.publish(&me(), black_box(&message)).ok());
    }
    for Said { row, message, payload, .. } in said("streams") {
        let codec = streams();
        let Ok(Outgoing::Add { entry, .. }) = codec.publish(&me(), &message) else { continue };
        let fields: Vec<_> = entry.fields().map(|(name, value)| (name, value.clone())).collect();
        let decode = || codec.decode_entry(Entry::new(fields.clone()));
        assert!(decode().is_ok(), "{row}");
        both(criterion, &row, &payload, || decode().ok(), || codec.publish(&me(), black_box(&message)).ok());
    }
}

fn both<T>(
    criterion: &mut Criterion,
    row: &str,
    payload: &Bytes,
    decode: impl Fn() -> Option<Envelope>,
    encode: impl Fn() -> Option<T>,
) {
    let mut group = criterion.benchmark_group(format!("{row}/decode"));
    group.throughput(Throughput::Bytes(payload.len() as u64));
    group.bench_function("ours, owned", |b| {
        b.iter(|| match decode()?.message {
            // What is read is used: a receiver looks at the event and at whom it is for.
            Message::Broadcast { packet, options } => Some((packet.event.args.len(), options.rooms.len(), packet)),
            _ => None,
        });
    });
    group.finish();
    let mut group = criterion.benchmark_group(format!("{row}/encode"));
    group.throughput(Throughput::Bytes(payload.len() as u64));
    group.bench_function("ours, owned", |b| b.iter(&encode));
    group.finish();
}

/// A broadcast of another server, until each member's delivery was taken out.
fn node(criterion: &mut Criterion) {
    let Some(Said { payload, .. }) = said("classic").into_iter().next() else { return };
    let mut group = criterion.benchmark_group("node/broadcast of another server");
    for members in [1, 100, 10_000] {
        let mut node =
            Node::new(Config::new(Adapter::Classic(sio_codec::cluster::classic::Config::default()), [7; 16]));
        for number in 0..members {
            let mut entropy = [0; 15];
            entropy[..8].copy_from_slice(&u64::to_le_bytes(number));
            node.add(&Namespace::root(), &Sid::from_entropy(entropy), Object::default());
        }
        while node.poll_output().is_some() {}
        let input = || Input::Message {
            subscription: Channel::Pattern("socket.io#/#*".into()),
            channel: "socket.io#/#".into(),
            message: payload.clone(),
        };
        let mut hear = |input| {
            node.handle(Timestamp::ZERO, input);
            std::iter::from_fn(|| node.poll_output()).count()
        };
        assert_eq!(hear(input()) as u64, members);
        group.throughput(Throughput::Elements(members));
        group.bench_function(BenchmarkId::from_parameter(members), |b| {
            b.iter_batched(input, &mut hear, BatchSize::SmallInput)
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = settings::rows();
    targets = messages, node
}
criterion_main!(benches);
