//! The values that the holes of a trace have captured.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// The value of each hole, by its name without the dollar sign.
///
/// ```
/// use serde_json::json;
/// use siospec::trace::Bindings;
///
/// let mut bindings = Bindings::default();
/// bindings.bind("interval", json!(25000));
/// assert_eq!(bindings.integer("interval"), Ok(25000));
/// assert!(bindings.integer("timeout").is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bindings(BTreeMap<String, Value>);

impl Bindings {
    /// Gives the hole a value, and replaces an earlier one.
    pub fn bind(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    /// Removes the value of the hole, which may then capture another one. The engine does this with the counter `$i`.
    pub fn unbind(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// The value of the hole, if it has one.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The value of the hole as an integer. A text of digits counts, because a hole outside JSON captures text. A
    /// fraction is rounded, as every client does with the times of the open packet.
    ///
    /// # Errors
    ///
    /// If the hole has no value, or one that is not an integer of 64 bits.
    pub fn integer(&self, name: &str) -> Result<i64, UnboundHole> {
        let value = self.require(name)?;
        let integer = match value {
            Value::Number(number) => number.as_i64().or_else(|| rounded(number.as_f64()?)),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        integer.ok_or_else(|| UnboundHole::NotAnInteger { name: name.to_owned(), value: value.to_string() })
    }

    /// All holes with their values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The value of the hole, or an error if it has none.
    pub(super) fn require(&self, name: &str) -> Result<&Value, UnboundHole> {
        self.value(name).ok_or_else(|| UnboundHole::Unseen { name: name.to_owned() })
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Bindings {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl<N: Into<String>, V: Into<Value>> Extend<(N, V)> for Bindings {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, pairs: I) {
        self.0.extend(pairs.into_iter().map(|(name, value)| (name.into(), value.into())));
    }
}

/// The nearest integer, if it is exact in 64 bits.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn rounded(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let rounded = number.round();
    (rounded.abs() <= EXACT).then_some(rounded as i64)
}

/// A hole has no suitable value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnboundHole {
    /// It has captured nothing yet. The name `_` stands for `$_`, which never has a value.
    Unseen {
        /// The name, without the dollar sign.
        name: String,
    },
    /// A calculation needs an integer, and the hole has another value.
    NotAnInteger {
        /// The name, without the dollar sign.
        name: String,
        /// The value, as JSON.
        value: String,
    },
}

impl fmt::Display for UnboundHole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unseen { name } => write!(f, "the hole ${name} has no value yet"),
            Self::NotAnInteger { name, value } => {
                write!(f, "the hole ${name} should hold an integer, but holds {value}")
            }
        }
    }
}

impl std::error::Error for UnboundHole {}
