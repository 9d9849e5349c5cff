//! Entries of a stream.

use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

use crate::Limits;
use crate::cluster::error::{DecodeError, Undecodable, Violation};
use crate::cluster::form;
use crate::cluster::id::Uid;
use crate::socketio::Value;

/// The fields of one entry.
///
/// ```
/// use sio_codec::cluster::streams::Entry;
///
/// // As XREAD and XRANGE return them.
/// let fields = [("uid", "49d2072ab28bbbe2"), ("nsp", "/"), ("type", "4"), ("data", "{}")];
/// let entry = Entry::new(fields);
/// assert_eq!(entry.namespace(), Some("/"));
/// assert!(entry.fields().map(|(name, _)| name).eq(["uid", "nsp", "type", "data"]));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub(super) uid: Option<Bytes>,
    pub(super) namespace: Option<Bytes>,
    pub(super) kind: Option<Bytes>,
    pub(super) data: Option<Bytes>,
}

impl Entry {
    /// An entry with these fields, in any order. Others mean nothing.
    pub fn new<N: AsRef<[u8]>, V: Into<Bytes>>(fields: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut entry = Self::default();
        for (name, value) in fields {
            let field = match name.as_ref() {
                b"uid" => &mut entry.uid,
                b"nsp" => &mut entry.namespace,
                b"type" => &mut entry.kind,
                b"data" => &mut entry.data,
                _ => continue,
            };
            *field = Some(value.into());
        }
        entry
    }

    /// The namespace that it is for: a stream is shared by all. An entry without a name is nobody's.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref().and_then(|name| str::from_utf8(name).ok())
    }

    /// Whether a server wrote it.
    pub(in crate::cluster) fn is_by(&self, uid: &Uid) -> bool {
        self.uid.as_deref() == Some(uid.as_str().as_bytes())
    }

    /// The fields that it has, in the order of the reference.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &Bytes)> {
        let fields = [("uid", &self.uid), ("nsp", &self.namespace), ("type", &self.kind), ("data", &self.data)];
        fields.into_iter().filter_map(|(name, value)| value.as_ref().map(|value| (name, value)))
    }

    /// The number of its type.
    pub(super) fn kind(&self) -> Result<u8, Violation> {
        let kind = self.kind.as_deref().ok_or(Violation::Missing("type"))?;
        let digits = str::from_utf8(kind).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|digits| digits.parse().ok()).ok_or(Violation::UnknownType)
    }

    /// JSON, or MessagePack in base64.
    pub(super) fn value(data: Bytes, limits: &Limits) -> Result<Value, DecodeError> {
        if data.first() == Some(&b'{') {
            return form::read(data, limits);
        }
        form::check_len(&data, limits)?;
        form::read_msgpack(&decode_base64(&data)?, limits)
    }
}

/// A place in a stream: the id of an entry, and the offset that a client comes back with.
///
/// ```
/// use sio_codec::cluster::streams::EntryId;
///
/// let id = EntryId::parse("1795237680214-0").unwrap();
/// assert_eq!(id.next().to_string(), "1795237680214-1");
/// assert_eq!(EntryId::parse("$"), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "what Redis counts")]
pub struct EntryId {
    /// Milliseconds since 1970, by the clock of Redis.
    pub milliseconds: u64,
    /// Which of the entries of that millisecond.
    pub sequence: u64,
}

impl EntryId {
    /// Reads `<milliseconds>-<sequence>`; `None` for anything else.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
        let (milliseconds, sequence) = id.split_once('-')?;
        Some(Self { milliseconds: number(milliseconds)?, sequence: number(sequence)? })
    }

    /// The first place behind this one, from which `XRANGE` finds what came later.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.sequence.checked_add(1) {
            Some(sequence) => Self { milliseconds: self.milliseconds, sequence },
            None => Self { milliseconds: self.milliseconds.saturating_add(1), sequence: 0 },
        }
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.milliseconds, self.sequence)
    }
}

/// As Node.js reads base64: with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

pub(super) fn encode_base64(bytes: &[u8]) -> Bytes {
    Bytes::from(BASE64.encode(bytes))
}

pub(super) fn decode_base64(text: &[u8]) -> Result<Bytes, DecodeError> {
    let decoded: Result<Vec<u8>, _> = BASE64.decode(text);
    decoded.map(Bytes::from).map_err(|error| {
        let offset = match error {
            base64::DecodeError::InvalidByte(offset, _) => offset,
            _ => text.len(),
        };
        DecodeError::undecodable(Undecodable::InvalidBase64, offset)
    })
}
