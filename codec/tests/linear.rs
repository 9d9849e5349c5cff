//! Hostile input costs no more than in proportion to its size.

mod hostile;

use std::time::{Duration, Instant};

const SIZE: usize = 10_000;
const FACTOR: u32 = 8;

/// Eight times the input may take up to half of what eight times eight would be.
#[test]
fn decoders() {
    for hostile::Case { name, input, run } in hostile::all() {
        let (small, large) = (input(SIZE), input(SIZE * FACTOR as usize));
        assert!(large.len() > small.len() * 7, "{name}");
        let (small, large) = (time(|| run(&small)), time(|| run(&large)));
        let bound = (small + Duration::from_micros(50)) * FACTOR * FACTOR / 2;
        assert!(large < bound, "{name}: {small:?}, and {large:?} for {FACTOR} times as much");
    }
}

/// The best of some runs, which is what the machine's other work disturbs least.
fn time(mut run: impl FnMut()) -> Duration {
    let run = || {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    std::iter::repeat_with(run).take(5).min().unwrap_or_default()
}
