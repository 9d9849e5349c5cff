//! A trace as a whole: its header and its lines.

use super::header::Header;
use super::names::Comment;
use super::node::Node;
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

    /// The last of the servers that it is about. If that is not the first, it is about a cluster.
    #[must_use]
    pub fn last_node(&self) -> Node {
        self.steps().map(|step| step.notes.node).max().unwrap_or_default()
    }

    /// The same conversation with other servers: the first of `nodes` instead of the first server, and so on. A server for
    /// which there is none stays.
    #[must_use]
    pub fn on(mut self, nodes: &[Node]) -> Self {
        let there = |node: Node| nodes.get(node.index()).copied().unwrap_or(node);
        for line in &mut self.lines {
            match line {
                Line::Step(step) if step.connects() => step.notes.node = there(step.notes.node),
                Line::Setup(setup) => *setup = setup.clone().on(there(setup.node())),
                Line::Step(_) | Line::Comment(_) | Line::Blank => {}
            }
        }
        self
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
