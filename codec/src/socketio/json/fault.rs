//! What is wrong with JSON text, and why arguments cannot be written as JSON.

use crate::socketio::bridge::Failure;

/// What is wrong with JSON text, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JsonFault {
    pub(crate) kind: JsonFaultKind,
    /// Byte offset into the text that was checked.
    pub(crate) offset: usize,
}

impl JsonFault {
    pub(in crate::socketio) const fn json(offset: usize) -> Self {
        Self { kind: JsonFaultKind::Json, offset }
    }

    pub(in crate::socketio) const fn placeholder(offset: usize) -> Self {
        Self { kind: JsonFaultKind::Placeholder, offset }
    }

    pub(in crate::socketio) const fn too_many(offset: usize) -> Self {
        Self { kind: JsonFaultKind::TooMany, offset }
    }

    pub(in crate::socketio) const fn too_deep(offset: usize) -> Self {
        Self { kind: JsonFaultKind::TooDeep, offset }
    }
}

/// The kinds of [`JsonFault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonFaultKind {
    /// Not JSON, or more than one value.
    Json,
    /// A placeholder that names no attachment.
    Placeholder,
    /// Nested beyond what the decoder follows.
    TooDeep,
    /// More placeholders than there may be attachments.
    TooMany,
}

/// Why arguments cannot be written as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unwritable {
    /// A value cannot be written, or the whole is no list.
    Value(Failure),
    /// The data holds an object that looks like a placeholder, next to binary values.
    PlaceholderInData,
    /// JSON text that the caller supplied is nested too deeply where it stands.
    Text(JsonFault),
}

impl From<Failure> for Unwritable {
    fn from(failure: Failure) -> Self {
        Self::Value(failure)
    }
}

impl From<JsonFault> for Unwritable {
    fn from(fault: JsonFault) -> Self {
        Self::Text(fault)
    }
}
