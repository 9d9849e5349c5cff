//! Why a case is not played against a server.

use super::Conclusion;

/// Why a case is not played against a server, as the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It does not apply to this server.
    NotApplicable(String),
    /// It needs a feature that the implementation declares not to have.
    Unsupported(String),
}

impl From<Unfit> for Conclusion {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::NotApplicable(why) => Self::NotApplicable(why),
            Unfit::Unsupported(why) => Self::Unsupported(why),
        }
    }
}
