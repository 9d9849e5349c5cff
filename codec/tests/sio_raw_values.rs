//! JSON text that a program keeps as it is: `serde_json`'s `RawValue`, and numbers with its feature
//! `arbitrary_precision`. `serde_json` marks both by names that it does not document.

#![allow(clippy::unwrap_used, reason = "tests say what they expect by panicking")]

use serde::Serialize;
use serde::ser::SerializeStruct as _;
use serde_json::value::RawValue;
use sio_codec::socketio::{Args, ArgsError, Binary};

/// Not as a program would write it: the white space and the digits show that it was left alone.
const TEXT: &str = r#"{ "a" : [ 1.50, "\u0061" ] }"#;

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

#[test]
fn a_raw_value_is_written_as_it_is() {
    let args = Args::encode(&("before", raw(TEXT), "after")).unwrap();
    assert_eq!(args.items(), format!(r#""before",{TEXT},"after""#));
}

#[test]
fn a_raw_value_is_read_as_it_was_written() {
    let args = Args::from_json(format!("[{TEXT},2]"), Vec::new()).unwrap();
    let (borrowed, number): (&RawValue, u8) = args.decode().unwrap();
    assert_eq!((borrowed.get(), number), (TEXT, 2));
    let (owned, _): (Box<RawValue>, u8) = args.decode().unwrap();
    assert_eq!(owned.get(), TEXT);
}

#[test]
fn a_raw_value_cannot_pass_for_an_attachment() {
    let placeholder = raw(r#"{"_placeholder":true,"num":0}"#);
    let beside_binary = Args::encode(&(&placeholder, Binary::from(vec![1, 2])));
    assert_eq!(beside_binary.unwrap_err(), ArgsError::PlaceholderInData);
    // Without an attachment it is data.
    assert_eq!(Args::encode(&(&placeholder,)).unwrap().items(), placeholder.get());
}

/// A number as `serde_json` serializes it with the feature `arbitrary_precision`. The feature is not on here, because it
/// would change how the crate itself reads numbers.
struct Digits(&'static str);

impl Serialize for Digits {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const NAME: &str = "$serde_json::private::Number";
        let mut number = serializer.serialize_struct(NAME, 1)?;
        number.serialize_field(NAME, self.0)?;
        number.end()
    }
}

#[test]
fn a_number_of_any_precision_keeps_its_digits() {
    let args = Args::encode(&(Digits("0.10000000000000000000000000001"),)).unwrap();
    assert_eq!(args.items(), "0.10000000000000000000000000001");
}
