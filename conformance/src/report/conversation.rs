//! Prints a conversation in the order of time.

use std::fmt::Write as _;

use console::style;
use sio_codec::Timestamp;

use super::Detail;
use crate::replay::{Entry, Mark, Timeline};
use crate::trace::Side;

/// How many entries are shown before the faulty one.
const MAX_ENTRIES: usize = 40;

/// Longer sequences of heartbeats are replaced by one line.
const MAX_ASIDE: usize = 6;

/// The conversation, with the faulty entry marked.
pub(super) fn conversation(timeline: &Timeline, detail: Detail) -> String {
    let entries = &timeline.entries;
    let width = entries.iter().map(|entry| entry.channel.len()).max().unwrap_or(0).max(2);
    let fault = entries.iter().position(|entry| entry.mark == Mark::Fault).unwrap_or(entries.len());
    let (first, longest_aside) = match detail {
        Detail::Brief => (fault.saturating_sub(MAX_ENTRIES), MAX_ASIDE),
        Detail::Whole | Detail::Every => (0, usize::MAX),
    };
    let start = entries.first().map(|entry| entry.at).unwrap_or_default();
    let mut text = String::new();
    let _ = writeln!(text, "        t+ms  {:width$}", "on");
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
        text.push_str(&line(entry, start, width));
        rest = rest.get(1..).unwrap_or_default();
    }
    if timeline.omitted > 0 {
        let _ = writeln!(text, "              ({} more entries were not kept)", timeline.omitted);
    }
    text
}

fn line(entry: &Entry, start: Timestamp, width: usize) -> String {
    let at = entry.at.saturating_since(start).as_millis();
    let line = format!("{at:>6}  {:width$}  {}  {}", entry.channel, arrow(entry), entry.text);
    match entry.mark {
        Mark::Fault => format!("    {} {}\n", style("x").red().bold(), style(line).red()),
        Mark::SetAside => format!("      {}\n", style(line).dim()),
        Mark::Expected => format!("      {line}\n"),
    }
}

const fn arrow(entry: &Entry) -> &'static str {
    match entry.side {
        Some(Side::Client) => "C ->",
        Some(Side::Server) => "<- S",
        None => "    ",
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
        let brief = conversation(&timeline(), Detail::Brief);
        assert_eq!(brief.lines().count(), 1 + 1 + 30 + 1 + 1 + 1, "{brief}");
        assert!(brief.contains("(30 earlier entries; -v shows them)"), "{brief}");
        assert!(brief.contains("(10 lines set aside; -v shows them)"), "{brief}");
        let whole = conversation(&timeline(), Detail::Whole);
        assert_eq!(whole.lines().count(), 1 + 71 + 1, "{whole}");
        assert!(whole.ends_with("(3 more entries were not kept)\n"), "{whole}");
    }
}
