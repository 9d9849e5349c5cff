//! The protocol's test vectors in `fixtures/vectors`, and the messages in them.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{borrow::ToOwned as _, format};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::frame::Frame;
use crate::text::Text;

macro_rules! suites {
    ($($name:ident)+) => {$(
        pub(crate) fn $name() -> Vec<Value> {
            load(include_str!(concat!("../fixtures/vectors/", stringify!($name), ".json")))
        }
    )+};
}

suites! {
    eio3_post_scenarios
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
