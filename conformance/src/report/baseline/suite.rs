//! Holds a baseline against the suite that it is for.

use super::{Baseline, Entry, Fault};
use crate::aliases::Aliases;
use crate::cases::{self, Named};

impl Baseline {
    /// Checks that each entry names cases of the suite, and as many as it says. Returns a sentence for each that names a
    /// case by an old id.
    ///
    /// # Errors
    ///
    /// [`Fault`]: a case that the suite does not have, or a pattern that covers another number of cases.
    pub fn fit(&self, name: &str, suite: &[impl Named], aliases: &Aliases) -> Result<Vec<String>, Fault> {
        let mut notes = Vec::new();
        for entry in &self.entries {
            let fault = |message| Fault { name: name.to_owned(), line: entry.line, message };
            match &entry.pattern {
                Some(pinned) => {
                    let found = suite.iter().filter(|case| pinned.pattern.matches(case.id())).count();
                    if found != pinned.covers {
                        return Err(fault(miscounted(entry, found, pinned.covers)));
                    }
                }
                None => {
                    let today = aliases.today(&entry.case);
                    if !suite.iter().any(|case| case.id() == today) {
                        return Err(fault(unknown(entry, suite)));
                    }
                    if today != entry.case {
                        let line = entry.line;
                        notes.push(format!(
                            "{name}:{line}: {:?} is {today} now; `baseline update` writes that",
                            entry.case
                        ));
                    }
                }
            }
        }
        Ok(notes)
    }
}

fn miscounted(entry: &Entry, found: usize, covers: usize) -> String {
    format!(
        "case {:?} covers {found} cases of this suite, and covers says {covers}; see which they are, and correct it",
        entry.case
    )
}

fn unknown<T: Named>(entry: &Entry, suite: &[T]) -> String {
    let nearest = cases::nearest(suite, &entry.case);
    let hint = match nearest.as_slice() {
        [] => T::LIST.to_owned(),
        names => format!("did you mean {}?", names.join(" or ")),
    };
    format!("case {:?} is none of this suite; {hint}", entry.case)
}
