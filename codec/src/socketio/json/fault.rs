//! What is wrong with JSON text.

use crate::socketio::packet::{DecodeError, DecodeErrorKind};

/// What is wrong with the JSON text of a packet, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    /// Byte offset into the text that was checked.
    pub(crate) offset: usize,
}

impl Fault {
    /// The fault of a packet whose JSON begins at `start`.
    pub(crate) const fn in_packet(self, start: usize) -> DecodeError {
        let kind = match self.kind {
            FaultKind::Json => DecodeErrorKind::InvalidJson,
            FaultKind::Placeholder => DecodeErrorKind::IllegalPlaceholder,
            FaultKind::TooDeep => DecodeErrorKind::TooDeep,
            FaultKind::TooMany => DecodeErrorKind::TooManyAttachments,
        };
        DecodeError { kind, offset: start.saturating_add(self.offset) }
    }

    pub(crate) const fn json(offset: usize) -> Self {
        Self { kind: FaultKind::Json, offset }
    }

    pub(crate) const fn placeholder(offset: usize) -> Self {
        Self { kind: FaultKind::Placeholder, offset }
    }

    pub(crate) const fn too_many(offset: usize) -> Self {
        Self { kind: FaultKind::TooMany, offset }
    }

    pub(crate) const fn too_deep(offset: usize) -> Self {
        Self { kind: FaultKind::TooDeep, offset }
    }
}

/// The kinds of [`Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// Not JSON, or more than one value.
    Json,
    /// A placeholder that names no attachment.
    Placeholder,
    /// Nested beyond what the decoder follows.
    TooDeep,
    /// More placeholders than there may be attachments.
    TooMany,
}
