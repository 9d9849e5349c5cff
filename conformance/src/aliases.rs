//! The ids that cases had before they were renamed.
//!
//! Reports and baselines are kept for years and name cases by id. A case that is renamed gets a line in `RENAMED`, so that
//! they stay useful.

use std::collections::BTreeMap;

/// Cases that were renamed: the old id and the new one. Nothing was renamed since the first release.
const RENAMED: &[(&str, &str)] = &[];

/// Leads from the old ids of cases to those of today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aliases(BTreeMap<String, String>);

impl Aliases {
    /// Those of the suite that comes with the command.
    #[must_use]
    pub fn known() -> Self {
        Self::of(RENAMED.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())))
    }

    /// Those of the suite, and others: pairs of an old id and a new one.
    #[must_use]
    pub fn and(self, others: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::of(self.0.into_iter().chain(others))
    }

    fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// The id that a case has today. A case can have been renamed several times.
    ///
    /// ```
    /// use siospec::aliases::Aliases;
    ///
    /// let aliases = Aliases::known().and([("a/one".to_owned(), "a/two".to_owned())]);
    /// assert_eq!(aliases.today("a/one"), "a/two");
    /// assert_eq!(aliases.today("a/other"), "a/other");
    /// ```
    #[must_use]
    pub fn today<'a>(&'a self, id: &'a str) -> &'a str {
        // Each alias is followed at most once, so a circle of them ends.
        (0..self.0.len()).try_fold(id, |id, _| self.0.get(id).map(String::as_str).ok_or(id)).unwrap_or_else(|id| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;

    fn pairs(pairs: &[(&str, &str)]) -> Aliases {
        Aliases::of(pairs.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned())))
    }

    #[test]
    fn a_case_that_was_renamed_twice_is_found() {
        let aliases = pairs(&[("a", "b"), ("b", "c")]);
        assert_eq!(["a", "b", "c", "d"].map(|id| aliases.today(id)), ["c", "c", "c", "d"]);
    }

    #[test]
    fn a_circle_ends() {
        let aliases = pairs(&[("a", "b"), ("b", "a")]);
        assert!(["a", "b"].contains(&aliases.today("a")));
    }

    #[test]
    fn old_ids_are_gone_and_new_ones_are_there() {
        let cases = cases::embedded().unwrap();
        let is_there = |id: &str| cases.iter().any(|case| case.id == id);
        for (old, _) in RENAMED {
            assert!(!is_there(old) && is_there(Aliases::known().today(old)), "{old}");
        }
    }
}
