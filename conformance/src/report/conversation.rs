//! Prints a conversation in the order of time, as a sequence diagram over all requests and WebSockets.
//!
//! ```text
//!         t+ms  on  client                                                            server
//!            0  ws  text 2probe --------------------------------------------------------->
//!     x      4  ws  <---------------------------------------------------------- text 4probe
//!                   expected text 3probe
//! ```

use std::fmt::Write as _;

use console::{measure_text_width, style};
use sio_codec::Timestamp;

use super::Detail;
use super::wrap::{PAGE, wrapped};
use crate::replay::{Entry, Mark, Timeline};
use crate::trace::Side;

/// How many entries are shown before the faulty one.
const MAX_ENTRIES: usize = 40;

/// Longer sequences of heartbeats are replaced by one line.
const MAX_ASIDE: usize = 6;

/// The longest name of a channel that is shown whole.
const MAX_CHANNEL: usize = 16;

/// The columns before the name of the channel: the mark, the time, and gaps.
const MARGIN: usize = 14;

/// The shortest arrow.
const MIN_ARROW: usize = 4;

/// The conversation, with the faulty entry marked, and below it what was expected instead.
pub(super) fn conversation(timeline: &Timeline, expected: Option<&str>, detail: Detail) -> String {
    let entries = &timeline.entries;
    let fault = entries.iter().position(|entry| entry.mark == Mark::Fault).unwrap_or(entries.len());
    let (first, longest_aside) = match detail {
        Detail::Brief => (fault.saturating_sub(MAX_ENTRIES), MAX_ASIDE),
        Detail::Whole | Detail::Every => (0, usize::MAX),
    };
    let lanes = Lanes::of(entries);
    let mut text = lanes.head();
    if first > 0 {
        let _ = writeln!(text, "              ({first} earlier entries; -v shows them)");
    }
    let mut rest = entries.get(first..).unwrap_or_default();
    while let Some(entry) = rest.first() {
        let aside = rest.iter().take_while(|entry| entry.mark == Mark::SetAside).count();
        if aside > longest_aside {
            let _ =
                writeln!(text, "      {}", style(format!("        ({aside} lines set aside; -v shows them)")).dim());
            rest = rest.get(aside..).unwrap_or_default();
            continue;
        }
        text.push_str(&lanes.entry(entry, expected));
        rest = rest.get(1..).unwrap_or_default();
    }
    if timeline.omitted > 0 {
        let _ = writeln!(text, "              ({} more entries were not kept)", timeline.omitted);
    }
    text
}

/// The columns of a diagram.
struct Lanes {
    start: Timestamp,
    /// How wide the names of the channels are.
    channel: usize,
    /// How wide the space between client and server is.
    width: usize,
}

impl Lanes {
    fn of(entries: &[Entry]) -> Self {
        let start = entries.first().map(|entry| entry.at).unwrap_or_default();
        let longest = entries.iter().map(|entry| measure_text_width(&entry.channel)).max().unwrap_or(0);
        let channel = longest.clamp(2, MAX_CHANNEL);
        Self { start, channel, width: PAGE - MARGIN - channel - 2 }
    }

    fn head(&self) -> String {
        let gap = self.width - "client".len();
        format!("        t+ms  {:channel$}  client{:>gap$}\n", "on", "server", channel = self.channel)
    }

    fn entry(&self, entry: &Entry, expected: Option<&str>) -> String {
        let at = entry.at.saturating_since(self.start).as_millis();
        let name = console::truncate_str(&entry.channel, self.channel, "~");
        let gap = " ".repeat(self.channel.saturating_sub(measure_text_width(&name)));
        let mut text = String::new();
        for (number, arrow) in self.arrow(entry).into_iter().enumerate() {
            let head = if number == 0 { format!("{at:>6}  {name}{gap}  ") } else { self.indent() };
            let line = format!("{head}{arrow}");
            let _ = match entry.mark {
                Mark::Fault if number == 0 => writeln!(text, "    {} {}", style("x").red().bold(), style(line).red()),
                Mark::Fault => writeln!(text, "      {}", style(line).red()),
                Mark::SetAside => writeln!(text, "      {}", style(line).dim()),
                Mark::Expected => writeln!(text, "      {line}"),
            };
        }
        // Where nothing came, the entry itself says what was expected.
        if let (Mark::Fault, Some(_), Some(expected)) = (entry.mark, entry.side, expected) {
            for line in wrapped(&format!("expected {expected}"), self.width) {
                let _ = writeln!(text, "      {}{}", self.indent(), style(line).green());
            }
        }
        text
    }

    fn indent(&self) -> String {
        " ".repeat(MARGIN - 6 + self.channel + 2)
    }

    /// The text with an arrow from its side to the other. An arrow stands beside the last line of a client's text, and
    /// beside the first one of a server's.
    fn arrow(&self, entry: &Entry) -> Vec<String> {
        let lines = wrapped(&entry.text, self.width - MIN_ARROW - 1);
        let last = lines.len() - 1;
        let block = lines.iter().map(|line| measure_text_width(line)).max().unwrap_or(0);
        let dashes = |columns: usize| "-".repeat(self.width - columns - 2);
        let sides = lines.into_iter().enumerate().map(|(number, line)| match entry.side {
            Some(Side::Client) if number == last => format!("{line} {}>", dashes(measure_text_width(&line))),
            Some(Side::Server) if number == 0 => format!("<{} {line}", dashes(block)),
            Some(Side::Server) => format!("{}{line}", " ".repeat(self.width - block)),
            Some(Side::Client) | None => line,
        });
        sides.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sixty messages, ten pings, and the faulty entry.
    fn timeline() -> Timeline {
        let entry = |at: u32, mark| Entry {
            at: Timestamp::ZERO.saturating_add(std::time::Duration::from_millis(at.into())),
            channel: "ws".to_owned(),
            side: Some(Side::Server),
            text: format!("text {at}"),
            mark,
        };
        let mark = |at| match at {
            60..70 => Mark::SetAside,
            70 => Mark::Fault,
            _ => Mark::Expected,
        };
        Timeline { entries: (0..=70).map(|at| entry(at, mark(at))).collect(), omitted: 3 }
    }

    #[test]
    fn a_long_conversation_is_cut_unless_all_of_it_is_wanted() {
        let brief = conversation(&timeline(), None, Detail::Brief);
        assert_eq!(brief.lines().count(), 1 + 1 + 30 + 1 + 1 + 1, "{brief}");
        assert!(brief.contains("(30 earlier entries; -v shows them)"), "{brief}");
        assert!(brief.contains("(10 lines set aside; -v shows them)"), "{brief}");
        let whole = conversation(&timeline(), Some("text 71"), Detail::Whole);
        assert_eq!(whole.lines().count(), 1 + 71 + 1 + 1, "{whole}");
        assert!(whole.ends_with("expected text 71\n              (3 more entries were not kept)\n"), "{whole}");
    }
}
