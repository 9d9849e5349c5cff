//! Which broken rules make a run fail.

use clap::ValueEnum;

use crate::trace::Level;

/// Which broken rules make a run fail. The gate decides only the exit code: all cases are played, printed and counted.
///
/// ```
/// use siospec::run::Gate;
/// use siospec::trace::Level;
///
/// assert!(Gate::Must.includes(Level::Security));
/// assert!(!Gate::Must.includes(Level::Should));
/// assert!(Gate::Should.includes(Level::Should));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Gate {
    /// What the specification demands, and what an attacker could use
    #[default]
    Must,
    /// In addition, what the specification recommends, and what every client of the JavaScript reference relies on
    Should,
    /// In addition, what only the JavaScript reference does
    Reference,
}

impl Gate {
    /// Whether a broken rule of this level makes the run fail.
    #[must_use]
    pub const fn includes(self, level: Level) -> bool {
        match level {
            Level::Security | Level::Must => true,
            Level::Should => matches!(self, Self::Should | Self::Reference),
            Level::Reference => matches!(self, Self::Reference),
        }
    }

    /// The value on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Reference => "reference",
        }
    }
}
