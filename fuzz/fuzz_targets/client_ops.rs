//! Any sequence of inputs, timeouts and verbs against a client's session: the laws that the property tests check hold.
#![no_main]

#[path = "../../codec/tests/common/mod.rs"]
mod common;

use common::client::life::Life;
use common::client::ops::{Op, config};
use common::player::{Clock, Draining};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let [kind, opened, bytes @ ..] = data else { return };
    let life = Life::live(config(*kind), &Op::life(opened & 1 == 0, bytes));
    let again = Life::live_again(config(*kind), &life.steps, Draining::Batched, Clock::AsItIs);
    assert_eq!(again.news(), life.news(), "L7: {:?}", life.steps);
    for draining in [Draining::Heedless, Draining::Never, Draining::NowAndThen(2), Draining::NowAndThen(7)] {
        Life::live_again(config(*kind), &life.steps, draining, Clock::AsItIs);
    }
});
