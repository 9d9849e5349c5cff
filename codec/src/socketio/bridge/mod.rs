//! What the JSON and the MessagePack form both need of serde.

mod date;
mod key;
pub(super) mod serializer;
mod variant;

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt::{self, Write as _};

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

/// Why a value cannot be written. What a `Serialize` implementation has to say is not kept: an error that can hold it would
/// cost the values that can be written. `ArgsError::unwritten` asks once more.
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

/// What a reader fails with when a value does not fit the type it is read into.
pub(crate) trait ReadError: de::Error {
    /// Whether it keeps what it is told. If not, no time is spent on telling it.
    const KEEPS_WORDS: bool;
}

/// A value does not fit. Why is not kept: formatting it would cost more than reading most packets, and what tries one type
/// after the other, as untagged enums do, would pay for it on success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Misfit;

/// A value does not fit, and why: what a second reading fails with when the first one failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Explained(pub(crate) Box<str>);

impl ReadError for Misfit {
    const KEEPS_WORDS: bool = false;
}

impl ReadError for Explained {
    const KEEPS_WORDS: bool = true;
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("value of another type")
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Misfit {}
impl core::error::Error for Explained {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl de::Error for Explained {
    #[cold]
    fn custom<T: fmt::Display>(words: T) -> Self {
        let mut excerpt = Excerpt(String::with_capacity(64));
        // What is too long is cut, which stops the writing.
        let _ = write!(excerpt, "{words}");
        Self(excerpt.0.into_boxed_str())
    }
}

/// The beginning of a text. The words of an error quote what the peer sent, which can be as long as a packet.
struct Excerpt(String);

impl fmt::Write for Excerpt {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = LONGEST_WORDS.saturating_sub(self.0.len());
        if text.len() <= room {
            self.0.push_str(text);
            return Ok(());
        }
        let end = (0..=room).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        self.0.push_str(text.get(..end).unwrap_or_default());
        self.0.push('…');
        Err(fmt::Error)
    }
}

/// How many bytes of an error's words are kept.
const LONGEST_WORDS: usize = 200;

/// What reads one argument after the other.
pub(crate) trait ReadItems<'de> {
    /// What it fails with.
    type Error: ReadError;

    /// Moves to the next argument; `false` if there is none.
    fn advance(&mut self, first: bool) -> Result<bool, Self::Error>;

    /// Reads the argument.
    fn item<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Self::Error>;
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use serde::de::Error as _;

    use super::*;

    #[test]
    fn long_words_are_cut_between_characters() {
        assert_eq!(&*Explained::custom("a".repeat(LONGEST_WORDS)).0, "a".repeat(LONGEST_WORDS));
        for text in ["a".repeat(300), "é".repeat(300), format!("a{}", "é".repeat(300))] {
            let Explained(words) = Explained::custom(&text);
            let kept = words.strip_suffix('…').unwrap();
            assert!(text.starts_with(kept) && kept.len() > LONGEST_WORDS - 2 && kept.len() <= LONGEST_WORDS, "{words}");
        }
    }
}
