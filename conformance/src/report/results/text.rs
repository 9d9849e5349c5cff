//! A conversation as text, for reports that hold text.

use std::fmt::Write as _;

use super::{Line, Mark, Sender};

/// At most this many lines are written.
const MAX_LINES: usize = 200;

/// The conversation, one line for each thing that happened: milliseconds, channel, direction, and what it was. The faulty
/// line begins with `x`. Of a long conversation, the last lines up to the fault are written.
#[must_use]
pub fn conversation(lines: &[Line]) -> String {
    let width = lines.iter().map(|line| line.channel.len()).max().unwrap_or(0);
    let end = lines.iter().position(|line| line.mark == Mark::Fault).map_or(lines.len(), |fault| fault + 1);
    let first = end.saturating_sub(MAX_LINES);
    let mut text = if first > 0 { format!("({first} earlier lines)\n") } else { String::new() };
    for line in lines.iter().skip(first).take(MAX_LINES) {
        let mark = if line.mark == Mark::Fault { 'x' } else { ' ' };
        let arrow = match line.sender {
            Some(Sender::Client) => "C ->",
            Some(Sender::Server) => "<- S",
            None => "    ",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{mark} {:>6}  {:width$}  {arrow}  {}", line.at_ms, line.channel, line.text);
    }
    let left = lines.len().saturating_sub(first + MAX_LINES);
    if left > 0 {
        let _ = writeln!(text, "({left} later lines)");
    }
    text
}
