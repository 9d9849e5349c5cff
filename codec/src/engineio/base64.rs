//! Binary messages as text.

use alloc::vec::Vec;

use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{DecodePaddingMode, Engine};
use base64::{DecodeError, DecodeSliceError};

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

    /// The characters as they arrived.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// How many bytes the content has, if it can be decoded.
    #[must_use]
    pub fn decoded_len(&self) -> usize {
        decoded_len(self.text.as_bytes())
    }

    /// The content.
    ///
    /// # Errors
    ///
    /// [`PacketErrorKind::Base64`], with the offset counted from the start of the packet.
    pub fn decode(&self) -> Result<Vec<u8>, PacketError> {
        let mut out = Vec::with_capacity(self.decoded_len());
        self.decode_into(&mut out)?;
        Ok(out)
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
    match engine().decode_or_offset(text, out.get_mut(start..).unwrap_or_default()) {
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

/// Exact, if the text can be decoded.
pub(super) fn decoded_len(text: &[u8]) -> usize {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    let symbols = text.len() - padding;
    // Three bytes per four symbols, without the overflow of `symbols * 3 / 4`.
    symbols / 4 * 3 + symbols % 4 * 3 / 4
}

/// Decoding with the offset of the fault as the only thing that is told about it.
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

//= EIO4-PKT-09
//= EIO4-PKT-10
//= EIO4-PKT-14
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
        for text in ["A", "=", "==", "A=", "AQ===", "AQ==ID", "_-8=", "AQ ID", "AQID\n", "€"] {
            assert!(decode(text).is_err(), "{text}");
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
        fn l3_any_text_is_decoded_or_refused(text in "[A-Za-z0-9+/=]{0,40}.?[A-Za-z0-9+/=]{0,200}") {
            if let Err(offset) = decode(&text) {
                prop_assert!(offset <= 1 + text.len());
            }
        }
    }
}
