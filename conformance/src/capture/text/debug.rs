//! Debug logs of the JavaScript packages: `DEBUG=engine*,socket.io*` in Node, `localStorage.debug` in a browser.
//!
//! A log shows packets of Engine.IO if `engine*` and `socket.io-parser` were logged, and otherwise only facts about the
//! connection. Packets of several sessions at a time cannot be told apart, so that they count as facts too.

use std::borrow::Cow;

use super::super::recording::{Lack, Recording};
use super::super::sighting::{Exchange, Joined, Way, What};
use super::packets::{announced, attachments, is_cut, revision};
use super::seen::Seen;
use super::stamp::{self, Stamp};
use super::{Line, lines};
use crate::replay::shorten;
use crate::trace::Side;

const FORM: &str = "a debug log of the JavaScript packages";

/// More messages than there is room for.
const MESSAGES: usize = 300_000;

/// The names that begin a line.
const NAMES: [&str; 7] = [
    "engine.io-client",
    "socket.io-client",
    "socket.io-parser",
    "engine.io-parser",
    "engine:",
    "socket.io:",
    "engine ",
];

/// What the log says of a connection. The first ones are of interest also where the packets are known.
const CONNECTION: [&str; 25] = [
    "probe transport",
    "changing transport",
    "socket connected with id",
    "server disconnect",
    "performing disconnect",
    "close (",
    "closed due to",
    "close with reason",
    "closing socket - reason",
    "client close",
    "timed out",
    "will reconnect",
    "reconnect success",
    "attempting reconnect",
    "connect_error",
    "connect error",
    "socket error",
    "failed because of error",
    "handshaking client",
    "\" failed",
    "transport error",
    "xhr error",
    "bad ack",
    "unknown sid",
    "volatile packet is discarded",
];
const PACKETS: [&str; 8] = [
    "writing packet",
    "emitting event",
    "emitting packet with ack",
    "calling ack",
    "sending ack",
    "got packet",
    "dispatching an event",
    "opening http",
];

/// A line of the log.
#[derive(Debug)]
struct Entry<'t> {
    line: usize,
    stamp: Option<Stamp>,
    name: &'t str,
    says: Cow<'t, str>,
}

/// A message, or the beginning or the end of a session.
#[derive(Debug)]
struct Said {
    line: usize,
    stamp: Option<Stamp>,
    says: Says,
}

#[derive(Debug)]
enum Says {
    Packet(Side, String),
    Binary(Side, Vec<u8>),
    /// It is binary, and shown as text or not at all.
    Hidden(Side),
    Closed,
}

/// Reads a log; `None` if no line of it is of these packages.
pub(super) fn read(text: &str) -> Option<Recording> {
    let entries = entries(text);
    let side = side(&entries)?;
    let said = messages(&entries, side);
    let mut seen = Seen::default();
    let parallel = parallel(&said);
    let has_packets = said.iter().any(|said| !matches!(said.says, Says::Closed));
    for Entry { line, says, .. } in &entries {
        let is = |phrases: &[&str]| phrases.iter().any(|phrase| says.contains(phrase));
        if is(&CONNECTION) || (!has_packets || parallel.is_some()) && is(&PACKETS) {
            seen.fact(*line, shorten(says));
        }
    }
    match parallel {
        Some(line) => {
            seen.lack(Lack::End(format!("which packet is of which session: from line {line} on there are several")))
        }
        None if has_packets => {
            for (side, what) in unseen(&entries, side) {
                seen.lack(Lack::Part(format!("{what} of the {side}")));
            }
            see(&mut seen, said);
        }
        None => seen.lack(Lack::End("the packets: the log has only what the client says about them".to_owned())),
    }
    Some(seen.recording(FORM))
}

/// The lines of the log, without those of others.
fn entries(text: &str) -> Vec<Entry<'_>> {
    /// How many lines a message can have: a binary one has any characters.
    const LINES: usize = 1000;
    let (mut entries, mut open): (Vec<Entry<'_>>, usize) = (Vec::new(), 0);
    for (foreign, line) in lines(text).enumerate() {
        if let Some(entry) = entry(line) {
            open = if is_open(&entry.says) { LINES } else { 0 };
            entries.push(entry);
        } else if let (Some(entry), Some(left)) = (entries.last_mut(), open.checked_sub(1)) {
            let says = entry.says.to_mut();
            says.push('\n');
            says.push_str(line.text);
            open = if line.text.ends_with('"') { 0 } else { left };
        }
        if entries.len() == MESSAGES || entries.is_empty() && foreign > 1000 {
            break;
        }
    }
    entries
}

fn entry(Line { number, text }: Line<'_>) -> Option<Entry<'_>> {
    /// How much can stand before the name: a time, a script with its line, colours.
    const PREFIX: usize = 200;
    let at = NAMES.iter().filter_map(|name| text.get(..text.len().min(PREFIX)).unwrap_or(text).find(name)).min()?;
    let (prefix, rest) = text.split_at(at);
    let is_name = prefix.is_empty() || prefix.ends_with([' ', '\t', 'm', ']']);
    let end = rest.find([' ', '\u{1b}']).unwrap_or(rest.len());
    let (name, says) = rest.split_at(end);
    let says = uncoloured(says);
    if !is_name || !is_logger(name, says) {
        return None;
    }
    Some(Entry { line: number, stamp: stamp::leading(prefix).map(|(stamp, _)| stamp), name, says: Cow::Borrowed(says) })
}

/// Whether a line of this logger can say this. The names of the packages stand in other texts too.
fn is_logger(name: &str, says: &str) -> bool {
    let begins = |words: &[&str]| words.iter().any(|word| says.starts_with(word));
    match name {
        "engine" => {
            begins(&["handshaking ", "handling ", "intercepting ", "unknown ", "bad request", "upgrading ", "closing "])
        }
        "socket.io-client" => begins(&["new io instance", "reusing io instance", "ignoring socket cache"]),
        "socket.io-parser" => begins(&["encoding packet ", "encoded ", "decoded "]),
        _ => name.split_once(':').is_some_and(|(_, module)| {
            !module.is_empty() && module.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b':'))
        }),
    }
}

/// A message without the colours around it, and without the time that passed since the one before.
fn uncoloured(text: &str) -> &str {
    let mut text = text.trim_start();
    while let Some(colour) = text.strip_prefix("\u{1b}[") {
        text = colour.split_once('m').map_or("", |(_, rest)| rest).trim_start();
    }
    let body = text.rsplit_once('\u{1b}').filter(|(_, colour)| colour.ends_with('m')).map_or(text, |(body, _)| body);
    let Some((says, passed)) = body.rsplit_once('+') else { return body.trim_end() };
    let digits = passed.trim_end_matches(|unit: char| unit.is_ascii_lowercase());
    let is_time = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) && digits != passed;
    let says = says.rsplit_once('\u{1b}').filter(|(_, colour)| colour.ends_with('m')).map_or(says, |(says, _)| says);
    if is_time { says.trim_end() } else { body.trim_end() }
}

/// Whether the message of a packet goes on in the next line.
fn is_open(says: &str) -> bool {
    says.starts_with("socket receive: ") && !says.ends_with('"')
}

/// Whose log it is. With that of both, the direction of packets is not known, and so there are none.
fn side(entries: &[Entry<'_>]) -> Option<Option<Side>> {
    let is = |names: [&str; 2]| entries.iter().any(|entry| names.iter().any(|name| entry.name.starts_with(name)));
    let is_bare = entries.iter().any(|entry| entry.name == "engine");
    match (is(["engine.io-client", "socket.io-client"]), is(["engine:", "socket.io:"]) || is_bare) {
        (true, true) => Some(None),
        (true, false) => Some(Some(Side::Client)),
        (false, true) => Some(Some(Side::Server)),
        (false, false) if entries.is_empty() => None,
        (false, false) => Some(None),
    }
}

/// The messages of a log of `side`.
fn messages(entries: &[Entry<'_>], side: Option<Side>) -> Vec<Said> {
    let Some(side) = side else { return Vec::new() };
    let receives = entries.iter().any(|entry| received(entry, side).is_some());
    let sends = side == Side::Server && entries.iter().any(|entry| sent(entry).is_some());
    let mut said = Vec::new();
    let (mut encoding, mut due) = (None, 0_usize);
    for entry in entries {
        let mut say = |says| said.push(Said { line: entry.line, stamp: entry.stamp, says });
        let parser = |verb: &str| entry.says.strip_prefix(verb).filter(|_| entry.name == "socket.io-parser");
        if let Some(packet) =
            received(entry, side).or_else(|| parser("decoded ").filter(|_| !receives).and_then(decoded))
        {
            say(heard(opposite(side), packet, &mut due));
        } else if let Some(packet) = sent(entry).filter(|_| sends) {
            say(heard(side, packet, &mut 0));
        } else if let Some(json) = parser("encoding packet ") {
            encoding = Some(json);
        } else if let Some(packet) = parser("encoded ").filter(|_| !sends).and_then(encoded) {
            let count = announced(&packet);
            say(Says::Packet(side, packet));
            let contents = encoding.take().and_then(|json| attachments(json, count));
            match contents {
                Some(contents) => contents.into_iter().for_each(|bytes| say(Says::Binary(side, bytes))),
                None => (0..count.min(MESSAGES)).for_each(|_| say(Says::Hidden(side))),
            }
        } else if entry.says.starts_with("socket close with reason")
            || entry.says.starts_with("client close with reason")
        {
            say(Says::Closed);
        }
    }
    said
}

fn heard(side: Side, packet: Cow<'_, str>, due: &mut usize) -> Says {
    // The log of a server has frames as they came, and so binary ones without the type of a message.
    let is_frame = side == Side::Client && !packet.starts_with('4');
    let message = if is_frame { &packet } else { packet.strip_prefix('4').unwrap_or(&packet) };
    let is_packet = message.starts_with(|first| matches!(first, '0'..='6'));
    let is_binary = message.contains(char::REPLACEMENT_CHARACTER) || message.starts_with("[object ");
    if (is_frame || packet.starts_with('4')) && (is_binary || *due > 0 && !is_packet) {
        *due = due.saturating_sub(1);
        return Says::Hidden(side);
    }
    *due = announced(&packet);
    Says::Packet(side, packet.into_owned())
}

/// The packet that `side` received, by the log of its Engine.IO.
fn received<'e>(entry: &'e Entry<'_>, side: Side) -> Option<Cow<'e, str>> {
    match side {
        Side::Client => {
            let rest = entry.says.strip_prefix("socket receive: type \"")?;
            let (kind, data) = rest.split_once("\", data \"")?;
            packet(kind, data.strip_suffix('"').unwrap_or(data))
        }
        // On polling this is a whole body.
        Side::Server if entry.name == "engine:ws" => {
            let data = entry.says.strip_prefix("received \"")?.strip_suffix('"')?;
            Some(Cow::Borrowed(data))
        }
        Side::Server => None,
    }
}

/// The packet that a server sent.
fn sent<'e>(entry: &'e Entry<'_>) -> Option<Cow<'e, str>> {
    let (kind, data) = entry.says.strip_prefix("sending packet \"")?.split_once("\" (")?;
    packet(kind, data.strip_suffix(')').unwrap_or(data))
}

fn packet<'e>(kind: &str, data: &'e str) -> Option<Cow<'e, str>> {
    let digit =
        ["open", "close", "ping", "pong", "message", "upgrade", "noop"].iter().position(|name| *name == kind)?;
    let data = if data == "undefined" { "" } else { data };
    Some(Cow::Owned(format!("{digit}{data}")))
}

/// `{...} as 2["a"]`
fn encoded(says: &str) -> Option<String> {
    let mut json = serde_json::Deserializer::from_str(says).into_iter::<serde::de::IgnoredAny>();
    json.next()?.ok()?;
    let message = says.get(json.byte_offset()..)?.strip_prefix(" as ")?;
    Some(format!("4{message}"))
}

/// `2["a"] as {...}`
fn decoded(says: &str) -> Option<Cow<'_, str>> {
    let (message, _) = says.rsplit_once(" as {")?;
    Some(Cow::Owned(format!("4{message}")))
}

/// The line from which on there are several sessions at a time.
fn parallel(said: &[Said]) -> Option<usize> {
    let mut open = false;
    for Said { line, says, .. } in said {
        match says {
            Says::Packet(Side::Server, packet) if packet.starts_with("0{") => {
                if open {
                    return Some(*line);
                }
                open = true;
            }
            Says::Closed => open = false,
            _ => {}
        }
    }
    None
}

/// What this log never shows.
fn unseen(entries: &[Entry<'_>], side: Option<Side>) -> Vec<(&'static str, &'static str)> {
    let has = |verb: &str| entries.iter().any(|entry| entry.says.starts_with(verb));
    let mut unseen = Vec::new();
    let (parser_sends, parser_receives) = (has("encoded "), has("decoded "));
    match side {
        Some(Side::Client) => {
            if !parser_sends {
                unseen.push(("client", "the packets"));
            }
            if !has("socket receive: ") && !parser_receives {
                unseen.push(("server", "the packets"));
            }
        }
        Some(Side::Server) => {
            if !has("sending packet \"") && !parser_sends {
                unseen.push(("server", "the packets"));
            }
            // What comes by polling is logged as a body, and its packets only by the parser.
            unseen.push(("client", "some packets"));
        }
        None => {}
    }
    unseen
}

fn see(seen: &mut Seen, said: Vec<Said>) {
    let mut exchange = Exchange { connection: 0, request: 0 };
    let mut sessions: Vec<Vec<Said>> = vec![Vec::new()];
    for said in said {
        let begins = matches!(&said.says, Says::Packet(Side::Server, packet) if packet.starts_with("0{"));
        match sessions.last_mut() {
            Some(session) if !begins || session.is_empty() => session.push(said),
            _ => sessions.push(vec![said]),
        }
    }
    for session in sessions {
        let packets = session.iter().filter_map(|said| match &said.says {
            Says::Packet(side, packet) => Some((*side, packet.as_str())),
            _ => None,
        });
        let joined = Joined { sid: None, revision: revision(packets), way: Way::Any };
        let first = session.first().map_or(1, |said| said.line);
        session.first().and_then(|said| said.stamp).into_iter().for_each(|stamp| seen.time(stamp));
        seen.see(first, exchange, What::Joined(joined));
        for Said { line, stamp, says } in session {
            stamp.into_iter().for_each(|stamp| seen.time(stamp));
            let what = match says {
                Says::Packet(side, packet) if is_cut(&packet) => {
                    What::Unreadable(side, "a message that was cut when it was recorded".to_owned())
                }
                Says::Packet(side, packet) => What::Text(side, packet),
                Says::Binary(side, bytes) => What::Binary(side, bytes),
                Says::Hidden(side) => What::Hidden(side, "a binary message, which the log does not show".to_owned()),
                Says::Closed => continue,
            };
            seen.see(line, exchange, what);
        }
        exchange.connection = exchange.connection.saturating_add(1);
    }
}

const fn opposite(side: Side) -> Side {
    match side {
        Side::Client => Side::Server,
        Side::Server => Side::Client,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<What> {
        read(text).unwrap().sightings.into_iter().skip(1).map(|sighting| sighting.what).collect()
    }

    fn sent(text: &str) -> What {
        What::Text(Side::Client, text.to_owned())
    }

    fn received(text: &str) -> What {
        What::Text(Side::Server, text.to_owned())
    }

    const LINES: [&str; 4] = [
        r#"engine.io-client:socket socket receive: type "open", data "{"sid":"a"}""#,
        r#"socket.io-parser encoded {"type":0,"nsp":"/"} as 0"#,
        r#"engine.io-client:socket socket receive: type "message", data "0{"sid":"b"}""#,
        r#"engine.io-client:socket socket receive: type "ping", data "undefined""#,
    ];

    #[test]
    fn packets_are_found_however_the_lines_begin_and_end() {
        let expected = [received("0{\"sid\":\"a\"}"), sent("40"), received("40{\"sid\":\"b\"}"), received("2")];
        let layouts: [fn(&str) -> String; 5] = [
            |line| format!("2026-11-27T11:30:25.984Z {line}\n"),
            |line| format!("socket.io.js:2547 {line} +12ms\r\n"),
            |line| format!("11:30:25.984 socket.io.js:2547 {line} +1s\n"),
            |line| {
                let (name, says) = line.split_once(' ').unwrap();
                format!("  \u{1b}[38;5;27;1m{name} \u{1b}[0m{says} \u{1b}[38;5;27m+0ms\u{1b}[0m\n")
            },
            |line| format!("{line}\nconnected!\n"),
        ];
        for layout in layouts {
            let text: String = LINES.iter().map(|line| layout(line)).collect();
            assert_eq!(seen(&text), expected, "{text}");
        }
    }

    #[test]
    fn attachments_are_shown_only_if_the_log_has_them() {
        let text = "socket.io-client:manager x\n\
            socket.io-parser encoding packet {\"type\":2,\"data\":[\"u\",{\"type\":\"Buffer\",\"data\":[1,2]}],\"nsp\":\"/\"}\n\
            socket.io-parser encoded {\"type\":5,\"attachments\":1} as 51-[\"u\",{\"_placeholder\":true,\"num\":0}]\n\
            engine.io-client:socket socket receive: type \"message\", data \"51-[\"f\",{\"_placeholder\":true,\"num\":0}]\"\n\
            engine.io-client:socket socket receive: type \"message\", data \"a\nb\"\n";
        let seen = seen(text);
        assert_eq!(seen[1], What::Binary(Side::Client, vec![1, 2]));
        assert!(matches!(&seen[3..], [What::Hidden(Side::Server, _)]), "{seen:?}");
    }

    #[test]
    fn a_log_without_packets_has_facts() {
        let text = "socket.io-client:manager readyState opening +0ms\n\
            socket.io-client:socket socket connected with id EnLs1 +21ms\nsocket.io-client:socket close (transport close) +1ms\n";
        let recording = read(text).unwrap();
        assert!(recording.sightings.is_empty());
        let facts: Vec<_> = recording.facts.iter().map(ToString::to_string).collect();
        assert_eq!(facts, ["line 2: socket connected with id EnLs1", "line 3: close (transport close)"]);
    }

    #[test]
    fn packets_of_several_sessions_are_not_taken_apart() {
        let text = format!("{0}\n{0}\n{1}\n", LINES[0], LINES[1]);
        let recording = read(&text).unwrap();
        assert!(recording.sightings.is_empty());
        assert!(recording.lacks[0].words().contains("from line 2 on"), "{:?}", recording.lacks);
    }

    #[test]
    fn the_log_of_a_server_is_read_from_its_side() {
        let text = "2026-11-27T11:30:25.984Z engine handshaking client \"a\"\n\
            2026-11-27T11:30:25.985Z engine:socket sending packet \"open\" ({\"sid\":\"a\"})\n\
            2026-11-27T11:30:25.986Z engine:ws received \"40\"\n\
            2026-11-27T11:30:25.987Z socket.io-parser decoded 0 as {\"type\":0}\n\
            2026-11-27T11:30:25.988Z engine:socket sending packet \"message\" (0{\"sid\":\"b\"})\n";
        assert_eq!(seen(text), [received("0{\"sid\":\"a\"}"), sent("40"), received("40{\"sid\":\"b\"}")]);
    }
}
