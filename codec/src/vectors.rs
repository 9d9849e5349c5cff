//! The protocol's test vectors in `fixtures/vectors`, and the values they are written in.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{borrow::ToOwned as _, format};
use core::fmt;

use bytes::Bytes;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::frame::Frame;
use crate::text::Text;

macro_rules! suites {
    ($($name:ident)+) => {$(
        pub(crate) fn $name() -> Vec<Value> {
            load(include_str!(concat!("../../fixtures/vectors/", stringify!($name), ".json")))
        }
    )+};
}

suites! {
    eio4_http_exchanges
    eio4_post_scenarios
    sio5_server_sessions
}

fn load(file: &str) -> Vec<Value> {
    let suite: Value = serde_json::from_str(file).unwrap();
    let vectors = list(&suite, "vectors");
    assert_eq!(suite["count"], vectors.len());
    vectors.to_owned()
}

pub(crate) fn text<'v>(of: &'v Value, key: &str) -> &'v str {
    of[key].as_str().unwrap_or_else(|| panic!("{key} of {of} is no text"))
}

pub(crate) fn list<'v>(of: &'v Value, key: &str) -> &'v [Value] {
    of[key].as_array().unwrap_or_else(|| panic!("{key} of {of} is no list"))
}

/// An engine message: `{"text": ..}` or `{"hex": ..}`.
pub(crate) fn frame(value: &Value) -> Frame {
    match value["hex"].as_str() {
        Some(hex) => Frame::Binary(unhex(hex)),
        None => Frame::Text(Text::from(String::from(text(value, "text")))),
    }
}

pub(crate) fn frame_value(frame: &Frame) -> Value {
    match frame {
        Frame::Text(text) => json!({"text": text.as_str()}),
        Frame::Binary(bytes) => json!({"hex": hex(bytes)}),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(hex: &str) -> Bytes {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// Application data: JSON in which `{"$bin": hex}` stands for bytes, and some forms for what only JavaScript has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Data(pub(crate) Value);

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Array(items) => serializer.collect_seq(items.iter().cloned().map(Self)),
            Value::Object(members) if members.contains_key("$undefined") => serializer.serialize_unit(),
            Value::Object(members) if members.contains_key("$number") => {
                serializer.serialize_f64(text(&self.0, "$number").parse().unwrap())
            }
            Value::Object(members) if members.contains_key("$bin") => {
                serializer.serialize_bytes(&unhex(text(&self.0, "$bin")))
            }
            Value::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, &Self(value.clone()))?;
                }
                map.end()
            }
            plain => plain.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor).map(Self)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        Ok(json!({"$bin": hex(value)}))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Data(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((key, Data(value))) = map.next_entry::<String, _>()? {
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}
