//! Rows g to n, s and t: packets of Socket.IO, as JSON and as `MessagePack`, read into types and written from them; both layers at
//! once; what each recipient of a broadcast costs.
//!
//! Every case uses what it read: a name or an id that is matched, and values that are handed on.

use std::hint::black_box;

use criterion::{Throughput, criterion_group, criterion_main};
use sio_benches::settings::{self, Criterion, Group};

mod binaries;
mod connect;
mod layers;
mod msgpack;
mod texts;

#[cfg(feature = "peers")]
mod peers;

/// Runs one direction of a row.
fn group(criterion: &mut Criterion, row: &str, op: &str, bytes: usize, measure: impl FnOnce(&mut Group<'_>)) {
    let mut group = criterion.benchmark_group(format!("{row}/{op}"));
    group.throughput(Throughput::Bytes(bytes as u64));
    measure(&mut group);
    group.finish();
}

/// Hands a value on, as a call that is not inlined does.
fn hand_on<T>(value: T) -> bool {
    black_box(&value);
    true
}

criterion_group! {
    name = benches;
    config = settings::rows();
    targets = texts::small, texts::documents, binaries::all, connect::both, msgpack::all, layers::decode, layers::recipients
}
criterion_main!(benches);
