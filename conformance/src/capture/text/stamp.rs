//! Times as logs and browsers write them.

use std::time::Duration;

use time::{Date, Month};

const DAY: u64 = 24 * 60 * 60;

/// A time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Since the beginning of a day: of the first one, if the date is not given.
    pub(super) at: Duration,
    /// The unit of its last digit.
    pub(super) tick: Duration,
    pub(super) day: Day,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Day {
    Given,
    Unknown,
}

/// The time that a text is, and nothing else: `11:29:22.553`, `2:29:22 PM`, `2026-11-27T11:29:22Z`, `27.11.2026, 11:29:22`.
pub(super) fn whole(text: &str) -> Option<Stamp> {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    let (stamp, rest) = leading(text)?;
    rest.trim().is_empty().then_some(stamp)
}

/// The time that a line begins with, and the rest of the line.
pub(super) fn leading(text: &str) -> Option<(Stamp, &str)> {
    let bare = text.trim_start();
    let bare = bare.strip_prefix('[').unwrap_or(bare);
    let (days, rest) = date(bare).unwrap_or((None, bare));
    let (stamp, rest) = time_of_day(rest)?;
    let rest = zone(rest);
    let rest = rest.strip_prefix(']').unwrap_or(rest);
    let stamp = match days {
        Some(days) => Stamp {
            at: stamp.at.saturating_add(Duration::from_secs(days.saturating_mul(DAY))),
            day: Day::Given,
            ..stamp
        },
        None => stamp,
    };
    Some((stamp, rest))
}

/// A date, as days, and what follows. The order of day and month of `1/2/2026` is not known, so that it gives no days.
fn date(text: &str) -> Option<(Option<u64>, &str)> {
    let end = text.find(|character: char| !character.is_ascii_digit() && !matches!(character, '-' | '/' | '.'))?;
    let (written, rest) = text.split_at(end);
    let rest = rest.strip_prefix('T').or_else(|| rest.strip_prefix([',', ' ']).map(str::trim_start))?;
    let parts: Vec<&str> = written.split(['-', '/', '.']).filter(|part| !part.is_empty()).collect();
    let [year, month, day] = *parts.as_slice() else { return None };
    if !parts.iter().all(|part| part.len() <= 4) || !parts.iter().any(|part| part.len() == 4) {
        return None;
    }
    let month = month.parse::<u8>().ok().and_then(|month| Month::try_from(month).ok());
    let days = || {
        let date = Date::from_calendar_date(year.parse().ok()?, month?, day.parse().ok()?).ok()?;
        u64::try_from(date.to_julian_day()).ok()
    };
    Some((if year.len() == 4 { days() } else { None }, rest))
}

/// `11:29:22`, with `.553` or `,553` or `:553`, and `AM` or `PM`.
fn time_of_day(text: &str) -> Option<(Stamp, &str)> {
    let (hours, rest) = number(text, 1)?;
    let separator = rest.chars().next().filter(|separator| matches!(separator, ':' | '.'))?;
    let (minutes, rest) = number(rest.strip_prefix(separator)?, 2)?;
    let (seconds, rest) = match rest.strip_prefix(separator).and_then(|rest| number(rest, 2)) {
        Some(found) => found,
        // A time without seconds.
        None if separator == ':' => (60, rest),
        None => return None,
    };
    let (seconds, tick) = if seconds == 60 { (0, Duration::from_secs(60)) } else { (seconds, Duration::from_secs(1)) };
    let digits = |rest: &str| rest.bytes().take_while(u8::is_ascii_digit).count();
    let fraction = rest.strip_prefix(['.', ',', ':']).map(|rest| rest.split_at(digits(rest)));
    let (nanos, tick, rest) = match fraction {
        Some((fraction, rest)) if (1..=9).contains(&fraction.len()) => {
            let unit = 10_u32.pow(9 - u32::try_from(fraction.len()).ok()?);
            (fraction.parse::<u32>().ok()?.saturating_mul(unit), Duration::from_nanos(unit.into()), rest)
        }
        _ => (0, tick, rest),
    };
    let (hours, rest) = half_of_day(hours, rest);
    if hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    let at = Duration::new(hours * 3600 + minutes * 60 + seconds, nanos);
    Some((Stamp { at, tick, day: Day::Unknown }, rest))
}

fn half_of_day(hours: u64, rest: &str) -> (u64, &str) {
    let behind = rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    for (words, add) in [(["AM", "am", "a.m."], 0), (["PM", "pm", "p.m."], 12)] {
        if let Some(rest) = words.iter().find_map(|word| behind.strip_prefix(word)) {
            return (hours % 12 + add, rest);
        }
    }
    (hours, rest)
}

/// Without a time zone, which is that of all lines.
fn zone(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix('Z') {
        return rest;
    }
    let Some(offset) = text.strip_prefix(['+', '-']) else { return text };
    let end = offset.find(|character: char| !character.is_ascii_digit() && character != ':').unwrap_or(offset.len());
    if (4..=5).contains(&end) { offset.get(end..).unwrap_or_default() } else { text }
}

/// A number of two digits, or fewer if there are at least so many.
fn number(text: &str, fewest: usize) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits).filter(|_| (fewest..=2).contains(&digits))?;
    Some((number.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_browsers_and_logs_write_them() {
        let noon = Duration::from_millis(((11 * 60 + 29) * 60 + 22) * 1000 + 553);
        for text in
            ["11:29:22.553", "11:29:22,553", "11.29.22,553", " [11:29:22.553] ", "11:29:22.553 AM", "11:29:22:553"]
        {
            assert_eq!(whole(text).unwrap().at, noon, "{text}");
            assert_eq!(whole(text).unwrap().tick, Duration::from_millis(1), "{text}");
        }
        assert_eq!(whole("2:29:22 PM").unwrap().at, Duration::from_secs((14 * 60 + 29) * 60 + 22));
        assert_eq!(whole("12:00:00 a.m.").unwrap().at, Duration::ZERO);
        assert_eq!(whole("27.11.2026, 00:00:01").unwrap().at, Duration::from_secs(1));
        assert_eq!(whole("11:29").unwrap().tick, Duration::from_secs(60));
        let dated = |text| leading(text).unwrap();
        let (first, second) = (dated("2026-11-27T23:59:59.9Z a"), dated("2026-11-28 00:00:00,1 b"));
        assert_eq!(second.0.at.checked_sub(first.0.at), Some(Duration::from_millis(200)));
        assert_eq!((first.1, second.1), (" a", " b"));
        for text in ["", "2", "300 B", "1.5 kB", "11", "99:99:99", "25:00:00", "1.2.3", "4.10", "12:00:00x"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}
