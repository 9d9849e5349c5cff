//! What the JSON and the MessagePack form both need of serde.

mod date;
mod key;
pub(super) mod serializer;
mod variant;

use core::fmt;

use serde::de::DeserializeSeed;
use serde::{de, ser};

pub(super) use self::date::Milliseconds;
pub(super) use self::key::KeyText;
pub(super) use self::variant::{ReadVariant, Variant};

/// How many arrays and objects may be open at once.
///
/// It is `serde_json`'s limit for typed reading, so that whatever passes can also be read.
pub(super) const MAX_DEPTH: u32 = 127;

/// What precedes the arguments in their array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    /// Nothing.
    Empty,
    /// The name of the event.
    Name,
}

/// Why a value cannot be written. What a `Serialize` implementation has to say is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The whole is no list of arguments.
    NotASequence,
    /// A part cannot be written.
    Unrepresentable,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotASequence => "arguments must be a sequence",
            Self::Unrepresentable => "value cannot be written as JSON",
        })
    }
}

impl core::error::Error for Failure {}

impl ser::Error for Failure {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Unrepresentable
    }
}

/// A value does not fit the type it is read into. The detail is not kept: formatting it would cost
/// more than reading most packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Misfit;

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("value of another type")
    }
}

impl core::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// What reads one argument after the other.
pub(crate) trait ReadItems<'de> {
    /// Moves to the next argument; `false` if there is none.
    fn advance(&mut self, first: bool) -> Result<bool, Misfit>;

    /// Reads the argument.
    fn item<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Misfit>;
}
