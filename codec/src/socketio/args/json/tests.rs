use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use alloc::{borrow::ToOwned as _, format};

use proptest::prelude::*;

use super::*;
use crate::socketio::{Args, Date, Value, value};

fn json(text: &str) -> Json {
    Json::new(Text::from(text.to_owned())).unwrap()
}

/// A payload is read as arguments are: numbers to the nearest double, which may be infinite, and the last of equal keys.
//= SIO5-PKT-21
//= SIO5-PKT-24
#[test]
fn payloads_are_read_as_arguments_are() {
    let auth =
        json(r#" {"x":95.25897878681405,"y":1e309,"z":"q\"\u00e9","n":9007199254740993,"u":18446744073709551615} "#);
    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Auth<'a> {
        x: f64,
        y: f64,
        #[serde(borrow)]
        z: Cow<'a, str>,
        n: i64,
        u: u64,
    }
    let read: Auth<'_> = auth.decode().unwrap();
    assert_eq!(read.x.to_bits(), 0x4057_d093_1bc2_ee58, "as Node reads it");
    assert_eq!((read.y, &*read.z, read.n, read.u), (f64::INFINITY, "q\"é", 9_007_199_254_740_993, u64::MAX));
    assert_eq!(json(r#""plain""#).decode(), Ok("plain"), "borrowed");
    assert_eq!(json(r#"{"a":1,"a":2}"#).decode(), Ok(BTreeMap::from([("a", 2)])));
    let lone = json(r#"{"a":"\ud800"}"#);
    assert_eq!(lone.decode::<Value>().unwrap().get("a").and_then(Value::as_str), Some("\u{fffd}"));
    assert_eq!(ArgsError::misfit(lone.decode::<BTreeMap<String, String>>()), Some(0));
    let deep = format!("{}{}", "[".repeat(127), "]".repeat(127));
    assert!(json(&deep).decode::<Value>().is_ok());
}

/// What `JSON.stringify` of Node 20.20 makes of them.
//= SIO5-PKT-23
#[test]
fn values_that_json_lacks() {
    let object = |members: [(&str, Value); 6]| {
        Value::Object(members.into_iter().map(|(name, value)| (Text::from(name.to_owned()), value)).collect())
    };
    let value = object([
        ("b", Value::Binary(Bytes::from_static(&[1, 2, 255]))),
        ("e", Value::Binary(Bytes::new())),
        ("d", Value::Date(Date(5))),
        ("u", Value::Undefined),
        ("a", Value::Array(vec![Value::Undefined, Value::Float(f64::NAN), Value::Float(f64::INFINITY)])),
        ("n", Value::Float(f64::NEG_INFINITY)),
    ]);
    let json = Json::encode(&value).unwrap();
    let text = r#"{"b":{"type":"Buffer","data":[1,2,255]},"e":{"type":"Buffer","data":[]},"d":"1970-01-01T00:00:00.005Z","a":[null,null,null],"n":null}"#;
    assert_eq!(json.as_str(), text);
    #[cfg(feature = "msgpack")]
    for kept in [json.decode::<Value>().unwrap(), json.value()] {
        assert_eq!(format!("{kept:?}"), format!("{value:?}"), "and it is kept");
    }
    assert_eq!(Json::encode(&BTreeMap::from([([1], 1)])), Err(ArgsError::unrepresentable("key must be a string")));
}

/// As a part of another value it is what it says, whatever writes it.
#[test]
fn a_payload_is_a_part_of_other_values() {
    let inner = json(r#"{"b":[1, 2.5,"\u0061"],"a":null}"#);
    let text = r#"{"b":[1,2.5,"a"],"a":null}"#;
    assert_eq!(Args::encode(&("x", &inner)).unwrap().items(), format!(r#""x",{text}"#));
    assert_eq!(Json::encode(&[&inner]).unwrap().as_str(), format!("[{text}]"));
    assert_eq!(serde_json::to_string(&inner).unwrap(), text);

    let beside_binary = (json(r#"{"_placeholder":true,"num":0}"#), crate::socketio::Binary::from(vec![1]));
    assert_eq!(Args::encode(&beside_binary), Err(ArgsError::PlaceholderInData));
}

/// The msgpack parser carries what JSON has no form for.
#[cfg(feature = "msgpack")]
#[test]
fn a_payload_beyond_json_is_a_part_of_other_values() {
    use crate::socketio::{Object, Parser};

    let value = Value::Object(Object::from_iter([
        ("b".into(), Value::Binary(vec![1, 2].into())),
        ("d".into(), Value::Date(Date(5))),
    ]));
    let inner = Json::encode(&value).unwrap();
    let args = Args::encode_with(Parser::MsgPack, &(&inner,)).unwrap();
    assert_eq!(format!("{:?}", args.values().unwrap()), format!("{:?}", [&value]));
    let args = Args::encode(&(&inner,)).unwrap();
    assert_eq!(
        (args.items(), args.attachments().len()),
        (r#"{"b":{"_placeholder":true,"num":0},"d":"1970-01-01T00:00:00.005Z"}"#, 1)
    );
}

#[test]
fn members_are_cut_out_as_they_are() {
    let object = json(" { \"a\" : [1, 2] , \"b\":{\"a\":0}, \"\\u0061\":1.50 ,\"c\":\"}\"} ");
    let member = |name: &str| object.member(name).map(|member| String::from(member.as_str()));
    assert_eq!(member("a").as_deref(), Some("1.50"), "the last, whatever its name looks like");
    assert_eq!(member("b").as_deref(), Some(r#"{"a":0}"#));
    assert_eq!(member("c").as_deref(), Some(r#""}""#));
    assert_eq!(member("d"), None);
    for none in ["{}", "[]", "null", r#""a""#, "{ }"] {
        assert_eq!(json(none).member("a"), None, "{none}");
    }
    let strings = [("pid", "p\""), ("a", "not this")];
    assert_eq!(json(r#" {"a":1e400, "b":2} "#).with_strings(&strings).as_str(), r#"{"pid":"p\"","a":1e400, "b":2}"#);
    assert_eq!(json("{ }").with_strings(&strings).as_str(), r#"{"pid":"p\"","a":"not this"}"#);
    assert_eq!(json(r#"{"a":1}"#).with_strings(&[]).as_str(), r#"{"a":1}"#);
    assert_eq!(Json::object(&[]).as_str(), "{}");
}

proptest! {
    //= SIO5-PKT-21
    #[test]
    fn any_number_is_the_nearest_double(bits in any::<u64>(), degrees in -180.0..180.0_f64, places in 0..18_usize) {
        let number = f64::from_bits(bits);
        let written = [format!("{number:e}"), format!("{degrees}"), format!("{degrees:.places$}")];
        for text in written.iter().filter(|text| text.starts_with(|first: char| first == '-' || first.is_ascii_digit())) {
            let nearest: f64 = text.parse().unwrap();
            let args = Args::from_json(format!("[{text}]"), vec![]).unwrap();
            let (argument,): (f64,) = args.decode().unwrap();
            let (payload, member) = (json(text), json(&format!(r#"{{"x":{text}}}"#)));
            let read = [argument, payload.decode().unwrap(), member.decode::<BTreeMap<&str, f64>>().unwrap()["x"]];
            prop_assert_eq!(read.map(f64::to_bits), [nearest.to_bits(); 3], "{}", text);
        }
    }

    /// Whatever JSON there is, a payload says what an argument says.
    #[test]
    fn a_payload_is_read_as_an_argument(values in prop::collection::vec(value::tests::any_value(), 1)) {
        let Ok(args) = Args::from_values(&values) else { return Ok(()) };
        // Without the placeholders' attachments, which no payload has.
        let payload: Value = json(args.items()).decode().unwrap();
        let (argument,): (Value,) = Args::from_json(format!("[{}]", args.items()), Vec::new()).unwrap().decode().unwrap();
        prop_assert_eq!(&payload, &argument);
        prop_assert_eq!(json(args.items()).value(), argument);
    }
}

/// No more is kept of a query than the reference keeps.
//= SIO4-CON-07
#[test]
fn parameters_of_a_query_are_counted() {
    let query = "a&".repeat(5000);
    assert_eq!(Json::query(query.as_bytes()).as_str(), format!(r#"{{"a":["{}"]}}"#, [""; 1000].join(r#"",""#)));
}
