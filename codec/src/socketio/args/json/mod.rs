//! The payload of a CONNECT or of its refusal: one JSON value, as text.
//!
//! Peers of the msgpack parser may send a value that JSON has no form for. It is kept beside the text then, so that nothing
//! is lost when it is read or sent on.

#[cfg(feature = "msgpack")]
mod exact;

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

#[cfg(feature = "msgpack")]
use bytes::Bytes;
use serde::{Deserialize, Serialize, Serializer};

#[cfg(feature = "msgpack")]
use super::read_msgpack_value;
use super::{ArgsError, read_value};
use crate::socketio::bridge::MAX_DEPTH;
use crate::socketio::json::cursor::Cursor;
use crate::socketio::json::literal::unescape;
use crate::socketio::json::{self, check};
#[cfg(feature = "msgpack")]
use crate::socketio::msgpack;
use crate::socketio::value::Value;
use crate::text::Text;

/// One JSON value as text: the payload of a CONNECT or of its refusal.
///
/// ```
/// use sio_codec::socketio::Json;
///
/// let auth = Json::new(r#"{"token":"123"}"#.into())?;
/// let fields: std::collections::BTreeMap<String, String> = auth.decode()?;
/// assert_eq!(fields["token"], "123");
/// # Ok::<(), sio_codec::socketio::ArgsError>(())
/// ```
///
/// # Binary values, dates, `undefined`, NaN and the infinities
///
/// JSON has none of them, and payloads have no attachments. They become what `JSON.stringify` of Node makes of them:
///
/// | value | JSON text |
/// |---|---|
/// | binary | `{"type":"Buffer","data":[1,2,3]}` |
/// | [`Date`](crate::socketio::Date) | its text |
/// | [`Undefined`](crate::socketio::Undefined) | `null`, and as a member of an object nothing |
/// | NaN, infinite | `null` |
///
/// With the feature `msgpack` a value that holds such is kept beside the text. [`decode`](Self::decode) reads it, and a
/// connection of the msgpack parser sends it and receives it as it is; [`as_str`](Self::as_str) shows the text.
///
/// # As a part of another value
///
/// It implements `Serialize`, so it can be an argument, or a member of a larger payload. What is written then is the
/// [`value`](Self::value) and not the text, because a serializer takes values: white space goes, `"\u0061"` becomes `"a"`,
/// and a number becomes as precise as it is in [`Value`]. [`Args::from_json`](crate::socketio::Args::from_json) takes text as
/// it is.
///
/// ```
/// use sio_codec::socketio::{Args, Json};
///
/// let profile = Json::new(r#"{ "name": "Ada" }"#.into())?;
/// assert_eq!(Args::encode(&(1, &profile))?.items(), r#"1,{"name":"Ada"}"#);
/// # Ok::<(), sio_codec::socketio::ArgsError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Json {
    text: Text,
    /// The value as MessagePack, if the text does not say it all.
    #[cfg(feature = "msgpack")]
    exact: Option<Bytes>,
}

impl Json {
    /// Takes text for JSON.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] if it is not exactly one JSON value.
    pub fn new(text: Text) -> Result<Self, ArgsError> {
        check::validate(text.as_bytes())?;
        Ok(Self::from_wire(text))
    }

    /// Writes a value, [as said above](Self#binary-values-dates-undefined-nan-and-the-infinities) if JSON has no form for
    /// it.
    ///
    /// # Errors
    ///
    /// [`ArgsError::Unrepresentable`] if a `Serialize` implementation fails, or a map has keys that are no string, number or
    /// bool.
    ///
    /// ```
    /// use sio_codec::socketio::{Binary, Json};
    ///
    /// let auth = Json::encode(&std::collections::BTreeMap::from([("key", Binary::from(vec![1, 2]))]))?;
    /// assert_eq!(auth.as_str(), r#"{"key":{"type":"Buffer","data":[1,2]}}"#);
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Self, ArgsError> {
        let mut text = String::new();
        json::write_value(&mut text, value).map_err(|reason| ArgsError::unwritten(reason, value))?;
        let json = Self::from_wire(Text::from(text));
        #[cfg(feature = "msgpack")]
        let json = match msgpack::encode_value(value) {
            Ok(exact) => json.beside(Bytes::from(exact)),
            Err(reason) => return Err(ArgsError::unwritten(reason, value)),
        };
        Ok(json)
    }

    /// Reads the value, by the same rules as [`Args::decode`](crate::socketio::Args::decode) reads an argument.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] if it is not a `T`.
    pub fn decode<'de, T: Deserialize<'de>>(&'de self) -> Result<T, ArgsError> {
        #[cfg(feature = "msgpack")]
        if let Some(exact) = &self.exact {
            return read_msgpack_value(exact);
        }
        read_value(self.as_str())
    }

    /// The value, whatever its shape. Strings without escapes share the text.
    ///
    /// ```
    /// use sio_codec::socketio::{Json, Value};
    ///
    /// let auth = Json::new(r#"{"token":"123"}"#.into())?;
    /// assert_eq!(auth.value().get("token"), Some(&Value::from("123")));
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    #[must_use]
    pub fn value(&self) -> Value {
        #[cfg(feature = "msgpack")]
        if let Some(exact) = &self.exact {
            return msgpack::values(exact).ok().and_then(|mut values| values.pop()).unwrap_or_default();
        }
        // It was checked when it was made.
        json::value::read_one(&self.text).unwrap_or_default()
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    /// The payload of a refused CONNECT.
    //= SIO5-CON-04: object with string `message`
    //= SRV-MW-02
    pub(in crate::socketio) fn refusal(message: &str, data: Option<&Self>) -> Self {
        let message = [("message", message)];
        let Some(data) = data else { return Self::object(&message) };
        let json = Self::joined(&message, &format!(r#""data":{data}"#));
        #[cfg(feature = "msgpack")]
        let json = json.with_exact(
            data.exact.as_ref().map(|data| msgpack::with_strings(&msgpack::map_of("data", data), &message)),
        );
        json
    }

    /// An object with these strings in it.
    #[inline]
    pub(in crate::socketio) fn object(members: &[(&str, &str)]) -> Self {
        // A bracket or comma, four quotes and a colon for each. Text that fills its buffer is shared without another.
        let sizes = members.iter().map(|(name, text)| name.len().saturating_add(text.len()).saturating_add(6));
        let mut json = String::with_capacity(sizes.fold(1, usize::saturating_add));
        for (name, text) in members {
            // The names are words of the protocol, without anything to escape.
            json.push_str(if json.is_empty() { "{\"" } else { ",\"" });
            json.push_str(name);
            json.push_str("\":");
            json::write_string(&mut json, text);
        }
        if json.is_empty() {
            json.push('{');
        }
        json.push('}');
        Self::from_wire(Text::from(json))
    }

    /// The members of this object, and in front of them these strings, except for those whose names it has itself.
    pub(in crate::socketio) fn with_strings(&self, strings: &[(&str, &str)]) -> Self {
        let is_missing = |(name, _): &(&str, &str)| self.member(name).is_none();
        let strings: Vec<_> = strings.iter().copied().filter(is_missing).collect();
        let inside = self.as_str().trim().strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        let json = Self::joined(&strings, inside.unwrap_or_default().trim());
        #[cfg(feature = "msgpack")]
        let json = json.with_exact(self.exact.as_ref().map(|exact| msgpack::with_strings(exact, &strings)));
        json
    }

    /// The member of an object with this name, as it is there; the last one if there are several.
    pub(in crate::socketio) fn member(&self, name: &str) -> Option<Self> {
        let json = Self::from_wire(self.text.slice(member_at(self.as_str(), name)?)?);
        #[cfg(feature = "msgpack")]
        if let Some(exact) = &self.exact {
            return Some(json.beside(exact.slice_ref(msgpack::member(exact, name)?)));
        }
        Some(json)
    }

    /// An object of the parameters of a query: each a string, or an array of strings if it comes more than once. The
    /// first thousand count, as in the reference; a query is as long as its sender likes.
    //= SIO4-CON-07
    pub(in crate::socketio) fn query(query: &[u8]) -> Self {
        let mut parameters: BTreeMap<Cow<'_, str>, Parameter<'_>> = BTreeMap::new();
        for (name, text) in form_urlencoded::parse(query).take(1000) {
            match parameters.entry(name) {
                Entry::Vacant(entry) => drop(entry.insert(Parameter::One(text))),
                Entry::Occupied(mut entry) => entry.get_mut().push(text),
            }
        }
        // Strings are always representable.
        Self::encode(&parameters).unwrap_or_else(|_| Self::object(&[]))
    }

    /// A string.
    pub(in crate::socketio) fn string(text: &str) -> Self {
        let mut json = String::with_capacity(text.len().saturating_add(2));
        json::write_string(&mut json, text);
        Self::from_wire(Text::from(json))
    }

    /// Text that the parser has validated.
    pub(in crate::socketio) const fn from_wire(text: Text) -> Self {
        Self {
            text,
            #[cfg(feature = "msgpack")]
            exact: None,
        }
    }

    /// An object of these strings, and of the members that another text holds.
    fn joined(strings: &[(&str, &str)], others: &str) -> Self {
        let object = Self::object(strings);
        let members = object.as_str().strip_suffix('}').unwrap_or_default();
        let comma = if strings.is_empty() || others.is_empty() { "" } else { "," };
        Self::from_wire(Text::from(format!("{members}{comma}{others}}}")))
    }

    pub(in crate::socketio) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

/// Values that JSON has no form for.
//= MSG-08
#[cfg(feature = "msgpack")]
impl Json {
    /// A MessagePack value that the parser has validated.
    pub(in crate::socketio) fn from_msgpack(value: Bytes) -> Self {
        Self::from_wire(Text::from(exact::json_text(&value))).beside(value)
    }

    /// Appends the value as MessagePack.
    pub(in crate::socketio) fn write_msgpack(&self, out: &mut Vec<u8>) {
        match &self.exact {
            Some(exact) => out.extend_from_slice(exact),
            None => msgpack::write_value(out, &self.value()),
        }
    }

    /// Keeps a value beside its text if the text does not say it all.
    fn beside(self, value: Bytes) -> Self {
        let exact = exact::is_beyond_json(&value).then_some(value);
        Self { exact, ..self }
    }

    fn with_exact(self, exact: Option<Vec<u8>>) -> Self {
        Self { exact: exact.map(Bytes::from), ..self }
    }
}

/// Where the value of an object's member is.
fn member_at(object: &str, name: &str) -> Option<Range<usize>> {
    let mut cursor = Cursor::new(object.as_bytes(), 0);
    let mut found = None;
    // The bracket, and then commas.
    let mut before = b'{';
    while cursor.take(before).unwrap_or_default() {
        before = b',';
        let Ok(key) = cursor.string() else { break };
        cursor.expect(b':').ok()?;
        cursor.peek().ok()?;
        let start = cursor.at();
        cursor.value(MAX_DEPTH).ok()?;
        let is_named = if key.escaped {
            unescape(object.get(key.whole())?, None).is_some_and(|found| found == name)
        } else {
            object.get(key.inside()) == Some(name)
        };
        if is_named {
            found = Some(start..cursor.at());
        }
    }
    found
}

/// What a query says under one name.
#[derive(Serialize)]
#[serde(untagged)]
enum Parameter<'q> {
    One(Cow<'q, str>),
    Many(Vec<Cow<'q, str>>),
}

impl<'q> Parameter<'q> {
    fn push(&mut self, text: Cow<'q, str>) {
        match self {
            Self::One(first) => *self = Self::Many(vec![core::mem::take(first), text]),
            Self::Many(all) => all.push(text),
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({self})")
    }
}

#[cfg(test)]
mod tests;
