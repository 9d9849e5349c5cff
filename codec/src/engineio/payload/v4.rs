//! Payloads of revision 4: packets separated by U+001E.

use alloc::string::String;

use bytes::Bytes;
use memchr::memchr;

use crate::engineio::error::{PacketErrorKind, PayloadError, SendError};
use crate::engineio::packet::{Packet, base64_len, push_base64};
use crate::frame::Frame;
use crate::text::Text;

const SEPARATOR: u8 = 0x1e;

/// The packets of one polling body, in order; ends after the first fault.
///
/// ```
/// use bytes::Bytes;
/// use sio_codec::engineio::{Packet, payload};
///
/// let mut packets = payload::Packets::new(Bytes::from_static(b"4one\x1ezz\x1e4two"))?;
/// assert_eq!(packets.next(), Some(Ok(Packet::Message("one".into()))));
/// assert_eq!(packets.next().unwrap().unwrap_err().offset, 5);
/// assert_eq!(packets.next(), None);
/// # Ok::<(), sio_codec::engineio::PayloadError>(())
/// ```
//= EIO4-PLD-03
#[derive(Clone, Debug)]
pub struct Packets {
    body: Text,
    /// Where the next element starts; past the end when there is none.
    next: usize,
}

impl Packets {
    /// Starts to read a body. The packets share its bytes.
    ///
    /// # Errors
    ///
    /// [`PacketErrorKind::Utf8`] if the body is not UTF-8; nothing of it is delivered then.
    //= EIO4-PLD-09
    pub fn new(body: Bytes) -> Result<Self, PayloadError> {
        let body =
            Text::try_from(body).map_err(|error| PayloadError { kind: PacketErrorKind::Utf8, offset: error.offset })?;
        Ok(Self { body, next: 0 })
    }

    fn fail(&mut self, kind: PacketErrorKind, offset: usize) -> PayloadError {
        self.next = self.body.len() + 1;
        PayloadError { kind, offset }
    }
}

impl Iterator for Packets {
    type Item = Result<Packet, PayloadError>;

    //= EIO4-PLD-04
    //= EIO4-PLD-06
    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next;
        let rest = self.body.as_bytes().get(start..)?;
        let end = start + memchr(SEPARATOR, rest).unwrap_or(rest.len());
        let element = self.body.slice(start..end).unwrap_or_default();
        self.next = end + 1;
        match Packet::parse(Frame::Text(element)) {
            Ok(packet) => Some(Ok(packet)),
            Err(error) => Some(Err(self.fail(error.kind, start + error.offset))),
        }
    }
}

/// Writes a polling body from packets in their framed form.
///
/// ```
/// use bytes::Bytes;
/// use sio_codec::engineio::payload;
///
/// let mut payload = payload::Encoder::new();
/// payload.push(&"4hello".into())?;
/// payload.push(&Bytes::from_static(&[1, 2, 3, 4]).into())?;
/// assert_eq!(payload.finish().unwrap(), "4hello\x1ebAQIDBA==");
/// # Ok::<(), sio_codec::engineio::SendError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    body: String,
}

impl Encoder {
    /// An empty payload; allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { body: String::new() }
    }

    /// Appends one packet, given as the message that a framed transport would carry.
    ///
    /// # Errors
    ///
    /// [`SendError::Separator`] if a text holds U+001E: the receiver would read two packets. Nothing is written.
    //= EIO4-PLD-01
    //= EIO4-PLD-02
    //= EIO4-PLD-07
    pub fn push(&mut self, frame: &Frame) -> Result<(), SendError> {
        check_separator(frame)?;
        self.body.reserve(Self::element_len(frame) + 1);
        if !self.body.is_empty() {
            self.body.push(char::from(SEPARATOR));
        }
        match frame {
            Frame::Text(text) => self.body.push_str(text.as_str()),
            Frame::Binary(bytes) => push_base64(bytes, &mut self.body),
        }
        Ok(())
    }

    /// What [`push`](Self::push) would add for this packet, in bytes, its separator not counted.
    //= EIO4-LIM-03
    #[must_use]
    pub fn element_len(frame: &Frame) -> usize {
        match frame {
            Frame::Text(text) => text.len(),
            Frame::Binary(bytes) => base64_len(bytes.len()),
        }
    }

    /// Bytes written so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.body.len()
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// The body; `None` if no packet was pushed, because a payload is never empty.
    //= EIO4-PLD-08
    #[must_use]
    pub fn finish(self) -> Option<Text> {
        (!self.body.is_empty()).then(|| Text::from(self.body))
    }
}

/// Whether a packet can be an element of a payload.
pub(in crate::engineio) fn check_separator(frame: &Frame) -> Result<(), SendError> {
    match frame {
        Frame::Text(text) if memchr(SEPARATOR, text.as_bytes()).is_some() => Err(SendError::Separator),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;
    use alloc::vec::Vec;

    use super::*;
    use proptest::prelude::*;

    fn decode(body: &'static str) -> Vec<Result<Packet, PacketErrorKind>> {
        let packets = Packets::new(Bytes::from_static(body.as_bytes())).unwrap();
        packets.map(|packet| packet.map_err(|error| error.kind)).collect()
    }

    //= EIO4-PLD-03
    //= EIO4-PLD-04
    //= EIO4-PLD-06
    #[test]
    fn faults_end_the_payload() {
        let message = |text: &'static str| Ok(Packet::Message(Frame::from(text)));
        assert_eq!(decode(""), [Err(PacketErrorKind::Empty)]);
        assert_eq!(decode("4a\x1e"), [message("a"), Err(PacketErrorKind::Empty)]);
        assert_eq!(decode("\x1e4a"), [Err(PacketErrorKind::Empty)]);
        assert_eq!(decode("4a\x1e\x1e4b"), [message("a"), Err(PacketErrorKind::Empty)]);
        assert_eq!(decode("4one\x1ezz\x1e4two"), [message("one"), Err(PacketErrorKind::UnknownType)]);
        assert_eq!(decode("6:4hello"), [Ok(Packet::Noop)]);
    }

    //= EIO4-PLD-09
    #[test]
    fn a_body_that_is_not_utf8_is_refused_whole() {
        let error = Packets::new(Bytes::from_static(b"4\xff\xfe")).unwrap_err();
        assert_eq!((error.kind, error.offset), (PacketErrorKind::Utf8, 1));
    }

    //= EIO4-PLD-07
    #[test]
    fn a_text_with_a_separator_is_not_written() {
        let mut payload = Encoder::new();
        assert_eq!(payload.push(&Frame::from("4a\x1eb")), Err(SendError::Separator));
        assert!(payload.is_empty());
        assert_eq!(payload.finish(), None);
    }

    proptest! {
        //= EIO4-PLD-01
        //= EIO4-PLD-02
        //= EIO4-PLD-08
        //= EIO4-LIM-03
        #[test]
        fn l8_round_trip(packets in prop::collection::vec(any_message(), 1..20)) {
            let mut payload = Encoder::new();
            let mut expected = 0;
            for packet in &packets {
                expected += Encoder::element_len(&packet.to_frame()) + usize::from(!payload.is_empty());
                payload.push(&packet.to_frame()).unwrap();
            }
            prop_assert_eq!(payload.len(), expected);
            let body = payload.finish().unwrap();
            prop_assert_eq!(body.as_str().matches('\x1e').count(), packets.len() - 1);
            let decoded: Result<Vec<_>, _> = Packets::new(body.into_bytes()).unwrap().collect();
            prop_assert_eq!(decoded.unwrap(), packets);
        }

        #[test]
        fn l3_any_body_is_read_or_refused(body in any::<Vec<u8>>()) {
            let elements = body.iter().filter(|byte| **byte == SEPARATOR).count() + 1;
            if let Ok(packets) = Packets::new(body.into()) {
                prop_assert!(packets.count() <= elements);
            }
        }
    }

    fn any_message() -> impl Strategy<Value = Packet> {
        let text = any::<String>().prop_map(|text| text.replace('\x1e', " ").to_string());
        prop_oneof![
            text.prop_map(|text| Packet::Message(Frame::Text(Text::from(text)))),
            any::<Vec<u8>>().prop_map(|bytes| Packet::Message(Frame::Binary(bytes.into()))),
            Just(Packet::Ping(Text::new())),
        ]
    }
}
