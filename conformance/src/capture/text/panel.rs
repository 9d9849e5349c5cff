//! Rows of a browser's network panel: the messages of a WebSocket.
//!
//! A row has an arrow or a word for the direction, the message, its length and the time. Which of these there are, in which
//! columns, and how they are written differs between browsers, their languages and the ways to copy rows.

use super::super::recording::{Lack, Recording};
use super::super::sighting::{Exchange, Joined, Way, What};
use super::packets::{Length, announced, binary, is_cut, revision};
use super::seen::{Count, Seen};
use super::stamp::{self, Stamp};
use super::{Line, lines};
use crate::trace::Side;

const FORM: &str = "rows of a browser's network panel";

/// More rows than there is room for.
const ROWS: usize = 300_000;

const SENT: [&str; 13] = ["↑", "⬆", "⇧", "⇡", "▲", "△", "→", "➡", "⇒", "⟶", "->", "=>", "▶"];
const RECEIVED: [&str; 13] = ["↓", "⬇", "⇩", "⇣", "▼", "▽", "←", "⬅", "⇐", "⟵", "<-", "<=", "◀"];

const SENT_WORDS: [&str; 14] = [
    "sent",
    "send",
    "out",
    "outgoing",
    "outbound",
    "gesendet",
    "envoyé",
    "enviado",
    "inviato",
    "отправлено",
    "verzonden",
    "送信",
    "发送",
    "已发送",
];
const RECEIVED_WORDS: [&str; 15] = [
    "received",
    "receive",
    "recv",
    "in",
    "incoming",
    "inbound",
    "empfangen",
    "reçu",
    "recibido",
    "ricevuto",
    "получено",
    "ontvangen",
    "受信",
    "接收",
    "已接收",
];

/// How browsers name a binary message.
const BINARY: [&str; 9] = [
    "binary message",
    "binary frame",
    "<binary",
    "(binary",
    "[binary",
    "binärnachricht",
    "message binaire",
    "mensaje binario",
    "[object ",
];

/// Words of the first row.
const HEADINGS: [&str; 8] = ["data", "length", "time", "size", "direction", "message", "type", "opcode"];

#[derive(Debug)]
struct Row<'t> {
    line: usize,
    side: Side,
    stamp: Option<Stamp>,
    data: &'t str,
    /// The length, and how it is written.
    length: Option<(Length, &'t str)>,
}

/// Reads rows; `None` if less than half of the lines are some.
pub(super) fn read(text: &str) -> Option<Recording> {
    let (mut rows, mut directionless, mut others) = (Vec::new(), Count::default(), Count::default());
    for line in lines(text).filter(|line| !line.text.trim().is_empty()) {
        match row(line) {
            Ok(_) if rows.len() == ROWS => break,
            Ok(row) => rows.push(row),
            Err(NoRow::Directionless) => directionless.add(line.number),
            Err(NoRow::Heading) => {}
            Err(NoRow::Other) => others.add(line.number),
        }
        if others.lines() > 1000 && rows.is_empty() {
            return None;
        }
    }
    if rows.len() + directionless.lines() <= others.lines() {
        return None;
    }
    if rows.iter().all(|row| row.stamp.is_some()) && is_newest_first(&rows) {
        rows.reverse();
    }
    let mut seen = Seen::default();
    let lacks = [
        directionless.words("does not show who sent its message", "do not show who sent their messages"),
        others.words("is no row", "are no rows"),
    ];
    lacks.into_iter().flatten().for_each(|words| seen.lack(Lack::Part(words)));
    see(&mut seen, &rows);
    Some(seen.recording(FORM))
}

fn is_newest_first(rows: &[Row<'_>]) -> bool {
    let times: Vec<_> = rows.iter().filter_map(|row| Some(row.stamp?.at)).collect();
    times.is_sorted_by(|earlier, later| earlier >= later) && times.first() > times.last()
}

/// What a line is that is no row.
enum NoRow {
    Directionless,
    Heading,
    Other,
}

fn row(Line { number, text }: Line<'_>) -> Result<Row<'_>, NoRow> {
    let mut cells: Vec<&str> = text.trim_end().split('\t').map(str::trim).collect();
    if cells.iter().all(|cell| HEADINGS.iter().any(|heading| cell.eq_ignore_ascii_case(heading))) {
        return Err(NoRow::Heading);
    }
    let is_table = cells.len() > 1;
    // The message can be a single digit or look like a time, so that a time is one only with another cell beside it.
    let place = cells.iter().rposition(|cell| stamp::whole(cell).is_some()).filter(|_| is_table);
    let mut stamp = place.and_then(|place| stamp::whole(cells.remove(place)));
    let own =
        cells.iter().position(|cell| !cell.is_empty() && direction(cell).is_some_and(|(_, rest)| rest.is_empty()));
    let (side, data) = match own.filter(|_| cells.len() > 1) {
        Some(place) => (direction(cells.remove(place)).map(|(side, _)| side), None),
        None => match cells.first().and_then(|cell| begun(cell, &mut stamp)) {
            Some((side, rest)) => (Some(side), Some(rest)),
            None => (None, None),
        },
    };
    if let (Some(data), Some(first)) = (data, cells.first_mut()) {
        *first = data;
    }
    let (data, length) = if is_table {
        cells.retain(|cell| !cell.is_empty());
        content(&cells, text)
    } else {
        trailing(cells.first().copied().unwrap_or_default(), &mut stamp)
    };
    match side {
        Some(side) => Ok(Row { line: number, side, stamp, data, length }),
        None if is_table && stamp.is_some() && length.is_some() => Err(NoRow::Directionless),
        None => Err(NoRow::Other),
    }
}

/// The direction that a text begins with, which a time may precede, and the rest.
fn begun<'t>(text: &'t str, stamp: &mut Option<Stamp>) -> Option<(Side, &'t str)> {
    if let Some(found) = direction(text) {
        return Some(found);
    }
    let (found, rest) = stamp::leading(text)?;
    let direction = direction(rest.trim_start())?;
    stamp.get_or_insert(found);
    Some(direction)
}

fn direction(text: &str) -> Option<(Side, &str)> {
    for (side, arrows, words) in
        [(Side::Client, &SENT[..], &SENT_WORDS[..]), (Side::Server, &RECEIVED[..], &RECEIVED_WORDS[..])]
    {
        if let Some(rest) = arrows.iter().find_map(|arrow| text.strip_prefix(arrow)) {
            return Some((side, rest.trim_start_matches(['\u{fe0e}', '\u{fe0f}', ' ', ':'])));
        }
        let end = text.find([' ', ':']).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        if words.contains(&word.to_lowercase().as_str()) {
            return Some((side, rest.trim_start_matches([':', ' '])));
        }
    }
    None
}

/// The message and its length among the other cells of a row.
fn content<'t>(cells: &[&'t str], row: &'t str) -> (&'t str, Option<(Length, &'t str)>) {
    let length = |cell: &'t str| Length::read(cell).map(|length| (length, cell));
    match cells {
        [] => ("", None),
        [data] => (data, None),
        [first, .., last] => match (length(last), length(first)) {
            (Some((size, _)), Some(before)) if cells.len() == 2 && !size.is_of(first) && before.0.is_of(last) => {
                (last, Some(before))
            }
            (Some(found), _) => (between(first, cells, row), Some(found)),
            (None, Some(before)) if cells.len() == 2 && !first.starts_with('4') => (last, Some(before)),
            (None, _) => (first, None),
        },
    }
}

/// A message that has tabs itself.
fn between<'t>(first: &'t str, cells: &[&'t str], row: &'t str) -> &'t str {
    let [.., before, _] = cells else { return first };
    let begin = row.find(first);
    let end = row.rfind(before).map(|at| at.saturating_add(before.len()));
    match (begin, end) {
        (Some(begin), Some(end)) if cells.len() > 2 => row.get(begin..end).unwrap_or(first),
        _ => first,
    }
}

/// A message that only blanks separate from its length and time. What could be part of the message stays with it.
fn trailing<'t>(text: &'t str, stamp: &mut Option<Stamp>) -> (&'t str, Option<(Length, &'t str)>) {
    let mut data = text.trim_end();
    for words in [1, 2] {
        let Some(at) = data.rmatch_indices(' ').nth(words - 1).map(|(at, _)| at) else { break };
        let (before, behind) = data.split_at(at);
        if let (None, Some(found)) = (&stamp, stamp::whole(behind)) {
            *stamp = Some(found);
            data = before.trim_end();
            break;
        }
    }
    for words in [1, 2] {
        let Some(at) = data.rmatch_indices(' ').nth(words - 1).map(|(at, _)| at) else { break };
        let (before, behind) = data.split_at(at);
        let before = before.trim_end();
        if let Some(length) = Length::read(behind)
            && (length.is_of(before) || is_binary(before))
        {
            return (before, Some((length, behind.trim())));
        }
    }
    (data, None)
}

fn is_binary(data: &str) -> bool {
    let data = data.to_lowercase();
    BINARY.iter().any(|name| data.starts_with(name))
}

/// One WebSocket after the other: each begins with the open packet or the probe.
fn see(seen: &mut Seen, rows: &[Row<'_>]) {
    let begins = |row: &Row<'_>| match row.side {
        Side::Server => row.data.starts_with("0{"),
        Side::Client => row.data == "2probe",
    };
    let mut rest = rows;
    let mut connection = 0;
    while let Some(first) = rest.first() {
        let length = rest.iter().skip(1).position(begins).map_or(rest.len(), |at| at.saturating_add(1));
        let (own, later) = rest.split_at(length);
        let exchange = Exchange { connection, request: 0 };
        let revision = revision(own.iter().map(|row| (row.side, row.data)));
        let joined = Joined { sid: None, revision, way: Way::WebSocket };
        first.stamp.into_iter().for_each(|stamp| seen.time(stamp));
        seen.see(first.line, exchange, What::Joined(joined));
        messages(seen, exchange, own);
        rest = later;
        connection = connection.saturating_add(1);
    }
}

fn messages(seen: &mut Seen, exchange: Exchange, rows: &[Row<'_>]) {
    let (mut from_client, mut from_server) = (0_usize, 0_usize);
    for row in rows {
        row.stamp.into_iter().for_each(|stamp| seen.time(stamp));
        let due = match row.side {
            Side::Client => &mut from_client,
            Side::Server => &mut from_server,
        };
        let Some(what) = message(row, *due) else { continue };
        match &what {
            What::Text(_, text) => *due = announced(text),
            What::Binary(..) | What::Hidden(..) => *due = due.saturating_sub(1),
            _ => {}
        }
        seen.see(row.line, exchange, what);
    }
}

/// What a row shows, when so many attachments are due from its side.
fn message(&Row { side, data, length, .. }: &Row<'_>, due: usize) -> Option<What> {
    let hidden = |why: &str| {
        let size = length.map_or_else(String::new, |(_, words)| format!(" of {}", with_unit(words)));
        What::Hidden(side, format!("a binary message{size}, {why}"))
    };
    if let Some(opcode) = data.find("(Opcode ").and_then(|at| opcode(data.get(at..)?)) {
        return match opcode {
            8 => Some(What::Close(side, None)),
            9 | 10 => None,
            2 => Some(hidden("whose content was not recorded")),
            _ => Some(What::Unreadable(side, "a message of which only the kind was recorded".to_owned())),
        };
    }
    if is_binary(data) {
        return Some(hidden("whose content was not recorded"));
    }
    let length = length.map(|(length, _)| length);
    if length.is_some_and(|length| length.is_of(data)) && due == 0 {
        return Some(What::Text(side, data.to_owned()));
    }
    let is_packet = data.starts_with(|first| matches!(first, '0'..='6'));
    if let (Some(bytes), true) = (binary(data, length), due > 0 || !is_packet) {
        return Some(What::Binary(side, bytes));
    }
    let is_part = length.is_some_and(|length| length.exceeds(data.len()));
    if is_packet && (is_cut(data) || is_part) {
        return Some(What::Unreadable(side, "a message that was cut when it was recorded".to_owned()));
    }
    if data.is_empty() || due > 0 && !is_packet || is_part {
        return Some(hidden("whose content cannot be read"));
    }
    Some(What::Text(side, data.to_owned()))
}

fn opcode(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("(Opcode ")?;
    digits.get(..digits.find([',', ')'])?)?.trim().parse().ok()
}

fn with_unit(words: &str) -> String {
    if words.bytes().all(|byte| byte.is_ascii_digit()) { format!("{words} B") } else { words.to_owned() }
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

    #[test]
    fn rows_are_read_in_every_layout() {
        let expected = [sent("2probe"), received("3probe"), sent("5"), received("2")];
        let tabs =
            "↑2probe\t6\t11:29:22.553\r\n↓3probe\t6\t11:29:22.582\r\n↑5\t1\t11:29:22.609\r\n↓2\t1\t11:29:22.610\r\n";
        let cells = "Data\tLength\tTime\n⬆\t2probe\t6 B\t11:29:22,5\n⬇\t3probe\t6 B\t11:29:22,6\n⬆\t5\t1\t11:29:23\n⬇\t2\t1\t11:29:23";
        let first = "11:29:22.553\tsent\t2probe\t6\n11:29:22.554\treceived\t3probe\t6\n11:29:22.6\tSent\t5\t1\n11:29:22.6\tReceived\t2\t1";
        let blanks = "→ 2probe  6  11:29:22 AM\n← 3probe  6  11:29:22 AM\n→ 5  1  11:29:22 AM\n← 2  1  11:29:22 AM";
        let bare = "↑ 2probe\n↓ 3probe\n↑ 5\n↓ 2\n";
        let words = "[11:29:22] Sent: 2probe\n[11:29:22] Received: 3probe\n[11:29:23] Sent: 5\n[11:29:23] Received: 2";
        for text in [tabs, cells, first, blanks, bare, words] {
            assert_eq!(seen(text), expected, "{text}");
        }
        let newest_first: Vec<&str> = tabs.trim_end().lines().rev().collect();
        assert_eq!(seen(&newest_first.join("\n")), expected);
    }

    #[test]
    fn messages_keep_what_looks_like_a_column() {
        assert_eq!(seen("↓42[\"at\",\"11:29:22\"]\n↑4 7"), [received("42[\"at\",\"11:29:22\"]"), sent("4 7")]);
        assert_eq!(seen("↓42[\"a\tb\"]\t9\t11:29:22"), [received("42[\"a\tb\"]")]);
    }

    #[test]
    fn binary_rows_show_their_content_or_only_their_length() {
        let header = "↑451-[\"x\",{\"_placeholder\":true,\"num\":0}]\n";
        let last = |row: &str| seen(&format!("{header}{row}")).pop().unwrap();
        assert_eq!(last("↑AQI=\t2 B"), What::Binary(Side::Client, vec![1, 2]));
        assert_eq!(last("↑0102\t2 B"), What::Binary(Side::Client, vec![1, 2]));
        for row in [
            "↑Binary Message\t1.5 kB",
            "↑Binary Frame (Opcode 2, mask)\t1.5 kB",
            "↑Binärnachricht\t1.5 kB",
            "↑???\t1.5 kB",
        ] {
            assert!(matches!(last(row), What::Hidden(Side::Client, words) if words.contains("of 1.5 kB")), "{row}");
        }
    }

    #[test]
    fn cut_messages_are_told_from_whole_ones() {
        for row in ["↓42[\"msg\",\"aaaa…\t5000", "↓42[\"msg\",\"aaaa\t5000", "↓42[\"msg\",\"aaaa..."] {
            assert!(matches!(&seen(row)[..], [What::Unreadable(Side::Server, _)]), "{row}");
        }
        assert_eq!(seen("↓42[\"msg\",\"a…\"]"), [received("42[\"msg\",\"a…\"]")]);
    }

    #[test]
    fn rows_without_a_direction_are_counted() {
        let recording = read("2probe\t6\t11:29:22.553\n3probe\t6\t11:29:22.582\n").unwrap();
        assert!(recording.sightings.is_empty());
        assert_eq!(recording.lacks[0].words(), "2 lines do not show who sent their messages, the first of them line 1");
        assert!(read("Dear reader,\nthis is a letter.\n").is_none());
    }

    #[test]
    fn each_websocket_is_a_session() {
        let text = "↓0{\"sid\":\"a\"}\n↑40\n↓0{\"sid\":\"b\"}\n↑2\n↓3\n";
        let sightings = read(text).unwrap().sightings;
        let joined: Vec<_> = sightings.iter().filter(|sighting| matches!(sighting.what, What::Joined(_))).collect();
        assert_eq!(joined.iter().map(|sighting| sighting.exchange.connection).collect::<Vec<_>>(), [0, 1]);
    }
}
