//! The page: one HTML file that shows the results of runs, or recordings, and works offline.
//!
//! The file asks for nothing else, which its content security policy enforces. What programs read is in it as JSON;
//! the scripts beside the template, in `templates` of this package, build a page for each case from that. Text of a
//! server or a client never becomes HTML.
//!
//! | file | what it holds |
//! |---|---|
//! | `mod.rs` | [`runs`] and [`recordings`](fn@recordings) |
//! | `matrix.rs` | the cases of several runs, side by side |
//! | `head.rs`, `totals.rs` | what stands above the table of cases |
//! | `data.rs` | what the scripts read |
//! | `recordings.rs` | the sessions of recordings |
//! | `shell.rs` | what each page has: styles, scripts, the policy, and the JSON |

mod data;
mod head;
mod matrix;
mod recordings;
mod shell;
mod totals;

#[cfg(test)]
mod tests;

use askama::Template as _;

use super::recordings::Recordings;
use super::results::Results;
use crate::aliases::Aliases;
use crate::cases::Case;
use data::Data;
use head::Head;
use matrix::Matrix;
use shell::Shell;
use totals::Totals;

/// A run, and the name of its column.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// The name.
    pub name: &'a str,
    /// The results.
    pub results: &'a Results,
}

/// The page of one run, or the matrix of several. `suite` is where the page takes the expected conversations from.
#[must_use]
pub fn runs(columns: &[Column<'_>], suite: &[Case]) -> String {
    let matrix = Matrix::of(columns, &Aliases::known());
    let data = Data::of(&matrix, columns, suite);
    let page = shell::Runs {
        shell: Shell::new(&data),
        heads: columns.iter().map(Head::of).collect(),
        totals: [Totals::by_level(&matrix), Totals::by_chapter(&matrix)],
        counts: matrix.counts(),
        rows: &matrix.rows,
    };
    // Writing to a string cannot fail.
    page.render().unwrap_or_default()
}

/// The page of recordings: a list of their sessions, and each as a diagram in which violations are marked.
#[must_use]
pub fn recordings(recordings: &Recordings) -> String {
    let page = shell::Recorded {
        shell: Shell::new(&recordings::Data::of(recordings)),
        recordings: &recordings.recordings,
        rows: recordings::rows(recordings),
    };
    // Writing to a string cannot fail.
    page.render().unwrap_or_default()
}
