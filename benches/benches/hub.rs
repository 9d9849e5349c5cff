//! The cost per item in a hub, for numbers of items that double: it may grow no faster than a logarithm.
#![allow(missing_docs, reason = "criterion makes functions without")]

use criterion::{BatchSize, BenchmarkId, Throughput, criterion_group, criterion_main};
use sio_benches::settings::{self, Criterion};
use sio_support::loads;

fn hubs(criterion: &mut Criterion) {
    for load in loads::all() {
        let mut group = criterion.benchmark_group(load.name.replace(": ", "/"));
        for count in [500, 1_000, 2_000, 4_000, 8_000] {
            group.throughput(Throughput::Elements(count as u64));
            group.bench_with_input(BenchmarkId::from_parameter(count), &count, |b, count| {
                b.iter_batched(|| load.prepare(*count), |work| work(), BatchSize::PerIteration);
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = settings::growth();
    targets = hubs
}
criterion_main!(benches);
