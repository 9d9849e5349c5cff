//! The bodies of the fuzz targets, run over their seeds, over what fuzzing found worth keeping, and over the inputs that broke a
//! law once.

#![allow(clippy::panic, reason = "tests say what they expect by panicking")]

use std::collections::BTreeSet;

use sio_support::fuzz::{self, Start, Target};

/// Seeds of at least this length are run as they are: to spoil each byte of these says little and takes long.
const LONG: usize = 1_000;

/// Runs a body over its seeds, as they are and with single bytes replaced.
fn seeds_keep_the_laws(name: &str) {
    let target = Target::named(name).unwrap_or_else(|| panic!("{name} is no target"));
    let seeds = target.seeds();
    assert!(seeds.len() > 4);
    for seed in seeds {
        (target.run)(&seed);
        let spoiled = if seed.len() < LONG { seed.len().min(100) } else { 0 };
        for at in 0..spoiled {
            let mut spoiled = seed.clone();
            for byte in [0xc1, 0x00, 0xff, b'9', seed[at] ^ 1] {
                spoiled[at] = byte;
                (target.run)(&spoiled);
            }
        }
    }
}

macro_rules! seeds_keep_the_laws {
    ($($test:ident: $target:literal;)+) => {
        $(
            #[test]
            fn $test() {
                seeds_keep_the_laws($target);
            }
        )+

        /// Each of these targets is run above.
        const TESTED: &[&str] = &[$($target),+];
    };
}

seeds_keep_the_laws! {
    engineio_packets_near_the_recorded_ones_keep_the_laws: "eio_packet";
    payloads_near_the_recorded_ones_keep_the_laws: "eio_payload";
    streams_near_the_recorded_ones_keep_the_laws: "webtransport";
    request_heads_near_the_recorded_ones_keep_the_laws: "request_head";
    socketio_packets_near_the_recorded_ones_keep_the_laws: "sio_packet";
    arguments_near_the_recorded_ones_keep_the_laws: "sio_args";
    msgpack_packets_near_the_recorded_ones_keep_the_laws: "msgpack";
    messages_of_a_cluster_near_the_recorded_ones_keep_the_laws: "cluster_message";
}

#[test]
fn every_target_with_seeds_is_tested() {
    let with_seeds = fuzz::ALL.into_iter().filter(|target| matches!(target.start, Start::Seeds(_)));
    let with_seeds: BTreeSet<_> = with_seeds.map(|target| target.name).collect();
    assert_eq!(with_seeds, TESTED.iter().copied().collect());
}

/// What fuzzing found worth keeping, and what broke a law once, breaks none now. A new input that does goes to
/// `fuzz/regressions/TARGET`, under a name that says what it shows.
#[test]
fn what_was_kept_keeps_the_laws() {
    for target in fuzz::ALL {
        for (name, input) in target.kept() {
            // Says which one it was, if the body panics.
            println!("{}/{name}", target.name);
            (target.run)(&input);
        }
    }
}
