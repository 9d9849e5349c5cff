//! The results as JSON lines, which can be written while the run goes on.
//!
//! The first line is the run, the last is its end. Between them is a line for each case, when it is over. A case that is
//! played again, or whose verdict changes at the end, has another line; the last one counts. The JSON Schema of a line is
//! `schemas/line.json` in the source of this package.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::results::{Case, End, Results, Run};

/// A line of the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run begins.
    Run(Run),
    /// A case is over.
    Case(Box<Case>),
    /// The run is over.
    End(End),
}

impl Event {
    /// The line, with its line break.
    #[must_use]
    pub fn line(&self) -> String {
        // The types have nothing that JSON cannot hold.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

/// The lines that were written so far.
#[derive(Debug, Default)]
pub struct Stream {
    /// The newest line of each case.
    newest: BTreeMap<String, Case>,
}

impl Stream {
    /// The line for a case that is over.
    pub fn case(&mut self, case: Case) -> String {
        let line = Event::Case(Box::new(case.clone())).line();
        // Only compared with the last verdict, for which its conversation is not needed.
        self.newest.insert(case.id.clone(), brief(case));
        line
    }

    /// The last lines: those of cases without one, or with another result, and the end.
    #[must_use]
    pub fn rest(self, results: &Results) -> String {
        let changed = results.cases.iter().filter(|case| self.newest.get(&case.id) != Some(&brief((*case).clone())));
        let mut text: String = changed.map(|case| Event::Case(Box::new(case.clone())).line()).collect();
        text.push_str(&Event::End(results.end.clone()).line());
        text
    }
}

pub(super) fn text(results: &Results) -> String {
    Event::Run(results.run.clone()).line() + &Stream::default().rest(results)
}

fn brief(case: Case) -> Case {
    Case { conversation: Vec::new(), ..case }
}
