//! Counts allocations.
//!
//! The counters belong to the process. A program that uses them declares the counting allocator and runs without the
//! test harness, because the harness has a thread that also allocates:
//!
//! ```
//! use sio_support::allocator::{self, Counting};
//!
//! #[global_allocator]
//! static ALLOCATOR: &Counting = allocator::COUNTING;
//!
//! fn main() {
//!     assert_eq!(allocator::count(|| Box::new(7)), 1);
//! }
//! ```

use std::alloc::System;
use std::hint::black_box;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};

/// The system's allocator, with counters.
pub type Counting = StatsAlloc<System>;

/// The counting allocator that a program declares as its global one.
pub static COUNTING: &Counting = &INSTRUMENTED_SYSTEM;

/// Calls `run`, and returns its result and the change of the counters.
///
/// # Panics
///
/// Panics if the program has not declared [`COUNTING`] as its global allocator.
pub fn change<T>(run: impl FnOnce() -> T) -> (T, Stats) {
    let probe = Region::new(COUNTING);
    drop(black_box(Box::new(0_u8)));
    assert!(probe.change().allocations > 0, "the program does not declare the counting allocator");
    let region = Region::new(COUNTING);
    let made = black_box(run());
    (made, region.change())
}

/// Counts the allocations and reallocations during a call of `run`.
pub fn count<T>(run: impl FnOnce() -> T) -> usize {
    let (_made, change) = change(run);
    change.allocations + change.reallocations
}

/// Calls `run`, and returns its result and the number of bytes that it allocated and did not free.
pub fn held<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let (made, change) = change(run);
    (made, change.bytes_allocated.saturating_sub(change.bytes_deallocated))
}
