//! What was seen on all requests and connections, in order of time.

use sio_codec::Timestamp;

use super::excerpt::{MAX_SHOWN, cut};
use crate::trace::Side;

/// The longest text of an entry, in characters.
const MAX_LINE: usize = 2 * MAX_SHOWN;

/// The largest number of entries. Further ones are only counted.
const MAX_ENTRIES: usize = 20_000;

/// The conversation, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// What happened.
    pub entries: Vec<Entry>,
    /// The number of entries after the last one that were not kept; faults are always kept.
    pub omitted: usize,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// On which channel; empty for the replay's own remarks.
    pub channel: String,
    /// The side that did it; `None` for the replay's own remarks.
    pub side: Option<Side>,
    /// What happened, in the syntax of a trace.
    pub text: String,
    /// How the replay classified it.
    pub mark: Mark,
}

/// How the replay classified something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It belongs to the conversation.
    Expected,
    /// It is not part of the conversation, and is not a fault.
    SetAside,
    /// It is the point where the conversation departs from the trace.
    Fault,
}

impl Timeline {
    pub(crate) fn client(&mut self, at: Timestamp, channel: impl ToString, text: String) {
        self.push(Entry { at, channel: channel.to_string(), side: Some(Side::Client), text, mark: Mark::Expected });
    }

    pub(crate) fn server(&mut self, at: Timestamp, channel: impl ToString, text: String) {
        self.push(Entry { at, channel: channel.to_string(), side: Some(Side::Server), text, mark: Mark::Expected });
    }

    pub(crate) fn set_aside(&mut self, at: Timestamp, channel: impl ToString, side: Side, text: String) {
        self.push(Entry { at, channel: channel.to_string(), side: Some(side), text, mark: Mark::SetAside });
    }

    pub(crate) fn note(&mut self, at: Timestamp, text: String) {
        self.push(Entry { at, channel: String::new(), side: None, text, mark: Mark::SetAside });
    }

    /// Marks the entry where the conversation departs from the trace; adds a line if there is no entry.
    pub(super) fn fault(&mut self, at: Timestamp, entry: Option<usize>, expected: &str) {
        match entry.and_then(|entry| self.entries.get_mut(entry)) {
            Some(entry) => entry.mark = Mark::Fault,
            None => {
                let text = format!("(expected {expected})");
                self.push(Entry { at, channel: String::new(), side: None, text, mark: Mark::Fault });
            }
        }
    }

    /// The index of the newest entry.
    pub(super) fn last(&self) -> usize {
        self.entries.len().saturating_sub(1)
    }

    fn push(&mut self, entry: Entry) {
        if self.entries.len() >= MAX_ENTRIES && entry.mark != Mark::Fault {
            self.omitted += 1;
            return;
        }
        // Payloads were already cut, with a note of their size.
        self.entries.push(Entry { text: cut(&entry.text, MAX_LINE), ..entry });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::excerpt::{shorten, shorten_hex};

    fn told(text: String) -> String {
        let mut timeline = Timeline::default();
        timeline.client(Timestamp::ZERO, "ws", text);
        timeline.entries.remove(0).text
    }

    #[test]
    fn sizes_are_those_of_the_payload_in_bytes() {
        let hex = "07".repeat(100);
        assert_eq!(told(format!("binary {}", shorten_hex(&[7; 125]))), format!("binary {hex}… (125 bytes)"));
        assert_eq!(
            told(format!("text {}", shorten(&"€".repeat(201)))),
            format!("text {}… (603 bytes)", "€".repeat(200))
        );
        assert_eq!(told(format!("binary {}", shorten_hex(&[7; 100]))), format!("binary {hex}"));
    }
}
