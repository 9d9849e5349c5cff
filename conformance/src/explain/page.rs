//! The text of an explanation.

use std::fmt::{self, Write as _};

use sio_codec::Frame;

use crate::replay::visible;

/// A fault was written; a receiver does not read the rest.
#[derive(Debug)]
pub(super) struct Fault;

/// A text of more bytes is shortened around its fault.
const LONG: usize = 4096;

/// How many characters of it are shown on each side.
const NEAR: usize = 60;

/// Lines that are indented by layer.
#[derive(Debug, Default)]
pub(super) struct Page(String);

impl Page {
    pub(super) fn text(self) -> String {
        self.0
    }

    /// A line; each step of depth is three blanks.
    pub(super) fn line(&mut self, depth: usize, text: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{:indent$}{text}", "", indent = depth.saturating_mul(3));
    }

    /// What Engine.IO says.
    pub(super) fn engine(&mut self, words: &str) {
        self.line(1, format_args!("engine.io  {words}"));
    }

    /// What Socket.IO says.
    pub(super) fn socket(&mut self, words: fmt::Arguments<'_>) {
        self.line(1, format_args!("socket.io  {words}"));
    }

    /// A text, and below it a mark at the faulty byte. Of a long text, what is near that byte.
    pub(super) fn point_at(&mut self, frame: &Frame, offset: usize) {
        let Frame::Text(text) = frame else { return };
        let (before, after) = text.as_str().split_at_checked(offset).unwrap_or((text.as_str(), ""));
        let (before, after) = match text.len() {
            ..=LONG => (visible(before), visible(after)),
            _ => (format!("...{}", visible(last(before))), format!("{}...", visible(first(after)))),
        };
        self.line(2, format_args!("{before}{after}"));
        self.line(2, format_args!("{}^", " ".repeat(before.chars().count())));
    }

    /// How many packets or frames stand behind a fault.
    pub(super) fn unexplained(&mut self, count: usize, of: &str) {
        if count > 0 {
            self.line(0, format_args!("{of} that are not explained, since a receiver stops at the fault: {count}"));
        }
    }
}

fn first(text: &str) -> &str {
    text.char_indices().nth(NEAR).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn last(text: &str) -> &str {
    text.char_indices().rev().nth(NEAR - 1).and_then(|(start, _)| text.get(start..)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_far_behind_is_shown_with_what_is_near() {
        let text = format!("{}!{}", "ü".repeat(70_000), "y".repeat(70_000));
        let mut page = Page::default();
        page.point_at(&Frame::Text(text.into()), 140_000);
        let dots = "...";
        let expected = format!("{dots}{}!{}{dots}\n", "ü".repeat(NEAR), "y".repeat(NEAR - 1));
        assert_eq!(page.text(), format!("      {expected}      {}^\n", " ".repeat(NEAR + 3)));
    }
}
