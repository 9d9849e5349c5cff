//! The text of an explanation.

use std::fmt::{self, Write as _};

use sio_codec::Frame;

use crate::replay::visible;

/// A fault was written; a receiver does not read the rest.
#[derive(Debug)]
pub(super) struct Fault;

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

    /// A text, and below it a mark at the faulty byte.
    pub(super) fn point_at(&mut self, frame: &Frame, offset: usize) {
        if let Frame::Text(text) = frame {
            let before = visible(text.as_str().get(..offset).unwrap_or_default()).chars().count();
            self.line(2, format_args!("{}", visible(text.as_str())));
            self.line(2, format_args!("{:before$}^", ""));
        }
    }

    /// How many packets or frames stand behind a fault.
    pub(super) fn unexplained(&mut self, count: usize, of: &str) {
        if count > 0 {
            self.line(0, format_args!("{of} that are not explained, since a receiver stops at the fault: {count}"));
        }
    }
}
