//! The machines of a server, without sockets: a message through a session and the connection on it, the heartbeat, the upgrade, and
//! broadcasts through the hub.
#![allow(missing_docs, reason = "criterion makes functions without")]

use criterion::{BatchSize, BenchmarkId, Throughput, criterion_group, criterion_main};
use sio_benches::machines::{self, Application, Session, Transport};
use sio_benches::settings::{self, Criterion};
use sio_support::crowd::Crowd;

const TRANSPORTS: [Transport; 2] = [Transport::WebSocket, Transport::Polling];

fn messages(criterion: &mut Criterion) {
    for (name, application) in [("received", Application::Listens), ("echoed", Application::Echoes)] {
        let mut group = criterion.benchmark_group(format!("machines/message {name}"));
        for transport in TRANSPORTS {
            for (size, bytes) in [("20 B", 20), ("16 KiB", 16 << 10)] {
                let message = machines::message(bytes);
                let mut session = Session::open(transport);
                session.take(&message, application);
                group.bench_function(format!("{transport:?}, {size}"), |b| {
                    b.iter(|| session.take(&message, application));
                });
            }
        }
        group.finish();
    }
}

fn lives(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("machines/life");
    for transport in TRANSPORTS {
        let mut session = Session::open(transport);
        assert!(session.beat() > 0, "a ping");
        group.bench_function(format!("heartbeat, {transport:?}"), |b| b.iter(|| session.beat()));
    }
    group.bench_function("session and CONNECT, WebSocket", |b| b.iter(|| Session::open(Transport::WebSocket)));
    assert!(Session::open(Transport::Polling).upgrade());
    group.bench_function("upgrade", |b| {
        b.iter_batched_ref(|| Session::open(Transport::Polling), Session::upgrade, BatchSize::SmallInput);
    });
    group.finish();
}

fn broadcasts(criterion: &mut Criterion) {
    let sizes = [1, 100, 10_000, 100_000];
    let mut hub = criterion.benchmark_group("machines/broadcast, the hub");
    for count in sizes {
        hub.throughput(Throughput::Elements(count.into()));
        let mut crowd = None;
        hub.bench_function(BenchmarkId::from_parameter(count), |b| {
            let crowd: &mut Crowd = crowd.get_or_insert_with(|| Crowd::open(count, Transport::WebSocket));
            b.iter(|| assert_eq!(machines::broadcast(&mut crowd.hub), count as usize));
        });
    }
    hub.finish();
    let mut frames = criterion.benchmark_group("machines/broadcast, as frames");
    for count in sizes {
        frames.throughput(Throughput::Elements(count.into()));
        let mut crowd = None;
        frames.bench_function(BenchmarkId::from_parameter(count), |b| {
            let crowd = crowd.get_or_insert_with(|| Crowd::open(count, Transport::WebSocket));
            b.iter(|| assert_eq!(machines::broadcast_as_frames(crowd), count as usize));
        });
    }
    frames.finish();
}

criterion_group! {
    name = benches;
    config = settings::rows();
    targets = messages, lives, broadcasts
}
criterion_main!(benches);
