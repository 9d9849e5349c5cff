//! What another library reads: rmpv, which knows nothing of Socket.IO and was written independently.
//!
//! Where the two differ by decision:
//!
//! | what | rmpv | the codec |
//! |---|---|---|
//! | the byte c1, which means nothing | is nil | makes the message malformed |
//! | a string that is no UTF-8 | is kept | makes the message malformed |
//! | bytes after the value | are left alone | make the message malformed |
//! | more than 127 levels | are read, here up to 130 | `TooDeep` |
//! | a key that is no string | stays what it is | gets the name that JavaScript gives it |
//! | an extension | is one | `undefined`, bytes or a date if its type is 0, or else a list of type and bytes |

use std::collections::BTreeMap;

use rmpv::Value as Theirs;
use sio_codec::socketio::{Args, Date, DecodeError, DecodeErrorKind, Value};

/// More than the codec reads, and fewer than the stack of a test has room for in a debug build.
const MOST_LEVELS: usize = 130;

/// rmpv counts a level as two, and what is in the innermost as up to three more.
const MOST_DEPTH: usize = 2 * MOST_LEVELS + 3;

/// A message that the codec refuses is malformed here, or it is not.
pub(super) fn agrees_with_fault(message: &[u8], error: DecodeError) {
    let theirs = read(message);
    match error.kind {
        DecodeErrorKind::InvalidMsgPack if message.get(error.offset) == Some(&0xc1) => {}
        DecodeErrorKind::InvalidMsgPack => assert!(theirs.is_none(), "rmpv reads {theirs:?}"),
        DecodeErrorKind::TooDeep | DecodeErrorKind::TooLong => {}
        // What is no map at all is not read to its end.
        DecodeErrorKind::UnknownType if !matches!(message, [0x80..=0x8f | 0xde | 0xdf, ..]) => {}
        kind => assert!(theirs.is_some(), "rmpv does not read what is only {kind:?}"),
    }
}

/// The arguments of an event, without its name, or of an acknowledgement.
pub(super) fn agrees_with_args(message: &[u8], is_event: bool, args: &Args) {
    let theirs = read(message);
    let members = theirs.as_ref().and_then(Theirs::as_map).expect("a map");
    let data = members.iter().rev().find(|(name, _)| name.as_str() == Some("data")).map(|(_, data)| data);
    let items = data.and_then(Theirs::as_array).expect("an array");
    let items = items.iter().skip(usize::from(is_event));
    let values = args.values().expect("valid");
    assert_eq!(items.len(), values.len());
    for (theirs, ours) in items.zip(&values) {
        assert!(is_same(theirs, ours), "rmpv reads {theirs:?}, the codec {ours:?}");
    }
}

/// `None` if the message is not one value, or holds a string that is no UTF-8.
fn read(message: &[u8]) -> Option<Theirs> {
    let mut rest = message;
    let value = rmpv::decode::read_value_with_max_depth(&mut rest, MOST_DEPTH).ok()?;
    (rest.is_empty() && is_text_throughout(&value)).then_some(value)
}

fn is_text_throughout(value: &Theirs) -> bool {
    match value {
        Theirs::String(text) => text.is_str(),
        Theirs::Array(items) => items.iter().all(is_text_throughout),
        Theirs::Map(members) => {
            members.iter().all(|(name, value)| is_text_throughout(name) && is_text_throughout(value))
        }
        _ => true,
    }
}

fn is_same(theirs: &Theirs, ours: &Value) -> bool {
    match (theirs, ours) {
        (Theirs::Nil, Value::Null) => true,
        (Theirs::Boolean(theirs), Value::Bool(ours)) => theirs == ours,
        (Theirs::Integer(theirs), Value::Integer(ours)) => theirs.as_i64() == Some(*ours),
        (Theirs::Integer(theirs), Value::Unsigned(ours)) => theirs.as_u64() == Some(*ours) && theirs.as_i64().is_none(),
        (Theirs::F32(theirs), Value::Float(ours)) => is_same_number(f64::from(*theirs), *ours),
        (Theirs::F64(theirs), Value::Float(ours)) => is_same_number(*theirs, *ours),
        (Theirs::String(theirs), Value::String(ours)) => theirs.as_str() == Some(ours.as_str()),
        (Theirs::Binary(theirs), Value::Binary(ours)) => theirs[..] == ours[..],
        (Theirs::Array(theirs), Value::Array(ours)) => {
            theirs.len() == ours.len() && theirs.iter().zip(ours).all(|(theirs, ours)| is_same(theirs, ours))
        }
        (Theirs::Map(theirs), Value::Object(_)) => is_same_object(theirs, ours),
        (Theirs::Ext(kind, bytes), ours) => is_extension(*kind, bytes, ours),
        _ => false,
    }
}

fn is_same_number(theirs: f64, ours: f64) -> bool {
    theirs.to_bits() == ours.to_bits() || theirs.is_nan() && ours.is_nan()
}

/// The last value of a name counts. Which names JavaScript makes of keys that are no strings is not known here.
fn is_same_object(theirs: &[(Theirs, Theirs)], ours: &Value) -> bool {
    let named = theirs.iter().map(|(name, value)| name.as_str().map(|name| (name, value)));
    let Some(last) = named.collect::<Option<BTreeMap<_, _>>>() else { return true };
    let Value::Object(members) = ours else { return false };
    members.iter().count() == last.len()
        && last.iter().all(|(name, theirs)| members.get(name).is_some_and(|ours| is_same(theirs, ours)))
}

/// In one of the forms in which an extension may be written; rmpv does not tell which it was.
fn is_extension(kind: i8, bytes: &[u8], ours: &Value) -> bool {
    match ours {
        Value::Undefined => kind == 0 && bytes.len() == 1,
        Value::Date(Date(time)) => kind == 0 && bytes == time.to_be_bytes(),
        Value::Binary(ours) => kind == 0 && ours[..] == *bytes,
        Value::Array(ours) => {
            let [Value::Integer(number), Value::Binary(ours)] = &ours[..] else { return false };
            *number == i64::from(kind) && ours[..] == *bytes
        }
        _ => false,
    }
}
