//! What the first bytes of a packet say; the one place where the revisions differ in reading.
//!
//! ```text
//!                      revision 4           revision 3
//! text                 digit *data          digit *data          "4hello"
//! base64               "b" *base64          "b" "4" *base64      "bAQIDBA==", "b4AQIDBA=="
//! binary               *byte                %x04 *byte
//! ```
//!
//! One byte decides, or two, so this is a match and no parser combinator: it is the hottest code of the crate.

use crate::engineio::error::{PacketError, PacketErrorKind};
use crate::engineio::revision::Revision;

/// The first character of a text packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engineio) enum Kind {
    Open,
    Close,
    Ping,
    Pong,
    Message,
    Upgrade,
    Noop,
}

/// How a text goes on after its first character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engineio) enum Head {
    /// With the data, directly after the digit.
    Plain(Kind),
    /// With base64, from this offset on.
    Base64(usize),
}

/// Reads the head of a packet in text form.
#[inline]
pub(in crate::engineio) fn text(revision: Revision, packet: &[u8]) -> Result<Head, PacketError> {
    Ok(Head::Plain(match packet.first() {
        Some(b'4') => Kind::Message,
        Some(b'0') => Kind::Open,
        Some(b'1') => Kind::Close,
        Some(b'2') => Kind::Ping,
        Some(b'3') => Kind::Pong,
        Some(b'5') => Kind::Upgrade,
        Some(b'6') => Kind::Noop,
        Some(b'b') => return base64(revision, packet.get(1)),
        //= EIO4-PKT-06
        //= EIO3-PKT-03
        Some(_) => return Err(PacketError { kind: PacketErrorKind::UnknownType, offset: 0 }),
        //= EIO4-PKT-05
        None => return Err(PacketError { kind: PacketErrorKind::Empty, offset: 0 }),
    }))
}

const fn base64(revision: Revision, second: Option<&u8>) -> Result<Head, PacketError> {
    match (revision, second) {
        //= EIO4-PKT-14: `b` alone
        //= EIO4-PKT-15: Accept `b<base64>`
        (Revision::V4, _) => Ok(Head::Base64(1)),
        //= EIO3-PKT-02: the type digit after `b`
        //= EIO3-WS-03: Accept `b4...`
        (Revision::V3, Some(b'4')) => Ok(Head::Base64(2)),
        (Revision::V3, Some(b'0'..=b'6')) => Err(PacketError { kind: PacketErrorKind::BinaryType, offset: 1 }),
        //= EIO3-PKT-04
        (Revision::V3, _) => Err(PacketError { kind: PacketErrorKind::UnknownType, offset: 1 }),
    }
}

/// Where the data of a binary message starts.
//= EIO4-PKT-07
//= EIO3-PKT-01: the type as a byte
//= EIO3-PKT-06: binary type 4
#[inline]
pub(in crate::engineio) const fn binary(revision: Revision, packet: &[u8]) -> Result<usize, PacketError> {
    match (revision, packet.first()) {
        (Revision::V4, _) => Ok(0),
        (Revision::V3, Some(4)) => Ok(1),
        (Revision::V3, Some(0..=6)) => Err(PacketError { kind: PacketErrorKind::BinaryType, offset: 0 }),
        //= EIO3-PKT-04
        (Revision::V3, Some(_)) => Err(PacketError { kind: PacketErrorKind::UnknownType, offset: 0 }),
        //= EIO3-PKT-05
        (Revision::V3, None) => Err(PacketError { kind: PacketErrorKind::Empty, offset: 0 }),
    }
}
