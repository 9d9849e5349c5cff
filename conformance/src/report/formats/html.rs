//! A page for a browser.

use crate::cases;
use crate::report::page::{self, Column};
use crate::report::results::Results;

pub(super) fn text(results: &Results) -> String {
    // The suite is compiled in, and always parses. Another folder of traces has cases of its own.
    let suite = match results.run.traces {
        None => cases::embedded_with_seed(results.run.seed).unwrap_or_default(),
        Some(_) => Vec::new(),
    };
    let name = results.run.target.name();
    page::runs(&[Column { name: &name, results }], &suite)
}
