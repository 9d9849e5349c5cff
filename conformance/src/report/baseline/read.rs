//! Reads the file of a baseline.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use glob::Pattern;
use serde::Deserialize;
use time::{Date, Month};
use toml::Spanned;

use super::{Baseline, Entry, Expected, Pinned};

/// What is wrong in a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The name of the file.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
    /// The key that is at fault, and what is wrong; or a fault of the syntax.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.name, self.line, self.message)
    }
}

impl std::error::Error for Fault {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    expect: Vec<Spanned<Table>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Spanned<String>,
    covers: Option<Spanned<usize>>,
    verdict: Spanned<String>,
    reason: Spanned<String>,
    link: Option<String>,
    until: Option<Spanned<String>>,
}

impl Baseline {
    /// Reads the text of a file with this name.
    ///
    /// # Errors
    ///
    /// [`Fault`]: the text is not TOML, a key is missing, unknown or of the wrong type, a reason is empty, a verdict or
    /// a date is none, a case has two entries, or a pattern does not say how many cases it covers.
    pub fn parse(name: &str, text: &str) -> Result<Self, Fault> {
        let line = |span: Range<usize>| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1;
        let fault = |span: Range<usize>, message: String| Fault { name: name.to_owned(), line: line(span), message };
        let file: File = toml::from_str(text).map_err(|error: toml::de::Error| {
            fault(error.span().unwrap_or_default(), error.message().trim_end().to_owned())
        })?;
        let mut lines = BTreeMap::new();
        let mut entries = Vec::new();
        for (number, table) in (1..).zip(file.expect) {
            let start = line(table.span());
            let table = table.into_inner();
            let verdict = verdict(table.verdict.get_ref()).map_err(|words| fault(table.verdict.span(), words))?;
            if table.reason.get_ref().trim().is_empty() {
                return Err(fault(table.reason.span(), "reason is empty; say why this failure is accepted".to_owned()));
            }
            let until = table.until.map(|until| {
                date(until.get_ref()).ok_or_else(|| {
                    fault(until.span(), format!("until is {:?}, and not a day such as 2027-03-01", until.get_ref()))
                })
            });
            if let Some(first) = lines.insert(table.case.get_ref().clone(), start) {
                let words = format!("case {:?} has an entry already, on line {first}", table.case.get_ref());
                return Err(fault(table.case.span(), words));
            }
            let pattern = pinned(table.case.get_ref(), table.covers.as_ref().map(|covers| *covers.get_ref()));
            let pattern = pattern.map_err(|words| fault(table.case.span(), words))?;
            entries.push(Entry {
                case: table.case.into_inner(),
                pattern,
                verdict,
                reason: table.reason.into_inner(),
                link: table.link,
                until: until.transpose()?,
                line: start,
                number,
            });
        }
        Ok(Self { entries })
    }
}

/// The pattern that a case is, if it is one. The number of cases that it covers has to be said, and only there.
fn pinned(case: &str, covers: Option<usize>) -> Result<Option<Pinned>, String> {
    match (case.contains(['*', '?', '[']), covers) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err(format!("case {case:?} is no pattern, so covers has no meaning")),
        (true, None) => Err(format!("case {case:?} is a pattern; say how many cases it covers, as in covers = 12")),
        (true, Some(covers)) => match Pattern::new(case) {
            Ok(pattern) => Ok(Some(Pinned { pattern, covers })),
            Err(error) => Err(format!("case {case:?} is no pattern: {error}")),
        },
    }
}

fn verdict(word: &str) -> Result<Expected, String> {
    Expected::ALL.into_iter().find(|verdict| verdict.as_str() == word).ok_or_else(|| {
        let words = Expected::ALL.map(Expected::as_str).join(", ");
        format!("verdict is {word:?}, and can be one of {words}")
    })
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}
