//! Messages as they stand in lines of text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::trace::{Revision, Side};

/// How long a message is, as it is written: `300`, `300 B`, `1.5 kB`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Length {
    bytes: f64,
    /// Half of the unit of the last digit.
    rounding: f64,
}

impl Length {
    /// The length that a text is.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.find(|character: char| !character.is_ascii_digit() && !matches!(character, '.' | ','));
        let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
        let unit = match unit.trim_matches([' ', '\u{a0}', '\u{202f}']).to_ascii_lowercase().as_str() {
            "" | "b" | "byte" | "bytes" | "octets" | "o" => 1.0,
            "kb" | "ko" | "k" => 1000.0,
            "kib" => 1024.0,
            "mb" | "mo" | "m" => 1e6,
            "mib" => 1024.0 * 1024.0,
            _ => return None,
        };
        if !number.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let plain = number.replace(',', ".");
        // `1,500` has a separator of thousands.
        let (value, decimals) = match plain.rsplit_once('.') {
            Some((whole, fraction)) if fraction.len() == 3 && unit < 2.0 => {
                (format!("{whole}{fraction}").replace('.', "").parse::<f64>().ok()?, 0)
            }
            Some((_, fraction)) => (plain.parse::<f64>().ok()?, fraction.len()),
            None => (plain.parse::<f64>().ok()?, 0),
        };
        let step = unit / 10_f64.powi(i32::try_from(decimals).ok()?);
        // A kB can be 1000 or 1024 bytes.
        let rounding = if unit > 1.0 { step / 2.0 + value * unit * 0.05 } else { 0.0 };
        Some(Self { bytes: value * unit, rounding })
    }

    /// Whether something of this many bytes may be written so.
    pub(super) fn fits(self, bytes: usize) -> bool {
        u32::try_from(bytes).is_ok_and(|bytes| (f64::from(bytes) - self.bytes).abs() <= self.rounding)
    }

    /// Whether it is the length of a text, in bytes or in the units of JavaScript.
    pub(super) fn is_of(self, text: &str) -> bool {
        self.fits(text.len()) || self.fits(text.encode_utf16().count())
    }

    /// Whether something of this many bytes is only a part.
    pub(super) fn exceeds(self, bytes: usize) -> bool {
        u32::try_from(bytes).is_ok_and(|bytes| self.bytes - self.rounding > f64::from(bytes))
    }
}

/// Bytes that are written as base64 or in hexadecimal digits, if their length shows which.
pub(super) fn binary(text: &str, length: Option<Length>) -> Option<Vec<u8>> {
    let marked =
        |mark: &str| text.get(..mark.len()).filter(|begin| begin.eq_ignore_ascii_case(mark)).map(|_| mark.len());
    if let Some(digits) = marked("0x").or_else(|| marked("hex:")) {
        return hex(text.get(digits..)?.trim());
    }
    if let Some(coded) = marked("base64:").or_else(|| marked("base64,")) {
        return STANDARD.decode(text.get(coded..)?.trim()).ok();
    }
    let length = length?;
    let fits = |bytes: &Vec<u8>| length.fits(bytes.len()) && !bytes.is_empty();
    let (from_hex, from_base64) = (hex(text).filter(fits), STANDARD.decode(text).ok().filter(fits));
    match (from_hex, from_base64) {
        (Some(bytes), None) | (None, Some(bytes)) => Some(bytes),
        _ => None,
    }
}

/// Bytes as pairs of hexadecimal digits, which blanks may separate.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|digit| *digit != ' ')
        .map(|digit| digit.to_digit(16)?.try_into().ok())
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| (high << 4) | low).collect())
}

/// Whether a text ends with an ellipsis because a tool has cut it: without it, its JSON would end.
pub(super) fn is_cut(text: &str) -> bool {
    let Some(shown) = text.strip_suffix('…').or_else(|| text.strip_suffix("...")) else { return false };
    match shown.find(['[', '{']) {
        Some(at) => {
            let json = shown.get(at..).unwrap_or_default();
            serde_json::from_str::<serde::de::IgnoredAny>(json).is_err()
        }
        None => shown.starts_with(|first: char| first.is_ascii_digit()),
    }
}

/// How many attachments the message of a packet announces, as an Engine.IO packet.
pub(super) fn announced(packet: &str) -> usize {
    let digits = packet.strip_prefix('4').and_then(|message| message.strip_prefix(['5', '6']));
    digits.and_then(|digits| digits.split_once('-')?.0.parse().ok()).unwrap_or(0)
}

/// The contents of the attachments of a packet that is about to be encoded, if their order is certain. A Buffer is
/// written as `{"type":"Buffer","data":[1,2]}`.
pub(super) fn attachments(packet: &str, count: usize) -> Option<Vec<Vec<u8>>> {
    let packet: serde_json::Value = serde_json::from_str(packet).ok()?;
    let mut found = Vec::new();
    collect(packet.get("data")?, &mut found)?;
    (found.len() == count).then_some(found)
}

/// `None` if the order of attachments is not known: the keys of an object lose theirs.
fn collect(value: &serde_json::Value, found: &mut Vec<Vec<u8>>) -> Option<()> {
    if let Some(bytes) = buffer(value) {
        found.push(bytes);
        return Some(());
    }
    match value {
        serde_json::Value::Array(items) => items.iter().try_for_each(|item| collect(item, found)),
        serde_json::Value::Object(fields) => {
            let before = found.len();
            for field in fields.values() {
                collect(field, found)?;
            }
            (fields.len() == 1 || found.len().saturating_sub(before) < 2).then_some(())
        }
        _ => Some(()),
    }
}

fn buffer(value: &serde_json::Value) -> Option<Vec<u8>> {
    let fields = value.as_object().filter(|fields| fields.len() == 2)?;
    let bytes = fields.get("data")?.as_array().filter(|_| fields.get("type").is_some_and(|kind| kind == "Buffer"))?;
    bytes.iter().map(|byte| byte.as_u64()?.try_into().ok()).collect()
}

/// The revision that the packets of a session show: the side that pings tells it. Without any ping, the newer one.
pub(super) fn revision<'p>(packets: impl IntoIterator<Item = (Side, &'p str)>) -> Revision {
    let mut revision = Revision::Four;
    for (side, packet) in packets {
        match (side, packet) {
            (Side::Server, "2") | (Side::Client, "3") => return Revision::Four,
            (Side::Server, open) if open.starts_with("0{") && open.contains("\"maxPayload\"") => return Revision::Four,
            (Side::Client, "2") | (Side::Server, "3") => revision = Revision::Three,
            _ => {}
        }
    }
    revision
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_browsers_write_them() {
        let fits = |text: &str, bytes| Length::read(text).unwrap().fits(bytes);
        assert!(fits("300 B", 300) && !fits("300 B", 301) && fits("6", 6));
        assert!(fits("1.5 kB", 1500) && fits("1,5\u{a0}kB", 1536) && !fits("1.5 kB", 1800));
        assert!(fits("1,500 B", 1500) && fits("2.0 MB", 2_000_000));
        for text in ["", "B", "x", "-1", "[1]", "1 x"] {
            assert_eq!(Length::read(text), None, "{text}");
        }
    }

    #[test]
    fn binary_data_is_read_only_if_it_is_certain_how() {
        assert_eq!(binary("AQI=", Length::read("2 B")), Some(vec![1, 2]));
        assert_eq!(binary("01 02", Length::read("2")), Some(vec![1, 2]));
        assert_eq!(binary("0xff", None), Some(vec![255]));
        assert_eq!(binary("AQI=", None), None);
        assert_eq!(binary("AQI=", Length::read("3 B")), None);
    }

    #[test]
    fn a_cut_text_is_told_from_one_that_ends_with_dots() {
        assert!(is_cut(r#"42["msg","hel…"#) && is_cut(r#"42["msg"..."#) && is_cut("42/ch…"));
        assert!(!is_cut(r#"42["msg","hello…"]"#) && !is_cut("wait…") && !is_cut(r#"42["a"]…"#));
    }

    #[test]
    fn pings_tell_the_revision() {
        assert_eq!(revision([(Side::Client, "2"), (Side::Server, "3")]), Revision::Three);
        assert_eq!(revision([(Side::Server, "2"), (Side::Client, "3")]), Revision::Four);
        assert_eq!(revision([(Side::Client, "2probe"), (Side::Server, "3probe")]), Revision::Four);
    }
}
