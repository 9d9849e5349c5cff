//! A value that a message can carry.

use serde_json::Number;

use super::samples;

/// A JSON value, or bytes, which are sent beside the JSON as an attachment.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number that a double represents; never -0, which JavaScript writes without its sign.
    Number(Number),
    /// A text.
    Text(String),
    /// An attachment.
    Bytes(Vec<u8>),
    /// An array.
    List(Vec<Self>),
    /// An object, with its members in written order. No two have the same key.
    Object(Vec<(String, Self)>),
}

impl Value {
    /// Writes JSON without white space. Each attachment is replaced by its placeholder, and pushed to `attachments`.
    pub(super) fn write<'a>(&'a self, json: &mut String, attachments: &mut Vec<&'a [u8]>) {
        match self {
            Self::Null => json.push_str("null"),
            Self::Bool(truth) => json.push_str(if *truth { "true" } else { "false" }),
            Self::Number(number) => json.push_str(&number.to_string()),
            Self::Text(text) => write_text(text, json),
            Self::Bytes(bytes) => {
                json.push_str(&format!("{{\"_placeholder\":true,\"num\":{}}}", attachments.len()));
                attachments.push(bytes);
            }
            Self::List(items) => {
                json.push('[');
                for (index, item) in items.iter().enumerate() {
                    separate(index, json);
                    item.write(json, attachments);
                }
                json.push(']');
            }
            Self::Object(members) => {
                json.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    separate(index, json);
                    write_text(key, json);
                    json.push(':');
                    value.write(json, attachments);
                }
                json.push('}');
            }
        }
    }

    /// Whether `is_it` holds for this value or for one inside it.
    pub(super) fn any(&self, is_it: &impl Fn(&Self) -> bool) -> bool {
        is_it(self) || self.children().any(|child| child.any(is_it))
    }

    /// The direct members.
    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        let (items, members): (&[Self], &[(String, Self)]) = match self {
            Self::List(items) => (items, &[]),
            Self::Object(members) => (&[], members),
            _ => (&[], &[]),
        };
        items.iter().chain(members.iter().map(|(_, value)| value))
    }

    /// The number of nested arrays and objects, including itself.
    pub(super) fn depth(&self) -> usize {
        match self {
            Self::List(_) | Self::Object(_) => self.children().map(Self::depth).max().unwrap_or(0).saturating_add(1),
            _ => 0,
        }
    }

    /// Whether it is a number that some JSON parsers change.
    pub(super) fn is_delicate(&self) -> bool {
        matches!(self, Self::Number(number) if samples::is_delicate(number))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

fn separate(index: usize, json: &mut String) {
    if index > 0 {
        json.push(',');
    }
}

fn write_text(text: &str, json: &mut String) {
    json.push_str(&serde_json::Value::from(text).to_string());
}
