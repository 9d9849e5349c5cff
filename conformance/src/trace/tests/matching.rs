//! Tables of patterns against texts.

use serde_json::{Value, json};

use crate::trace::{Bindings, Comparison, Content, Data, Pattern};
use Comparison::{Exact, Json, Longer, More};

fn pattern(source: &str) -> Pattern {
    source.parse().expect("a pattern")
}

/// The captured values, or the error.
fn check(source: &str, actual: &str, comparison: Comparison, known: Value) -> Result<Value, String> {
    let mut bindings: Bindings = known.as_object().cloned().unwrap_or_default().into_iter().collect();
    pattern(source).matches(actual, comparison, &mut bindings).map_err(|mismatch| mismatch.to_string())?;
    Ok(bindings.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect())
}

#[test]
fn what_matches() {
    let table = [
        // text
        ("", "", Json, json!({})),
        ("3probe", "3probe", Json, json!({})),
        ("4$a", "4", Json, json!({"a": ""})),
        ("4$a", "4{not json", Json, json!({"a": "{not json"})),
        ("$a,$b", "x,y,z", Json, json!({"a": "x", "b": "y,z"})),
        ("$a,y", "x,y,y", Json, json!({"a": "x,y"})),
        ("$a-$a", "x-x", Json, json!({"a": "x"})),
        ("$_-$_", "x-y", Json, json!({})),
        ("$a$b", "xy", Json, json!({"a": "", "b": "xy"})),
        ("$n:int.$m:int", "-12.007", Json, json!({"n": -12, "m": 7})),
        ("$n:int$a", "12x", Json, json!({"n": 12, "a": "x"})),
        ("$n:int", "18446744073709551615", Json, json!({"n": u64::MAX})),
        ("$host:internal", "a:internal", Json, json!({"host": "a"})),
        ("${a}b:\\u{e9}\\x41\\$\\\\\\n", "xb:éA$\\\n", Json, json!({"a": "x"})),
        // JSON after a prefix
        (r#"0{"sid":$sid,"n":1}"#, r#"0{ "n": 1.0, "sid": "x" }"#, Json, json!({"sid": "x"})),
        (r#"0{"sid":$sid}"#, r#"0{"n":1,"sid":"x"}"#, More, json!({"sid": "x"})),
        (r#"42["a",{"b":{"c":1}}]"#, r#"42["a",{"b":{"c":1.0,"d":2},"e":3}]"#, More, json!({})),
        (r#"43[null,[$a]]"#, r#"43[null,[1,2],3]"#, Longer, json!({"a": 1})),
        (r#"42["a",$b]"#, r#"42["a", {"x":[1]}]"#, Json, json!({"b": {"x": [1]}})),
        (r#"42$n:int["a"]"#, r#"4217["a"]"#, Json, json!({"n": 17})),
        (r#"42/$ns,["a"]"#, r#"42/admin?x=1,["a"]"#, Json, json!({"ns": "admin?x=1"})),
        (r#"["a-$b",$c:int]"#, r#"["a-\u0041", 5]"#, Json, json!({"b": "A", "c": 5})),
        (r#"["$n:int"]"#, r#"["5"]"#, Json, json!({"n": 5})),
        (r#"[$a,$a]"#, r#"[{"x":1,"y":2},{"y":2.0,"x":1e0}]"#, Json, json!({"a": {"x": 1, "y": 2}})),
        (r#"[$_,"$_"]"#, r#"[null,"x"]"#, Json, json!({})),
        (r#"["\u0041"]"#.replace('\\', "\\\\").leak(), r#"["A"]"#, Json, json!({})),
        // invalid JSON is text
        ("{$a", "{x", Json, json!({"a": "x"})),
        ("{$a:1}", "{x:1}", Json, json!({"a": "x"})),
        (r#"{"$k":1}"#, r#"{"x":1}"#, Json, json!({"k": "x"})),
        ("GET /[$a] HTTP", "GET /[x] HTTP", Json, json!({"a": "x"})),
        // exact
        (r#"0{"sid":$sid}"#, r#"0{"sid":"x"}"#, Exact, json!({"sid": "x"})),
        (r#"["a-$b"]"#, r#"["a-\"\n"]"#.replace("\\n", "\\u000a").leak(), Exact, json!({"b": "\"\n"})),
    ];
    for (source, actual, comparison, captured) in table {
        assert_eq!(check(source, actual, comparison, json!({})), Ok(captured), "{source} against {actual}");
    }
}

#[test]
fn what_a_bound_hole_matches() {
    let known = json!({"sid": "x\"y", "n": 300, "o": {"k": [true]}});
    for (source, actual, comparison) in [
        ("sid=$sid&n=$n", "sid=x\"y&n=300", Json),
        (r#"{"s":$sid,"t":"<$sid>","n":$n,"m":"$n"}"#, r#"{"s":"x\"y","t":"<x\"y>","n":3e2,"m":"300"}"#, Json),
        (r#"{"s":$sid,"t":"<$sid>"}"#, r#"{"s":"x\"y","t":"<x\"y>"}"#, Exact),
        (r#"[$o]"#, r#"[{"k" : [true]}]"#, Json),
    ] {
        assert_eq!(check(source, actual, comparison, known.clone()), Ok(known.clone()), "{source} against {actual}");
    }
}

#[test]
fn what_is_said_about_a_mismatch() {
    let known = json!({"sid": "abc", "n": 300});
    let long = "y".repeat(200);
    let table = [
        ("3probe", "3prob", Json),
        ("3probe", "3probes", Json),
        ("3probe", "3prübe", Json),
        ("3probe", "", Json),
        ("", "x", Json),
        ("$a,b", "x,c", Json),
        ("$a,b$c", "x,c", Json),
        ("4$x:int", "4y", Json),
        ("4$x:int", "499999999999999999999", Json),
        ("sid=$sid", "sid=xyz", Json),
        ("4x", &long, Json),
        ("42[1]", "43[1]", Json),
        ("42[1]", "42[1,2]", Json),
        ("42[]", "42[1]", Longer),
        ("42[{}]", "42[{\"a\":1}]", Longer),
        ("42[1,2]", "42[1]", Json),
        ("42[1]", "42{\"a\":1}", Json),
        ("42[1]", "42[\"1\"]", Json),
        ("42[1]", "42[2", Json),
        (r#"{"a":{"b":[0,"x$c"]}}"#, r#"{"a":{"b":[0,1]}}"#, Json),
        (r#"{"a":{"b":[0,"xy$c"]}}"#, r#"{"a":{"b":[0,"xz"]}}"#, Json),
        (r#"{"a":1,"b":$b}"#, r#"{"a":1}"#, Json),
        (r#"{"a":1}"#, r#"{"a":1,"b c":{}}"#, Json),
        (r#"{"a":$sid}"#, r#"{"a":"abd"}"#, Json),
        (r#"{"a":$n}"#, r#"{"a":"300"}"#, Json),
        (r#"{"a":$x:int}"#, r#"{"a":1.5}"#, Json),
        (r#"{"a":1}"#, r#"{"a": 1}"#, Exact),
    ];
    let said = table.map(|(source, actual, comparison)| {
        let mismatch = check(source, actual, comparison, known.clone()).expect_err(source);
        let actual = actual.chars().take(40).collect::<String>();
        format!("{source:28} {actual}\n    {mismatch}\n")
    });
    insta::assert_snapshot!(said.concat());
}

#[test]
fn a_number_is_read_to_its_last_digit() {
    // needs the feature float_roundtrip of serde_json
    let bindings: Bindings = [("n", 36_602_261.539_597_444)].into_iter().collect();
    assert_eq!(pattern("[$n]").matches("[36602261.539597444]", Json, &mut bindings.clone()), Ok(()));
    assert!(pattern("[$n]").matches("[36602261.53959744]", Json, &mut bindings.clone()).is_err());
}

#[test]
fn nothing_is_captured_from_a_mismatch() {
    let mut bindings = Bindings::default();
    let result = pattern(r#"[$a,"$b",1]"#).matches(r#"["x","y",2]"#, Json, &mut bindings);
    assert!(result.is_err());
    assert_eq!(bindings, Bindings::default());
}

#[test]
fn how_holes_are_filled() {
    let bindings: Bindings = [("s", json!("a\"b")), ("n", json!(5)), ("o", json!({"k": "v"}))].into_iter().collect();
    for (source, filled) in [
        ("x=$s&y=$n", "x=a\"b&y=5"),
        ("$o", r#"{"k":"v"}"#),
        (
            r#"4$n{"a":$s,"b":"<$s>","c":$n,"d":"$n","e":$o,"f":"$o"}"#,
            r#"45{"a":"a\"b","b":"<a\"b>","c":5,"d":"5","e":{"k":"v"},"f":"{\"k\":\"v\"}"}"#,
        ),
        ("[$s", "[a\"b"),
    ] {
        assert_eq!(pattern(source).render(&bindings).as_deref(), Ok(filled));
    }
    for (source, error) in [("$x", "the hole $x has no value yet"), ("$_", "the hole $_ has no value yet")] {
        assert_eq!(pattern(source).render(&bindings).map_err(|unbound| unbound.to_string()), Err(error.to_owned()));
    }
}

#[test]
fn how_a_pattern_is_written() {
    for (source, written) in [
        ("${a}", "$a"),
        ("${a}b", "${a}b"),
        ("${a:int}b", "${a:int}b"),
        ("${a:int}-", "$a:int-"),
        ("${a}:int", "${a}:int"),
        ("${a}:internal", "$a:internal"),
        ("$a$b", "$a$b"),
        ("${_}", "$_"),
        ("\\u{41}\\x20b c\\x20\\x20d\\x20$a e", "A\\x20b c\\x20\\x20d $a e"),
        ("\\x20", "\\x20"),
        ("\\u{1e}\\u{a0}\\u{200b}é", "\\x1e\\u{a0}\\u{200b}é"),
    ] {
        let written = written.replace("A\\x20b", "A b");
        assert_eq!(pattern(source).to_string(), written, "{source}");
    }
}

#[test]
fn a_payload_is_filled_up() {
    let content = Content { fill: "$n + 1".parse().ok(), ..pattern("4$a").into() };
    let mut bindings: Bindings = [("n", json!(5)), ("a", json!("b"))].into_iter().collect();
    assert_eq!(content.render(&bindings).as_deref(), Ok("4bxxxx"));
    assert_eq!(content.matches("4bxxxx", &mut bindings), Ok(()));
    assert!(content.matches("4bxxxxx", &mut bindings).is_err());
    let unbound = content.matches("4bxxxx", &mut [("n", 5)].into_iter().collect()).expect_err("a hole");
    insta::assert_snapshot!(
        unbound,
        @r#"at character 1: expected a known payload, but the hole $a has no value yet, found "4bxxxx""#
    );

    let data = Data { bytes: vec![0], fill: "3".parse().ok() };
    assert_eq!(data.render(&bindings), Ok(vec![0, b'x', b'x']));
    let endless = Data { bytes: vec![], fill: "4294967295*$n".parse().ok() };
    assert_eq!(endless.render(&bindings).map(|bytes| bytes.len()), Ok(crate::trace::MAX_FILL));
    let shorter = Data { bytes: vec![1, 2], fill: "-1".parse().ok() };
    assert_eq!(shorter.render(&bindings), Ok(vec![1, 2]));
}

/// A raw request names a sid in its query, where some characters of a sid have another meaning.
#[test]
fn the_holes_of_a_raw_request_are_percent_encoded() {
    let content = Content { fill: "40".parse().ok(), ..pattern("POST {path}?sid=$sid HTTP/1.1").into() };
    let bindings: Bindings = [("sid", "a+b&c")].into_iter().collect();
    let expected = "POST {path}?sid=a%2Bb%26c HTTP/1.1xxxxxx";
    assert_eq!(content.render_request(&bindings).as_deref(), Ok(expected));
}
