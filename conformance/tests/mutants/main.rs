//! Every defect that was put into our server and our client on purpose is found by a case about what it breaks.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod adapters;
mod clients;
mod clusters;
mod servers;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use siospec::cases::Case;
use siospec::requirements::catalogue;

/// What the suite says about one mutant.
#[derive(Debug)]
struct Verdicts<'a> {
    name: &'static str,
    is_caught: bool,
    /// The cases about other things that fail.
    unrelated: Vec<&'a str>,
    /// Whether too many of them fail.
    is_loud: bool,
}

/// Whether a case is about one of these requirements.
fn covers(case: &Case, broken: &[&str]) -> bool {
    case.trace.header.covers.iter().any(|id| broken.contains(&id.as_str()))
}

/// Judges all mutants with as many threads as the machine has processors, and fails if one survives, or if one that is not
/// `drastic` fails too many cases about other things.
fn check<'a, M: Sync>(mutants: &[M], drastic: &[(&str, &str)], judge: impl Fn(&M) -> Verdicts<'a> + Sync) {
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = judge(mutant).faults(drastic);
                    faults.lock().unwrap().extend(found);
                }
            });
        }
    });
    let mut faults = faults.into_inner().unwrap();
    faults.sort();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

impl Verdicts<'_> {
    fn faults(&self, drastic: &[(&str, &str)]) -> Vec<String> {
        let Self { name, is_caught, unrelated, is_loud } = self;
        let is_drastic = drastic.iter().any(|(drastic, _)| drastic == name);
        let survives = (!is_caught).then(|| format!("{name} survives; unrelated cases that fail: {unrelated:?}"));
        let is_too_loud = *is_loud && !is_drastic;
        let loud =
            is_too_loud.then(|| format!("{name} fails {} unrelated cases: {}", unrelated.len(), unrelated.join(" ")));
        survives.into_iter().chain(loud).collect()
    }
}

/// Checks the names, the sentences and the requirements of mutants.
fn check_tables(mutants: impl Iterator<Item = (&'static str, &'static str, &'static [&'static str])>) {
    let mut names = BTreeSet::new();
    for (name, defect, breaks) in mutants {
        assert!(names.insert(name), "two are called {name}");
        assert!(defect.ends_with('.'), "{name}");
        assert!(!breaks.is_empty(), "{name}");
        for id in breaks {
            assert!(catalogue().contains_key(*id), "{name} breaks {id}");
        }
    }
}
