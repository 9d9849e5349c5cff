//! An allocator that counts. The counters are the process's, so a file that uses it is a program of its own, without the
//! test harness, whose thread allocates as well.

#![allow(dead_code, reason = "each test file uses a part")]

use std::alloc::System;
use std::hint::black_box;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What changes while something runs.
pub(crate) fn change<T>(run: impl FnOnce() -> T) -> (T, Stats) {
    let region = Region::new(ALLOCATOR);
    let made = black_box(run());
    (made, region.change())
}

/// Allocations and reallocations while something runs.
pub(crate) fn count<T>(run: impl FnOnce() -> T) -> usize {
    let (_made, change) = change(run);
    change.allocations + change.reallocations
}
