//! Binary messages as text.
//!
//! Senders of the protocol write one line. engine.io-client-java 2.x writes lines of 76 characters instead, each with a
//! line break behind it, the last one too; so line breaks are skipped, as the reference does. They are looked for only
//! where decoding failed, so that a text without them costs nothing more.

#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "lengths of slices, which are at most isize::MAX, and a third more of them"
    )
)]

use alloc::vec::Vec;

use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{DecodePaddingMode, Engine};
use base64::{DecodeError, DecodeSliceError};
use memchr::memchr;

use super::error::{PacketError, PacketErrorKind};

/// The content of a binary message that arrived as base64; it is decoded when that is asked for.
///
/// ```
/// use sio_codec::engineio::{PacketRef, Revision};
///
/// let Ok(PacketRef::Base64(message)) = PacketRef::parse(Revision::V4, "bAQIDBA==") else { unreachable!() };
/// assert_eq!(message.decoded_len(), 4);
/// assert_eq!(message.decode()?, [1, 2, 3, 4]);
/// # Ok::<(), sio_codec::engineio::PacketError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Base64<'a> {
    text: &'a str,
    /// Where the text starts in its packet.
    at: usize,
}

impl<'a> Base64<'a> {
    #[inline]
    pub(super) const fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// The characters as they arrived, line breaks included.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// How many bytes the content has, if it can be decoded. Walks over the text, which may hold line breaks.
    #[must_use]
    pub fn decoded_len(&self) -> usize {
        let text = self.text.as_bytes();
        match memchr(b'\n', text) {
            None => decoded_len(text),
            Some(_) => decoded_len(&without_line_breaks(text)),
        }
    }

    /// The content. Line breaks in the text, LF or CR LF, do not belong to it.
    ///
    /// # Errors
    ///
    /// [`PacketErrorKind::Base64`], with the offset counted from the start of the packet.
    pub fn decode(&self) -> Result<Vec<u8>, PacketError> {
        let mut out = Vec::with_capacity(decoded_len(self.text.as_bytes()));
        self.decode_into(&mut out)?;
        Ok(out)
    }

    /// Finds the fault that [`decode`](Self::decode) would find, without the content.
    #[inline(never)]
    pub(super) fn check(&self) -> Result<(), PacketError> {
        let text = self.text.as_bytes();
        if is_plain(text) { Ok(()) } else { decode_into(text, self.at, &mut Vec::new()) }
    }

    /// Appends the content to a buffer, which is left as it was on failure.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    pub fn decode_into(&self, out: &mut Vec<u8>) -> Result<(), PacketError> {
        decode_into(self.text.as_bytes(), self.at, out)
    }
}

/// Appends what `text` stands for; `at` is where it starts in its packet.
pub(super) fn decode_into(text: &[u8], at: usize, out: &mut Vec<u8>) -> Result<(), PacketError> {
    let start = out.len();
    out.resize(start + decoded_len(text), 0);
    let room = out.get_mut(start..).unwrap_or_default();
    match engine().decode_or_offset(text, room).or_else(|offset| decode_lines(text, room).unwrap_or(Err(offset))) {
        Ok(decoded) => {
            out.truncate(start + decoded);
            Ok(())
        }
        Err(offset) => {
            out.truncate(start);
            Err(PacketError { kind: PacketErrorKind::Base64, offset: at + offset })
        }
    }
}

/// The same for a text of several lines; `None` if it is one line.
#[cold]
fn decode_lines(text: &[u8], out: &mut [u8]) -> Option<Result<usize, usize>> {
    memchr(b'\n', text)?;
    let fault = |offset| characters(text).nth(offset).map_or(text.len(), |(at, _)| at);
    Some(engine().decode_or_offset(&without_line_breaks(text), out).map_err(fault))
}

fn without_line_breaks(text: &[u8]) -> Vec<u8> {
    characters(text).map(|(_, character)| character).collect()
}

/// The characters of all lines, and where they are.
//= EIO4-PKT-10
fn characters(text: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let in_line_break = |at: usize| match text.get(at) {
        Some(b'\n') => true,
        Some(b'\r') => text.get(at + 1) == Some(&b'\n'),
        _ => false,
    };
    text.iter().copied().enumerate().filter(move |(at, _)| !in_line_break(*at))
}

/// Whether a text is base64 as nearly everyone writes it. Other texts may be as well.
fn is_plain(text: &[u8]) -> bool {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    let symbols = text.get(..text.len() - padding).unwrap_or_default();
    let fits = match symbols.len() % 4 {
        1 => false,
        last => padding == 0 || last + padding == 4,
    };
    // Without an early end, so that it is done for many bytes at once.
    fits && symbols.iter().fold(true, |all, byte| all & is_symbol(*byte))
}

const fn is_symbol(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte == b'+') | (byte == b'/')
}

/// Appends the characters for `bytes`.
//= EIO4-PKT-08
pub(super) fn encode_into(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + encoded_len(bytes.len()), 0);
    // Cannot fail: there is room for exactly this.
    let _ = engine().encode_slice(bytes, out.get_mut(start..).unwrap_or_default());
}

/// Four characters per three bytes, padded.
pub(super) const fn encoded_len(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// Exact, if the text can be decoded and holds no line breaks; with them it is more than enough.
pub(super) fn decoded_len(text: &[u8]) -> usize {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    let symbols = text.len() - padding;
    // Three bytes per four symbols, without the overflow of `symbols * 3 / 4`.
    symbols / 4 * 3 + symbols % 4 * 3 / 4
}

/// Decodes; the error is the offset of the fault.
trait DecodeSlice: Engine {
    fn decode_or_offset(&self, text: &[u8], out: &mut [u8]) -> Result<usize, usize> {
        self.decode_slice(text, out).map_err(|error| match error {
            DecodeSliceError::DecodeError(
                DecodeError::InvalidByte(offset, _) | DecodeError::InvalidLastSymbol { offset, .. },
            ) => offset,
            DecodeSliceError::DecodeError(_) | DecodeSliceError::OutputSliceTooSmall => text.len(),
        })
    }
}

impl<E: Engine> DecodeSlice for E {}

//= EIO4-PKT-09: with and without padding
//= EIO4-PKT-10: characters outside the alphabet
//= EIO4-PKT-14: `b` alone
const LENIENT_PADDING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    // The unused bits of the last character are zero from every known encoder; the reference ignores them.
    .with_decode_allow_trailing_bits(true);

#[cfg(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn engine() -> impl Engine {
    base64::engine::Simd::standard(LENIENT_PADDING)
}

#[cfg(not(all(feature = "std", any(target_arch = "x86_64", target_arch = "aarch64"))))]
const fn engine() -> impl Engine {
    base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT_PADDING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(text: &str) -> Result<Vec<u8>, usize> {
        Base64::new(text, 1).decode().map_err(|error| error.offset)
    }

    proptest! {
        #[test]
        fn a_check_finds_what_decoding_finds(
            bytes in prop::collection::vec(any::<u8>(), 0..2000),
            edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"A=!\n\r".to_vec())), 0..3),
            cut in 0..4_usize,
        ) {
            let mut text = Vec::new();
            encode_into(&bytes, &mut text);
            text.truncate(text.len().saturating_sub(cut));
            for (at, character) in edits.iter().filter(|_| !text.is_empty()).cloned().collect::<Vec<_>>() {
                let at = at.index(text.len());
                text[at] = character;
            }
            let message = Base64::new(core::str::from_utf8(&text).unwrap(), 1);
            prop_assert_eq!(message.check(), message.decode().map(|_| ()));
        }
    }

    //= EIO4-PKT-09
    //= EIO4-PKT-10
    //= EIO4-PKT-14
    #[test]
    fn padding_may_be_short_or_missing_and_nothing_else() {
        for text in ["AQIDBA==", "AQIDBA=", "AQIDBA", "AQIDBB"] {
            assert_eq!(decode(text), Ok([1, 2, 3, 4].into()), "{text}");
        }
        assert_eq!(decode(""), Ok([].into()));
        assert_eq!(decode("AQI!BA=="), Err(4), "counted from the start of the packet");
        for text in ["A", "=", "==", "A=", "AQ===", "AQ==ID", "_-8=", "AQ ID", "AQID\t", "€"] {
            assert!(decode(text).is_err(), "{text}");
        }
    }

    /// The expected values are those of engine.io-parser 5.2.3, which reads as much as it can where an error is expected here.
    //= EIO4-PKT-10
    #[test]
    fn line_breaks_are_skipped() {
        let texts =
            ["AQIDBA==\n", "AQIDBA==\r\n", "AQID\r\nBA==\r\n", "AQ\nIDBA==", "\n\nA\nQ\nIDB\r\nA", "AQIDBA=\n=\n"];
        for text in texts {
            assert_eq!(decode(text), Ok([1, 2, 3, 4].into()), "{text:?}");
            assert_eq!(Base64::new(text, 1).decoded_len(), 4, "{text:?}");
        }
        assert_eq!(decode("\n"), Ok([].into()));
        for text in ["AQID\rBA==", "AQIDBA==\r", "AQ ID\n", "AQ==\nID", "AQID\n_-8=", "AQID\u{b}BA==\n"] {
            assert!(decode(text).is_err(), "{text:?}");
        }
        assert_eq!(decode("A\r\nQI!BA=="), Err(6), "counted with the line breaks in front");
    }

    /// How engine.io-client-java 2.x writes: lines of 76 characters, with a line break behind the last one, too.
    #[test]
    fn lines_of_76_characters() {
        let lines = |bytes: &[u8], end: &str| {
            let mut text = Vec::new();
            encode_into(bytes, &mut text);
            let line = |line: &[u8]| [core::str::from_utf8(line).unwrap(), end].concat();
            text.chunks(76).map(line).collect::<alloc::string::String>()
        };
        for len in [0, 1, 56, 57, 58, 113, 114, 115, 1000] {
            let bytes: Vec<u8> = (0..len).map(|index: usize| index as u8).collect();
            for end in ["\n", "\r\n"] {
                let text = lines(&bytes, end);
                assert_eq!(decode(&text).as_ref(), Ok(&bytes), "{len}");
                assert_eq!(Base64::new(&text, 1).decoded_len(), len);
            }
        }
    }

    #[test]
    fn a_failure_leaves_the_buffer_as_it_was() {
        let mut out = Vec::from(*b"kept");
        assert!(Base64::new("AQI!", 1).decode_into(&mut out).is_err());
        assert_eq!(out, b"kept");
    }

    proptest! {
        //= EIO4-PKT-08
        #[test]
        fn l8_round_trip(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let mut text = Vec::new();
            encode_into(&bytes, &mut text);
            prop_assert_eq!(text.len(), encoded_len(bytes.len()));
            prop_assert_eq!(decoded_len(&text), bytes.len());
            let text = core::str::from_utf8(&text).unwrap();
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)));
            prop_assert_eq!(decode(text), Ok(bytes.clone()));
            prop_assert_eq!(decode(text.trim_end_matches('=')), Ok(bytes));
        }

        #[test]
        fn l3_any_text_is_decoded_or_refused(text in "[A-Za-z0-9+/=\r\n]{0,40}.?[A-Za-z0-9+/=\n]{0,200}") {
            match decode(&text) {
                Err(offset) => prop_assert!(offset <= 1 + text.len()),
                Ok(bytes) => prop_assert_eq!(Base64::new(&text, 1).decoded_len(), bytes.len()),
            }
        }

        /// Any number of line breaks, at any place.
        #[test]
        fn line_breaks_change_nothing(
            text in "[A-Za-z0-9+/=!]{0,80}",
            breaks in prop::collection::vec((0..80_usize, prop::sample::select(&["\n", "\r\n"][..])), 0..9),
        ) {
            let mut broken = text.clone();
            for (at, line_break) in breaks {
                // Between CR and LF there is no place for one.
                let at = at.min(broken.len());
                if !broken[..at].ends_with('\r') {
                    broken.insert_str(at, line_break);
                }
            }
            prop_assert_eq!(decode(&broken).ok(), decode(&text).ok());
        }
    }
}
