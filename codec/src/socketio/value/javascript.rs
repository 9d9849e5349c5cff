//! Numbers as JavaScript turns them into text, wherever one stands for a name.

#![cfg_attr(not(test), expect(clippy::arithmetic_side_effects, reason = "the digits are part of the text"))]

use alloc::format;
use alloc::string::String;
#[cfg(feature = "msgpack")]
use alloc::string::ToString as _;

/// What `String(number)` is in JavaScript: `1` for 1.0, `1e+21`, and the digits of the nearest double for an integer that
/// is none.
///
/// It is `Number::toString` of ECMAScript 2023 (6.1.6.1.20): the fewest digits that tell the number from its neighbours,
/// as a plain decimal from 1e-6 up to 1e21, and with an exponent beyond.
//= SIO5-PKT-09
pub(crate) fn number_text(number: f64) -> String {
    if number == 0.0 {
        return "0".into();
    }
    if !number.is_finite() {
        let name = if number > 0.0 { "Infinity" } else { "-Infinity" };
        return if number.is_nan() { "NaN" } else { name }.into();
    }
    // The digits are JSON's: as few as there can be, and of two equally near the even one.
    let mut buffer = zmij::Buffer::new();
    let written = buffer.format_finite(number.abs());
    let (mantissa, exponent) = written.split_once('e').unwrap_or((written, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = [whole, fraction].concat();
    let digits = all.trim_start_matches('0');
    // Where the point is, counted from the first digit that is not zero.
    let leading = whole.len().wrapping_sub(all.len() - digits.len()).cast_signed();
    let point = leading.saturating_add(exponent.parse().unwrap_or_default());
    let digits = digits.trim_end_matches('0');
    let sign = if number < 0.0 { "-" } else { "" };
    match (point, digits.split_at_checked(point.unsigned_abs())) {
        (1..=21, Some((whole, fraction))) if !fraction.is_empty() => format!("{sign}{whole}.{fraction}"),
        (1..=21, _) => format!("{sign}{digits:0<width$}", width = point.unsigned_abs()),
        (-5..=0, _) => format!("{sign}0.{:0<zeros$}{digits}", "", zeros = point.unsigned_abs()),
        _ => {
            let (first, others) = digits.split_at_checked(1).unwrap_or((digits, ""));
            let dot = if others.is_empty() { "" } else { "." };
            format!("{sign}{first}{dot}{others}e{exponent:+}", exponent = point.saturating_sub(1))
        }
    }
}

/// The same for an integer, which is a double there.
#[cfg(feature = "msgpack")]
#[expect(clippy::cast_precision_loss, reason = "as in JavaScript")]
pub(crate) fn integer_text(number: i64) -> String {
    if number.unsigned_abs() <= 1 << 53 { number.to_string() } else { number_text(number as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Node 20.20 says to `String(number)`.
    //= SIO5-PKT-09
    #[test]
    fn floats_are_written_as_node_writes_them() {
        for (number, text) in FLOATS {
            assert_eq!(number_text(*number), *text, "{number:e}");
        }
    }

    #[expect(clippy::excessive_precision, reason = "what a peer may write")]
    const FLOATS: &[(f64, &str)] = &[
        (1.0, "1"),
        (-1.0, "-1"),
        (0.0, "0"),
        (-0.0, "0"),
        (42.0, "42"),
        (1.5, "1.5"),
        (-1.5e3, "-1500"),
        (0.1, "0.1"),
        (100.0, "100"),
        (123.456, "123.456"),
        (-0.5, "-0.5"),
        (1e5, "100000"),
        (1.25e5, "125000"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-1e21, "-1e+21"),
        (1.5e21, "1.5e+21"),
        (123456789012345680000.0, "123456789012345680000"),
        (1234567890123456800000.0, "1.2345678901234568e+21"),
        (12345678901234567890123.0, "1.2345678901234568e+22"),
        (999999999999999900000.0, "999999999999999900000"),
        (999999999999999999999.0, "1e+21"),
        (9007199254740993.0, "9007199254740992"),
        (9007199254740991.0, "9007199254740991"),
        (18446744073709551615.0, "18446744073709552000"),
        (9223372036854775807.0, "9223372036854776000"),
        (0.000001, "0.000001"),
        (0.0000012, "0.0000012"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-7, "1.5e-7"),
        (-1.23e-7, "-1.23e-7"),
        (0.00001, "0.00001"),
        (0.000123, "0.000123"),
        (0.0000009999999, "9.999999e-7"),
        (5e-324, "5e-324"),
        (-5e-324, "-5e-324"),
        (2.2250738585072014e-308, "2.2250738585072014e-308"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (4.35, "4.35"),
        (0.3, "0.3"),
        (1e22, "1e+22"),
        (1e23, "1e+23"),
        (9.5367431640625e-7, "9.5367431640625e-7"),
        (123e-20, "1.23e-18"),
        (95.25897878681405, "95.25897878681405"),
        (4.9406564584124654e-324, "5e-324"),
        (2e-44, "2e-44"),
        (7.120236347223045e-307, "7.120236347223045e-307"),
        (1.1e-5, "0.000011"),
        (3.0e10, "30000000000"),
        // Half-way between two texts: the even one.
        (858292936547528.25, "858292936547528.2"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "Infinity"),
        (f64::NEG_INFINITY, "-Infinity"),
    ];

    /// What Node 20.20 says to `String(number)` of the nearest float.
    //= SIO5-PKT-09
    #[test]
    fn integers_are_written_as_node_writes_floats() {
        for (number, text) in [
            (0, "0"),
            (-7, "-7"),
            (1 << 53, "9007199254740992"),
            ((1 << 53) + 1, "9007199254740992"),
            (i64::MAX, "9223372036854776000"),
            (i64::MIN, "-9223372036854776000"),
        ] {
            assert_eq!(integer_text(number), text);
        }
    }
}
