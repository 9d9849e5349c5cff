//! Which form a body has, and how it is labelled.

use super::{v3_binary, v3_text, v4};
use crate::engineio::packet::Parts;
use crate::engineio::revision::Revision;

const BINARY: &str = "application/octet-stream";

/// How the sender of a polling body labelled it.
///
/// ```
/// use sio_codec::engineio::BodyFormat;
///
/// assert_eq!(BodyFormat::of_request(Some("text/plain;charset=UTF-8")), BodyFormat::Text);
/// assert_eq!(BodyFormat::of_request(Some("application/octet-stream")), BodyFormat::Binary);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a body is text or it is not")]
pub enum BodyFormat {
    /// Anything but `application/octet-stream`, or nothing.
    Text,
    /// `application/octet-stream`.
    Binary,
}

impl BodyFormat {
    /// How a POST is labelled: binary if the `Content-Type` is exactly that.
    //= EIO4-POST-07
    //= EIO3-BIN-03
    #[must_use]
    pub fn of_request(content_type: Option<&str>) -> Self {
        if content_type == Some(BINARY) { Self::Binary } else { Self::Text }
    }

    /// How an answer is labelled. Unlike a server, a client ignores parameters and case in the `Content-Type`.
    //= EIO3-BIN-08
    #[must_use]
    pub fn of_response(content_type: Option<&str>) -> Self {
        let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
        let is_binary = media_type.trim().eq_ignore_ascii_case(BINARY);
        if is_binary { Self::Binary } else { Self::Text }
    }
}

/// The three forms of a polling body.
///
/// ```
/// use sio_codec::engineio::Revision;
/// use sio_codec::engineio::payload::Format;
///
/// assert_eq!(Format::of_request(Revision::V3, Some("application/octet-stream")), Format::V3Binary);
/// assert_eq!(Format::of_request(Revision::V3, Some("text/plain;charset=UTF-8")), Format::V3Text);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a new form would need a new revision")]
pub enum Format {
    /// Revision 4: text, with separators.
    V4,
    /// Revision 3: text, with lengths.
    V3Text,
    /// Revision 3: bytes, with lengths.
    V3Binary,
}

impl Format {
    /// The form of a POST's body. Revision 4 has one; in revision 3 the label decides, which has to be exact.
    //= EIO3-BIN-03
    #[must_use]
    pub fn of_request(revision: Revision, content_type: Option<&str>) -> Self {
        Self::of_body(revision, BodyFormat::of_request(content_type))
    }

    /// The form of the answer to a GET. Unlike a server, a client ignores parameters and case in the label.
    //= EIO3-BIN-08
    #[must_use]
    pub fn of_response(revision: Revision, content_type: Option<&str>) -> Self {
        Self::of_body(revision, BodyFormat::of_response(content_type))
    }

    /// The form of a body with this label. Revision 4 has one.
    #[must_use]
    pub const fn of_body(revision: Revision, label: BodyFormat) -> Self {
        match (revision, label) {
            (Revision::V4, _) => Self::V4,
            (Revision::V3, BodyFormat::Text) => Self::V3Text,
            (Revision::V3, BodyFormat::Binary) => Self::V3Binary,
        }
    }

    /// The form for some packets: binary only in revision 3, if one of them is a binary message, and if the receiver
    /// did not ask for `b64` (or for JSONP, which is text).
    #[must_use]
    pub const fn for_packets(revision: Revision, any_binary: bool, takes_binary: bool) -> Self {
        match revision {
            Revision::V4 => Self::V4,
            //= EIO3-HS-07: no binary bodies
            Revision::V3 if any_binary && takes_binary => Self::V3Binary,
            //= EIO3-BIN-04: with `b64`
            //= EIO3-BIN-05: payloads without binary
            //= EIO3-JSONP-02: string payloads
            Revision::V3 => Self::V3Text,
        }
    }

    /// The revision that has this form.
    #[must_use]
    pub const fn revision(self) -> Revision {
        match self {
            Self::V4 => Revision::V4,
            Self::V3Text | Self::V3Binary => Revision::V3,
        }
    }

    /// Whether such a body is UTF-8 throughout.
    #[must_use]
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::V3Binary)
    }

    /// The body that says that there are no packets, if there is one. The reference can be made to write it; a server has
    /// no reason to.
    //= EIO3-PLD-06: a zero length element
    //= EIO3-BIN-09: an empty binary body
    #[must_use]
    pub const fn empty_body(self) -> Option<&'static [u8]> {
        match self {
            Self::V4 => None,
            Self::V3Text => Some(b"0:"),
            Self::V3Binary => Some(b""),
        }
    }

    /// The `Content-Type` of an answer with such a body.
    //= EIO4-GET-03
    //= EIO3-BIN-02
    #[must_use]
    pub const fn response_type(self) -> &'static str {
        if self.is_text() { "text/plain; charset=UTF-8" } else { BINARY }
    }

    /// The `Content-Type` of a POST with such a body.
    //= EIO3-CLI-02
    #[must_use]
    pub const fn request_type(self) -> &'static str {
        if self.is_text() { "text/plain;charset=UTF-8" } else { BINARY }
    }

    /// What one packet adds to a body, in bytes. A separator before it, which only [`V4`](Self::V4) has, is not
    /// counted.
    //= EIO4-LIM-03
    #[must_use]
    pub fn element_len<'a>(self, packet: impl Into<Parts<'a>>) -> usize {
        let packet = packet.into();
        match self {
            Self::V4 => v4::len(&packet),
            Self::V3Text => v3_text::len(&packet, v3_text::units(&packet)),
            Self::V3Binary => v3_binary::len(&packet),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: Option<&str> = Some("text/plain;charset=UTF-8");

    //= EIO3-BIN-03
    #[test]
    fn a_server_takes_the_label_literally() {
        assert_eq!(Format::of_request(Revision::V3, Some(BINARY)), Format::V3Binary);
        let others = [None, TEXT, Some("application/octet-stream; charset=UTF-8"), Some("Application/Octet-Stream")];
        for label in others {
            assert_eq!(Format::of_request(Revision::V3, label), Format::V3Text, "{label:?}");
        }
        assert_eq!(Format::of_request(Revision::V4, Some(BINARY)), Format::V4);
    }

    //= EIO3-BIN-08
    #[test]
    fn a_client_overlooks_parameters() {
        for label in [BINARY, "application/octet-stream; charset=UTF-8", "Application/Octet-Stream ;x"] {
            assert_eq!(Format::of_response(Revision::V3, Some(label)), Format::V3Binary, "{label}");
        }
        assert_eq!(Format::of_response(Revision::V3, TEXT), Format::V3Text);
        assert_eq!(Format::of_response(Revision::V3, None), Format::V3Text);
        assert_eq!(Format::of_response(Revision::V4, Some(BINARY)), Format::V4);
    }

    #[test]
    fn binary_payloads_need_a_reason_and_a_receiver() {
        let chosen = |revision, any_binary, takes_binary| Format::for_packets(revision, any_binary, takes_binary);
        assert_eq!(chosen(Revision::V3, true, true), Format::V3Binary);
        //= EIO3-BIN-04
        //= EIO3-HS-07
        //= EIO3-JSONP-02
        assert_eq!(chosen(Revision::V3, true, false), Format::V3Text);
        //= EIO3-BIN-05
        assert_eq!(chosen(Revision::V3, false, true), Format::V3Text);
        assert_eq!(chosen(Revision::V4, true, true), Format::V4);
    }

    //= EIO4-GET-03
    //= EIO3-BIN-02
    //= EIO3-CLI-02
    #[test]
    fn labels() {
        let labels = |format: Format| (format.response_type(), format.request_type());
        assert_eq!(labels(Format::V4), ("text/plain; charset=UTF-8", "text/plain;charset=UTF-8"));
        assert_eq!(labels(Format::V3Text), labels(Format::V4));
        assert_eq!(labels(Format::V3Binary), (BINARY, BINARY));
    }
}
