//! The results of a codec.

use std::time::Duration;

use super::lines::Hello;
use super::process::Fault;
use crate::run::{Gate, Judgement, Unfit};
use crate::trace::Level;

/// The results of all vectors.
#[derive(Clone, Debug)]
pub struct Report {
    /// What the adapter says about the codec.
    pub hello: Hello,
    /// The checks of the protocol, and the vectors.
    pub checked: Vec<Checked>,
    /// The run was ended before its end.
    pub is_interrupted: bool,
    /// How long it took.
    pub duration: Duration,
}

/// A vector and its result.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Its id: `sio5/decode/S5-001`.
    pub id: String,
    /// What is special about it; may be empty.
    pub note: String,
    /// The requirements that it is about; none if what is expected is the reference's alone.
    pub requirements: Vec<&'static str>,
    /// The level of what is broken if it fails.
    pub level: Level,
    /// Its result.
    pub standing: Standing,
}

/// The result of a vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As the reference, or as strict as a decoder may be.
    Passed,
    /// Other than the reference, where nothing says that it must be the same.
    Noted(String),
    /// Wrong: what was expected, and what came.
    Failed(String),
    /// The adapter failed.
    Faulty {
        /// How.
        fault: Fault,
        /// What happened when it was asked again.
        again: &'static str,
    },
    /// The vector does not apply: its codec has other limits.
    NotApplicable(String),
    /// The codec does not have what the vector is about, as the adapter says.
    Unsupported(String),
    /// It was not played.
    Left,
}

impl From<Unfit> for Standing {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::NotApplicable(why) => Self::NotApplicable(why),
            Unfit::Unsupported(why) => Self::Unsupported(why),
        }
    }
}

impl Checked {
    /// Whether it fails a run with this gate.
    #[must_use]
    pub fn fails(&self, gate: Gate) -> bool {
        match self.standing {
            Standing::Failed(_) => gate.includes(self.level),
            Standing::Faulty { .. } | Standing::Left => true,
            Standing::Passed | Standing::Noted(_) | Standing::NotApplicable(_) | Standing::Unsupported(_) => false,
        }
    }
}

impl Report {
    /// The number of results that fit.
    #[must_use]
    pub fn count(&self, fits: impl Fn(&Standing) -> bool) -> usize {
        self.checked.iter().filter(|checked| fits(&checked.standing)).count()
    }

    /// The judgement, as for servers.
    #[must_use]
    pub fn judgement(&self, gate: Gate) -> Judgement {
        let vectors = self.checked.iter().filter(|checked| !checked.id.starts_with("protocol/"));
        let is_nothing = vectors
            .clone()
            .all(|checked| matches!(checked.standing, Standing::NotApplicable(_) | Standing::Unsupported(_)));
        if self.is_interrupted {
            Judgement::Interrupted
        } else if self.checked.iter().any(|checked| checked.fails(gate)) {
            Judgement::Red
        } else if is_nothing {
            Judgement::Nothing
        } else {
            Judgement::Green
        }
    }
}
