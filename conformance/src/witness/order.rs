//! The order in which things happened.

use std::collections::BTreeSet;

use super::upgrade::MARGIN;
use crate::capture::{Sighting, What};
use crate::trace::Side;

/// The sightings, with each answer to a poll before the `5` of the client that waited for it. Recordings round times.
//= EIO4-UP-05
pub(super) fn in_causal_order(sightings: &[Sighting]) -> Vec<&Sighting> {
    let is_move = |what: &What| matches!(what, What::Text(Side::Client, text) if text == "5");
    let moved = sightings.iter().position(|sighting| is_move(&sighting.what));
    let Some((moved, at)) = moved.and_then(|moved| Some((moved, sightings.get(moved)?.at))) else {
        return sightings.iter().collect();
    };
    let (before, after) = sightings.split_at(moved);
    let begun: BTreeSet<_> = before.iter().map(|earlier| earlier.exchange).collect();
    let is_due = |sighting: &&Sighting| {
        matches!(sighting.what, What::Answer { .. })
            && sighting.at <= at.saturating_add(MARGIN)
            && begun.contains(&sighting.exchange)
    };
    let (due, rest): (Vec<_>, Vec<_>) = after.iter().partition(is_due);
    before.iter().chain(due).chain(rest).collect()
}
