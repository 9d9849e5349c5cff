//! Arguments that are read into types of the program's.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Lamp<'a> {
    name: &'a str,
    level: f64,
    color: Option<Color>,
    rooms: BTreeMap<u8, bool>,
    at: Date,
    raw: Binary,
    unit: (),
    letter: char,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Color {
    White,
    Rgb(u8, u8, u8),
    Named(String),
    Hsv { h: f32 },
}

#[test]
fn typed_arguments() {
    let lamp = |color| Lamp {
        name: "kitchen",
        level: 0.5,
        color,
        rooms: BTreeMap::from([(1, true), (200, false)]),
        at: Date(-5),
        raw: Binary::from(vec![1, 2]),
        unit: (),
        letter: 'é',
    };
    let colors = [
        None,
        Some(Color::White),
        Some(Color::Rgb(1, 2, 3)),
        Some(Color::Named("x".into())),
        Some(Color::Hsv { h: 1.5 }),
    ];
    for color in colors {
        let sent = (lamp(color), "more", i128::from(u64::MAX), -7_i64);
        let args = args(&sent);
        assert_eq!(args.decode().as_ref(), Ok(&sent));
        // The same in the other form, and back.
        let json = args.to_form(Parser::Json).unwrap();
        assert_eq!(json.decode().as_ref(), Ok(&sent));
        assert_eq!(json.to_form(Parser::MsgPack).unwrap().decode().as_ref(), Ok(&sent));
    }
}

//= MSG-02
//= MSG-08
#[test]
fn what_json_lacks_is_read_by_what_is_asked_for() {
    let args = args(&(Date(0), Date(0), Date(0), Undefined, Undefined, None::<u8>));
    assert_eq!(
        args.decode(),
        Ok((Date(0), 0_i64, "1970-01-01T00:00:00.000Z".to_string(), None::<u8>, (), Value::Null))
    );
    let values = args.values().unwrap();
    assert_eq!(values[2..], [Value::Date(Date(0)), Value::Undefined, Value::Undefined, Value::Null]);
}

/// Values are the same however they are asked for, also inside types of the program's.
//= MSG-02
//= MSG-08
#[test]
fn dates_and_undefined_as_values() {
    let nested = BTreeMap::from([("at", vec![Value::Date(Date(-5)), Value::Undefined, Value::Null])]);
    let args = args(&(Date(0), Undefined, &nested, (Value::Undefined, 7)));
    assert_eq!(args.decode::<Vec<Value>>(), args.values());
    let typed = (Value::Date(Date(0)), Value::Undefined, nested, (None::<Value>, Value::Integer(7)));
    assert_eq!(args.decode().as_ref(), Ok(&typed));
}

#[test]
fn arguments_as_in_a_call() {
    let args = args(&("a", 1, [2]));
    assert_eq!(args.decode(), Ok(()));
    assert_eq!(args.decode(), Ok(("a", 1)));
    assert_eq!(args.decode(), Ok(("a", 1, [2], None::<u8>)));
    assert_eq!(args.decode::<(&str, u8, [u8; 1], u8)>(), Err(ArgsError::Missing { argument: 3 }));
    assert_eq!(ArgsError::misfit(args.decode::<(&str, bool)>()), Some(1));
    assert_eq!(ArgsError::misfit(args.decode::<(&str, u8, (u8, u8))>()), Some(2));
    assert_eq!(ArgsError::misfit(args.decode::<(&str, u8, ())>()), Some(2));
    assert_eq!(args.decode::<u8>(), Err(ArgsError::NotASequence));
    assert_eq!((args.items(), args.is_empty(), args.parser()), ("", false, Parser::MsgPack));
    assert_eq!(Args::encode_with(Parser::MsgPack, "text"), Err(ArgsError::NotASequence));
    let keys = BTreeMap::from([([1], 1)]);
    assert_eq!(Args::encode_with(Parser::MsgPack, &(keys,)), Err(ArgsError::unrepresentable("key must be a string")));
    assert!(Args::encode_with(Parser::MsgPack, &()).unwrap().is_empty());
}

/// Iterators that do not know their length, or are wrong about it.
#[test]
fn lengths_are_counted() {
    struct Claims(Option<usize>);
    impl Serialize for Claims {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeSeq as _;
            let mut list = serializer.serialize_seq(self.0)?;
            for number in 0..20_u8 {
                list.serialize_element(&number)?;
            }
            list.end()
        }
    }
    let all: Vec<u8> = (0..20).collect();
    for claim in [None, Some(3), Some(20), Some(100_000)] {
        let args = args(&("before", Claims(claim), "after"));
        assert_eq!(args.decode().as_ref(), Ok(&("before", all.clone(), "after")), "{claim:?}");
    }
    assert_eq!(args(&Claims(None)).decode::<Vec<u8>>(), Ok(all));
}
