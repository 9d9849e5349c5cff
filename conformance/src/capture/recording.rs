//! What a file shows of Engine.IO.

use std::fmt;

use super::sighting::{Clock, Sighting};
use crate::trace::Side;

/// What a file shows.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// What kind of file it is: "a HAR file".
    pub form: &'static str,
    /// What passed, in the order of time.
    pub sightings: Vec<Sighting>,
    /// What was not recorded.
    pub lacks: Vec<Lack>,
    /// What the file says about the session in words of its own.
    pub facts: Vec<Fact>,
    /// How exact the times are.
    pub clock: Clock,
    /// The side that plays a test, so that it is not judged.
    pub unjudged: Option<Side>,
}

/// Something that a recording does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// The end, in words.
    End(String),
    /// A part of what passed, in words. It can belong to any session.
    Part(String),
    /// Something that is of no importance to what passed, in words.
    Detail(String),
}

impl Lack {
    /// What is missing.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::End(words) | Self::Part(words) | Self::Detail(words) => words,
        }
    }
}

/// A line of a log that says something about a session and is no packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The number of the line, from 1.
    pub line: usize,
    /// What it says.
    pub words: String,
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.words)
    }
}
