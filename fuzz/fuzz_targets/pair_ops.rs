//! A client's session and a server's in a world that the input describes: nothing is lost, doubled or reordered.
#![no_main]

#[path = "../../codec/tests/world/mod.rs"]
mod world;

use libfuzzer_sys::fuzz_target;
use world::World;
use world::random::Random;
use world::verdict::judge;

fuzz_target!(|data: &[u8]| {
    let (plan, story) = World::live(Random::from_bytes(data), false);
    if let Err(fault) = judge(&plan, &story) {
        let (_, story) = World::live(Random::from_bytes(data), true);
        panic!("{fault}\n{plan:#?}\n{}", story.script());
    }
});
