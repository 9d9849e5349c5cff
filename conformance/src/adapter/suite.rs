//! The names of everything that a run reports: the checks of the protocol, and the vectors.

use super::vectors::{Vector, embedded};
use super::{ORDER, UNKNOWN_OPERATION};
use crate::cases::Named;

/// A check of the protocol, or a vector.
#[derive(Debug)]
pub(crate) enum Subject {
    Check(&'static str),
    Vector(Box<Vector>),
}

impl Named for Subject {
    const LIST: &'static str = Vector::LIST;

    fn id(&self) -> &str {
        match self {
            Self::Check(id) => id,
            Self::Vector(vector) => vector.id(),
        }
    }

    fn covers(&self) -> impl Iterator<Item = &str> {
        let vector = match self {
            Self::Check(_) => None,
            Self::Vector(vector) => Some(vector),
        };
        vector.into_iter().flat_map(|vector| vector.covers())
    }
}

/// Everything that a run with all vectors reports.
///
/// # Errors
///
/// Where a file of vectors is malformed.
pub(crate) fn suite() -> Result<Vec<Subject>, serde_json::Error> {
    let checks = [UNKNOWN_OPERATION, ORDER].map(Subject::Check);
    let vectors = embedded()?.into_iter().map(|vector| Subject::Vector(Box::new(vector)));
    Ok(checks.into_iter().chain(vectors).collect())
}
