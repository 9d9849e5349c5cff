//! A trace as a whole: its header and its lines.

use super::header::Header;
use super::names::Comment;
use super::setup::Setup;
use super::step::Step;

/// A conversation, with a description.
///
/// Its `Display` is the file. See the [module](super) for the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The description of the trace.
    pub header: Header,
    /// The conversation, with the comments and blank lines between its steps.
    pub lines: Vec<Line>,
}

impl Trace {
    /// The conversation without comments and blank lines; each setup is replaced by its lines.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.lines.iter().flat_map(Line::steps)
    }
}

/// A line of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A step of client, server or session.
    Step(Step),
    /// A session is opened.
    Setup(Setup),
    /// A comment on a line of its own.
    Comment(Comment),
    /// An empty line, which separates the blocks whose columns are aligned.
    Blank,
}

impl Line {
    /// The steps on this line.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        match self {
            Self::Step(step) => std::slice::from_ref(step),
            Self::Setup(setup) => setup.steps(),
            Self::Comment(_) | Self::Blank => &[],
        }
    }
}
