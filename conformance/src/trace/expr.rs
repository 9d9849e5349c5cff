//! Numbers that may depend on captured values: durations, lengths, and windows of time.

use std::fmt;

use super::bindings::{Bindings, UnboundHole};
use super::names::{Channel, HoleName};

/// A sum of terms, such as `$interval + 2*$timeout - 50ms`. Durations are in milliseconds.
///
/// ```
/// use siospec::trace::{Bindings, Expr};
///
/// let expr: Expr = "2*$interval + 1s".parse()?;
/// let bindings: Bindings = [("interval", 300)].into_iter().collect();
/// assert_eq!(expr.eval(&bindings), Ok(1600));
/// assert_eq!(expr.to_string(), "2*$interval + 1s");
/// # Ok::<(), siospec::trace::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    /// At least one.
    terms: Vec<(Sign, Term)>,
}

impl Expr {
    /// The expression of one term.
    #[must_use]
    pub fn new(sign: Sign, term: Term) -> Self {
        Self { terms: vec![(sign, term)] }
    }

    /// The same with one more term at the end.
    #[must_use]
    pub fn with(mut self, sign: Sign, term: Term) -> Self {
        self.terms.push((sign, term));
        self
    }

    /// The terms in order, at least one.
    pub fn terms(&self) -> impl Iterator<Item = &(Sign, Term)> {
        self.terms.iter()
    }

    /// The names of the holes that it depends on.
    pub fn holes(&self) -> impl Iterator<Item = &HoleName> {
        self.terms().filter_map(|(_, term)| match term {
            Term::Hole { name, .. } => Some(name),
            Term::Number { .. } => None,
        })
    }

    /// The value: milliseconds for a duration, bytes for a length. It saturates at the ends of 64 bits.
    ///
    /// # Errors
    ///
    /// If a hole has no value yet, or one that is not an integer.
    pub fn eval(&self, bindings: &Bindings) -> Result<i64, UnboundHole> {
        let mut sum = 0_i128;
        for (sign, term) in self.terms() {
            let value = term.eval(bindings)?;
            sum = match sign {
                Sign::Plus => sum.saturating_add(value),
                Sign::Minus => sum.saturating_sub(value),
            };
        }
        Ok(saturate(sum))
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (sign, term)) in self.terms.iter().enumerate() {
            match (index, sign) {
                (0, Sign::Plus) => write!(f, "{term}")?,
                (0, Sign::Minus) => write!(f, "-{term}")?,
                (_, sign) => write!(f, " {} {term}", sign.as_char())?,
            }
        }
        Ok(())
    }
}

/// Whether a term is added or subtracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Added.
    Plus,
    /// Subtracted.
    Minus,
}

impl Sign {
    const fn as_char(self) -> char {
        match self {
            Self::Plus => '+',
            Self::Minus => '-',
        }
    }
}

/// One part of an [`Expr`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// A literal number: `300`, `300ms`, `2s`.
    Number {
        /// The digits.
        value: u32,
        /// The unit after them.
        unit: Unit,
    },
    /// A captured integer: `$interval`, `2*$interval`.
    Hole {
        /// The factor; 1 is not written.
        factor: u32,
        /// The name of the hole.
        name: HoleName,
    },
}

impl Term {
    /// 128 bits hold the product of any number and any factor, so this cannot overflow.
    fn eval(&self, bindings: &Bindings) -> Result<i128, UnboundHole> {
        match self {
            Self::Number { value, unit } => Ok(i128::from(*value).saturating_mul(unit.milliseconds())),
            Self::Hole { factor, name } => {
                let value = bindings.integer(name.as_str())?;
                Ok(i128::from(value).saturating_mul(i128::from(*factor)))
            }
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { value, unit } => write!(f, "{value}{}", unit.as_str()),
            Self::Hole { factor: 1, name } => write!(f, "${name}"),
            Self::Hole { factor, name } => write!(f, "{factor}*${name}"),
        }
    }
}

/// The unit of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// None: bytes in a length, milliseconds in a duration.
    Plain,
    /// `ms`.
    Milliseconds,
    /// `s`, a thousand milliseconds.
    Seconds,
}

impl Unit {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
        }
    }

    const fn milliseconds(self) -> i128 {
        match self {
            Self::Plain | Self::Milliseconds => 1,
            Self::Seconds => 1000,
        }
    }
}

/// When a line happens, measured from the line before it on the same channel, or from the last line of another channel.
///
/// ```
/// use siospec::trace::{Bindings, Bounds, Window};
///
/// let window: Window = "$interval -10% +25%".parse()?;
/// let bindings: Bindings = [("interval", 300)].into_iter().collect();
/// assert_eq!(window.bounds(&bindings), Ok(Bounds { low: Some(270), high: Some(375) }));
/// # Ok::<(), siospec::trace::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// How long after the start.
    pub span: Span,
    /// The channel whose last line is the start; the line's own channel if absent.
    pub after: Option<Channel>,
}

/// How long after its start a [`Window`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// `EXPR -10% +25%`: a value with a tolerance; `EXPR` alone has none.
    About {
        /// The value.
        at: Expr,
        /// How much it may be early, in percent.
        early: u32,
        /// How much it may be late, in percent.
        late: u32,
    },
    /// `LO..HI`: between two values, each of which may be absent.
    Between {
        /// Not before this.
        low: Option<Expr>,
        /// Not after this.
        high: Option<Expr>,
    },
}

/// A [`Window`] in milliseconds, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Not before this, if there is such a limit.
    pub low: Option<i64>,
    /// Not after this, if there is such a limit.
    pub high: Option<i64>,
}

impl Window {
    /// Its expressions.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        let (first, second) = match &self.span {
            Span::About { at, .. } => (Some(at), None),
            Span::Between { low, high } => (low.as_ref(), high.as_ref()),
        };
        first.into_iter().chain(second)
    }

    /// The window in numbers. A tolerance is rounded outwards to whole milliseconds.
    ///
    /// # Errors
    ///
    /// If a hole has no value yet, or one that is not an integer.
    pub fn bounds(&self, bindings: &Bindings) -> Result<Bounds, UnboundHole> {
        match &self.span {
            Span::About { at, early, late } => {
                let at = i128::from(at.eval(bindings)?);
                let low = at.saturating_mul(100_i128.saturating_sub(i128::from(*early)));
                let high = at.saturating_mul(100_i128.saturating_add(i128::from(*late)));
                Ok(Bounds { low: Some(saturate(low.div_euclid(100))), high: Some(saturate(ceiling(high))) })
            }
            Span::Between { low, high } => {
                let low = low.as_ref().map(|expr| expr.eval(bindings)).transpose()?;
                let high = high.as_ref().map(|expr| expr.eval(bindings)).transpose()?;
                Ok(Bounds { low, high })
            }
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.span {
            Span::About { at, early, late } => {
                write!(f, "{at}")?;
                percent(f, Sign::Minus, *early)?;
                percent(f, Sign::Plus, *late)?;
            }
            Span::Between { low, high } => {
                low.iter().try_for_each(|expr| write!(f, "{expr}"))?;
                f.write_str("..")?;
                high.iter().try_for_each(|expr| write!(f, "{expr}"))?;
            }
        }
        self.after.iter().try_for_each(|channel| write!(f, " after {channel}"))
    }
}

fn percent(f: &mut fmt::Formatter<'_>, sign: Sign, percent: u32) -> fmt::Result {
    match percent {
        0 => Ok(()),
        percent => write!(f, " {}{percent}%", sign.as_char()),
    }
}

fn ceiling(hundredths: i128) -> i128 {
    hundredths.saturating_neg().div_euclid(100).saturating_neg()
}

fn saturate(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}
