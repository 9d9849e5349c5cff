//! Plays the cases about several servers against every mutant of the embedded server in a cluster, in memory, on a virtual
//! clock, with each adapter.
//!
//! Every case is played twice: with the mutant as the first server, and as the second. A list says which cases find which
//! mutant, and that it is the same with each adapter.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use sio_codec::Timestamp;
use sio_codec::cluster::node::Adapter;
use siospec::cases::{self, Case};
use siospec::mutants::{self, Mutant};
use siospec::party::memory::World;
use siospec::replay::{Conditions, Replay, Verdict};
use siospec::trace::Node;

use crate::{Verdicts, adapters, check, check_tables, covers};

/// Mutants that fail cases about other things, and why.
const DRASTIC: &[(&str, &str)] = &[
    ("arguments-are-lost", "most cases observe by broadcasts"),
    ("broadcast-is-for-another-room", "most cases observe by broadcasts"),
    ("broadcast-is-for-everyone", "who is in a room is observed by broadcasts"),
    ("broadcast-is-not-heard", "most cases observe by broadcasts"),
    ("broadcast-is-not-said", "most cases observe by broadcasts"),
    ("broadcast-is-said-twice", "most cases observe by broadcasts"),
    ("own-messages-are-heard", "most cases observe by broadcasts"),
];

fn is_red(case: &Case, adapter: &Adapter, mutant: &'static Mutant) -> bool {
    [(Some(mutant), None), (None, Some(mutant))].into_iter().any(|(first, second)| {
        let replay = Replay::judge(&case.trace, Timestamp::ZERO, Conditions::default());
        let (outcome, _) = World::cluster(adapter, first, &[second]).unwrap().play(replay);
        matches!(outcome.verdict, Verdict::Departed(_))
    })
}

#[test]
fn every_mutant_is_caught_by_a_case_for_what_it_breaks() {
    let cases: Vec<_> =
        cases::embedded().unwrap().into_iter().filter(|case| case.trace.last_node() != Node::FIRST).collect();
    let mutants: Vec<&'static Mutant> = mutants::of_clusters().collect();
    let found = Mutex::new(BTreeMap::new());
    check(&mutants, DRASTIC, |mutant| {
        let mut all = BTreeMap::new();
        for (name, adapter) in adapters::all() {
            let red = cases.iter().filter(|case| is_red(case, &adapter, mutant));
            all.insert(name, red.collect::<Vec<_>>());
        }
        let is_caught = all.values().all(|red| red.iter().any(|case| covers(case, mutant.breaks)));
        let others = all.values().flatten().filter(|case| !covers(case, mutant.breaks));
        let unrelated: Vec<_> = others.map(|case| case.id.as_str()).collect();
        found.lock().unwrap().insert(mutant.name, listed(&all));
        Verdicts { name: mutant.name, is_caught, is_loud: !unrelated.is_empty(), unrelated }
    });
    let mut list = String::new();
    for (mutant, cases) in found.into_inner().unwrap() {
        writeln!(list, "{mutant}\n{cases}").unwrap();
    }
    insta::assert_snapshot!("cases_that_find_mutants_of_clusters", list);
}

/// The cases that fail, by adapter if they are not the same with each.
fn listed(red: &BTreeMap<&str, Vec<&Case>>) -> String {
    let lines = |cases: &[&Case]| -> String { cases.iter().map(|case| format!("  {}\n", case.id)).collect() };
    let all: Vec<_> = red.values().map(|cases| lines(cases)).collect();
    if all.iter().all(|one| *one == all[0]) {
        return all[0].clone();
    }
    red.iter().map(|(name, cases)| format!(" {name}\n{}", lines(cases))).collect()
}

#[test]
fn mutants_have_names_of_their_own_and_break_requirements_that_exist() {
    let tables = || mutants::all().chain(mutants::of_clusters());
    check_tables(tables().map(|mutant| (mutant.name, mutant.defect, mutant.breaks)));
}
