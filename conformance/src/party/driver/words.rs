//! The words of the driver protocol: calls to a driver, and events from it.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sio_codec::socketio::{Args, ArgsError};

/// How the client of a case is set up: the options of the call `open`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Options {
    /// The layer of the client.
    #[serde(default)]
    pub(crate) layer: Layer,
    /// The transports, in the order in which they are tried; polling and then WebSocket if none are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) transports: Vec<Transport>,
    /// Whether and when the client connects again; never if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reconnection: Option<Reconnection>,
    /// The longest time until the open packet, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connect_timeout: Option<u64>,
    /// Parameters of every request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) query: BTreeMap<String, String>,
    /// Binary packets are sent in base64.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) base64: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// What a client speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Layer {
    #[default]
    Socketio,
    /// Engine.IO alone.
    Engineio,
}

/// A transport by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Transport {
    Polling,
    Websocket,
}

/// When a client connects again. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Reconnection {
    /// Before the first attempt; it doubles with each one that fails.
    pub(crate) delay: u64,
    /// The longest delay.
    pub(crate) delay_max: u64,
    /// The part of a delay that is random, from 0 to 1.
    pub(crate) jitter: f64,
    /// The number of attempts; without end if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attempts: Option<u32>,
}

/// A call in a trace.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "call", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Call {
    /// Makes the client; the first call of a trace, if there is one.
    Open(Options),
    Connect {
        namespace: String,
        auth: Option<Value>,
    },
    Emit {
        namespace: String,
        name: String,
        args: Vec<Value>,
        #[serde(default)]
        ack: bool,
        timeout: Option<u64>,
        #[serde(default)]
        volatile: bool,
    },
    /// Answers the event with this number, counted from 0 among those that ask for an answer.
    Ack {
        event: usize,
        args: Vec<Value>,
    },
    Disconnect {
        namespace: String,
    },
    Close,
    /// Sends a message of Engine.IO: a text, or bytes.
    Send {
        data: Value,
    },
}

impl Call {
    /// How long an event waits for its acknowledgement.
    pub(crate) const fn timeout(millis: Option<u64>) -> Option<Duration> {
        match millis {
            Some(millis) => Some(Duration::from_millis(millis)),
            None => None,
        }
    }
}

/// The key of an object that stands for bytes.
const BYTES: &str = "$b64";

/// Arguments from JSON in which `{"$b64":"..."}` stands for bytes.
///
/// # Errors
///
/// [`ArgsError`] if a placeholder of the protocol is among them.
pub(crate) fn args(items: &[Value]) -> Result<Args, ArgsError> {
    let mut attachments = Vec::new();
    let items: Vec<_> = items.iter().map(|item| detached(item, &mut attachments)).collect();
    Args::from_json(Value::from(items).to_string(), attachments)
}

fn detached(value: &Value, attachments: &mut Vec<Bytes>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| detached(item, attachments)).collect(),
        Value::Object(members) => match bytes(value) {
            Some(bytes) => {
                attachments.push(bytes);
                json!({ "_placeholder": true, "num": attachments.len().saturating_sub(1) })
            }
            None => members.iter().map(|(key, value)| (key.clone(), detached(value, attachments))).collect(),
        },
        scalar => scalar.clone(),
    }
}

/// The bytes that a JSON value stands for.
pub(crate) fn bytes(value: &Value) -> Option<Bytes> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    STANDARD.decode(members.get(BYTES)?.as_str()?).ok().map(Bytes::from)
}

/// Arguments as a JSON array in which `{"$b64":"..."}` stands for bytes. The text of everything else stays the same.
pub(crate) fn array(args: &Args) -> String {
    let text = format!("[{}]", args.items());
    if args.attachments().is_empty() {
        return text;
    }
    match serde_json::from_str::<Value>(&text) {
        Ok(value) => attached(value, args.attachments()).to_string(),
        // It has a number that is too large for `serde_json`.
        Err(_) => args.attachments().iter().enumerate().fold(text, |text, (num, bytes)| {
            text.replace(&format!(r#"{{"_placeholder":true,"num":{num}}}"#), &encoded(bytes))
        }),
    }
}

fn attached(value: Value, attachments: &[Bytes]) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| attached(item, attachments)).collect(),
        Value::Object(members) => {
            let num = members.get("num").filter(|_| members.get("_placeholder") == Some(&Value::Bool(true)));
            let bytes = num.and_then(Value::as_u64).and_then(|num| attachments.get(usize::try_from(num).ok()?));
            match bytes {
                Some(bytes) => json!({ BYTES: STANDARD.encode(bytes) }),
                None => members.into_iter().map(|(key, value)| (key, attached(value, attachments))).collect(),
            }
        }
        scalar => scalar,
    }
}

/// Bytes as they are written in JSON.
pub(crate) fn encoded(bytes: &[u8]) -> String {
    json!({ BYTES: STANDARD.encode(bytes) }).to_string()
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_base64_in_an_object() {
        let items = json!(["a", { "$b64": "AP8=" }, [{ "k": { "$b64": "" } }]]);
        let args = args(items.as_array().unwrap()).unwrap();
        assert_eq!(args.attachments(), [&b"\x00\xff"[..], b""]);
        assert_eq!(array(&args), r#"["a",{"$b64":"AP8="},[{"k":{"$b64":""}}]]"#);
    }

    #[test]
    fn calls_are_objects() {
        let call: Call = serde_json::from_str(r#"{"call":"open","transports":["websocket"]}"#).unwrap();
        assert_eq!(call, Call::Open(Options { transports: vec![Transport::Websocket], ..Options::default() }));
        let call: Call = serde_json::from_str(r#"{"call":"disconnect","namespace":"/a"}"#).unwrap();
        assert_eq!(call, Call::Disconnect { namespace: "/a".to_owned() });
        assert!(serde_json::from_str::<Call>(r#"{"call":"fly"}"#).is_err());
        assert!(serde_json::from_str::<Call>(r#"{"call":"disconnect","namespace":"/a","x":1}"#).is_err());
    }
}
