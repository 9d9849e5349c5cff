use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::*;

fn at(json: &str) -> Option<JsonFault> {
    validate(json.as_bytes()).err()
}

//= SIO5-PKT-15
#[test]
fn what_is_no_json_and_where() {
    let table = [
        ("", 0),
        (" ", 1),
        ("[", 1),
        ("[1", 2),
        ("[1,]", 3),
        ("[,1]", 1),
        ("[1 2]", 3),
        ("[1}", 2),
        ("[1] x", 4),
        ("{1:2}", 1),
        (r#"{"a"}"#, 4),
        (r#"{"a":}"#, 5),
        (r#"{"a":1,}"#, 7),
        (r#"{"a":1]"#, 6),
        (r#""a"#, 2),
        ("\"\n\"", 1),
        ("\"a long text, and\u{1f}\"", 17),
        (r#""\x""#, 2),
        (r#""\u12g4""#, 5),
        (r#""\u12"#, 5),
        ("-", 1),
        ("01", 1),
        ("1.", 2),
        ("1e+", 3),
        (".5", 0),
        ("+1", 0),
        ("tru]", 3),
        ("nulL", 3),
        ("NaN", 0),
        ("'a'", 0),
        ("\u{feff}1", 0),
    ];
    for (json, offset) in table {
        assert_eq!(at(json), Some(JsonFault::json(offset)), "{json:?}");
    }
}

//= SIO5-PKT-15
//= SIO5-PKT-24
#[test]
fn what_is_json() {
    for json in [
        "0",
        "-0",
        "1e400",
        "-12.5E-7",
        "123456789012345678901234567890",
        "true",
        " [ ] ",
        "{}",
        r#"{"":{"a":[1,[{}],"x"]},"a":1,"a":2}"#,
        r#""\ud800""#,
        r#""\"\\\/\b\f\n\r\t\u00e9 é€😀 and a longer text""#,
        "\t\n\r 1 \t\n\r",
        "\"\u{7f}\"",
    ] {
        assert_eq!(at(json), None, "{json}");
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |levels: usize| format!("{}{}", r#"{"a":["#.repeat(levels / 2), "[".repeat(levels % 2));
    let closed = |levels: usize| format!("{}{}{}", nested(levels), "]".repeat(levels % 2), "]}".repeat(levels / 2));
    let most = MAX_DEPTH as usize;
    assert_eq!(at(&closed(most)), None);
    assert_eq!(at(&closed(most + 1)), Some(JsonFault::too_deep(nested(most + 1).len() - 1)));
    assert_eq!(at(&"[".repeat(1_000_000)), Some(JsonFault::too_deep(most)));
    let siblings = format!("[{}[]]", "[],{},".repeat(100_000));
    assert_eq!(at(&siblings), None, "only what is open at once counts");
}

#[test]
fn plain_text_ends_at_the_first_character_that_needs_an_escape() {
    // Words, what is left over, and blocks: the first stop may stand anywhere in each, and anything behind it.
    for len in 0..150 {
        let mut text = "\u{7f}é ~!".bytes().cycle().take(len).collect::<Vec<_>>();
        assert_eq!(plain(&text), len);
        for at in (0..len).rev() {
            for stop in *b"\0\x1f\\\"" {
                text[at] = stop;
                assert_eq!(plain(&text), at, "{stop} at {at} of {len}");
            }
        }
    }
}

proptest! {
    /// `serde_json` is the judge. It follows any depth here, as it skips without recursing.
    #[test]
    fn agrees_with_serde_json(text in likely()) {
        let theirs = serde_json::from_str::<IgnoredAny>(&text);
        prop_assert_eq!(at(&text).is_none(), theirs.is_ok(), "{:?}", theirs);
    }
}

fn likely() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(
        &[
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            " ",
            "\n",
            "\"",
            "\\",
            "u",
            "00e9",
            "\"a\"",
            "\"a\":",
            "1",
            "0",
            "-",
            ".",
            "e",
            "+",
            "true",
            "false",
            "null",
            "é",
            "\u{1}",
            r#""\ud83d\ude00""#,
            "[1,2]",
            r#"{"k":[]}"#,
            "12345678",
        ][..],
    );
    prop_oneof![
        prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat()),
        json(),
        (json(), any::<prop::sample::Index>(), any::<char>()).prop_map(|(json, at, spoiler)| {
            let mut letters: Vec<char> = json.chars().collect();
            let at = at.index(letters.len());
            letters[at] = spoiler;
            letters.into_iter().collect()
        }),
    ]
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<f64>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        ".*".prop_map(serde_json::Value::from),
    ];
    let tree = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(".{0,9}", inner, 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    });
    tree.prop_map(|value| format!("{value}"))
}
