//! The machine-readable reports, one file each. Each is a function from [`Results`] to text.

mod badge;
pub mod github;
mod html;
mod json;
pub mod jsonl;
mod junit;
pub(super) mod markdown;
mod sarif;
mod tap;
#[cfg(test)]
mod tests;

use super::results::Results;

/// A kind of report that is written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// All results, as one JSON text.
    Json,
    /// The same as JSON lines, written while the run goes on.
    Jsonl,
    /// JUnit XML, with a suite for each chapter.
    Junit,
    /// A page for a browser.
    Html,
    /// Tables for a reader.
    Markdown,
    /// SARIF 2.1.0, with a rule for each case that has a finding.
    Sarif,
    /// TAP 14.
    Tap,
    /// The endpoint of a badge of shields.io.
    Badge,
}

impl Format {
    /// Every kind.
    pub const ALL: [Self; 8] =
        [Self::Json, Self::Jsonl, Self::Junit, Self::Html, Self::Markdown, Self::Sarif, Self::Tap, Self::Badge];

    /// Its name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Junit => "junit",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Sarif => "sarif",
            Self::Tap => "tap",
            Self::Badge => "badge",
        }
    }

    /// The report.
    #[must_use]
    pub fn text(self, results: &Results) -> String {
        match self {
            Self::Json => json::text(results),
            Self::Jsonl => jsonl::text(results),
            Self::Junit => junit::text(results),
            Self::Html => html::text(results),
            Self::Markdown => markdown::text(results),
            Self::Sarif => sarif::text(results),
            Self::Tap => tap::text(results),
            Self::Badge => badge::text(results),
        }
    }
}
