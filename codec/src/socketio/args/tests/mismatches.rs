//! What is said about arguments that do not fit.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::{Args, ArgsError, Json};
use crate::socketio::{ArgsRef, Binary, Value};

#[derive(Debug, Serialize, Deserialize)]
struct User {
    name: String,
    age: u8,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Either {
    Number(#[expect(dead_code, reason = "only read")] u8),
    Text(String),
}

#[derive(Debug, Deserialize)]
enum Shape {
    Circle(#[expect(dead_code, reason = "only read")] f64),
}

fn args(array: &str) -> Args {
    Args::from_json(array, vec![]).unwrap()
}

/// Argument, words and offset.
fn said<T: DeserializeOwned>(args: &Args) -> (usize, String, usize) {
    match args.decode::<T>() {
        Err(ArgsError::Mismatch(mismatch)) => (mismatch.argument, String::from(&*mismatch.words), mismatch.offset),
        other => panic!("{:?}", other.map(drop)),
    }
}

#[test]
fn the_argument_what_was_found_and_what_was_expected() {
    let user = args(r#"["x", {"name":"Ann","age":true}]"#);
    assert_eq!(said::<(String, User)>(&user), (1, "invalid type: boolean `true`, expected u8".into(), 29));
    let error = user.decode::<(u8,)>().unwrap_err();
    assert_eq!(alloc::format!("{error}"), r#"argument 0: invalid type: string "x", expected u8, at byte 3"#);
    for (args, (argument, words, _)) in [
        (r#"[{"a":1}]"#, said::<(u8,)>(&args(r#"[{"a":1}]"#))),
        ("[1]", said::<(String,)>(&args("[1]"))),
        ("[300]", said::<(u8,)>(&args("[300]"))),
        ("[[]]", said::<(BTreeMap<String, u8>,)>(&args("[[]]"))),
        ("[null]", said::<(i128,)>(&args("[null]"))),
        ("[1.5]", said::<(u128,)>(&args("[1.5]"))),
        ("[7]", said::<(Shape,)>(&args("[7]"))),
        (r#"["Square"]"#, said::<(Shape,)>(&args(r#"["Square"]"#))),
        (r#"[{"Circle":"x"}]"#, said::<(Shape,)>(&args(r#"[{"Circle":"x"}]"#))),
        ("[[1]]", said::<([u8; 2],)>(&args("[[1]]"))),
        ("[[1,2,3]]", said::<([u8; 2],)>(&args("[[1,2,3]]"))),
        (r#"[{"name":"Ann"}]"#, said::<(User,)>(&args(r#"[{"name":"Ann"}]"#))),
        (r#"[{"x":1}]"#, said::<(BTreeMap<u8, u8>,)>(&args(r#"[{"x":1}]"#))),
        (r#"["\ud800"]"#, said::<(String,)>(&args(r#"["\ud800"]"#))),
        ("[true]", said::<(Either,)>(&args("[true]"))),
    ] {
        let expected = match args {
            r#"[{"a":1}]"# => "invalid type: map, expected u8",
            "[1]" => "invalid type: integer `1`, expected a string",
            "[300]" => "invalid value: integer `300`, expected u8",
            "[[]]" => "invalid type: sequence, expected a map",
            "[null]" => "invalid type: unit value, expected i128",
            "[1.5]" => "invalid value: 1.5, expected u128",
            "[7]" => "invalid type: integer `7`, expected enum Shape",
            r#"["Square"]"# => "unknown variant `Square`, expected `Circle`",
            r#"[{"Circle":"x"}]"# => r#"invalid type: string "x", expected f64"#,
            "[[1]]" => "invalid length 1, expected an array of length 2",
            "[[1,2,3]]" => "more elements than expected",
            r#"[{"name":"Ann"}]"# => "missing field `age`",
            r#"[{"x":1}]"# => r#"invalid value: string "x", expected u8"#,
            r#"["\ud800"]"# => "a string with a lone surrogate",
            _ => "data did not match any variant of untagged enum Either",
        };
        assert_eq!((argument, &*words), (0, expected), "{args}");
    }
    assert!(matches!(args(r#"["a"]"#).decode::<(Either,)>(), Ok((Either::Text(text),)) if text == "a"));
}

#[test]
fn next_to_binary_values_and_in_borrowed_text() {
    let array = r#"["a",{"_placeholder":true,"num":0}]"#;
    let attachments = [Bytes::from_static(b"x")];
    let owned = Args::from_json(array, attachments.to_vec()).unwrap();
    let expected = (1, "invalid type: byte array, expected u8".into(), 34 - 1);
    assert_eq!(said::<(String, u8)>(&owned), expected);
    let borrowed = ArgsRef::from_json(array, 1).unwrap();
    assert_eq!(borrowed.decode::<(String, u8)>(&attachments).unwrap_err(), owned.decode::<(String, u8)>().unwrap_err());
    let binary = Args::from_json(r#"[{"_placeholder":true,"num":0}]"#, attachments.to_vec()).unwrap();
    assert_eq!(said::<(String,)>(&binary).1, "invalid type: byte array, expected a string");
    assert_eq!(said::<(Binary,)>(&owned).1, r#"invalid type: string "a", expected a binary value"#);
    // What is no JSON is no mismatch.
    let broken = ArgsRef::from_json("[1,{]", 0).unwrap();
    assert_eq!(broken.decode::<(u8, u8)>(&[]), Err(ArgsError::InvalidJson { offset: 4 }));
}

#[test]
fn payloads() {
    let payload = Json::new(r#"{"name":1}"#.into()).unwrap();
    let Err(ArgsError::Mismatch(mismatch)) = payload.decode::<User>() else { panic!("it fits") };
    assert_eq!((&*mismatch.words, mismatch.offset), ("invalid type: integer `1`, expected a string", 9));
}

/// Text of the peer's is quoted, and not all of it is kept.
#[test]
fn what_is_kept_is_bounded() {
    let (argument, words, _) = said::<(u8,)>(&args(&alloc::format!(r#"["{}"]"#, "€".repeat(10_000))));
    assert_eq!(argument, 0);
    assert!(words.len() <= 203 && words.starts_with(r#"invalid type: string "€€"#) && words.ends_with('…'), "{words}");
}

#[cfg(feature = "msgpack")]
#[test]
fn in_the_form_of_messagepack() {
    use crate::socketio::Parser;
    let args = |values: &[Value]| Args::from_values(values).unwrap().to_form(Parser::MsgPack).unwrap();
    let text = Value::from("x");
    let user = args(&[text.clone(), Value::Array(vec![Value::from("Ann"), Value::Bool(true)])]);
    assert_eq!(said::<(String, User)>(&user), (1, "invalid type: boolean `true`, expected u8".into(), 8));
    assert_eq!(said::<(u8,)>(&user).1, r#"invalid type: string "x", expected u8"#);
    let numbers: Vec<_> = (1..4_u64).map(Value::from).collect();
    let list = args(&[Value::Array(numbers)]);
    assert_eq!(said::<([u8; 2],)>(&list).1, "more elements than expected");
    assert_eq!(said::<(String,)>(&list).1, "invalid type: sequence, expected a string");
    assert_eq!(said::<(Shape,)>(&list).1, "invalid type: sequence, expected enum Shape");
    assert_eq!(
        said::<(BTreeMap<String, u8>,)>(&args(&[Value::Undefined])).1,
        "invalid type: unit value, expected a map"
    );
}
