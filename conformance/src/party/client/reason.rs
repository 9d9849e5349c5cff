//! Why a trace does not apply to a client.

use std::fmt;

use crate::trace::UnboundHole;

/// What no correct client does, or another reason why the trace cannot be played against one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason(String);

impl Reason {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<UnboundHole> for Reason {
    fn from(unbound: UnboundHole) -> Self {
        Self::new(unbound.to_string())
    }
}
