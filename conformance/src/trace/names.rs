//! The words of the language: checked texts that can always be printed and read again.

use std::fmt;

/// What the parser needs to know about a word: how to check it, and its name in errors.
pub(super) trait Name: Sized {
    /// What an error says was expected.
    const EXPECTED: &'static str;

    /// The word, if `text` is a valid one.
    fn read(text: &str) -> Option<Self>;
}

macro_rules! names {
    ($($(#[$doc:meta])* $type:ident, $expected:literal, $is_valid:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Box<str>);

        impl $type {
            /// The checked text, or `None` if it does not have the form described above.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Option<Self> {
                let text = text.into();
                let is_valid: fn(&str) -> bool = $is_valid;
                is_valid(&text).then(|| Self(text.into_boxed_str()))
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Name for $type {
            const EXPECTED: &'static str = $expected;

            fn read(text: &str) -> Option<Self> {
                Self::new(text)
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// The author's name for one HTTP request or one WebSocket: a lower-case letter, then lower-case letters and
    /// digits.
    ///
    /// ```
    /// use siospec::trace::Channel;
    ///
    /// assert!(Channel::new("ws2").is_some());
    /// assert!(Channel::new("C").is_none());
    /// ```
    Channel, "a channel, a lower-case letter and then lower-case letters and digits", is_channel;

    /// The name of a hole, without its dollar sign: letters, digits and underscores, not beginning with a digit. A
    /// single underscore is not a name: `$_` never captures.
    HoleName, "the name of a hole, such as sid", is_hole_name;

    /// A suffix for the names of holes: letters, digits and underscores.
    Suffix, "an addition to the names of holes, of letters and digits", is_suffix;

    /// The id of a requirement, such as `EIO4-HB-01`: parts of capitals and digits; the last one is a number.
    Requirement, "a requirement id such as EIO4-HB-01", is_requirement;

    /// The name of an HTTP header field: letters, digits, `-`, `_` and `.`.
    FieldName, "the name of a header field and a colon", is_field_name;

    /// A content type: `type/subtype`, and parameters after a semicolon.
    MediaType, "a content type such as text/html, and two spaces before a note", is_media_type;

    /// One line of text: not empty, no space at its ends, no control characters.
    Sentence, "a line of text without control characters", is_sentence;

    /// One word: not empty, no white space, no control characters.
    Word, "a word", is_word;

    /// The text after a `#`: one line, perhaps empty, without a space at its end.
    Comment, "a comment without carriage returns", is_comment;
}

fn is_channel(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

fn is_hole_name(text: &str) -> bool {
    text != "_" && !text.starts_with(|c: char| c.is_ascii_digit()) && !text.is_empty() && text.chars().all(is_hole_char)
}

fn is_suffix(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_hole_char)
}

/// Whether `c` can continue the name of a hole.
pub(super) fn is_hole_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_requirement(text: &str) -> bool {
    let Some((group, number)) = text.rsplit_once('-') else {
        return false;
    };
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    group.split('-').all(is_part) && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
}

fn is_field_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_field_char)
}

/// Whether `c` may occur in the name of a header field. HTTP allows more, but `#`, `$` and similar characters have
/// another meaning here; a field with such a name can be sent by `raw`.
pub(super) fn is_field_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

fn is_media_type(text: &str) -> bool {
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let is_token =
        |token: &str| !token.is_empty() && token.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+*".contains(c));
    // two spaces would end the payload, and a space at the end would be lost
    let is_plain = !parameters.contains("  ") && !parameters.ends_with(' ') && !parameters.contains(char::is_control);
    is_plain && essence.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub))
}

fn is_sentence(text: &str) -> bool {
    !text.is_empty() && text.trim_matches(' ') == text && !text.contains(char::is_control)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn is_comment(text: &str) -> bool {
    !text.contains(['\n', '\r']) && !text.ends_with(' ')
}
