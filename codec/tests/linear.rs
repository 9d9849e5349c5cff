//! Hostile input costs time in proportion to its size, and crowds in proportion to their number.

use std::time::{Duration, Instant};

use sio_support::{hostile, loads};

const SIZE: usize = 10_000;
const COUNT: usize = 1_000;
const FACTOR: usize = 8;
/// How often each is run at most. Other programs can only add to a time, so the least of many counts; work that grows
/// with the square of its input is slow every time.
const ROUNDS: usize = 60;

#[test]
fn decoders_take_time_in_proportion_to_their_input() {
    for hostile::Case { name, input, run } in hostile::all() {
        let inputs = [input(SIZE), input(SIZE * FACTOR)];
        assert!(inputs[1].len() > inputs[0].len() * 7, "{name}");
        is_linear(name, |size| {
            let input = &inputs[size];
            time(|| run(input))
        });
    }
}

#[test]
fn hubs_take_time_in_proportion_to_their_crowd() {
    for load in loads::all() {
        is_linear(load.name, |size| {
            let work = load.prepare([COUNT, COUNT * FACTOR][size]);
            time(work)
        });
    }
}

/// Eight times as much may take up to half of what eight times eight would be.
#[track_caller]
fn is_linear(name: &str, mut measure: impl FnMut(usize) -> Duration) {
    let factor = FACTOR as u32;
    let mut least = [Duration::MAX; 2];
    let is_linear = (0..ROUNDS).any(|_| {
        for (size, least) in least.iter_mut().enumerate() {
            *least = measure(size).min(*least);
        }
        least[1] < (least[0] + Duration::from_micros(50)) * factor * factor / 2
    });
    assert!(is_linear, "{name}: {least:?} for {FACTOR} times as much");
}

fn time<T>(run: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let made = run();
    let duration = start.elapsed();
    drop(made);
    duration
}
