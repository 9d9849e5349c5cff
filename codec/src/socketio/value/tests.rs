use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use proptest::prelude::*;

use super::*;
use crate::socketio::{Args, ArgsError, Binary, Json};

fn values(json: &str) -> Vec<Value> {
    Args::from_json(json, vec![]).unwrap().values().unwrap()
}

fn text(value: &str) -> Value {
    Value::from(value)
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (Text::from(String::from(name)), value)).collect())
}

//= SIO5-PKT-21
#[test]
fn numbers() {
    let table = [
        ("0", Value::Integer(0)),
        ("-1", Value::Integer(-1)),
        ("9007199254740991", Value::Integer(9_007_199_254_740_991)),
        ("9007199254740992", Value::Integer(9_007_199_254_740_992)),
        ("9007199254740993", Value::Integer(9_007_199_254_740_993)),
        ("9223372036854775807", Value::Integer(i64::MAX)),
        ("-9223372036854775808", Value::Integer(i64::MIN)),
        ("9223372036854775808", Value::Unsigned(1 << 63)),
        ("18446744073709551615", Value::Unsigned(u64::MAX)),
        ("18446744073709551616", Value::Float(18_446_744_073_709_551_616.0)),
        ("-9223372036854775809", Value::Float(-9_223_372_036_854_775_808.0)),
        ("1.0", Value::Float(1.0)),
        ("1e3", Value::Float(1000.0)),
        ("0.1", Value::Float(0.1)),
        ("5e-324", Value::Float(5e-324)),
        ("1e-400", Value::Float(0.0)),
        ("1e400", Value::Float(f64::INFINITY)),
        ("-1E400", Value::Float(f64::NEG_INFINITY)),
    ];
    for (json, value) in table {
        assert_eq!(values(&format!("[{json}]")), [value], "{json}");
    }
    let Value::Float(zero) = values("[-0]")[0] else { panic!("no float") };
    assert!(zero.is_sign_negative());
    assert_eq!(
        Args::from_values(&values("[-0,1e400,5e-324,9007199254740993]")).unwrap().items(),
        "-0.0,null,5e-324,9007199254740993"
    );
}

/// What typed reading makes of the same.
//= SIO5-PKT-21
//= SIO5-PKT-24
#[test]
fn typed_reading_of_the_same() {
    let args = |json: &str| Args::from_json(json, vec![]).unwrap();
    assert_eq!(args("[9007199254740993]").decode::<(u64,)>(), Ok((9_007_199_254_740_993,)));
    assert_eq!(args("[9007199254740993]").decode::<(f64,)>(), Ok((9_007_199_254_740_992.0,)));
    assert_eq!(ArgsError::misfit(args("[18446744073709551616]").decode::<(u64,)>()), Some(0));
    assert!(args("[-0]").decode::<(f64,)>().unwrap().0.is_sign_negative());
    assert_eq!(ArgsError::misfit(args("[-0]").decode::<(i64,)>()), Some(0), "no integer has its sign");
    assert_eq!(args("[1e400]").decode::<(f64,)>(), Ok((f64::INFINITY,)));
    assert_eq!(args("[18446744073709551616]").decode::<(u128,)>(), Ok((1 << 64,)));
    assert_eq!(ArgsError::misfit(args(r#"["\ud800"]"#).decode::<(String,)>()), Some(0));
    assert_eq!(args(r#"["\ud83d\ude00"]"#).decode::<(String,)>(), Ok((String::from("😀"),)));
}

//= SIO5-PKT-24
#[test]
fn strings() {
    let table = [
        (r#""""#, ""),
        (r#""plain é€😀""#, "plain é€😀"),
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""a\u0000b\u00e9\uD83D\uDE00c""#, "a\u{0}b\u{e9}😀c"),
        (r#""\ud800""#, "\u{fffd}"),
        (r#""\udc00x""#, "\u{fffd}x"),
        (r#""\ud800\ud800\udc00""#, "\u{fffd}\u{10000}"),
        (r#""\ud800\u0041""#, "\u{fffd}A"),
        (r#""\ud800\n""#, "\u{fffd}\n"),
        (r#""\u0041\udc00""#, "A\u{fffd}"),
        (r#""\ue000\uffff""#, "\u{e000}\u{ffff}"),
    ];
    for (json, value) in table {
        assert_eq!(values(&format!("[{json}]")), [text(value)], "{json}");
    }
}

//= SIO5-PKT-21
#[test]
fn objects() {
    assert_eq!(values(r#"[{"b":1,"a":2,"b":3}]"#), [object([("b", Value::Integer(3)), ("a", Value::Integer(2))])]);
    let many = |count: usize| (0..count).map(|name| format!(r#""{name}":0"#)).collect::<Vec<_>>().join(",");
    let Value::Object(members) = &values(&format!(r#"[{{{},"7":1}}]"#, many(100)))[0] else { panic!("no object") };
    assert_eq!((members.len(), members.get("7")), (100, Some(&Value::Integer(1))));
    assert_eq!(members.iter().nth(7).unwrap().0, "7");
}

#[test]
fn nothing_is_copied() {
    let photo = Bytes::from(vec![1, 2, 3]);
    let json = r#"["plain",{"a":[{"num":0,"_placeholder":true}]}]"#;
    let args = Args::from_json(json, vec![photo.clone()]).unwrap();
    let values = args.values().unwrap();
    let Value::String(plain) = &values[0] else { panic!("no string") };
    assert!(args.items().as_bytes().as_ptr_range().contains(&plain.as_bytes().as_ptr()));
    let found = values[1].get("a").and_then(|list| list.at(0)).and_then(Value::as_bytes).unwrap();
    assert_eq!(found.as_ptr(), photo.as_ptr());
    let again = Args::from_values(&values).unwrap();
    assert_eq!(again.attachments()[0].as_ptr(), photo.as_ptr());
    assert_eq!(again.items(), r#""plain",{"a":[{"_placeholder":true,"num":0}]}"#);
    // Out of order, and twice.
    let twice = vec![Value::from(photo.slice(1..)), Value::from(photo.clone()), Value::from(photo.slice(..2))];
    let sent = Args::from_values(&twice).unwrap();
    assert_eq!(sent.attachments(), [photo.slice(1..), photo.clone(), photo.slice(..2)]);
    assert_eq!(sent.attachments()[2].as_ptr(), photo.as_ptr());
}

//= SIO5-ATT-08
//= SIO5-ATT-11
//= SIO5-ATT-12
#[test]
fn placeholders() {
    let shape = r#"[{"_placeholder":true,"num":0}]"#;
    //= SIO5-ATT-14
    assert_eq!(values(shape), [object([("_placeholder", Value::Bool(true)), ("num", Value::Integer(0))])]);
    let one = vec![Bytes::from_static(b"x")];
    let binary = Value::from(one[0].clone());
    for num in ["0", "-0", "0.0", "0e5"] {
        let json = format!(r#"[{{"x":[{{"_placeholder":true}}],"_placeholder":true,"num":{num}}}]"#);
        assert_eq!(Args::from_json(json, one.clone()).unwrap().values(), Ok(vec![binary.clone()]));
    }
    let data = r#"[{"_placeholder":1,"num":0},{"_placeholder":true,"_placeholder":false}]"#;
    let data = Args::from_json(data, one).unwrap().values().unwrap();
    assert!(data.iter().all(|value| matches!(value, Value::Object(_))));
}

//= SIO5-PKT-23
#[test]
fn what_json_lacks() {
    let undefined =
        object([("a", Value::Undefined), ("b", Value::Array(vec![Value::Undefined])), ("c", Value::Undefined)]);
    let args = [
        Value::Undefined,
        undefined,
        object([("a", Value::Null), ("b", Value::Undefined), ("c", Value::Bool(true))]),
        Value::Date(Date(0)),
        Value::Date(Date(i64::MAX)),
        Value::Float(f64::NAN),
    ];
    let json = r#"null,{"b":[null]},{"a":null,"c":true},"1970-01-01T00:00:00.000Z",null,null"#;
    assert_eq!(Args::from_values(&args).unwrap().items(), json);
}

//= SIO5-ATT-19
#[test]
fn data_that_looks_like_a_placeholder() {
    let lookalike = object([("_placeholder", Value::Bool(true))]);
    assert!(Args::from_values(core::slice::from_ref(&lookalike)).is_ok());
    let refused = Args::from_values(&[lookalike, Value::from(Bytes::new())]);
    assert_eq!(refused, Err(ArgsError::PlaceholderInData));
}

#[test]
fn inside_types_of_the_program() {
    let args =
        Args::encode(&("a", Binary::from(vec![1]), [Some(1.5), None], object([("k", Value::Bool(true))]))).unwrap();
    let (name, rest, list, map): (String, Value, Value, Value) = args.decode().unwrap();
    assert_eq!((name.as_str(), rest), ("a", Value::from(Bytes::from_static(&[1]))));
    assert_eq!((list, map), (Value::Array(vec![Value::Float(1.5), Value::Null]), object([("k", Value::Bool(true))])));
    let all: Vec<Value> = args.decode().unwrap();
    assert_eq!(Ok(all), args.values());
}

/// Attachments, numbers beyond doubles, lone surrogates in strings and in names: all ways to read values agree.
//= SIO5-PKT-21
//= SIO5-PKT-24
#[test]
fn values_are_the_same_however_they_are_asked_for() {
    let items = [
        r#""\ud800""#,
        r#""a\udc00\n""#,
        r#"{"\ud800":{"\udc00":["\ud800\ud800\udc00"]},"\ufffd":1}"#,
        "-0",
        "1e400",
        "95.25897878681405",
        "18446744073709551615",
        "9007199254740993",
        r#"{"a":1,"a":{"_placeholder":true,"num":0}}"#,
        r#"[[],{},null,true,[{"x":"\ud83d\ude00"}]]"#,
    ];
    let all = format!("[{}]", items.join(","));
    for attachments in [vec![], vec![Bytes::from_static(b"x")]] {
        let args = Args::from_json(&*all, attachments).unwrap();
        assert_eq!(args.decode::<Vec<Value>>(), args.values());
    }
    for item in items {
        let json = Json::new(Text::from(item)).unwrap();
        assert_eq!(json.decode::<Value>(), Ok(values(&format!("[{item}]")).remove(0)), "{item}");
    }
    let lone = Args::from_json(r#"[{"a":"\ud800"}]"#, vec![]).unwrap();
    let inside: (BTreeMap<String, Option<Value>>,) = lone.decode().unwrap();
    assert_eq!(inside.0["a"], Some(text("\u{fffd}")));
    assert!(lone.decode::<(BTreeMap<String, String>,)>().is_err(), "for a string of Rust's there is no such character");
}

#[test]
fn shortcuts() {
    let value =
        object([("s", text("x")), ("n", Value::Unsigned(u64::MAX)), ("l", Value::Array(vec![Value::from(2_i64)]))]);
    assert_eq!(value.get("s").and_then(Value::as_str), Some("x"));
    assert_eq!(value.get("n").and_then(Value::as_f64), Some(18_446_744_073_709_551_615.0));
    assert_eq!(value.get("l").and_then(|list| list.at(0)).and_then(Value::as_i64), Some(2));
    assert_eq!(
        (value.at(0), value.as_str(), value.as_bytes(), value.as_f64(), value.as_i64()),
        (None, None, None, None, None)
    );
    assert_eq!(Value::from(1_u64 << 63), Value::Unsigned(1 << 63));
    assert_eq!(Value::default(), Value::Null);
}

proptest! {
    #[test]
    fn written_and_read(list in prop::collection::vec(any_value(), 0..5)) {
        let args = Args::from_values(&list).unwrap();
        prop_assert_eq!(args.values().unwrap(), list.clone());
        prop_assert_eq!(args.decode::<Vec<Value>>().unwrap(), list.clone());
        prop_assert_eq!(Args::encode(&list).unwrap(), args);
    }
}

/// Values that JSON carries as they are.
pub(in crate::socketio) fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        ((1_u64 << 63)..).prop_map(Value::Unsigned),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::Float),
        prop::collection::vec(any::<char>(), 0..40).prop_map(|text| Value::String(Text::from(String::from_iter(text)))),
        "[a-z\"\\\\\u{0}-\u{1f}]{0,20}".prop_map(|text| Value::String(Text::from(text))),
        sizes().prop_map(|len| Value::Binary(Bytes::from(vec![7; len]))),
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        let members = prop::collection::vec((".{0,12}".prop_map(Text::from), inner.clone()), 0..20);
        prop_oneof![
            prop::collection::vec(inner, 0..20).prop_map(Value::Array),
            members.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Lengths around those where a length is written in another way.
fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 0..40_usize, 1 => 125..131_usize, 1 => 253..259_usize]
}
