//! Plays the cases for clients against every mutant of our client, in memory, on a virtual clock.
//!
//! Each mutant must fail a case that covers a requirement which it breaks, and few of the cases for clients that do not. Cases
//! that cover what is broken are played until one fails, those for clients first.

use siospec::cases::{self, Case, Origin};
use siospec::party::client;
use siospec::party::client::mutants::{self, Mutant};
use siospec::replay::{Conditions, Verdict};
use siospec::trace::Need;

use crate::{Verdicts, check, check_tables, covers};

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

fn is_for_clients(case: &Case) -> bool {
    case.trace.header.needs.contains(&Need::Client)
}

fn is_red(case: &Case, mutant: &Mutant) -> bool {
    let outcome = client::play_mutant(&case.trace, Conditions::default(), mutant);
    matches!(outcome.verdict, Verdict::Departed(_))
}

fn judge<'a>(cases: &'a [Case], mutant: &Mutant) -> Verdicts<'a> {
    let (right, others): (Vec<_>, Vec<_>) = cases.iter().partition(|case| covers(case, mutant.breaks));
    let (own, shared): (Vec<_>, Vec<_>) = right.into_iter().partition(|case| is_for_clients(case));
    let is_caught = own.into_iter().chain(shared).any(|case| is_red(case, mutant));
    let (near, _): (Vec<_>, Vec<_>) = others.into_iter().partition(|case| is_for_clients(case));
    let red = near.iter().filter(|case| is_red(case, mutant));
    let unrelated: Vec<_> = red.map(|case| case.id.as_str()).collect();
    let is_loud = unrelated.len() * MAX_UNRELATED > near.len();
    Verdicts { name: mutant.name, is_caught, unrelated, is_loud }
}

#[test]
fn every_mutant_is_caught_by_a_case_for_what_it_breaks() {
    let cases: Vec<_> = cases::embedded().unwrap().into_iter().filter(|case| case.origin == Origin::Written).collect();
    let mutants: Vec<&'static Mutant> = mutants::all().collect();
    check(&mutants, DRASTIC, |mutant| judge(&cases, mutant));
}

#[test]
fn mutants_have_names_of_their_own_and_break_requirements_that_exist() {
    check_tables(mutants::all().map(|mutant| (mutant.name, mutant.defect, mutant.breaks)));
}
