//! The catalogue of requirements.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::trace::Level;

const SOURCE: &str = include_str!("../fixtures/requirements/requirements.json");

/// One normative statement.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Requirement {
    /// Its id, which never changes.
    pub id: String,
    /// `must`, `should` or `may`.
    pub level: String,
    /// Whom it binds: `S` server, `C` client, `K` codec, or several of them.
    pub binds: String,
    /// Whether it rests on the text of the `specification` or on what the `reference` does.
    pub basis: String,
    /// The statement.
    pub text: String,
    /// What a tester looks at.
    pub observe: String,
    /// The known divergences of the reference that concern it.
    pub diverges: Vec<String>,
}

impl Requirement {
    /// How much it weighs when an implementation breaks it. What the text of the specification demands is a must. What
    /// it recommends is a should, and so is what every client of the reference counts on without the specification
    /// saying so. What is merely allowed can only set an implementation apart from the reference.
    #[must_use]
    pub fn weight(&self) -> Level {
        match (self.level.as_str(), self.basis.as_str()) {
            ("must", "specification") => Level::Must,
            ("must" | "should", _) => Level::Should,
            _ => Level::Reference,
        }
    }
}

/// Every requirement, by id.
///
/// # Panics
///
/// If the catalogue that is compiled in is no JSON, which the project's own tests rule out.
pub fn catalogue() -> &'static BTreeMap<String, Requirement> {
    static CATALOGUE: LazyLock<BTreeMap<String, Requirement>> = LazyLock::new(|| {
        let all: Vec<Requirement> = serde_json::from_str(SOURCE).expect("the catalogue is JSON");
        all.into_iter().map(|requirement| (requirement.id.clone(), requirement)).collect()
    });
    &CATALOGUE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_complete() {
        assert_eq!(catalogue().len(), 426);
        for requirement in catalogue().values() {
            assert!(["must", "should", "may"].contains(&requirement.level.as_str()), "{}", requirement.id);
            assert!(["specification", "reference"].contains(&requirement.basis.as_str()), "{}", requirement.id);
        }
    }
}
