//! The order in which cases are played.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use crate::cases::Case;
use crate::trace::{Action, Client, Need, Node};

/// The parts of a run, which are played one after the other.
#[derive(Debug)]
pub(super) struct Parts {
    /// Cases that open very many connections.
    pub(super) crowds: Vec<Case>,
    /// All others.
    pub(super) others: Vec<Case>,
    /// Cases about several servers. What one of them says to all clients would reach those of another.
    pub(super) clusters: Vec<Case>,
    /// Cases that measure time.
    pub(super) timing: Vec<Case>,
}

impl Parts {
    /// Divides the cases. With a seed, the order within each part is random; the parts stay, since they keep cases apart
    /// that would disturb each other.
    pub(super) fn of(cases: Vec<Case>, seed: Option<u64>) -> Self {
        let (crowds, others): (Vec<_>, Vec<_>) = cases.into_iter().partition(is_crowd);
        let is_cluster = |case: &Case| case.trace.last_node() != Node::FIRST;
        let (clusters, others): (Vec<_>, Vec<_>) = others.into_iter().partition(is_cluster);
        let (timing, others): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|case| case.trace.header.needs.contains(&Need::Timing));
        match seed {
            None => Self { crowds, others: mixed(others), clusters, timing },
            Some(seed) => {
                let mut parts = Self { crowds, others, clusters, timing };
                shuffle([&mut parts.crowds, &mut parts.others, &mut parts.clusters, &mut parts.timing], seed);
                parts
            }
        }
    }
}

/// Puts the cases within each part in the random order of a seed.
pub(crate) fn shuffle<const N: usize>(parts: [&mut Vec<Case>; N], seed: u64) {
    let mut chance = fastrand::Rng::with_seed(seed);
    parts.into_iter().for_each(|part| chance.shuffle(part));
}

/// Takes the first case of each chapter, then the second of each, and so on. Cases of one chapter load the server in
/// the same way, for example with a megabyte each, and should not do so at the same time.
fn mixed(cases: Vec<Case>) -> Vec<Case> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut turns: Vec<(usize, Case)> = cases
        .into_iter()
        .map(|case| {
            let turn = seen.entry(case.chapter().to_owned()).or_default();
            *turn += 1;
            (*turn, case)
        })
        .collect();
    turns.sort_by_key(|(turn, _)| *turn);
    turns.into_iter().map(|(_, case)| case).collect()
}

/// A case that opens more connections than this at once runs alone. If the server's connection queue overflows,
/// connections of other cases fail too, and are retried only after a second.
const CROWD: u32 = 64;

fn is_crowd(case: &Case) -> bool {
    case.trace.steps().any(|step| {
        let connects = matches!(step.action, Action::Client(_, Client::Request(_) | Client::Open(_) | Client::Raw(_)));
        connects && step.notes.repeat.map_or(1, NonZeroU32::get) > CROWD
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;

    #[test]
    fn chapters_take_turns() {
        let chosen = ["eio4/payload".to_owned(), "eio4/limits".to_owned()];
        let cases = cases::select(cases::embedded().unwrap(), &chosen).unwrap();
        let count = cases.len();
        let mixed = mixed(cases);
        let chapters: Vec<&str> = mixed.iter().map(Case::chapter).collect();
        assert_eq!(
            (chapters.len(), &chapters[..4]),
            (count, &["eio4/limits", "eio4/payload", "eio4/limits", "eio4/payload"][..])
        );
    }

    #[test]
    fn a_crowd_is_a_matter_of_connections() {
        let crowds: Vec<String> = cases::embedded().unwrap().into_iter().filter(is_crowd).map(|case| case.id).collect();
        assert_eq!(crowds, ["eio4/handshake/sids-cannot-be-counted"]);
    }

    #[test]
    fn a_seed_gives_one_order_and_the_parts_stay() {
        let ids = |seed| {
            let Parts { crowds, others, clusters, timing } = Parts::of(cases::embedded().unwrap(), seed);
            [crowds, others, clusters, timing].map(|part| part.into_iter().map(|case| case.id).collect::<Vec<_>>())
        };
        assert_eq!(ids(Some(7)), ids(Some(7)));
        assert_ne!(ids(Some(7)), ids(Some(8)));
        let sorted = |seed| {
            ids(seed).map(|mut part| {
                part.sort();
                part
            })
        };
        assert_eq!(sorted(Some(7)), sorted(None));
    }
}
