//! Plays every case with the roles swapped, against our own client machines, in memory, on a virtual clock.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

use std::fmt::Write as _;
use std::time::Duration;

use siospec::cases::{self, Case, Origin};
use siospec::party::client;
use siospec::replay::{Conditions, Unjoined, Verdict};
use siospec::values::DEFAULT_SEED;

fn written() -> Vec<Case> {
    cases::embedded().unwrap().into_iter().filter(|case| case.origin == Origin::Written).collect()
}

/// All of them apply, because their clients behave correctly.
#[test]
fn every_generated_case_passes() {
    for case in cases::generated(DEFAULT_SEED) {
        assert_eq!(client::play(&case.trace, Conditions::default()).verdict, Verdict::Passed, "{}", case.id);
    }
}

#[test]
fn every_case_that_applies_to_clients_passes() {
    let mut listing = String::new();
    let (mut applicable, mut failures) = (0, String::new());
    let cases = written();
    // The server of the trace has the connect timeout of the contract.
    let unjoined = Unjoined::Closed(Duration::from_secs(1));
    let conditions = Conditions { unjoined, ..Conditions::default() };
    for case in &cases {
        let outcome = client::play(&case.trace, conditions);
        let verdict = match outcome.verdict {
            Verdict::Passed => "passes".to_owned(),
            Verdict::NotApplicable(reason) => {
                writeln!(listing, "{}: does not apply: {reason}", case.id).unwrap();
                continue;
            }
            other => {
                writeln!(failures, "{}: {other:#?}", case.id).unwrap();
                for entry in &outcome.timeline.entries {
                    let side = entry.side.map_or(" ", siospec::trace::Side::as_str);
                    writeln!(failures, "    {:?} {} {side} {}", entry.at, entry.channel, entry.text).unwrap();
                }
                "fails".to_owned()
            }
        };
        applicable += 1;
        writeln!(listing, "{}: {verdict}", case.id).unwrap();
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(applicable >= 40, "{applicable} of {} cases apply", cases.len());
    insta::assert_snapshot!(format!("{applicable} of {} cases apply\n\n{listing}", cases.len()));
}
