//! Plays the cases for clients against every mutant of our client, in memory, on a virtual clock.
//!
//! Each mutant must fail a case that covers a requirement which it breaks, and few of the cases for clients that do not. Cases
//! that cover what is broken are played until one fails, those for clients first.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use siospec::cases::{self, Case, Origin};
use siospec::party::client;
use siospec::party::client::mutants::{self, Mutant};
use siospec::replay::{Conditions, Verdict};
use siospec::requirements::catalogue;
use siospec::trace::Need;

/// One of this many of the cases for clients that cover nothing of what a mutant breaks may fail: nearly every case on
/// polling polls and posts.
const MAX_UNRELATED: usize = 3;

/// Mutants that fail more unrelated cases, and why.
const DRASTIC: &[(&str, &str)] = &[
    ("connect-twice", "no case about Socket.IO joins as it must"),
    ("event-comes-twice", "every event of every case is delivered twice"),
    ("main-namespace-is-not-requested", "nearly every case about Socket.IO joins `/`"),
    ("messages-end-with-a-separator", "no message on a WebSocket is right"),
    ("requests-without-version", "no request is right"),
    ("upgrade-without-version", "no WebSocket is right"),
];

/// What the suite says about one mutant.
#[derive(Debug)]
struct Verdicts<'a> {
    is_caught: bool,
    unrelated: Vec<&'a str>,
    /// Whether too many of them fail.
    is_loud: bool,
}

fn covers(case: &Case, mutant: &Mutant) -> bool {
    case.trace.header.covers.iter().any(|id| mutant.breaks.contains(&id.as_str()))
}

fn is_for_clients(case: &Case) -> bool {
    case.trace.header.needs.contains(&Need::Client)
}

fn is_red(case: &Case, mutant: &Mutant) -> bool {
    let outcome = client::play_mutant(&case.trace, Conditions::default(), mutant);
    matches!(outcome.verdict, Verdict::Departed(_))
}

fn judge<'a>(cases: &'a [Case], mutant: &Mutant) -> Verdicts<'a> {
    let (right, others): (Vec<_>, Vec<_>) = cases.iter().partition(|case| covers(case, mutant));
    let (own, shared): (Vec<_>, Vec<_>) = right.into_iter().partition(|case| is_for_clients(case));
    let is_caught = own.into_iter().chain(shared).any(|case| is_red(case, mutant));
    let (near, _): (Vec<_>, Vec<_>) = others.into_iter().partition(|case| is_for_clients(case));
    let red = near.iter().filter(|case| is_red(case, mutant));
    let unrelated: Vec<_> = red.map(|case| case.id.as_str()).collect();
    let is_loud = unrelated.len() * MAX_UNRELATED > near.len();
    Verdicts { is_caught, unrelated, is_loud }
}

/// Judges all mutants, with as many threads as the machine has processors.
fn judge_all(cases: &[Case]) -> Vec<(&'static Mutant, Verdicts<'_>)> {
    let all: Vec<&'static Mutant> = mutants::all().collect();
    let (next, judged) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(mutant) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdicts = judge(cases, mutant);
                    judged.lock().unwrap().push((*mutant, verdicts));
                }
            });
        }
    });
    judged.into_inner().unwrap()
}

#[test]
fn every_mutant_is_caught_by_a_case_for_what_it_breaks() {
    let cases: Vec<_> = cases::embedded().unwrap().into_iter().filter(|case| case.origin == Origin::Written).collect();
    let mut faults = Vec::new();
    for (mutant, Verdicts { is_caught, unrelated, is_loud }) in judge_all(&cases) {
        let name = mutant.name;
        let is_drastic = DRASTIC.iter().any(|(drastic, _)| *drastic == name);
        if !is_caught {
            faults.push(format!("{name} survives; unrelated cases that fail: {unrelated:?}"));
        }
        if is_loud && !is_drastic {
            faults.push(format!("{name} fails {} unrelated cases: {}", unrelated.len(), unrelated.join(" ")));
        }
    }
    faults.sort();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn mutants_have_names_of_their_own_and_break_requirements_that_exist() {
    let names: BTreeSet<_> = mutants::all().map(|mutant| mutant.name).collect();
    assert_eq!(names.len(), mutants::all().count());
    for mutant in mutants::all() {
        assert!(mutant.defect.ends_with('.'), "{}", mutant.name);
        assert!(!mutant.breaks.is_empty(), "{}", mutant.name);
        for id in mutant.breaks {
            assert!(catalogue().contains_key(*id), "{} breaks {id}", mutant.name);
        }
    }
}
