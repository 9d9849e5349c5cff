//! The recorded vectors in `fixtures/vectors`.

pub mod json;
pub mod sio;

use bytes::Bytes;

/// The text of a file of vectors.
fn read(suite: &str) -> String {
    let path = format!("{}/../../fixtures/vectors/{suite}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The bytes of hexadecimal digits.
///
/// # Panics
///
/// Panics if the text is not pairs of hexadecimal digits.
#[must_use]
pub fn unhex(hex: &str) -> Bytes {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// Bytes in hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
