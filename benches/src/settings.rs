//! Criterion's settings: short runs, because there are many rows.

use std::time::Duration;

use crate::cpu_time::CpuTime;

/// Criterion, measuring processor time.
pub type Criterion = criterion::Criterion<CpuTime>;

/// The functions that do the same work.
pub type Group<'a> = criterion::BenchmarkGroup<'a, CpuTime>;

/// For the rows, each of which is compared with its peers.
#[must_use]
pub fn rows() -> Criterion {
    with(Duration::from_millis(100), Duration::from_millis(400), 20)
}

/// For sizes that double, each of which is compared with the one before.
#[must_use]
pub fn growth() -> Criterion {
    with(Duration::from_millis(50), Duration::from_millis(200), 10)
}

fn with(warm_up: Duration, measurement: Duration, samples: usize) -> Criterion {
    criterion::Criterion::default()
        .with_measurement(CpuTime)
        .warm_up_time(warm_up)
        .measurement_time(measurement)
        .sample_size(samples)
        .nresamples(samples * 100)
}
