//! Any session that was watched: no panic. What broke a requirement is known from then on. What is remembered is bounded by
//! what was seen.

use siospec::capture::{Clock, Conversation};
use siospec::witness::{Witness, judge};

use super::session;

/// The input is a session as [`session`] describes it.
///
/// # Panics
///
/// Panics if a law is broken.
pub fn run(data: &[u8]) {
    let sightings = session::read(data);
    let mut witness = Witness::default();
    let mut bytes = 0;
    for sighting in &sightings {
        let before = witness.violations().to_vec();
        witness.see(sighting);
        let violations = witness.violations();
        assert_eq!(violations.get(..before.len()), Some(&before[..]), "a violation was taken back");
        bytes += 1 + format!("{:?}", sighting.what).len();
        assert!(witness.weight() <= 4 * bytes, "{} things of {bytes} bytes", witness.weight());
    }
    let seen = witness.violations().len();
    let end = witness.finish();
    assert!(end.violations.len() >= seen, "a violation was taken back at the end");
    // Judged as a whole, what two connections carry at nearly the same time is put in order first.
    let _ = judge(&Conversation { sid: String::new(), clock: Clock::default(), sightings });
}
