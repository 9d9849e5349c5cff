//! The bodies of requests and answers, as recordings hold them.

use sio_codec::engineio::jsonp;

use crate::replay::{Framing, Packet, Wrapping, hex, plural};
use crate::trace::{Revision, Side};

/// The packets of a body; `None` if it is not a payload. A recording can hold UTF-8 as if each byte was a character.
pub(super) fn packets(framing: Framing, side: Side, content_type: Option<&str>, body: &[u8]) -> Option<Vec<Packet>> {
    let split = |framing: Framing, body: &[u8]| framing.split(content_type, body).map(Vec::from);
    if framing.wrapping == Wrapping::Script && side == Side::Client {
        let payload = jsonp::decode_form(body)?;
        return split(Framing { wrapping: Wrapping::Bare, ..framing }, payload.as_bytes());
    }
    split(framing, body).or_else(|| split(framing, &narrow(body)?))
}

/// A text whose characters are bytes, as these bytes.
fn narrow(body: &[u8]) -> Option<Vec<u8>> {
    let bytes: Result<Vec<u8>, _> = str::from_utf8(body).ok()?.chars().map(u8::try_from).collect();
    bytes.ok().filter(|bytes| str::from_utf8(bytes).is_ok())
}

/// Whether the lengths of a body count bytes.
pub(super) fn is_counted_in_bytes(framing: Framing, body: &[u8]) -> bool {
    let wide: String = body.iter().map(|byte| char::from(*byte)).collect();
    framing.revision == Revision::Three && framing.split(None, wide.as_bytes()).is_some()
}

/// The beginning of binary data.
pub(super) fn binary(bytes: &[u8]) -> String {
    let shown = bytes.get(..16).unwrap_or(bytes);
    let dots = if shown.len() < bytes.len() { "..." } else { "" };
    format!("{}: {}{dots}", plural(bytes.len(), "byte"), hex(shown))
}
