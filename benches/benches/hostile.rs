//! The cost of hostile input for sizes that double: the time per byte must not grow.
#![allow(missing_docs, reason = "criterion makes functions without")]

use criterion::{BenchmarkId, Throughput, criterion_group, criterion_main};
use sio_benches::settings::{self, Criterion};
use sio_support::hostile;

fn decoders(criterion: &mut Criterion) {
    for hostile::Case { name, input, run } in hostile::all() {
        let mut group = criterion.benchmark_group(name.replace(": ", "/"));
        for size in [16, 32, 64, 128, 256].map(|size| size << 10) {
            let input = input(size);
            group.throughput(Throughput::Bytes(input.len() as u64));
            group.bench_with_input(BenchmarkId::from_parameter(size), &input, |b, input| b.iter(|| run(input)));
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = settings::growth();
    targets = decoders
}
criterion_main!(benches);
