//! Criterion's settings: short runs, because there are many rows.

use std::time::Duration;

use criterion::Criterion;

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
    Criterion::default()
        .warm_up_time(warm_up)
        .measurement_time(measurement)
        .sample_size(samples)
        .nresamples(samples * 100)
}
