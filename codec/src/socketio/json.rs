//! JSON values that travel as text.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::args::{self, ArgsError};
use super::syntax;
#[cfg(feature = "msgpack")]
use super::value::{self, Value};
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
#[derive(Clone, PartialEq, Eq)]
pub struct Json(Text);

impl Json {
    /// Takes text for JSON.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] if it is not exactly one JSON value.
    pub fn new(text: Text) -> Result<Self, ArgsError> {
        syntax::validate(text.as_bytes())?;
        Ok(Self(text))
    }

    /// Writes a value as JSON.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] if JSON cannot represent it.
    pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Self, ArgsError> {
        let text = serde_json::to_string(value).map_err(|_| ArgsError::Unrepresentable)?;
        Ok(Self(Text::from(text)))
    }

    /// Reads the value, by the same rules as [`Args::decode`](super::Args::decode) reads an argument.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] if it is not a `T`.
    pub fn decode<'de, T: Deserialize<'de>>(&'de self) -> Result<T, ArgsError> {
        args::read_value(self.as_str())
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The payload of a refused CONNECT.
    //= SIO5-CON-04
    //= SRV-MW-02
    pub(super) fn refusal(message: &str, data: Option<&Self>) -> Self {
        let mut json = Self::object(&[("message", message)]);
        if let Some(data) = data {
            let object = json.as_str();
            json = Self(Text::from(format!(r#"{},"data":{data}}}"#, object.strip_suffix('}').unwrap_or(object))));
        }
        json
    }

    /// An object with these strings in it.
    pub(super) fn object(members: &[(&str, &str)]) -> Self {
        let size = members.iter().map(|(name, text)| name.len().saturating_add(text.len()).saturating_add(8)).sum();
        let mut json = String::with_capacity(size);
        for (name, text) in members {
            json.push(if json.is_empty() { '{' } else { ',' });
            args::write_string(&mut json, name);
            json.push(':');
            args::write_string(&mut json, text);
        }
        json.push('}');
        Self(Text::from(json))
    }

    /// An object of the parameters of a query: each a string, or an array of strings if it comes more than once. The
    /// first thousand count, as in the reference; a query is as long as its sender likes.
    //= SIO4-CON-07
    pub(super) fn query(query: &[u8]) -> Self {
        let mut parameters: BTreeMap<Cow<'_, str>, Parameter<'_>> = BTreeMap::new();
        for (name, text) in form_urlencoded::parse(query).take(1000) {
            match parameters.entry(name) {
                Entry::Vacant(entry) => drop(entry.insert(Parameter::One(text))),
                Entry::Occupied(mut entry) => entry.get_mut().push(text),
            }
        }
        // Strings are always representable.
        Self::encode(&parameters).unwrap_or_else(|_| Self(Text::from("{}")))
    }

    /// A string.
    pub(super) fn string(text: &str) -> Self {
        let mut json = String::with_capacity(text.len().saturating_add(2));
        args::write_string(&mut json, text);
        Self(Text::from(json))
    }

    /// Text that the parser has validated.
    pub(super) const fn from_wire(text: Text) -> Self {
        Self(text)
    }

    /// An object without members.
    #[cfg(feature = "msgpack")]
    pub(super) fn empty() -> Self {
        Self(Text::from("{}"))
    }

    /// The value that the text stands for.
    #[cfg(feature = "msgpack")]
    pub(super) fn value(&self) -> Value {
        value::read_one(&self.0).unwrap_or_default()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
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
