//! What the bytes of a life say, whatever the machine.

use std::time::Duration;

/// Four bytes make a move: one operation, or a few that make sense together.
pub(crate) fn all_from<T>(bytes: &[u8], moves: impl Fn([u8; 4]) -> Vec<T>) -> Vec<T> {
    bytes.chunks_exact(4).flat_map(|chunk| moves([chunk[0], chunk[1], chunk[2], chunk[3]])).collect()
}

/// Steps of time that meet the timers of the lives, and some that do not.
const MILLIS: [u64; 8] = [0, 1, 20, 50, 99, 100, 200, 300];

pub(crate) fn duration(selector: u8) -> Duration {
    if selector == 255 {
        return Duration::from_secs(3);
    }
    Duration::from_millis(MILLIS[usize::from(selector) % MILLIS.len()])
}
