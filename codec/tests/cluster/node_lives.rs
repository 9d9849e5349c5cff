//! Random lives of the servers of a cluster, over buses that lose, delay and repeat what they may.

use proptest::prelude::*;
use sio_support::cases;
use sio_support::node_world::{adapters, life, recovering};

proptest! {
    #![proptest_config(cases::at_least(100))]

    #[test]
    fn every_life_keeps_the_laws(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        for adapter in adapters() {
            let _ = life(&adapter, &bytes);
        }
    }
}

proptest! {
    #![proptest_config(cases::at_least(10))]

    #[test]
    fn the_same_life_is_the_same(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for adapter in adapters() {
            prop_assert_eq!(life(&adapter, &bytes).told, life(&adapter, &bytes).told);
        }
    }
}

/// Some of those that lose their connection find their places.
#[test]
fn clients_come_back_in_random_lives() {
    let bytes: Vec<_> = cases::bytes().take(30 * 800).collect();
    let found: usize = bytes.chunks(800).map(|bytes| life(&recovering(), bytes).found).sum();
    assert!(found >= 10, "{found}");
}
