//! What one of so many costs a hub, for numbers that double: the time for one must not grow but for a logarithm.
#![allow(missing_docs, reason = "criterion makes functions without")]

#[path = "../../codec/tests/loads/mod.rs"]
mod loads;

use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

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
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(200))
        .sample_size(10)
        .nresamples(1_000);
    targets = hubs
}
criterion_main!(benches);
