//! Decoding by example, and what the other test modules share.

#![allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "tests say what they expect by panicking")]

mod encode;
mod mismatches;
mod round_trip;
mod scan;
mod shapes;
mod vectors;

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use alloc::{format, vec};

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::*;
use crate::socketio::json::placeholders::check;
use crate::socketio::json::{JsonFault, JsonFaultKind};
use crate::socketio::value::Binary;

/// An event's arguments as the packet parser hands them over: `array` starts with the name "e".
fn event(array: &str, attachments: &[&'static [u8]]) -> Args {
    let items_at = array.find(',').map_or(array.len() - 1, |comma| comma + 1);
    from_wire(array, items_at, attachments)
}

/// An acknowledgement's arguments.
fn ack(array: &str, attachments: &[&'static [u8]]) -> Args {
    from_wire(array, 1, attachments)
}

fn from_wire(array: &str, items_at: usize, attachments: &[&'static [u8]]) -> Args {
    let attachments = attachments.iter().map(|bytes| Bytes::from_static(bytes)).collect();
    Args::from_wire(Text::from(String::from(array)), 0, items_at, false, attachments)
}

/// Which argument does not fit.
fn failure<'de, T: Deserialize<'de>>(args: &'de Args) -> Option<usize> {
    ArgsError::misfit(args.decode::<T>())
}

/// Serializes as bytes, borrows as bytes: what `serde_bytes` offers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Raw<'a>(&'a [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(deserializer).map(Self)
    }
}

fn bin(bytes: &'static [u8]) -> Binary {
    Binary(Bytes::from_static(bytes))
}

#[test]
fn the_name_is_skipped() {
    for array in [r#"["e",1,"x"]"#, r#" [ "e" , 1 , "x" ] "#] {
        let args = event(array, &[]);
        assert_eq!(args.decode(), Ok((1, "x")));
        assert!(!args.is_empty());
    }
    assert_eq!(event(r#" [ "e" , 1 , "x" ] "#, &[]).items(), r#"1 , "x""#);

    let none = event(r#"["e"]"#, &[]);
    assert_eq!((none.items(), none.is_empty()), ("", true));
    assert_eq!(none.decode(), Ok(Vec::<u8>::new()));
    assert_eq!(none, Args::empty());
    assert_eq!(Args::default(), ack("[ ]", &[]));

    let binary = event(r#"["e",{"num":0,"_placeholder":true},2]"#, &[b"abc"]);
    assert_eq!(binary.decode(), Ok((&b"abc"[..], 2)));
}

#[test]
fn equal_with_and_without_a_name() {
    let sent = Args::encode(&(1, bin(b"x"))).unwrap();
    let array = format!(r#"["e",{}]"#, sent.items());
    assert_eq!(event(&array, &[b"x"]), sent);
    assert_ne!(event(&array, &[b"y"]), sent);
}

#[test]
fn arguments_as_in_a_call() {
    for args in [event(r#"["e","a",1,{"x":[]}]"#, &[]), event(r#"["e","a",1,{"_placeholder":true,"num":0}]"#, &[b"z"])]
    {
        // More than asked for.
        assert_eq!(args.decode(), Ok(()));
        assert_eq!(args.decode(), Ok(("a",)));
        assert_eq!(args.decode(), Ok(("a", 1)));
        // Fewer than asked for.
        type Four<T> = (String, u8, serde::de::IgnoredAny, T);
        assert_eq!(args.decode::<Four<Option<u8>>>().unwrap().3, None);
        assert_eq!(args.decode::<Four<()>>().unwrap().3, ());
        let json = args.decode::<Four<serde_json::Value>>().unwrap().3;
        assert_eq!(json, serde_json::Value::Null);
        let missing = args.decode::<Four<u8>>().map(|_| ());
        assert_eq!(missing, Err(ArgsError::Missing { argument: 3 }));
        // Other types.
        assert_eq!(failure::<(u8,)>(&args), Some(0));
        assert_eq!(failure::<(&str, &str)>(&args), Some(1));
        assert_eq!(failure::<(&str, u8, bool)>(&args), Some(2));
        assert_eq!(failure::<Vec<String>>(&args), Some(1));
        assert_eq!(args.decode::<u8>(), Err(ArgsError::NotASequence));
        assert_eq!(args.decode::<Option<(String,)>>(), Err(ArgsError::NotASequence));
        assert_eq!(args.decode::<BTreeMap<String, u8>>(), Err(ArgsError::NotASequence));
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Newtype(Option<u8>);
    let short = ack("[1]", &[]);
    assert_eq!(short.decode(), Ok([Some(1), None]));
    assert_eq!(short.decode(), Ok((1, Newtype(None))));
    // Nested lists are data and keep their length.
    assert_eq!(ack("[[1,2]]", &[]).decode::<((u8,),)>().ok(), None);
    let nested = ack(r#"[[1,{"_placeholder":true,"num":0}]]"#, &[b"x"]);
    assert_eq!(ArgsError::misfit(nested.decode::<((u8,),)>()), Some(0));
}

#[test]
fn borrowed_and_owned_agree() {
    let args = event(
        r#"["e","plain","q\"uo\u0074e",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#,
        &[b"zero", b"one"],
    );
    type Borrowed<'a> = (&'a str, Cow<'a, str>, Raw<'a>, &'a [u8]);
    type Owned = (String, String, Binary, Binary);
    let borrowed: Borrowed<'_> = args.decode().unwrap();
    let owned: Owned = args.decode().unwrap();
    assert_eq!((borrowed.0, &*borrowed.1), (&*owned.0, &*owned.1));
    assert_eq!((borrowed.2.0, borrowed.3), (owned.2.as_ref(), owned.3.as_ref()));
    assert_eq!((borrowed.0, &*borrowed.1), ("plain", "q\"uote"));

    // Nothing was copied.
    assert_eq!(borrowed.2.0.as_ptr(), args.attachments()[0].as_ptr(), "they stand in the order of their use");
    let within = args.items().as_bytes().as_ptr_range();
    assert!(within.contains(&borrowed.0.as_ptr()));

    // A handle to part of an attachment outlives the arguments.
    let handle = args.handle(&borrowed.3[1..]).unwrap();
    assert_eq!(args.handle(b""), Some(Bytes::new()));
    assert_eq!(args.handle(borrowed.0.as_bytes()), None);
    drop(args);
    assert_eq!(&handle[..], b"ero");
}

#[test]
fn text_is_not_binary() {
    for (array, attachments) in
        [(r#"["text"]"#, &[][..]), (r#"["text",{"_placeholder":true,"num":0}]"#, &[&b"x"[..]][..])]
    {
        let args = ack(array, attachments);
        assert_eq!(ArgsError::misfit(args.decode::<(Binary,)>()), Some(0));
        assert_eq!(args.decode::<(&[u8],)>(), Ok((&b"text"[..],)));
    }
    let args = ack(r#"[{"_placeholder":true,"num":0},[1,2]]"#, &[b"text"]);
    assert_eq!(ArgsError::misfit(args.decode::<(String,)>()), Some(0));
    assert_eq!(ArgsError::misfit(args.decode::<(Vec<u8>,)>()), Some(0));
    assert_eq!(ArgsError::misfit(args.decode::<(Binary, Binary)>()), Some(1));
    assert_eq!(args.decode::<(Binary, [u8; 2])>(), Ok((bin(b"text"), [1, 2])));
}

//= SIO5-PKT-21
//= SIO5-PKT-24
#[test]
fn text_of_any_kind_reads_without_panic() {
    let args = ack(r#"["\ud800",{"a":1,"a":2},12345678901234567890,1e400,"\u0000é"]"#, &[]);
    assert_eq!(ArgsError::misfit(args.decode::<(String,)>()), Some(0));
    assert_eq!(ArgsError::misfit(args.decode::<(&[u8],)>()), Some(0));
    type Rest = (serde::de::IgnoredAny, BTreeMap<String, u8>, u64);
    let (_, map, number) = args.decode::<Rest>().unwrap();
    assert_eq!((map["a"], number), (2, 12_345_678_901_234_567_890));
    assert_eq!(Args::from_json(format!("[{}]", args.items()), vec![]), Ok(args));
}

#[test]
fn nothing_allocated_for_no_attachments() {
    assert!(Args::encode(&(1,)).unwrap().attachments.is_none());
    assert!(event(r#"["e"]"#, &[]).attachments.is_none());
}

#[test]
fn errors_read_as_sentences() {
    let shown = |error: ArgsError| error.to_string();
    assert_eq!(shown(ArgsError::Missing { argument: 2 }), "argument 2 is missing");
    assert_eq!(shown(ArgsError::InvalidJson { offset: 7 }), "invalid JSON at byte 7");
    assert_eq!(ArgsError::from(JsonFault::too_deep(3)), ArgsError::TooDeep { offset: 3 });
}
