//! All results, as one JSON text.

use crate::report::results::Results;

pub(super) fn text(results: &Results) -> String {
    // The types have nothing that JSON cannot hold.
    serde_json::to_string_pretty(results).unwrap_or_default() + "\n"
}
