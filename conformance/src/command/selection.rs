//! The options that select cases.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Failure;
use crate::cases::{self, Case};
use crate::requirements::catalogue;
use crate::trace::Level;

/// Where the cases are.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// Read the traces below this folder instead of those that come with the command
    #[arg(long, value_name = "DIR")]
    pub(super) traces: Option<PathBuf>,
    /// Cases that the command has read already, instead of those of a folder and its own.
    #[arg(skip)]
    pub(super) given: Vec<Case>,
    /// The servers that cases about several servers are played on.
    #[arg(skip)]
    pub(super) servers: Servers,
}

/// The servers that cases about several servers are played on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Servers {
    /// No servers: the cases are as they are written.
    #[default]
    Any,
    /// So many. The cases are played in each direction, and left out if there are too few servers.
    Of(u8),
}

/// Selects the cases.
#[derive(Debug, Args)]
#[command(next_help_heading = "Cases")]
pub(super) struct Selection {
    #[command(flatten)]
    pub(super) source: Source,
    /// Only cases of these levels, separated by commas: must, should, reference or security. `siospec list` shows the level
    /// of each case. What else breaks in their conversations is reported, whatever its level
    #[arg(long = "level", value_name = "LEVEL", value_delimiter = ',', value_parser = level)]
    levels: Vec<Level>,
    /// Only cases about what the specification says, or only those about what just the JavaScript reference does
    #[arg(long, value_enum, value_name = "BASIS")]
    basis: Option<Basis>,
}

/// Whose rules cases are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Basis {
    /// The rule is in the text of the specification
    Specification,
    /// The rule is not in the text; the JavaScript reference, and so its clients, follow it
    Reference,
}

impl Source {
    /// The cases that match the selectors. The seed is for the generated cases, which come with the command.
    pub(super) fn cases(&self, selectors: &[String], seed: u64) -> Result<Vec<Case>, Failure> {
        let mut cases = cases::select(self.suite(seed)?, selectors).map_err(Failure::usage)?;
        if let Servers::Of(servers) = self.servers {
            let is_any = !cases.is_empty();
            cases.retain(|case| case.trace.last_node().number() <= servers);
            if is_any && cases.is_empty() {
                return Err(Failure::usage(
                    "the selected cases are about several servers, and there are not so many; --peer names another one",
                ));
            }
        }
        Ok(cases)
    }

    /// All cases, of which the selectors choose some.
    pub(super) fn suite(&self, seed: u64) -> Result<Vec<Case>, Failure> {
        let cases = match &self.traces {
            _ if !self.given.is_empty() => Ok(self.given.clone()),
            Some(folder) => cases::from_folder(folder),
            None => cases::embedded_with_seed(seed),
        };
        let cases = cases.map_err(Failure::usage)?;
        Ok(match self.servers {
            Servers::Any => cases,
            Servers::Of(servers) => cases.into_iter().flat_map(|case| directions(case, servers)).collect(),
        })
    }
}

/// A case in each direction, or as it is written if there is none, so that selectors still find it.
fn directions(case: Case, servers: u8) -> Vec<Case> {
    let directions = case.in_each_direction(servers);
    if directions.is_empty() { vec![case] } else { directions }
}

impl Selection {
    /// The selected cases.
    pub(super) fn cases(&self, selectors: &[String], seed: u64) -> Result<Vec<Case>, Failure> {
        let mut cases = self.source.cases(selectors, seed)?;
        let is_any = !cases.is_empty();
        cases.retain(|case| self.includes(case));
        if is_any && cases.is_empty() {
            return Err(Failure::usage(
                "none of the selected cases has what --level and --basis ask for; `siospec list` shows the level of each",
            ));
        }
        Ok(cases)
    }

    fn includes(&self, case: &Case) -> bool {
        let is_level = self.levels.is_empty() || self.levels.contains(&case.trace.header.level);
        is_level && self.basis.is_none_or(|basis| basis == Basis::of(case))
    }
}

impl Basis {
    /// The basis of the first requirement that a case covers, which is its subject. A case of the level of the reference is
    /// about more than the specification demands.
    fn of(case: &Case) -> Self {
        let header = &case.trace.header;
        let subject = header.covers.first().and_then(|id| catalogue().get(id.as_str()));
        let is_in_text = subject.is_some_and(|requirement| requirement.basis == "specification");
        if is_in_text && header.level != Level::Reference { Self::Specification } else { Self::Reference }
    }
}

fn level(word: &str) -> Result<Level, String> {
    let found = Level::ALL.into_iter().find(|level| level.as_str() == word);
    found.ok_or_else(|| format!("the levels are {}", Level::ALL.map(Level::as_str).join(", ")))
}
