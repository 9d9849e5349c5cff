//! Plays the cases about several servers against every mutant of the embedded server in a cluster, in memory, on a virtual
//! clock, with each adapter, and with recovery where a case needs it.
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
        let red: Vec<_> =
            cases.iter().map(|case| (case, reds(case, mutant))).filter(|(_, red)| !red.is_empty()).collect();
        let (right, others): (Vec<_>, Vec<_>) = red.iter().partition(|(case, _)| covers(case, mutant.breaks));
        let mut owed = cases.iter().filter(|case| covers(case, mutant.breaks)).flat_map(adapters::fit_for);
        let is_caught = owed.all(|(name, _)| right.iter().any(|(_, red)| red.contains(&name)));
        let unrelated: Vec<_> = others.iter().map(|(case, _)| case.id.as_str()).collect();
        found.lock().unwrap().insert(mutant.name, red.iter().map(|(case, red)| line(case, red)).collect::<String>());
        Verdicts { name: mutant.name, is_caught, is_loud: !unrelated.is_empty(), unrelated }
    });
    let mut list = String::new();
    for (mutant, cases) in found.into_inner().unwrap() {
        writeln!(list, "{mutant}\n{cases}").unwrap();
    }
    insta::assert_snapshot!("cases_that_find_mutants_of_clusters", list);
}

/// The adapters with which a case fails.
fn reds(case: &Case, mutant: &'static Mutant) -> Vec<&'static str> {
    let fit = adapters::fit_for(case).into_iter();
    fit.filter(|(_, adapter)| is_red(case, adapter, mutant)).map(|(name, _)| name).collect()
}

/// A case, and the adapters with which it fails if there are others.
fn line(case: &Case, red: &[&str]) -> String {
    let is_everywhere = red.len() == adapters::fit_for(case).len();
    if is_everywhere { format!("  {}\n", case.id) } else { format!("  {} with {}\n", case.id, red.join(", ")) }
}

#[test]
fn mutants_have_names_of_their_own_and_break_requirements_that_exist() {
    let tables = || mutants::all().chain(mutants::of_clusters());
    check_tables(tables().map(|mutant| (mutant.name, mutant.defect, mutant.breaks)));
}
