//! The laws of a client's session, in random lives.

mod cases;
mod common;

use common::client::life::Life;
use common::client::ops::{Op, config};
use common::player::{Clock, Draining};
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases::at_least(2_000))]

    /// L1 to L5 and L8 are asserted after every step, L6 and L7 by playing the same again.
    #[test]
    fn a_life(kind: u8, opened: bool, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let ops = Op::life(opened, &bytes);
        let life = Life::live(config(kind), &ops);
        let again = |draining, clock| Life::live_again(config(kind), &life.steps, draining, clock);
        prop_assert_eq!(again(Draining::Batched, Clock::AsItIs).news(), life.news(), "L7: {:?}", &life.steps);
        // What a client asks for depends on when it can, and so does what the answers in these steps are answers to.
        for draining in [Draining::Heedless, Draining::Never, Draining::NowAndThen(2), Draining::NowAndThen(7)] {
            again(draining, Clock::AsItIs);
        }
        prop_assert_eq!(&again(Draining::Always, Clock::Clamped).outputs, &life.outputs, "L6: {:?}", &life.steps);
    }
}

/// The lives are worth living: all kinds of ends are met, and what comes before them.
#[test]
fn lives_are_various() {
    let mut seen = std::collections::BTreeSet::new();
    let mut random = cases::bytes();
    for kind in 0..=255 {
        for opened in [true, false] {
            let bytes: Vec<u8> = random.by_ref().take(120).collect();
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
