//! [`Value`]: arguments of any shape, for programs that do not know them beforehand.

mod binary;
mod date;
mod de;
mod javascript;
mod object;
mod ser;
#[cfg(test)]
pub(super) mod tests;

use alloc::vec::Vec;

use bytes::Bytes;
use serde::ser::{Serialize, Serializer};

use crate::text::Text;

pub use self::binary::Binary;
pub(super) use self::date::DATE;
pub use self::date::Date;
pub(super) use self::de::VALUE;
#[cfg(feature = "msgpack")]
pub(crate) use self::javascript::integer_text;
pub(crate) use self::javascript::number_text;
pub use self::object::Object;

/// Anything that an argument can be: JSON, and what JavaScript peers send besides.
///
/// [`Args::values`](crate::socketio::Args::values) reads arguments as values without copying attachments, nor strings that have
/// no escapes: those are handles into the packet. [`Args::from_values`](crate::socketio::Args::from_values) writes them, again
/// without a copy of what is binary. [`Args::decode`](crate::socketio::Args::decode) and [`Json::decode`](crate::socketio::Json::decode) read
/// the same values, also inside types of the program's, but copy what they hold. Only where serde reads ahead, for an
/// untagged enum or a flattened field, a date becomes its text, `undefined` becomes `null`, and a lone surrogate fits
/// nothing.
///
/// | JSON | value |
/// |---|---|
/// | whole number from -2^63 to 2^64 - 1 | [`Integer`](Self::Integer), [`Unsigned`](Self::Unsigned), exact |
/// | `-0` | [`Float`](Self::Float), which keeps the sign |
/// | other number | [`Float`](Self::Float), the nearest; `1e400` is infinite, as in JavaScript |
/// | lone surrogate (`"\ud800"`) | U+FFFD in its place |
/// | key that comes twice | the last value, in the first one's place |
///
/// Two values are equal if they are written in the same way; so NaN is not equal to itself, and 1 not to 1.0.
///
/// ```
/// use sio_codec::socketio::{Args, Value};
///
/// let args = Args::from_json(r#"[{"on":true,"level":[1,2.5]},"é"]"#, vec![])?;
/// let values = args.values()?;
/// assert_eq!(values[0].get("level").and_then(|level| level.at(1)), Some(&Value::Float(2.5)));
/// assert_eq!(values[1].as_str(), Some("é"));
/// assert_eq!(Args::from_values(&values)?, args);
/// # Ok::<(), sio_codec::socketio::ArgsError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// JavaScript's `undefined`. Only MessagePack can carry it; in JSON it is `null` in an array, and an object's
    /// member is left out with it.
    Undefined,
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A whole number above [`i64::MAX`].
    Unsigned(u64),
    /// Any other number. Infinities and NaN are written as `null` in JSON.
    Float(f64),
    /// A string.
    String(Text),
    /// Bytes: an attachment, or a binary value of MessagePack.
    Binary(Bytes),
    /// A moment. Only MessagePack can carry it; in JSON it is its text.
    Date(Date),
    /// A list.
    Array(Vec<Self>),
    /// Names and values.
    Object(Object),
}

impl Value {
    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text.as_str()) } else { None }
    }

    /// The bytes of a binary value.
    #[must_use]
    pub const fn as_bytes(&self) -> Option<&Bytes> {
        if let Self::Binary(bytes) = self { Some(bytes) } else { None }
    }

    /// A number, however it is held, as a double: exact up to 2^53.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "as JavaScript does, and as documented")]
    pub const fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Unsigned(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// A whole number.
    #[must_use]
    pub const fn as_i64(&self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(*number) } else { None }
    }

    /// The member of an object with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        if let Self::Object(object) = self { object.get(name) } else { None }
    }

    /// The element of a list at this index.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<&Self> {
        if let Self::Array(values) = self { values.get(index) } else { None }
    }
}

#[cfg(feature = "cluster")]
impl Value {
    /// Whether it is binary, or something in it is.
    pub(crate) fn has_binary(&self) -> bool {
        match self {
            Self::Binary(_) => true,
            Self::Array(values) => values.iter().any(Self::has_binary),
            Self::Object(object) => object.iter().any(|(_, value)| value.has_binary()),
            _ => false,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or(Self::Unsigned(number), Self::Integer)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(Text::from(alloc::string::String::from(text)))
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::String(text)
    }
}

impl From<Bytes> for Value {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl From<Vec<Self>> for Value {
    fn from(values: Vec<Self>) -> Self {
        Self::Array(values)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

/// Collects the binary values.
pub(super) fn binaries(values: &[Value], into: &mut Vec<Bytes>) {
    for value in values {
        match value {
            Value::Binary(bytes) => into.push(bytes.clone()),
            Value::Array(values) => binaries(values, into),
            Value::Object(object) => object.iter().for_each(|(_, value)| binaries(core::slice::from_ref(value), into)),
            _ => {}
        }
    }
}

/// JavaScript's `undefined`, for typed arguments.
///
/// ```
/// use sio_codec::socketio::{Args, Undefined};
///
/// assert_eq!(Args::encode(&(1, Undefined))?.items(), "1,null");
/// # Ok::<(), sio_codec::socketio::ArgsError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_structs, reason = "there is but one")]
pub struct Undefined;

impl Serialize for Undefined {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit_struct(UNDEFINED)
    }
}

/// The name by which our serializers know [`Undefined`].
pub(super) const UNDEFINED: &str = "$sio_codec::Undefined";
