//! The threads that play cases.

use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::party::noise::Noise;

/// The largest number of threads. A case mostly waits, so few threads play many cases. Each of them keeps memory that others
/// cannot use: with a thread for each case, a run took 90 MB instead of 70, and 181 instead of 92 with `--jobs 256`.
const THREADS: usize = 2;

/// Threads that look up names, for each of those.
const LOOKUPS: usize = 2;

/// Threads that play cases, so that the computations of a case do not delay the embedded server, nor all other cases.
/// They end when this is dropped.
///
/// Each has a runtime of its own, on which a case stays: what arrives at the same time on several connections is handled
/// before the time limits that are over by then.
#[derive(Debug)]
pub(super) struct Crew(Vec<Member>);

/// One of the threads.
#[derive(Debug)]
pub(super) struct Member {
    /// Its runtime.
    pub(super) runtime: Handle,
    /// How late it is.
    pub(super) noise: Noise,
    _end: DropGuard,
}

impl Crew {
    /// Starts threads for this many cases at a time.
    pub(super) fn start(jobs: usize) -> Self {
        Self((0..jobs.clamp(1, THREADS)).map(|_| Member::start()).collect())
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.0
    }
}

impl Member {
    fn start() -> Self {
        let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(LOOKUPS).build();
        let runtime = runtime.expect("a runtime without threads needs nothing that could be missing");
        let (handle, noise, end) = (runtime.handle().clone(), Noise::default(), CancellationToken::new());
        let work = end.clone().run_until_cancelled_owned(noise.clone().measure());
        thread::spawn(move || {
            runtime.block_on(work);
            // A name that is still looked up is not waited for.
            runtime.shutdown_background();
        });
        Self { runtime: handle, noise, _end: end.drop_guard() }
    }
}
