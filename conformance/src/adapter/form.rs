//! Values that JSON does not have, as the vectors write them.

use bytes::Bytes;
use sio_codec::Text;
use sio_codec::socketio::{Date, Object, Value};

use crate::replay::hex;

/// The form of a value.
pub(super) fn to_form(value: &Value) -> Value {
    match value {
        Value::Undefined => single("$undefined", Value::Bool(true)),
        Value::Float(number) if !number.is_finite() => {
            let name = if number.is_nan() {
                "NaN"
            } else if *number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            };
            single("$number", Value::from(name))
        }
        Value::Binary(bytes) => single("$bin", Value::from(hex(bytes).as_str())),
        Value::Date(Date(milliseconds)) => single("$date", Value::from(*milliseconds)),
        Value::Array(values) => Value::Array(values.iter().map(to_form).collect()),
        Value::Object(object) => {
            Value::Object(object.iter().map(|(name, value)| (name.clone(), to_form(value))).collect())
        }
        plain => plain.clone(),
    }
}

/// The value of a form; `None` if a special form is malformed.
pub(super) fn from_form(form: &Value) -> Option<Value> {
    Some(match form {
        Value::Array(values) => Value::Array(values.iter().map(from_form).collect::<Option<_>>()?),
        Value::Object(object) => match special(object) {
            Some(value) => value?,
            None => {
                let members = object.iter().map(|(name, value)| Some((name.clone(), from_form(value)?)));
                Value::Object(members.collect::<Option<_>>()?)
            }
        },
        plain => plain.clone(),
    })
}

/// The bytes of hexadecimal digits.
pub(super) fn unhex(digits: &str) -> Option<Bytes> {
    let digit = |at: &u8| char::from(*at).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    pairs.map(byte).collect()
}

/// The text of UTF-16BE code units in hexadecimal digits. Half a character becomes U+FFFD, as everywhere in the codec.
//= SIO5-PKT-24
pub(super) fn utf16be(digits: &str) -> Option<Text> {
    let units: Vec<u16> = unhex(digits)?.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    Some(Text::from(String::from_utf16_lossy(&units)))
}

/// `None` if the object is an ordinary one, `Some(None)` if it is malformed.
fn special(object: &Object) -> Option<Option<Value>> {
    let mut members = object.iter();
    let (name, content) = members.next()?;
    if members.next().is_some() {
        return None;
    }
    Some(match name.as_str() {
        "$bin" => content.as_str().and_then(unhex).map(Value::Binary),
        "$utf16be" => content.as_str().and_then(utf16be).map(Value::String),
        "$undefined" => Some(Value::Undefined),
        "$number" => content.as_str().and_then(|number| number.parse().ok()).map(Value::Float),
        "$date" => content.as_i64().map(|milliseconds| Value::Date(Date(milliseconds))),
        _ => return None,
    })
}

fn single(name: &'static str, value: Value) -> Value {
    Value::Object([(Text::from(name), value)].into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values_go_there_and_back() {
        let date = Value::Date(Date(5));
        let list = Value::Array(vec![Value::Undefined, Value::Float(f64::INFINITY), date, Value::Binary("ab".into())]);
        assert_eq!(from_form(&to_form(&list)), Some(list));
        assert_eq!(from_form(&single("$bin", Value::from("0"))), None);
        assert_eq!(unhex("0g"), None);
    }
}
