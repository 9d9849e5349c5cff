//! Which cases show each requirement.

use crate::cases::Case;
use crate::requirements::Requirement;

/// What the suite knows about a requirement.
#[derive(Clone, Debug)]
pub enum Coverage<'a> {
    /// These cases cover it.
    Covered(Vec<&'a Case>),
    /// No case can: the reason, as a clause.
    Hidden(&'static str),
    /// A case could, and none does.
    Uncovered,
}

impl<'a> Coverage<'a> {
    /// The coverage of a requirement by these cases.
    #[must_use]
    pub fn of(requirement: &'static Requirement, cases: &'a [Case]) -> Self {
        let covers = |case: &&Case| case.trace.header.covers.iter().any(|id| id.as_str() == requirement.id);
        let covering: Vec<_> = cases.iter().filter(covers).collect();
        if covering.is_empty() {
            hidden(requirement).map_or(Self::Uncovered, Self::Hidden)
        } else {
            Self::Covered(covering)
        }
    }
}

/// The chapter of a requirement: `EIO4-HB` of `EIO4-HB-04`.
#[must_use]
pub fn chapter(requirement: &Requirement) -> &str {
    requirement.id.rsplit_once('-').map_or(&requirement.id, |(chapter, _)| chapter)
}

/// Why no conversation shows a requirement: the reason in the catalogue, or how it is observed.
fn hidden(requirement: &'static Requirement) -> Option<&'static str> {
    requirement.unobserved.as_deref().or(match requirement.observe.as_str() {
        "API" => Some("only the application sees it"),
        "vectors" => Some("it is about the encoder and decoder, which vectors test"),
        "fuzz" => Some("it is about every input, which fuzzing tests"),
        "race" => Some("it depends on which of two packets is faster"),
        "-" => Some("nothing on the wire depends on it"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;
    use crate::requirements::catalogue;

    #[test]
    fn a_requirement_is_covered_hidden_or_uncovered() {
        let cases = cases::embedded().unwrap();
        let of = |id: &str| Coverage::of(&catalogue()[id], &cases);
        assert!(matches!(of("EIO4-HB-04"), Coverage::Covered(cases) if cases.len() >= 3));
        assert!(matches!(of("EIO4-CL-11"), Coverage::Hidden(_)));
        assert!(matches!(Coverage::of(&catalogue()["EIO4-HB-04"], &[]), Coverage::Uncovered));
        assert_eq!(chapter(&catalogue()["EIO4-HB-04"]), "EIO4-HB");
    }
}
