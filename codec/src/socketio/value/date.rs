//! Moments, as JavaScript's `Date` has them.

#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "every part of a date is checked first; the largest year is 275760"
    )
)]

use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

/// A moment: milliseconds since the beginning of 1970, UTC; JavaScript's `Date`.
///
/// The msgpack parser has a form for it. In JSON it is the text that JavaScript writes, or `null` if it lies further than
/// 8.64e15 milliseconds from 1970, where JavaScript has no dates. Reading takes that text, or a number.
///
/// ```
/// use sio_codec::socketio::{Args, Date};
///
/// let args = Args::encode(&(Date(951_827_696_789),))?;
/// assert_eq!(args.items(), r#""2000-02-29T12:34:56.789Z""#);
/// assert_eq!(args.decode::<(Date,)>()?.0, Date(951_827_696_789));
/// # Ok::<(), sio_codec::socketio::ArgsError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_structs, reason = "a transparent wrapper, meant to be matched")]
pub struct Date(pub i64);

impl Date {
    /// Whether JavaScript has this date.
    pub(in crate::socketio) const fn is_valid(self) -> bool {
        self.0.unsigned_abs() <= 8_640_000_000_000_000
    }

    /// Reads the text that [`Display`](fmt::Display) writes.
    fn parse(text: &str) -> Option<Self> {
        let (year, rest) = match text.as_bytes().first()? {
            b'+' => (number(text.get(1..7)?)?, text.get(7..)?),
            b'-' => (number(text.get(1..7)?)?.checked_neg()?, text.get(7..)?),
            _ => (number(text.get(..4)?)?, text.get(4..)?),
        };
        let mut fields = [0_i64; 6];
        let mut rest = rest;
        for ((field, lead), len) in fields.iter_mut().zip(['-', '-', 'T', ':', ':', '.']).zip([2, 2, 2, 2, 2, 3]) {
            rest = rest.strip_prefix(lead)?;
            *field = number(rest.get(..len)?)?;
            rest = rest.get(len..)?;
        }
        let [month, day, hour, minute, second, milli] = fields;
        let valid = matches!((month, day, hour, minute, second), (1..=12, 1..=31, 0..=23, 0..=59, 0..=59));
        if rest != "Z" || !valid {
            return None;
        }
        let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
        let date = Self(seconds * 1000 + milli);
        date.is_valid().then_some(date)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_valid() {
            return f.write_str("Invalid Date");
        }
        let (day, milli) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        let (year, month, day) = civil(day);
        match year {
            0..=9999 => write!(f, "{year:04}")?,
            _ => write!(f, "{year:+07}")?,
        }
        let (second, minute, hour) = (milli / 1000 % 60, milli / 60_000 % 60, milli / 3_600_000);
        write!(f, "-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", milli % 1000)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(DATE, &self.0)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(DATE, DateVisitor)
    }
}

struct DateVisitor;

impl<'de> Visitor<'de> for DateVisitor {
    type Value = Date;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Date, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_i64<E: Error>(self, milliseconds: i64) -> Result<Date, E> {
        Ok(Date(milliseconds))
    }

    fn visit_u64<E: Error>(self, milliseconds: u64) -> Result<Date, E> {
        i64::try_from(milliseconds).map(Date).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Date, E> {
        Date::parse(text).ok_or_else(|| E::custom("no date"))
    }
}

/// The name by which our serializers and deserializers know a date.
pub(in crate::socketio) const DATE: &str = "$sio_codec::Date";

const DAY: i64 = 86_400_000;

/// Digits only, so that no sign slips in.
fn number(digits: &str) -> Option<i64> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// Days from 1970 to a date of the Gregorian calendar. Years are counted from March, so that leap days come last.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The year, month and day that are this number of days after 1970 began.
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + (month <= 2) as i64, month, day)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_as_javascript_writes_them() {
        for (milliseconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_827_696_789, "2000-02-29T12:34:56.789Z"),
            (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (-62_167_219_200_001, "-000001-12-31T23:59:59.999Z"),
            (8_640_000_000_000_000, "+275760-09-13T00:00:00.000Z"),
            (-8_640_000_000_000_000, "-271821-04-20T00:00:00.000Z"),
        ] {
            assert_eq!(Date(milliseconds).to_string(), text);
            assert_eq!(Date::parse(text), Some(Date(milliseconds)));
        }
        assert_eq!(Date(i64::MIN).to_string(), "Invalid Date");
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "2000",
            "2000-01-01",
            "2000-13-01T00:00:00.000Z",
            "2000-01-01T24:00:00.000Z",
            "2000-01-01T00:00:00.000",
            "2000-01-01T00:00:00.000ZZ",
            "2000-01-01T00:00:00.00é",
            "+999999-01-01T00:00:00.000Z",
            "20+0-01-01T00:00:00.000Z",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn read_as_written(milliseconds in -8_640_000_000_000_000_i64..=8_640_000_000_000_000) {
            prop_assert_eq!(Date::parse(&Date(milliseconds).to_string()), Some(Date(milliseconds)));
        }
    }
}
