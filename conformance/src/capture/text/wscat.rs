//! What wscat prints, and other terminals that put `> ` before each message of the client and `< ` before one of the server.

use super::super::payloads::target;
use super::super::recording::{Lack, Recording};
use super::super::sighting::{Exchange, Joined, Way, What};
use super::packets::{announced, is_cut, revision};
use super::seen::{Count, Seen};
use super::stamp::{self, Stamp};
use super::{Line, lines};
use crate::trace::Side;

const FORM: &str = "the output of wscat";

/// More entries than there is room for.
const ENTRIES: usize = 300_000;

/// What one or more lines say.
#[derive(Debug)]
struct Entry {
    line: usize,
    stamp: Option<Stamp>,
    says: Says,
}

#[derive(Debug)]
enum Says {
    /// The command, with its URL.
    Command(String),
    Connected,
    Message(Side, String),
    /// `Disconnected`, or an error.
    Note(String),
}

/// Reads the output; `None` if the text is something else.
pub(super) fn read(text: &str) -> Option<Recording> {
    let (entries, others) = entries(text);
    let is = |entry: &Entry| match &entry.says {
        Says::Command(_) | Says::Connected => true,
        Says::Message(_, text) => text.starts_with("0{\"sid\"") || text == "2probe",
        Says::Note(_) => false,
    };
    if !entries.iter().any(is) {
        return None;
    }
    let mut seen = Seen::default();
    seen.lack(Lack::Detail("the contents of binary messages, which the terminal shows as text".to_owned()));
    others.words("is no message", "are no messages").into_iter().for_each(|words| seen.lack(Lack::Part(words)));
    let mut rest = entries.as_slice();
    let mut connection = 0;
    while !rest.is_empty() {
        let is_next = |entry: &Entry| matches!(&entry.says, Says::Command(_));
        let length = rest.iter().skip(1).position(is_next).map_or(rest.len(), |at| at.saturating_add(1));
        let (own, later) = rest.split_at(length);
        see(&mut seen, Exchange { connection, request: 0 }, own);
        rest = later;
        connection = connection.saturating_add(1);
    }
    Some(seen.recording(FORM))
}

/// The entries, and the lines that are none.
fn entries(text: &str) -> (Vec<Entry>, Count) {
    let (mut entries, mut others): (Vec<Entry>, Count) = (Vec::new(), Count::default());
    for line in lines(text) {
        if entries.len() == ENTRIES || entries.is_empty() && others.lines() > 1000 {
            break;
        }
        let (stamp, text) = match stamp::leading(line.text) {
            Some((stamp, rest)) => (Some(stamp), rest.trim_start()),
            None => (None, line.text),
        };
        if let Some(says) = says(text) {
            entries.push(Entry { line: line.number, stamp, says });
        } else {
            go_on(&mut entries, &mut others, line);
        }
    }
    // A prompt, or the blank line behind what was typed.
    entries.retain(|entry| !matches!(&entry.says, Says::Message(Side::Client, text) if text.is_empty()));
    (entries, others)
}

/// A line that belongs to the message before it, if it is not empty.
fn go_on(entries: &mut [Entry], others: &mut Count, line: Line<'_>) {
    if line.text.trim().is_empty() {
        return;
    }
    match entries.last_mut() {
        Some(Entry { says: Says::Message(_, text), .. }) if !text.is_empty() => {
            text.push('\n');
            text.push_str(line.text);
        }
        _ => others.add(line.number),
    }
}

fn says(text: &str) -> Option<Says> {
    if let Some(rest) = text.strip_prefix("> ").or_else(|| (text == ">").then_some("")) {
        // A prompt that was not typed at.
        if rest.starts_with("< ") || rest.starts_with("Disconnected (code") {
            return says(rest);
        }
        return Some(Says::Message(Side::Client, rest.to_owned()));
    }
    if let Some(rest) = text.strip_prefix("< ").or_else(|| (text == "<").then_some("")) {
        return Some(Says::Message(Side::Server, rest.to_owned()));
    }
    let lower = text.get(..text.len().min(40)).unwrap_or_default().to_ascii_lowercase();
    if lower.starts_with("connected (press ctrl+c") || lower == "connected" {
        return Some(Says::Connected);
    }
    if lower.starts_with("disconnected") || lower.starts_with("error:") {
        return Some(Says::Note(text.to_owned()));
    }
    let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(['\'', '"'])).collect();
    let is_command = words.iter().take(4).any(|word| matches!(*word, "wscat" | "websocat" | "wscat.cmd"));
    let url = words.iter().find(|word| word.starts_with("ws://") || word.starts_with("wss://"))?;
    is_command.then(|| Says::Command((*url).to_owned()))
}

fn see(seen: &mut Seen, exchange: Exchange, entries: &[Entry]) {
    let command = entries.iter().find_map(|entry| match &entry.says {
        Says::Command(url) => Some(url.as_str()),
        _ => None,
    });
    let line = entries.first().map_or(1, |entry| entry.line);
    let is_connected = entries.iter().any(|entry| matches!(entry.says, Says::Connected | Says::Message(..)));
    match command {
        Some(url) => {
            let target = target(url).to_owned();
            seen.see(line, exchange, What::Open { target, agent: None });
            if is_connected {
                seen.see(line, exchange, What::Opened);
            }
        }
        None => {
            let packets = entries.iter().filter_map(|entry| match &entry.says {
                Says::Message(side, text) => Some((*side, text.as_str())),
                _ => None,
            });
            let joined = Joined { sid: None, revision: revision(packets), way: Way::WebSocket };
            seen.see(line, exchange, What::Joined(joined));
        }
    }
    // wscat types text only.
    let mut due = 0;
    for entry in entries {
        entry.stamp.into_iter().for_each(|stamp| seen.time(stamp));
        match &entry.says {
            Says::Message(side, text) => {
                let what = message(*side, text, &mut due);
                seen.see(entry.line, exchange, what);
            }
            Says::Note(words) => seen.fact(entry.line, words.clone()),
            Says::Command(_) | Says::Connected => {}
        }
    }
}

fn message(side: Side, text: &str, due: &mut usize) -> What {
    let shown_as_text = || What::Hidden(side, "a binary message, which the terminal shows as text".to_owned());
    if side == Side::Server {
        let is_header = announced(text) > 0 || text.starts_with(|first| matches!(first, '0'..='6'));
        if *due > 0 && (!is_header || text.contains(char::REPLACEMENT_CHARACTER)) {
            *due = due.saturating_sub(1);
            return shown_as_text();
        }
        *due = announced(text);
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return shown_as_text();
    }
    if is_cut(text) {
        return What::Unreadable(side, "a message that was cut when it was recorded".to_owned());
    }
    What::Text(side, text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<What> {
        read(text).unwrap().sightings.into_iter().map(|sighting| sighting.what).collect()
    }

    #[test]
    fn prompts_and_echoes_are_no_messages() {
        let text = "$ wscat -c 'ws://localhost/socket.io/?EIO=4&transport=websocket'\n\nConnected (press CTRL+C to quit)\n> \n\
            < 0{\"sid\":\"a\"}\n> 40\n\n> \n< 40{\"sid\":\"b\"}\n> Disconnected (code: 1006, reason: \"\")\n";
        let text = text.replace("> Disconnected", "Disconnected");
        let target = "/socket.io/?EIO=4&transport=websocket".to_owned();
        let from = |side, text: &str| What::Text(side, text.to_owned());
        let expected = [
            What::Open { target, agent: None },
            What::Opened,
            from(Side::Server, "0{\"sid\":\"a\"}"),
            from(Side::Client, "40"),
            from(Side::Server, "40{\"sid\":\"b\"}"),
        ];
        assert_eq!(seen(&text), expected);
        assert_eq!(read(&text).unwrap().facts[0].words, "Disconnected (code: 1006, reason: \"\")");
    }

    #[test]
    fn a_session_without_its_command_is_read_too() {
        let joined = Joined { sid: None, revision: crate::trace::Revision::Four, way: Way::WebSocket };
        assert_eq!(seen("Connected (press CTRL+C to quit)\n< 2\n> 3\n")[0], What::Joined(joined));
        assert!(read("> a quoted line\n> of a letter\n").is_none());
    }

    #[test]
    fn an_attachment_is_recognised_by_its_header() {
        let text =
            "connected (press CTRL+C to quit)\n< 451-[\"f\",{\"_placeholder\":true,\"num\":0}]\n< \u{1}4\nx\n< 2\n";
        assert!(
            matches!(&seen(text)[..], [_, What::Text(..), What::Hidden(Side::Server, _), What::Text(..)]),
            "{:?}",
            seen(text)
        );
    }
}
