//! Which requirements a vector is about. They decide its level.
//!
//! What is expected was recorded from the reference. Where no requirement says so, it is the reference's alone. Revisions 3 and 4
//! of Engine.IO, and protocols 4 and 5 of Socket.IO, share the rules in which they do not differ.

use serde::de::IgnoredAny;
use sio_codec::socketio::Value;

use super::form::unhex;
use super::lines::{Format, Wire};
use super::vectors::{Task, Verdict};
use crate::requirements::catalogue;
use crate::trace::Level;

/// The largest length that fits in the first byte of a WebTransport frame.
const SHORT: u64 = 125;

/// Event names that the reference reserves.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// The requirements, the decisive one first; none if what is expected is the reference's alone.
pub(super) fn requirements(format: Format, task: &Task) -> Vec<&'static str> {
    let id = match task {
        Task::Encode { packets, binary, output } => {
            let texts: Vec<&str> = packets.iter().map(|packet| packet.get()).collect();
            encoded(format, &texts, *binary, output)
        }
        Task::Decode { frames, verdict, decoded, error, .. } => match verdict {
            // It may be read in any way, or rejected.
            Verdict::Lenient | Verdict::Ignored => None,
            Verdict::Valid => valid(format, frames, decoded),
            Verdict::Incomplete => incomplete(format, frames),
            Verdict::Invalid => invalid(format, frames, error),
        },
    };
    id.into_iter().collect()
}

/// The level of a vector about these requirements, as the catalogue weighs them.
pub(super) fn level(requirements: &[&str]) -> Level {
    let first = requirements.first().and_then(|id| catalogue().get(*id));
    first.map_or(Level::Reference, |requirement| requirement.weight())
}

fn encoded(format: Format, packets: &[&str], binary: Option<bool>, output: &[Wire]) -> Option<&'static str> {
    let any = |words: &str| packets.iter().any(|packet| packet.contains(words));
    let (has_binary, is_bytes) = (any("$bin"), matches!(output.first(), Some(Wire::Hex(_))));
    Some(match format {
        Format::Eio3Packet | Format::Eio4Packet if has_binary && binary == Some(false) => "EIO4-PKT-08",
        Format::Eio3Packet | Format::Eio4Packet if has_binary => "EIO4-PKT-07",
        Format::Eio3Packet | Format::Eio4Packet if !any("\"data\"") => "EIO4-PKT-02",
        Format::Eio3Packet | Format::Eio4Packet if matches!(output, [Wire::Text(text)] if text == "4") => "EIO4-PKT-04",
        Format::Eio3Packet | Format::Eio4Packet => "EIO4-PKT-01",
        Format::Eio4Payload if any("\\u001e") => "EIO4-PLD-07",
        Format::Eio4Payload if has_binary => "EIO4-PLD-02",
        Format::Eio4Payload => "EIO4-PLD-01",
        Format::Eio3Payload if packets.is_empty() => "EIO3-PLD-06",
        Format::Eio3Payload if is_bytes => "EIO3-BIN-01",
        Format::Eio3Payload if has_binary => "EIO3-PLD-08",
        Format::Eio3Payload => "EIO3-PLD-01",
        Format::Eio4WebTransport => "EIO4-WT-01",
        Format::Sio4 | Format::Sio5 if any("_placeholder") => "SIO5-ATT-19",
        Format::Sio4 if has_binary => "SIO4-ATT-01",
        Format::Sio5 if has_binary => "SIO5-ATT-01",
        Format::Sio4 | Format::Sio5 if any("$undefined") || any("$number") => "SIO5-PKT-23",
        Format::Sio4 | Format::Sio5 => "SIO5-PKT-01",
        Format::MsgPack => "MSG-01",
    })
}

fn valid(format: Format, frames: &[Wire], decoded: &[Value]) -> Option<&'static str> {
    let text = first_text(frames);
    match format {
        Format::Eio4Packet => match text {
            None => Some("EIO4-PKT-07"),
            Some("b") => Some("EIO4-PKT-14"),
            Some(text) if text.starts_with('b') => Some("EIO4-PKT-15"),
            Some(text) => plain_packet(text),
        },
        Format::Eio3Packet => match text {
            None => Some("EIO3-PKT-01"),
            Some(text) if text.starts_with('b') => Some("EIO3-PKT-02"),
            Some(text) => plain_packet(text),
        },
        Format::Eio4Payload => {
            let has_binary = text.is_some_and(|text| text.split('\u{1e}').any(|packet| packet.starts_with('b')));
            Some(if has_binary { "EIO4-PLD-02" } else { "EIO4-PLD-01" })
        }
        Format::Eio3Payload => Some(match text {
            None => "EIO3-BIN-01",
            Some(text) if text.contains(":b4") => "EIO3-PLD-08",
            Some(_) => "EIO3-PLD-01",
        }),
        Format::Eio4WebTransport => Some(framed(frames)),
        Format::Sio4 | Format::Sio5 => frames
            .iter()
            .find_map(|frame| valid_socket(format, text_of(frame)?))
            .or_else(|| socket_form(format, frames)),
        Format::MsgPack => msgpack(frames, decoded),
    }
}

/// A packet of Engine.IO in a text.
fn plain_packet(text: &str) -> Option<&'static str> {
    let (kind, data) = text.split_at_checked(1)?;
    match (kind, data) {
        ("4", "") => Some("EIO4-PKT-03"),
        ("4", data) if data.contains(['\u{1e}', '\0', '\n']) => Some("EIO4-PKT-11"),
        ("4", _) | ("2" | "3", "probe") => Some("EIO4-PKT-01"),
        ("0", data) if serde_json::from_str::<IgnoredAny>(data).is_ok() => Some("EIO4-PKT-01"),
        ("0", _) => None,
        (_, "") => Some("EIO4-PKT-02"),
        // Data that has no meaning there.
        _ => None,
    }
}

/// What the first frame of a WebTransport stream shows.
fn framed(frames: &[Wire]) -> &'static str {
    let bytes: Vec<u8> = frames.iter().filter_map(bytes_of).flatten().collect();
    let length = |count: usize| bytes.iter().skip(1).take(count).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let is_longer_than_needed = match bytes.first().map(|first| first & 0x7f) {
        Some(126) => length(2) <= SHORT,
        Some(127) => length(8) <= u64::from(u16::MAX),
        _ => false,
    };
    match (is_longer_than_needed, bytes.get(1), frames.len()) {
        (true, ..) => "EIO4-WT-02",
        (_, Some(b'b'), _) if bytes.first().is_some_and(|first| first & 0x80 == 0) => "EIO4-PKT-15",
        (_, _, 0 | 1) => "EIO4-WT-01",
        _ => "EIO4-WT-05",
    }
}

/// What is special about a packet of Socket.IO, if anything is.
fn valid_socket(format: Format, text: &str) -> Option<&'static str> {
    let packet = Header::of(text);
    let ids = packet.id.len() > 1 && packet.id.starts_with('0');
    match packet.kind {
        '2' | '3' if text.contains("\"_placeholder\":") => Some("SIO5-ATT-14"),
        _ if packet.namespace == Some("/") => Some("SIO5-PKT-03"),
        _ if packet.namespace.is_some_and(is_unusual) => Some("SIO5-PKT-04"),
        _ if ids => Some("SIO5-PKT-19"),
        _ if packet.id.len() > 15 => Some("SIO5-PKT-16"),
        '2' if packet.event().is_some_and(|name| name != "connect" && is_unusual_name(&name)) => Some("SIO5-PKT-09"),
        '3' if packet.payload.contains(char::is_whitespace) => Some("SIO5-PKT-22"),
        '4' if format == Format::Sio5 && packet.payload.starts_with('"') => Some("SIO5-PKT-13"),
        '5' | '6' => attachments(&packet),
        _ => None,
    }
}

/// Placeholders that are not numbered in the order in which they appear.
fn attachments(packet: &Header<'_>) -> Option<&'static str> {
    let numbers = packet.payload.split("\"num\":").skip(1).map(|rest| {
        let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default().parse::<usize>().ok()
    });
    let are_in_order = numbers.enumerate().all(|(at, number)| number == Some(at));
    (!are_in_order).then_some("SIO5-ATT-13")
}

/// The form of packets without anything special.
fn socket_form(format: Format, frames: &[Wire]) -> Option<&'static str> {
    let packets: Vec<Header<'_>> = frames.iter().filter_map(text_of).map(Header::of).collect();
    if format == Format::Sio4 {
        // Protocol 4 says nothing about these: a CONNECT has no payload, and no name of an event is reserved.
        let has_payload = packets.iter().any(|packet| packet.kind == '0' && !packet.payload.is_empty());
        let is_reserved = |packet: &Header<'_>| packet.event().is_some_and(|name| RESERVED.contains(&name.as_str()));
        if has_payload || packets.iter().any(is_reserved) {
            return None;
        }
    }
    let has_binary = frames.len() > packets.len();
    Some(match format {
        Format::Sio4 if has_binary => "SIO4-ATT-01",
        _ if frames.iter().any(|frame| matches!(frame, Wire::Hex(digits) if digits.is_empty())) => "SIO5-ATT-18",
        _ if has_binary => "SIO5-ATT-01",
        _ => "SIO5-PKT-01",
    })
}

fn is_unusual(namespace: &str) -> bool {
    namespace.contains(['?', '{', '-', ' ']) || !namespace.is_ascii()
}

/// A number, an empty name, or one that looks reserved.
fn is_unusual_name(name: &str) -> bool {
    name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) || ["error", "connection"].contains(&name)
}

fn msgpack<'a>(frames: &[Wire], decoded: &'a [Value]) -> Option<&'static str> {
    let number = |packet: &Value, key: &str| packet.get(key).and_then(Value::as_f64);
    let is_event = |packet: &&'a Value| number(packet, "type") == Some(2.0);
    let arguments = |packet: &'a Value| match packet.get("data") {
        Some(Value::Array(arguments)) => Some(arguments),
        _ => None,
    };
    let events = || decoded.iter().filter(is_event).filter_map(arguments);
    let has_no_rule = |packet: &Value| {
        packet.get("nsp").and_then(Value::as_str) == Some("")
            || number(packet, "id").is_some_and(|id| id < 0.0)
            || (number(packet, "type") == Some(3.0) && packet.get("id").is_none())
    };
    let is_free = |data: &[Value]| match data.first() {
        None => true,
        Some(name) => name.as_str().is_none_or(|name| RESERVED.contains(&name)),
    };
    if decoded.iter().any(has_no_rule) {
        return None;
    }
    let digits: String = frames
        .iter()
        .map(|frame| match frame {
            Wire::Hex(digits) => digits.as_str(),
            Wire::Text(_) | Wire::Utf16be(_) => "",
        })
        .collect();
    Some(match () {
        () if events().any(|data| is_free(data)) => "MSG-11",
        () if digits.contains("d40000") => "MSG-02",
        () if digits.contains("d700") => "MSG-08",
        () => "MSG-07",
    })
}

fn incomplete(format: Format, frames: &[Wire]) -> Option<&'static str> {
    let text = first_text(frames).unwrap_or_default();
    let is_reserved = Header::of(text).event().is_some_and(|name| RESERVED.contains(&name.as_str()));
    match format {
        Format::Eio4WebTransport => Some("EIO4-WT-05"),
        Format::Sio4 if is_reserved => None,
        Format::Sio4 | Format::Sio5 => Some("SIO5-ATT-05"),
        _ => None,
    }
}

fn invalid(format: Format, frames: &[Wire], error: &str) -> Option<&'static str> {
    let text = first_text(frames);
    match format {
        Format::Eio3Packet => Some("EIO3-PKT-03"),
        Format::Eio4Packet if text == Some("") => Some("EIO4-PKT-05"),
        Format::Eio4Packet => Some("EIO4-PKT-06"),
        Format::Eio3Payload => Some(match text {
            None => "EIO3-BIN-06",
            Some(text) if text.starts_with("2:4\u{1f600}") => "EIO3-PLD-07",
            Some(_) => "EIO3-PLD-03",
        }),
        Format::Eio4Payload => {
            let has_empty = text.is_some_and(|text| text.split('\u{1e}').any(str::is_empty));
            Some(if has_empty { "EIO4-PLD-04" } else { "EIO4-PLD-03" })
        }
        Format::Eio4WebTransport => {
            let bytes: Vec<u8> = frames.iter().filter_map(bytes_of).flatten().collect();
            Some(match bytes.as_slice() {
                [0x7f, 0, high, ..] if *high >= 0x20 => "EIO4-WT-04",
                [1, ..] => "EIO4-PKT-06",
                _ => "EIO4-WT-03",
            })
        }
        Format::MsgPack => Some(invalid_msgpack(frames, error)),
        Format::Sio4 | Format::Sio5 => invalid_socket(format, frames, error),
    }
}

fn invalid_msgpack(frames: &[Wire], error: &str) -> &'static str {
    let bytes: Vec<u8> = frames.iter().filter_map(bytes_of).flatten().collect();
    let is_map = bytes.first().is_some_and(|first| first & 0xf0 == 0x80);
    let is_unreadable = !error.starts_with("invalid ");
    if is_unreadable || !is_map {
        "MSG-06"
    } else if bytes.ends_with(b"data\xc0") || bytes.ends_with(b"id\xc0") {
        "MSG-04"
    } else {
        "MSG-03"
    }
}

fn invalid_socket(format: Format, frames: &[Wire], error: &str) -> Option<&'static str> {
    let text = frames.iter().filter_map(text_of).next_back().unwrap_or_default();
    let packet = Header::of(text);
    match error {
        "Illegal attachments" if format == Format::Sio4 && matches!(packet.attachments, "0" | "") => {
            Some("SIO4-ATT-02")
        }
        "Illegal attachments" => Some("SIO5-ATT-09"),
        "too many attachments" => Some("SIO5-ATT-10"),
        "illegal attachments" => Some("SIO5-ATT-08"),
        "got plaintext data when reconstructing a packet" => Some("SIO5-ATT-06"),
        "got binary data when not reconstructing a packet" => Some("SIO5-ATT-07"),
        error if error.contains("unknown packet type") => Some("SIO5-PKT-05"),
        _ => invalid_payload(format, &packet),
    }
}

fn invalid_payload(format: Format, packet: &Header<'_>) -> Option<&'static str> {
    if packet.payload.starts_with(['-', '+', '.', 'e']) {
        return Some("SIO5-PKT-18");
    }
    if serde_json::from_str::<IgnoredAny>(packet.payload).is_err() {
        return Some("SIO5-PKT-15");
    }
    match (packet.kind, format) {
        ('2' | '5', _) if packet.event().is_some_and(|name| RESERVED.contains(&name.as_str())) => Some("SIO5-PKT-08"),
        ('2' | '5', _) => Some("SIO5-PKT-07"),
        ('3' | '6', _) => Some("SIO5-PKT-10"),
        // Protocol 4 does not say what these carry.
        (_, Format::Sio4) => None,
        ('0', _) => Some("SIO5-PKT-11"),
        ('1', _) => Some("SIO5-PKT-12"),
        _ => Some("SIO5-PKT-13"),
    }
}

/// The parts of a packet of Socket.IO, of which each may be missing.
struct Header<'a> {
    kind: char,
    /// What stands before the `-`.
    attachments: &'a str,
    namespace: Option<&'a str>,
    id: &'a str,
    payload: &'a str,
}

impl<'a> Header<'a> {
    fn of(text: &'a str) -> Self {
        let mut characters = text.chars();
        let kind = characters.next().unwrap_or_default();
        let rest = characters.as_str();
        let (attachments, rest) = match rest.split_once('-') {
            Some((count, rest)) if matches!(kind, '5' | '6') && !count.contains(['/', '[']) => (count, rest),
            _ => ("", rest),
        };
        let (namespace, rest) = match rest.split_once(',') {
            Some((namespace, rest)) if namespace.starts_with('/') => (Some(namespace), rest),
            _ if rest.starts_with('/') => (Some(rest), ""),
            _ => (None, rest),
        };
        let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        let (id, payload) = rest.split_at(end);
        Self { kind, attachments, namespace, id, payload }
    }

    /// The name of the event, as text.
    fn event(&self) -> Option<String> {
        let arguments: Vec<serde_json::Value> = serde_json::from_str(self.payload).ok()?;
        match arguments.into_iter().next()? {
            serde_json::Value::String(name) => Some(name),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

fn first_text(frames: &[Wire]) -> Option<&str> {
    frames.first().and_then(text_of)
}

fn text_of(frame: &Wire) -> Option<&str> {
    match frame {
        Wire::Text(text) => Some(text),
        Wire::Hex(_) | Wire::Utf16be(_) => None,
    }
}

fn bytes_of(frame: &Wire) -> Option<Vec<u8>> {
    match frame {
        Wire::Hex(digits) => unhex(digits).map(Into::into),
        Wire::Text(_) | Wire::Utf16be(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::adapter::{Vector, embedded};
    use crate::cases::Named as _;
    use crate::requirements::catalogue;
    use crate::trace::Level;

    fn levels() -> BTreeMap<String, (Option<String>, Level)> {
        let entry = |vector: &Vector| {
            let covers: Vec<&str> = vector.covers().collect();
            (vector.id().to_owned(), (covers.first().map(|id| (*id).to_owned()), super::level(&covers)))
        };
        embedded().unwrap().iter().map(entry).collect()
    }

    #[test]
    fn vectors_are_about_requirements_of_codecs() {
        let all = levels();
        for (id, (requirement, _)) in &all {
            let Some(requirement) = requirement else { continue };
            let known = catalogue().get(requirement).unwrap_or_else(|| panic!("{id}: {requirement}"));
            assert!(known.binds.contains('K'), "{id}: {requirement} binds {}", known.binds);
        }
        let count = |level| all.values().filter(|(_, of)| *of == level).count();
        assert_eq!(Level::ALL.map(count).iter().sum::<usize>(), all.len());
        assert!(count(Level::Must) > 300 && count(Level::Should) > 150 && count(Level::Reference) > 100);
    }

    #[test]
    fn what_only_the_reference_does_has_its_level() {
        let all = levels();
        for (id, requirement, level) in [
            ("eio4-packet/decode/E4P-012", Some("EIO4-PKT-01"), Level::Must),
            ("eio4-packet/decode/E4P-051", Some("EIO4-PKT-06"), Level::Should),
            ("eio4-packet/decode/E4P-030", Some("EIO4-PKT-15"), Level::Reference),
            ("eio4-packet/decode/E4P-003", None, Level::Reference),
            ("eio4-packet/encode/E4PE-024", Some("EIO4-PKT-08"), Level::Must),
            ("eio4-payload/decode/E4L-031", Some("EIO4-PLD-04"), Level::Should),
            ("eio4-payload/decode/E4L-003", Some("EIO4-PLD-02"), Level::Must),
            ("eio4-webtransport/decode/E4W-008", Some("EIO4-WT-02"), Level::Reference),
            ("eio4-webtransport/decode/E4W-018", Some("EIO4-WT-04"), Level::Should),
            ("eio3-packet/decode/E3P-014", Some("EIO3-PKT-02"), Level::Must),
            ("eio3-payload/decode/E3L-003", Some("EIO3-PLD-01"), Level::Must),
            ("eio3-payload/decode/E3L-061", Some("EIO3-BIN-01"), Level::Must),
            ("sio5/decode/S5-018", Some("SIO5-PKT-01"), Level::Must),
            ("sio5/decode/S5-031", Some("SIO5-ATT-14"), Level::Should),
            ("sio5/decode/S5-044", Some("SIO5-ATT-01"), Level::Must),
            ("sio5/decode/S5-052", Some("SIO5-ATT-13"), Level::Should),
            ("sio5/decode/S5-133", Some("SIO5-PKT-05"), Level::Must),
            ("sio5/decode/S5-144", Some("SIO5-PKT-11"), Level::Should),
            ("sio5/decode/S5-159", Some("SIO5-PKT-07"), Level::Must),
            ("sio5/decode/S5-175", Some("SIO5-PKT-08"), Level::Should),
            ("sio5/decode/S5-178", Some("SIO5-PKT-15"), Level::Must),
            ("sio5/decode/S5-183", Some("SIO5-PKT-18"), Level::Must),
            ("sio5/decode/S5-215", Some("SIO5-ATT-10"), Level::Should),
            ("sio5/decode/S5-238", Some("SIO5-ATT-06"), Level::Should),
            ("sio4/decode/S4-168", None, Level::Reference),
            ("sio4/decode/S4-209", Some("SIO4-ATT-02"), Level::Should),
            ("msgpack/decode/S5M-012", Some("MSG-11"), Level::Reference),
            ("msgpack/decode/S5M-031", Some("MSG-04"), Level::Should),
            ("msgpack/decode/S5M-055", Some("MSG-06"), Level::Should),
        ] {
            let found = all.get(id).unwrap_or_else(|| panic!("there is no {id}"));
            assert_eq!((found.0.as_deref(), found.1), (requirement, level), "{id}");
        }
    }
}
