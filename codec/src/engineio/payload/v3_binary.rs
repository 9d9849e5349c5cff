//! Binary payloads of revision 3: each packet after a marker and its length in bytes.

#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "places in one body: a length is compared with what is left of it first"
    )
)]

use alloc::vec::Vec;

use super::decimal;
use super::{Element, Form};
use crate::engineio::error::{PacketErrorKind, PayloadError};
use crate::engineio::packet::Parts;
use crate::engineio::revision::Revision;

const TEXT: u8 = 0;
const BINARY: u8 = 1;
/// The element at `at`; `None` at the end of the body.
//= EIO3-BIN-06: a missing terminator
//= EIO3-BIN-07: a truncated element, digits above 9
//= EIO3-BIN-09: an empty binary body
#[inline]
pub(super) fn element(body: &[u8], at: usize) -> Option<Result<Element, PayloadError>> {
    let (marker, rest) = body.get(at..)?.split_first()?;
    let fault = |kind, offset| Some(Err(PayloadError { kind, offset }));
    let form = match *marker {
        TEXT => Form::Text,
        BINARY => Form::Binary,
        _ => return fault(PacketErrorKind::Marker, at),
    };
    let Ok((content, len)) = decimal::length::<0, 0xff>(rest) else {
        return fault(PacketErrorKind::Length, at + 1);
    };
    if len > content.len() {
        return fault(PacketErrorKind::Truncated, at + 1);
    }
    let start = body.len() - content.len();
    Some(Ok(Element { form, start, end: start + len, next: start + len }))
}

#[inline]
pub(super) const fn len(packet: &Parts<'_>) -> usize {
    let len = packet.frame_len(Revision::V3);
    2 + decimal::digits(len) + len
}

//= EIO3-BIN-01
#[inline]
pub(super) fn write(packet: &Parts<'_>, out: &mut Vec<u8>) {
    out.push(if packet.is_binary() { BINARY } else { TEXT });
    decimal::write::<0, 0xff>(packet.frame_len(Revision::V3), out);
    packet.write_frame(Revision::V3, out);
}
