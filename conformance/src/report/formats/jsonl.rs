//! The results as JSON lines, which can be written while the run goes on.
//!
//! The first line is the run, the last is its end. Between them is a line for each case, when it is over. A case that is
//! played again, or whose verdict changes at the end, has another line; the last one counts. The JSON Schema of a line is
//! `schemas/line.json` in the source of this package.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::results::{Case, End, FORMAT, Judgement, Results, Run, Totals};

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

/// Reads the lines again. If the last one is missing, the run was interrupted, and the results are those so far.
///
/// # Errors
///
/// What is wrong, and in which line.
pub fn read(text: &str) -> Result<Results, String> {
    let (mut run, mut end, mut cases) = (None, None, BTreeMap::new());
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let event = match serde_json::from_str(line) {
            Ok(event) => event,
            // The program that wrote it ended in the middle of a line.
            Err(error) if error.is_eof() && run.is_some() => break,
            Err(error) => return Err(format!("line {number} is no line of jsonl=FILE ({error})")),
        };
        match event {
            Event::Run(begun) if begun.format != FORMAT => {
                return Err(format!("its format is {}, and this siospec reads {FORMAT}", begun.format));
            }
            Event::Run(begun) => run = Some(begun),
            Event::Case(case) => drop(cases.insert(case.id.clone(), *case)),
            Event::End(over) => end = Some(over),
        }
    }
    let run = run.ok_or("it has no line with \"event\":\"run\"")?;
    let cases: Vec<Case> = cases.into_values().collect();
    let end = end.unwrap_or_else(|| End {
        judgement: Judgement::Interrupted,
        reason: Some("the report ends before the run did".to_owned()),
        duration_ms: 0,
        totals: Totals::of(&cases),
        baseline: None,
    });
    Ok(Results { run, end, cases })
}

pub(super) fn text(results: &Results) -> String {
    Event::Run(results.run.clone()).line() + &Stream::default().rest(results)
}

fn brief(case: Case) -> Case {
    Case { conversation: Vec::new(), ..case }
}
