//! How many random cases there are, and bytes that only look random.

#![allow(dead_code, reason = "each test file uses a part")]

use proptest::prelude::ProptestConfig;

/// So many cases; `PROPTEST_CASES` asks for more.
pub(crate) fn at_least(cases: u32) -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: config.cases.max(cases), ..config }
}

/// The same bytes each time.
pub(crate) fn bytes() -> impl Iterator<Item = u8> {
    let next =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    std::iter::successors(next(&1), next).map(|state| (state >> 56) as u8)
}
