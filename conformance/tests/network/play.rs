//! Plays traces against a server.

use std::time::Duration;

use sio_codec::Clock;
use siospec::party::network::{self, Target};
use siospec::party::noise::Noise;
use siospec::replay::{Conditions, Outcome, Replay};
use siospec::trace::Trace;

/// Plays these lines against a server.
pub(crate) async fn play(target: &Target, lines: &str) -> Outcome {
    let source = format!("title     A test\ncovers    EIO4-WS-01\nlevel     must\n\n{lines}");
    let trace = Trace::parse("test", &source).unwrap();
    let clock = Clock::start();
    let conditions = Conditions { step: Duration::from_secs(10), ..Conditions::default() };
    let replay = Replay::judge(&trace, clock.now(), conditions);
    let noise = Noise::default();
    let playing = network::play(replay, clock, target, &noise);
    *tokio::time::timeout(Duration::from_secs(30), playing).await.expect("it ends").0
}

/// What arrived instead of the expected line.
pub(crate) fn fault(outcome: Outcome) -> String {
    match outcome.verdict.decisive() {
        Some(difference) => difference.actual.clone(),
        None => panic!("{outcome:?}"),
    }
}

pub(crate) fn assert_passed(outcome: &Outcome) {
    assert_eq!(outcome.verdict.level(), None, "{outcome:?}");
}
