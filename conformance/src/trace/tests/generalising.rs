//! Recorded payloads become patterns.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::arbitrary::json;
use crate::trace::{Bindings, Comparison, Pattern, generalise};

const SID: &str = "lv_VI97HAXpY6yYWAAAB";

fn known() -> Bindings {
    let values =
        [("sid", json!(SID)), ("interval", json!(300)), ("short", json!("abc")), ("id", json!("wZX3oN0bSVIhsaknAAAI"))];
    values.into_iter().collect()
}

fn check(actual: &str, known: &Bindings) -> (String, Value) {
    let general = generalise(actual, known);
    let learned = general.learned.iter().map(|(name, value)| (name.to_owned(), value.clone()));
    (general.pattern.to_string(), learned.collect())
}

#[test]
fn what_is_learned() {
    let none = Bindings::default();
    for (actual, known, source, learned) in [
        (
            r#"0{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
            &none,
            r#"0{"sid":$sid,"upgrades":["websocket"],"pingInterval":$interval,"pingTimeout":$timeout,"maxPayload":$max}"#,
            json!({"sid": "x", "interval": 25000, "timeout": 20000, "max": 1_000_000}),
        ),
        (r#"40{"sid":"x"}"#, &none, r#"40{"sid":$id}"#, json!({"id": "x"})),
        (
            r#"40/a,{ "sid" : "x", "pid" : "y" }"#,
            &none,
            r#"40/a,{ "sid" : $id, "pid" : $pid }"#,
            json!({"id": "x", "pid": "y"}),
        ),
        // names in use get a number, known values keep their names
        (r#"40/a,{"sid":"x"}"#, &known(), r#"40/a,{"sid":$id2}"#, json!({"id2": "x"})),
        (
            r#"0{"sid":"x","pingInterval":300}"#,
            &known(),
            r#"0{"sid":$sid2,"pingInterval":$interval}"#,
            json!({"sid2": "x"}),
        ),
        // other packets announce nothing
        (r#"42{"sid":"x"}"#, &none, r#"42{"sid":"x"}"#, json!({})),
        (r#"0{"sid":{"a":1},"x":{"sid":"y"}}"#, &none, r#"0{"sid":{"a":1},"x":{"sid":"y"}}"#, json!({})),
        (r#"0{"sid":"x""#, &none, r#"0{"sid":"x""#, json!({})),
        (r#"0{"sid":"x","sid":"y"}"#, &none, r#"0{"sid":"x","sid":$sid}"#, json!({"sid": "y"})),
        (r#"0{"a\",{":"\\","sid":"x"}"#, &none, r#"0{"a\\",{":"\\\\","sid":$sid}"#, json!({"sid": "x"})),
    ] {
        assert_eq!(check(actual, known), (source.to_owned(), learned), "{actual}");
    }
}

#[test]
fn what_is_found_again() {
    for (actual, source) in [
        (format!("EIO=4&sid={SID}"), "EIO=4&sid=$sid"),
        (format!("{SID}x{SID}"), "${sid}x$sid"),
        (format!("{SID}{SID}"), "$sid$sid"),
        (format!("42[\"who\",\"{SID}\"]"), r#"42["who","$sid"]"#),
        (format!("2  abc 300 $x \\ {}", '\u{1e}'), r"2\x20\x20abc 300 \$x \\ \x1e"),
    ] {
        assert_eq!(check(&actual, &known()), (source.to_owned(), json!({})));
    }
}

#[test]
fn a_longer_value_is_found_before_its_part() {
    let known: Bindings = [("a", "12345678"), ("b", "x12345678")].into_iter().collect();
    assert_eq!(check("12345678 x12345678 ", &known).0, r"$a $b\x20");
}

#[test]
fn a_value_across_an_escape_stays_as_it_is() {
    let known: Bindings = [("a", "\\u0041bcdefgh")].into_iter().collect();
    assert_eq!(check(r#"["\u0041bcdefgh"]"#, &known).0, r#"["\\u0041bcdefgh"]"#);
}

proptest! {
    #[test]
    fn a_generalised_payload_matches_what_was_recorded(
        prefix in "(0|40|40/[a-z]{0,3},|42|)",
        keys in prop::sample::subsequence(vec!["sid", "pid", "pingInterval", "pingTimeout", "maxPayload", "x"], 0..6),
        values in prop::collection::vec(json(), 6),
        arbitrary in any::<String>(),
        names in prop::collection::vec("(sid|id|interval|[a-c])", 0..4),
    ) {
        let members = keys.into_iter().zip(values.iter().cloned());
        let object = Value::Object(members.map(|(key, value)| (key.to_owned(), value)).collect());
        let known: Bindings = names.into_iter().zip(values.iter().rev().cloned()).collect();
        let joined = known.iter().filter_map(|(_, value)| value.as_str()).collect::<String>();
        for actual in [format!("{prefix}{object}"), format!("{joined}{arbitrary}{joined}"), arbitrary] {
            let general = generalise(&actual, &known);
            let source = general.pattern.to_string();
            let pattern: Pattern = source.parse().map_err(|error| TestCaseError::fail(format!("{error}")))?;
            for comparison in [Comparison::Json, Comparison::Exact] {
                let mut bindings = known.clone();
                prop_assert_eq!(pattern.matches(&actual, comparison, &mut bindings), Ok(()), "{}", source);
                for (name, value) in general.learned.iter() {
                    prop_assert_eq!(bindings.value(name), Some(value));
                }
            }
        }
    }
}
