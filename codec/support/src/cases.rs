//! The number of random cases, and random-looking bytes.

use proptest::prelude::ProptestConfig;

/// Runs at least `cases` cases, or the number in `PROPTEST_CASES` if that is larger.
#[must_use]
pub fn at_least(cases: u32) -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: config.cases.max(cases), ..config }
}

/// The same endless sequence of bytes each time.
pub fn bytes() -> impl Iterator<Item = u8> {
    let next =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    std::iter::successors(next(&1), next).map(|state| (state >> 56) as u8)
}
