//! Hostile input costs no more than in proportion to its size.

mod hostile;

use std::time::{Duration, Instant};

const SIZE: usize = 10_000;
const FACTOR: u32 = 8;
/// How often each is run at the most. What else the machine does can only add to a time, so the least of many is looked
/// at; work that grows with the square does not get quicker by being done again.
const ROUNDS: usize = 60;

/// Eight times the input may take up to half of what eight times eight would be.
#[test]
fn decoders() {
    for hostile::Case { name, input, run } in hostile::all() {
        let inputs = [input(SIZE), input(SIZE * FACTOR as usize)];
        assert!(inputs[1].len() > inputs[0].len() * 7, "{name}");
        let mut least = [Duration::MAX; 2];
        let is_linear = (0..ROUNDS).any(|_| {
            for (least, input) in least.iter_mut().zip(&inputs) {
                let start = Instant::now();
                run(input);
                *least = start.elapsed().min(*least);
            }
            least[1] < (least[0] + Duration::from_micros(50)) * FACTOR * FACTOR / 2
        });
        assert!(is_linear, "{name}: {least:?} for {FACTOR} times as much");
    }
}
