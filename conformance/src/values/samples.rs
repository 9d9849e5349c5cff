//! The leaves of generated values: values that implementations have failed on, and boundary values.
//!
//! `JSON.parse` and `JSON.stringify` keep each of them unchanged.

use serde_json::Number;

/// Texts, none of them empty.
pub(super) const TEXTS: &[&str] = &[
    // plain texts, and white space that a parser may trim wrongly
    "a",
    "hello world",
    " ",
    "  two  ",
    " leading",
    "trailing ",
    "\u{a0}",
    "\u{3000}",
    // quotes and backslashes, and texts that look like escapes
    "\"",
    "\\",
    "\\\\\"",
    "'",
    "`",
    "\\u0041",
    "\\n",
    "\\x1e",
    "say \"hi\" \\ bye",
    // one of each plane of Unicode, including ends of planes and noncharacters
    "é",
    "ß",
    "Ωя",
    "中文",
    "한국어",
    "\u{e000}",
    "\u{f8ff}",
    "\u{fffd}",
    "\u{fffe}\u{ffff}",
    "\u{fdd0}",
    "\u{d7ff}",
    "😀",
    "𝄞",
    "\u{10000}",
    "\u{1ffff}",
    "𠀀",
    "\u{30000}",
    "\u{40000}\u{50000}\u{60000}\u{70000}\u{80000}\u{90000}\u{a0000}\u{b0000}\u{c0000}\u{d0000}",
    "\u{e0001}",
    "x\u{e0100}",
    "\u{f0000}",
    "\u{10ffff}",
    // composed and decomposed, compatibility characters, and case conversions that cannot be reversed
    "é è ü",
    "e\u{301} e\u{300} u\u{308}",
    "\u{212b}",
    "\u{ac01}",
    "\u{1100}\u{1161}\u{11a8}",
    "\u{fb01}",
    "İı",
    "ẞ",
    "q\u{307}\u{323}",
    "q\u{323}\u{307}",
    // right-to-left text, and marks without width
    "שלום",
    "مرحبا",
    "abc שלום 123",
    "\u{202e}abc\u{202c}",
    "\u{200b}",
    "\u{feff}",
    "\u{feff}bom",
    "\u{ad}",
    "\u{2066}a\u{2069}",
    // emoji of several characters
    "👨\u{200d}👩\u{200d}👧\u{200d}👦",
    "🏳\u{fe0f}\u{200d}🌈",
    "🇩🇪",
    "👍🏽",
    "1\u{fe0f}\u{20e3}",
    "z\u{334}\u{335}\u{336}\u{337}\u{338}",
    // markup and templates
    "<script>alert(1)</script>",
    "&amp;",
    "&#x41;",
    "<!-- -->",
    "]]>",
    "</",
    "%20%00%41",
    "a+b",
    "${x}",
    "$sid",
    "{{7*7}}",
    "%s%n",
    "'; DROP TABLE x; --",
    "../../etc",
    // the line separators that JSON allows in a string
    "\u{2028}",
    "\u{2029}",
    "a\u{2028}b\u{2029}c",
    // texts that look like JSON, like another type, or like the protocol
    "null",
    "true",
    "undefined",
    "NaN",
    "0",
    "-0",
    "1e5",
    "{}",
    "[]",
    "{\"a\":1}",
    "[1,2]",
    "2026-11-27T12:00:00.000Z",
    "/Date(0)/",
    "1",
    "2",
    "2probe",
    "3probe",
    "5",
    "6",
    "40",
    "42[\"message\"]",
    "451-",
    "/custom,",
    "bAQID",
    "b4",
    "AQID",
    "==",
    "_placeholder",
];

/// Texts with control characters, which JSON escapes, and Engine.IO messages carry unchanged.
pub(super) const CONTROLS: &[&str] = &[
    "\0",
    "a\0b",
    "\u{1}",
    "\u{7}",
    "\u{8}",
    "\t",
    "\n",
    "\r",
    "\r\n\r\n",
    "\u{b}",
    "\u{c}",
    "\u{1a}",
    "\u{1b}[31m",
    "\u{1c}\u{1d}",
    "\u{1f}",
    "\u{7f}",
    "\u{80}",
    "\u{85}",
    "\u{9f}",
    "line\nline",
];

/// The separator of packets in a polling payload. JSON escapes it. An Engine.IO text that contains it cannot be carried
/// over polling.
pub(super) const SEPARATORS: &[&str] = &["\u{1e}", "a\u{1e}b", "4a\u{1e}4b", "\u{1e}\u{1e}"];

/// Keys that look like something else.
pub(super) const KEYS: &[&str] = &[
    "",
    " ",
    "a",
    "constructor",
    "prototype",
    "toJSON",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "length",
    "0",
    "1",
    "-1",
    "01",
    "1.5",
    "then",
    "null",
    "true",
    "class",
    "$ref",
    "$oid",
    "@type",
    "_id",
    "_",
    "num",
    "a.b",
    "a[0]",
    "a b",
    "A",
    "\"",
    "\\",
    "\n",
    "\0",
    "\u{1e}",
    "\u{7f}",
    "é",
    "e\u{301}",
    "😀",
    "𠀀",
    "\u{2028}",
    "<b>",
    "&amp;",
    "مفتاح",
    "event",
    "data",
    "nsp",
    "type",
    "id",
    "attachments",
];

/// The key that sets an object's prototype if a program copies members one by one. The reference does that with
/// messages that have attachments, so the key is lost there.
pub(super) const PROTO: &str = "__proto__";

/// Integers that every JSON parser should accept.
pub(super) const INTEGERS: &[i64] = &[
    0,
    1,
    -1,
    9,
    10,
    127,
    128,
    255,
    256,
    32_767,
    32_768,
    65_535,
    65_536,
    2_147_483_647,
    2_147_483_648,
    -2_147_483_648,
    -2_147_483_649,
    4_294_967_295,
    4_294_967_296,
    9_007_199_254_740_991,
    -9_007_199_254_740_991,
];

/// Fractions with few digits.
pub(super) const FRACTIONS: &[f64] = &[0.5, -0.5, 1.5, 0.1, -2.25, 0.001, 1234.5678, 99.99];

/// Numbers that need all bits of a double, or its whole range.
pub(super) const DELICATE: &[f64] = &[
    1e21,
    1e-7,
    5e-324,
    2.225_073_858_507_201_4e-308,
    1.797_693_134_862_315_7e308,
    -1.797_693_134_862_315_7e308,
    0.1 + 0.2,
    9_007_199_254_740_992.0,
    1.0 / 3.0,
    123_456_789.123_456_79,
    1e100,
];

/// Whether a number has more digits or a larger exponent than all JSON parsers keep.
pub(super) fn is_delicate(number: &Number) -> bool {
    /// The number of digits that all parsers keep: a double distinguishes all decimals of 15 digits.
    const SAFE_DIGITS: usize = 15;
    if number.is_i64() {
        return false;
    }
    let text = number.to_string();
    text.contains('e') || text.chars().filter(char::is_ascii_digit).count() > SAFE_DIGITS
}

/// Lengths at which the form of a WebSocket header or the number of digits changes: small ones.
pub(super) const SHORT: &[usize] = &[125, 126, 127];

/// The same: large ones.
pub(super) const LONG: &[usize] = &[65_535, 65_536];

/// Difficult bytes: invalid UTF-8, and packets and separators of the protocols.
pub(super) const BYTES: &[&[u8]] = &[
    &[0x00],
    &[0xff],
    &[0x1e],
    &[0x1e, 0x1e],
    &[0x00, 0xff, 0x1e],
    &[0xc3, 0x28],
    &[0xed, 0xa0, 0x80],
    &[0x80],
    b"2",
    b"4hello",
    b"42[\"message\"]",
    b"bAQID",
    b"{\"_placeholder\":true,\"num\":0}",
    &[0x0d, 0x0a],
    &[0x7f, 0x80, 0x81],
    &[0xef, 0xbb, 0xbf],
    &[4, 0],
    &[1, 2, 3],
    &[1, 2, 3, 4],
];
