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
    /// The roles that it applies to: `S` server, `C` client, `K` codec, or several of them.
    pub binds: String,
    /// Its source: the text of the `specification`, or the behaviour of the `reference`.
    pub basis: String,
    /// The statement.
    pub text: String,
    /// How to test it.
    pub observe: String,
    /// The known deviations of the reference from it.
    pub diverges: Vec<String>,
    /// Why no case shows it at a server, if a server's peer cannot see it or it cannot be recorded.
    #[serde(default)]
    pub unobserved: Option<String>,
    /// What socket.io-client 4.8.4 does if a server breaks it, if that is certain: the end of a sentence that begins with the
    /// client.
    #[serde(default)]
    pub impact: Option<String>,
}

impl Requirement {
    /// Its level. What the specification demands is a must. What it recommends is a should, and so is behaviour that it
    /// does not mention but that all clients of the reference rely on. What it only allows has the level of the
    /// reference.
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
/// If the compiled catalogue is not JSON, which the tests of this project rule out.
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
        assert_eq!(catalogue().len(), 443);
        for requirement in catalogue().values() {
            assert!(["must", "should", "may"].contains(&requirement.level.as_str()), "{}", requirement.id);
            assert!(["specification", "reference"].contains(&requirement.basis.as_str()), "{}", requirement.id);
        }
    }
}
