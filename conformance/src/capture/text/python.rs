//! Logs of python-engineio and python-socketio, of clients and of servers.
//!
//! With `logger=True` each line can stand twice: as the packages print it, and as the logging of the program does.

use std::collections::BTreeMap;

use super::super::recording::{Lack, Recording};
use super::super::sighting::{Exchange, Joined, Way, What};
use super::packets::{is_cut, revision};
use super::seen::Seen;
use super::stamp::{self, Stamp};
use super::{Line, lines};
use crate::trace::{Revision, Side};

const FORM: &str = "a log of python-engineio or python-socketio";

/// More messages than there is room for.
const ENTRIES: usize = 300_000;

const KINDS: [&str; 7] = ["OPEN", "CLOSE", "PING", "PONG", "MESSAGE", "UPGRADE", "NOOP"];

/// What the log says of a connection.
const CONNECTION: [&str; 26] = [
    "Engine.IO connection established",
    "Engine.IO connection dropped",
    "was closed, aborting",
    "is connected",
    "upgrade was successful",
    "Upgrade to websocket successful",
    "upgrade failed",
    "Failed websocket upgrade",
    "Attempting ",
    "connection accepted with",
    "Connection failed",
    "rejected",
    "refused",
    "Unexpected",
    "timed out",
    "timeout",
    "Client is gone",
    "will attempt to reconnect",
    "Connection attempt",
    "Reconnection",
    "reconnection",
    "unexpected",
    "Invalid session",
    "not supported",
    "Cannot send to sid",
    "shutting down",
];
const PACKETS: [&str; 5] =
    ["Received event \"", "Emitting event \"", "emitting event \"", "received event \"", "Received ack ["];

#[derive(Debug)]
struct Entry {
    line: usize,
    stamp: Option<Stamp>,
    /// The session, in the log of a server.
    sid: Option<String>,
    by: By,
    says: Says,
}

/// How a line came into the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Package,
    Logging,
}

#[derive(Debug)]
enum Says {
    Packet(Verb, String),
    Hidden(Verb),
    /// The open packet, as a client that accepted it shows it.
    Accepted(String),
    Fact(String),
    Detail(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Sends,
    Receives,
}

/// Reads a log; `None` if no line of it is of these packages.
pub(super) fn read(text: &str) -> Option<Recording> {
    let mut entries = entries(text);
    if !entries.iter().any(|entry| !matches!(entry.says, Says::Fact(_))) {
        return None;
    }
    if entries.iter().any(|entry| entry.by == By::Logging) {
        entries.retain(|entry| entry.by == By::Logging);
    }
    let has_packets = entries.iter().any(|entry| !matches!(entry.says, Says::Fact(_) | Says::Detail(_)));
    let mut seen = Seen::default();
    for entry in &entries {
        match &entry.says {
            Says::Fact(words) => seen.fact(entry.line, words.clone()),
            Says::Detail(words) if !has_packets => seen.fact(entry.line, words.clone()),
            _ => {}
        }
    }
    if has_packets {
        let url = entries.iter().find_map(|entry| match &entry.says {
            Says::Fact(words) if words.contains("EIO=3") => Some(Revision::Three),
            _ => None,
        });
        see(&mut seen, entries, url);
    } else {
        seen.lack(Lack::End("the packets: engineio_logger was not on".to_owned()));
    }
    Some(seen.recording(FORM))
}

fn entries(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (foreign, line) in lines(text).enumerate() {
        entries.extend(entry(line));
        if entries.len() == ENTRIES || entries.is_empty() && foreign > 1000 {
            break;
        }
    }
    entries
}

fn entry(Line { number, text }: Line<'_>) -> Option<Entry> {
    let (at, says) = packet(text).or_else(|| accepted(text)).or_else(|| fact(text))?;
    let prefix = text.get(..at)?.trim();
    // The log of a server begins each message with the session.
    let (prefix, sid) =
        match prefix.strip_suffix(':').map(|prefix| prefix.rsplit_once([' ', ':']).unwrap_or(("", prefix))) {
            Some((before, sid)) if sid.len() > 10 && !sid.contains('.') => (before.trim(), Some(sid.to_owned())),
            _ => (prefix, None),
        };
    let by = if prefix.is_empty() { By::Package } else { By::Logging };
    Some(Entry { line: number, stamp: stamp::leading(prefix).map(|(stamp, _)| stamp), sid, by, says })
}

fn packet(text: &str) -> Option<(usize, Says)> {
    for (words, verb) in [("Sending packet ", Verb::Sends), ("Received packet ", Verb::Receives)] {
        let Some(at) = text.find(words) else { continue };
        let rest = text.get(at.saturating_add(words.len())..)?;
        let (kind, data) = rest.split_once(" data").unwrap_or((rest, ""));
        let digit = KINDS.iter().position(|known| *known == kind)?;
        let data = data.strip_prefix(' ').unwrap_or(data);
        let says = match data {
            "<binary>" => Says::Hidden(verb),
            "None" => Says::Packet(verb, digit.to_string()),
            _ if kind == "OPEN" => Says::Packet(verb, format!("0{}", json(data)?)),
            _ => Says::Packet(verb, format!("{digit}{data}")),
        };
        return Some((at, says));
    }
    None
}

fn accepted(text: &str) -> Option<(usize, Says)> {
    let (before, keys) = text.split_once(" connection accepted with ")?;
    let at = before.rfind(['P', 'W'])?;
    Some((at, Says::Accepted(format!("0{}", json(keys)?))))
}

fn fact(text: &str) -> Option<(usize, Says)> {
    let is = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    let words = || crate::replay::shorten(text);
    let at = ["engineio.", "socketio."].iter().find_map(|name| text.find(name));
    // Where the message begins is of no matter here, only whether something stands before it.
    let at = at.or_else(|| stamp::leading(text).map(|_| 1)).unwrap_or(0);
    if is(&PACKETS) {
        return Some((at, Says::Detail(words())));
    }
    is(&CONNECTION).then(|| (at, Says::Fact(words())))
}

/// A value of Python as JSON.
fn json(text: &str) -> Option<String> {
    let mut json = String::with_capacity(text.len());
    let mut rest = text.trim_end();
    while let Some(first) = rest.chars().next() {
        if matches!(first, '\'' | '"') {
            let (string, behind) = string(rest.get(1..)?, first)?;
            json.push_str(&serde_json::to_string(&string).ok()?);
            rest = behind;
            continue;
        }
        let words = [("True", "true"), ("False", "false"), ("None", "null")];
        match words.iter().find_map(|(python, word)| Some((rest.strip_prefix(python)?, word))) {
            Some((behind, word)) => {
                json.push_str(word);
                rest = behind;
            }
            None => {
                if first != ' ' {
                    json.push(first);
                }
                rest = rest.get(first.len_utf8()..)?;
            }
        }
    }
    serde_json::from_str::<serde::de::IgnoredAny>(&json).is_ok().then_some(json)
}

/// The string up to a quote, and what follows.
fn string(text: &str, quote: char) -> Option<(String, &str)> {
    let mut string = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => match characters.next()?.1 {
                'n' => string.push('\n'),
                't' => string.push('\t'),
                'r' => string.push('\r'),
                escaped @ ('\'' | '"' | '\\') => string.push(escaped),
                _ => return None,
            },
            _ if character == quote => return Some((string, text.get(at.saturating_add(1)..)?)),
            _ => string.push(character),
        }
    }
    None
}

/// The sessions: by their names in the log of a server, and one after the other in that of a client.
fn see(seen: &mut Seen, entries: Vec<Entry>, url: Option<Revision>) {
    let mut sessions: BTreeMap<Option<String>, u32> = BTreeMap::new();
    let mut next = 0;
    let mut keyed: Vec<(u32, Entry)> = Vec::new();
    for entry in entries {
        let begins = matches!(&entry.says, Says::Accepted(_));
        if begins {
            sessions.remove(&entry.sid);
        }
        let session = *sessions.entry(entry.sid.clone()).or_insert_with(|| {
            next += 1;
            next
        });
        keyed.push((session, entry));
    }
    let mut packets: BTreeMap<u32, Vec<(Side, &str)>> = BTreeMap::new();
    for (session, entry) in &keyed {
        if let Says::Packet(verb, packet) = &entry.says {
            packets.entry(*session).or_default().push((side(*verb, entry), packet));
        }
    }
    let revisions: BTreeMap<u32, Revision> =
        packets.into_iter().map(|(session, packets)| (session, url.unwrap_or_else(|| revision(packets)))).collect();
    let mut joined: BTreeMap<u32, ()> = BTreeMap::new();
    for (session, entry) in keyed {
        let exchange = Exchange { connection: session, request: 0 };
        let what = match &entry.says {
            Says::Packet(verb, packet) if is_cut(packet) => {
                What::Unreadable(side(*verb, &entry), "a message that was cut when it was recorded".to_owned())
            }
            Says::Packet(verb, packet) => What::Text(side(*verb, &entry), packet.clone()),
            Says::Hidden(verb) => {
                What::Hidden(side(*verb, &entry), "a binary message, which the log does not show".to_owned())
            }
            Says::Accepted(open) => What::Text(Side::Server, open.clone()),
            Says::Fact(_) | Says::Detail(_) => continue,
        };
        entry.stamp.into_iter().for_each(|stamp| seen.time(stamp));
        if joined.insert(session, ()).is_none() {
            let revision = revisions.get(&session).copied().unwrap_or_default();
            seen.see(entry.line, exchange, What::Joined(Joined { sid: entry.sid.clone(), revision, way: Way::Any }));
        }
        seen.see(entry.line, exchange, what);
    }
}

/// Only the log of a server names the session in each line.
const fn side(verb: Verb, entry: &Entry) -> Side {
    match (verb, &entry.sid) {
        (Verb::Sends, None) | (Verb::Receives, Some(_)) => Side::Client,
        (Verb::Sends, Some(_)) | (Verb::Receives, None) => Side::Server,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<What> {
        read(text).unwrap().sightings.into_iter().skip(1).map(|sighting| sighting.what).collect()
    }

    const CLIENT: [&str; 5] = [
        "Polling connection accepted with {'sid': 'a', 'upgrades': [], 'x': None}",
        "Sending packet MESSAGE data 0",
        "Received packet MESSAGE data 0{\"sid\":\"b\"}",
        "Received packet PING data ",
        "Sending packet CLOSE data None",
    ];

    #[test]
    fn lines_are_read_once_however_they_begin() {
        let text = |side, text: &str| What::Text(side, text.to_owned());
        let expected = [
            text(Side::Server, "0{\"sid\":\"a\",\"upgrades\":[],\"x\":null}"),
            text(Side::Client, "40"),
            text(Side::Server, "40{\"sid\":\"b\"}"),
            text(Side::Server, "2"),
            text(Side::Client, "1"),
        ];
        let layouts: [fn(&str) -> String; 4] = [
            |line| format!("{line}\n"),
            |line| format!("INFO:engineio.client:{line}\r\n"),
            |line| format!("{line}\n2026-11-27 11:30:22,677 engineio.client INFO {line}\n"),
            |line| format!("[11:30:22] {line}\n"),
        ];
        for layout in layouts {
            let text: String = CLIENT.iter().map(|line| layout(line)).collect();
            assert_eq!(seen(&text), expected, "{text}");
        }
    }

    #[test]
    fn the_log_of_a_server_has_sessions() {
        let text = "vF9WgYqAnxTQDSTaAAAA: Sending packet OPEN data {'sid': 'vF9WgYqAnxTQDSTaAAAA'}\n\
            vF9WgYqAnxTQDSTaAAAB: Received packet MESSAGE data <binary>\n";
        let sightings = read(text).unwrap().sightings;
        assert!(matches!(&sightings[1].what, What::Text(Side::Server, _)));
        assert!(matches!(&sightings[3].what, What::Hidden(Side::Client, _)));
        assert_ne!(sightings[1].exchange, sightings[3].exchange);
    }

    #[test]
    fn a_log_without_packets_has_facts() {
        let recording = read("Engine.IO connection established\nEmitting event \"join\" [/chat]\n").unwrap();
        assert!(recording.sightings.is_empty());
        assert_eq!(recording.facts.len(), 2);
    }
}
