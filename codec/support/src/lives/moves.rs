//! Turns bytes into moves, for any machine.

use std::time::Duration;

/// Four bytes make a move: one operation, or a few related ones. The kind of the first move may be given.
pub(crate) fn all_from<T>(first: Option<u8>, bytes: &[u8], moves: impl Fn([u8; 4]) -> Vec<T>) -> Vec<T> {
    let first = first.map(|kind| [kind, 0, 0, 0]);
    let others = bytes.chunks_exact(4).map(|chunk| [chunk[0], chunk[1], chunk[2], chunk[3]]);
    first.into_iter().chain(others).flat_map(moves).collect()
}

/// Steps of time: some meet the timers of the lives, some do not.
const MILLIS: [u64; 8] = [0, 1, 20, 50, 99, 100, 200, 300];

pub(crate) fn duration(selector: u8) -> Duration {
    if selector == 255 {
        return Duration::from_secs(3);
    }
    Duration::from_millis(MILLIS[usize::from(selector) % MILLIS.len()])
}

/// The name after which `back` others came.
pub(crate) fn recent(names: &[u64], back: usize) -> Option<u64> {
    names.iter().rev().nth(back).copied()
}
