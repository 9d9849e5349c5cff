//! The laws of a client's session, in random lives.

mod common;

use common::client::life::Life;
use common::client::ops::{Op, config};
use common::player::{Clock, Draining};
use proptest::prelude::*;

/// `PROPTEST_CASES` asks for more.
fn cases() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: config.cases.max(2_000), ..config }
}

proptest! {
    #![proptest_config(cases())]

    /// L1 to L5 and L8 are asserted after every step, L6 and L7 by playing the same again.
    #[test]
    fn a_life(kind: u8, opened: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let ops = Op::life(opened, &bytes);
        let life = Life::live(config(kind), &ops);
        let again = |draining, clock| Life::live_again(config(kind), &life.steps, draining, clock);
        prop_assert_eq!(&again(Draining::Batched, Clock::AsItIs).events, &life.events, "L7: {:?}", &life.steps);
        prop_assert_eq!(&again(Draining::Always, Clock::Clamped).outputs, &life.outputs, "L6: {:?}", &life.steps);
    }
}

/// The lives are worth living: all kinds of ends are met, and what comes before them.
#[test]
fn lives_are_various() {
    let mut seen = std::collections::BTreeSet::new();
    let mut state = 1_u64;
    for kind in 0..=255 {
        for opened in [true, false] {
            let bytes: Vec<u8> = std::iter::repeat_with(|| next(&mut state)).take(120).collect();
            let life = Life::live(config(kind), &Op::life(opened, &bytes));
            seen.extend(
                life.events.into_iter().map(|event| event.split(['T', 'B', ')']).next().unwrap_or("").to_owned()),
            );
            seen.extend(life.outputs.into_iter().filter_map(|output| output.split(' ').next().map(str::to_owned)));
        }
    }
    for kind in
        ["Opened", "Upgraded", "Writable", "Cancel", "WsClose", "Closed(ForcedClose", "Closed(Ping", "Closed(Connect"]
    {
        assert!(seen.iter().any(|event| event.starts_with(kind)), "{kind} is not among {seen:?}");
    }
}

fn next(state: &mut u64) -> u8 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 56) as u8
}
