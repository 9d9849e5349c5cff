//! Polling by script tags, for browsers without anything better.
//!
//! Such a client names itself by the parameter `j` of its handshake. From then on the answer to each GET is a script, and
//! the body of each POST is a form:
//!
//! ```text
//! GET      ___eio[0]("6:4hello");
//! POST     d=6%3A4hello
//! ```
//!
//! The payload in it is that of the session's revision, and always text.
//!
//! ```
//! use sio_codec::engineio::jsonp::{self, Index};
//!
//! let index = Index::from_query("0");
//! assert_eq!(jsonp::wrap(&index, "6:4hello"), r#"___eio[0]("6:4hello");"#);
//! assert_eq!(jsonp::unwrap(r#"___eio[0]("6:4hello");"#)?, (index, "6:4hello".into()));
//! assert_eq!(jsonp::decode_form(b"d=6%3A4hello").as_deref(), Some("6:4hello"));
//! # Ok::<(), sio_codec::engineio::PayloadError>(())
//! ```

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "lengths of slices of one script, and places in it")
)]

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use memchr::memmem;
use nom::bytes::complete::{tag, take_while};
use nom::combinator::{eof, opt};
use nom::sequence::{delimited, terminated};
use nom::{IResult, Parser as _};

use super::error::{PacketErrorKind, PayloadError};

/// Which of a page's callbacks is called: the digits of the handshake's `j`, for the whole session.
///
/// ```
/// use sio_codec::engineio::jsonp::Index;
///
/// assert_eq!(Index::from_query("12);alert(1").as_str(), "121");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Index(String);

impl Index {
    /// The digits of a parameter, and nothing else of it: it becomes part of a script.
    //= EIO4-JSONP-02
    #[must_use]
    pub fn from_query(j: &str) -> Self {
        Self(j.chars().filter(char::is_ascii_digit).collect())
    }

    /// The digits; none at all are possible.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The script that delivers a payload.
///
/// Everything that ends a JavaScript string is escaped, the line separators U+2028 and U+2029 included, which JSON allows.
///
/// ```
/// use sio_codec::engineio::jsonp::{self, Index};
///
/// let script = jsonp::wrap(&Index::from_query("0"), "4say \"hi\"");
/// assert_eq!(script, r#"___eio[0]("4say \"hi\"");"#);
/// ```
//= EIO3-JSONP-01: answer `___eio[<n>]("<payload>");`
//= EIO4-JSONP-01
//= EIO4-JSONP-02: only digits of `j` reach the output
#[must_use]
pub fn wrap(index: &Index, payload: &str) -> String {
    // A string serializes without fail.
    let literal = serde_json::to_string(payload).unwrap_or_default();
    let mut script = String::with_capacity(literal.len() + index.0.len() + 12);
    script.push_str("___eio[");
    script.push_str(&index.0);
    script.push_str("](");
    for piece in literal.split_inclusive(['\u{2028}', '\u{2029}']) {
        let plain = piece.trim_end_matches(['\u{2028}', '\u{2029}']);
        script.push_str(plain);
        match piece.chars().last() {
            Some('\u{2028}') => script.push_str("\\u2028"),
            Some('\u{2029}') => script.push_str("\\u2029"),
            _ => {}
        }
    }
    script.push_str(");");
    script
}

/// The payload that a script delivers, and to which callback.
///
/// # Errors
///
/// [`PacketErrorKind::Script`] if it is anything but one call with one string.
///
/// ```
/// use sio_codec::engineio::jsonp;
///
/// let (index, payload) = jsonp::unwrap(r#"___eio[0]("6:4hello");"#)?;
/// assert_eq!((index.as_str(), &*payload), ("0", "6:4hello"));
/// # Ok::<(), sio_codec::engineio::PayloadError>(())
/// ```
//= EIO3-JSONP-01
pub fn unwrap(script: &str) -> Result<(Index, String), PayloadError> {
    let error = |rest: &str| PayloadError { kind: PacketErrorKind::Script, offset: script.len() - rest.len() };
    let Ok((rest, digits)) = callback(script) else { return Err(error(script)) };
    let mut literal = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    let payload = literal.next().and_then(Result::ok).ok_or_else(|| error(rest))?;
    let tail = rest.get(literal.byte_offset()..).unwrap_or_default();
    end_of_call(tail).map_err(|_| error(tail))?;
    Ok((Index(digits.into()), payload))
}

/// `"___eio[" *DIGIT "]("`
fn callback(input: &str) -> IResult<&str, &str, ()> {
    delimited(tag("___eio["), take_while(|character: char| character.is_ascii_digit()), tag("](")).parse(input)
}

/// `")" [";"]` and nothing more
fn end_of_call(input: &str) -> IResult<&str, &str, ()> {
    terminated(terminated(tag(")"), opt(tag(";"))), eof).parse(input)
}

/// The form that carries a payload to the server, `application/x-www-form-urlencoded`.
///
/// Browsers write line ends in forms as they like, so a newline is sent as `\n`, and `\n` as `\\n`. The one text that
/// does not survive is a newline behind a backslash; JSON has none.
///
/// ```
/// use sio_codec::engineio::jsonp;
///
/// assert_eq!(jsonp::encode_form("4a\nb"), "d=4a%5Cnb");
/// ```
#[must_use]
pub fn encode_form(payload: &str) -> String {
    let escaped = payload.replace("\\n", "\\\n").replace('\n', "\\n");
    form_urlencoded::Serializer::new(String::new()).append_pair("d", &escaped).finish()
}

/// The payload in a form; `None` if there is no field `d`, or more than one: such a body is answered with `ok` and has no
/// further effect.
///
/// ```
/// use sio_codec::engineio::jsonp;
///
/// assert_eq!(jsonp::decode_form(b"d=4a%5Cnb").as_deref(), Some("4a\nb"));
/// assert_eq!(jsonp::decode_form(b"d=4a&d=4b"), None);
/// ```
//= EIO3-JSONP-01
#[must_use]
pub fn decode_form(body: &[u8]) -> Option<String> {
    let mut fields = form_urlencoded::parse(body).filter(|(name, _)| name == "d").map(|(_, value)| value);
    let payload = fields.next()?;
    fields.next().is_none().then(|| unescape(payload))
}

/// Turns `\n` into a newline, and `\\n` into `\n`.
fn unescape(text: Cow<'_, str>) -> String {
    const BACKSLASH: u8 = b'\\';
    let mut out = String::new();
    let mut copied = 0;
    for at in memmem::find_iter(text.as_bytes(), b"\\n") {
        let escaped = at > copied && text.as_bytes().get(at - 1) == Some(&BACKSLASH);
        let end = if escaped { at - 1 } else { at };
        out.push_str(text.get(copied..end).unwrap_or_default());
        out.push_str(if escaped { "\\n" } else { "\n" });
        copied = at + 2;
    }
    if copied == 0 {
        return text.into_owned();
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests;
