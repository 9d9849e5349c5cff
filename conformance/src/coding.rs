//! Content codings of HTTP bodies, such as gzip.

use std::io::{ErrorKind, Read};

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// Why a body cannot be decoded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This coding is not known.
    Unknown(String),
    /// It is longer than the limit.
    TooLong,
    /// The bytes are not of this coding, or end too early.
    Broken(String),
}

/// The body without the coding that `Content-Encoding` names, if it has at most `most` bytes then; `None` if it has no
/// coding.
///
/// # Errors
///
/// What is wrong with the body.
pub(crate) fn decode(coding: &str, body: &[u8], most: usize) -> Result<Option<Vec<u8>>, Fault> {
    match coding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(None),
        "gzip" | "x-gzip" => unpack(MultiGzDecoder::new(body), most).map(Some),
        // Some servers send the bare stream, without the header and the checksum.
        "deflate" if body.first().is_some_and(|first| first & 0x0f == 8) => {
            unpack(ZlibDecoder::new(body), most).map(Some)
        }
        "deflate" => unpack(DeflateDecoder::new(body), most).map(Some),
        other => Err(Fault::Unknown(other.to_owned())),
    }
}

fn unpack(packed: impl Read, most: usize) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    let limit = (most as u64).saturating_add(1);
    match packed.take(limit).read_to_end(&mut body) {
        Ok(length) if length > most => Err(Fault::TooLong),
        Ok(_) => Ok(body),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(Fault::Broken("it ends too early".to_owned())),
        Err(error) => Err(Fault::Broken(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn packed(coding: &str, body: &[u8]) -> Vec<u8> {
        let level = Compression::default();
        match coding {
            "gzip" => {
                let mut encoder = GzEncoder::new(Vec::new(), level);
                encoder.write_all(body).unwrap();
                encoder.finish().unwrap()
            }
            "zlib" => {
                let mut encoder = ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(body).unwrap();
                encoder.finish().unwrap()
            }
            _ => {
                let mut encoder = DeflateEncoder::new(Vec::new(), level);
                encoder.write_all(body).unwrap();
                encoder.finish().unwrap()
            }
        }
    }

    #[test]
    fn bodies_in_every_coding() {
        let body = b"4hello".repeat(100);
        for (coding, form) in
            [("gzip", "gzip"), ("GZip", "gzip"), ("x-gzip", "gzip"), ("deflate", "zlib"), ("deflate", "bare")]
        {
            assert_eq!(decode(coding, &packed(form, &body), 600), Ok(Some(body.clone())), "{coding} {form}");
        }
        assert_eq!(decode("identity", &body, 600), Ok(None));
        assert_eq!(decode("br", &body, 600), Err(Fault::Unknown("br".to_owned())));
    }

    #[test]
    fn bodies_that_cannot_be_decoded() {
        let gzip = packed("gzip", &b"4hello".repeat(100));
        assert_eq!(decode("gzip", &gzip, 599), Err(Fault::TooLong));
        assert_eq!(decode("gzip", &gzip[..gzip.len() - 1], 600), Err(Fault::Broken("it ends too early".to_owned())));
        assert!(matches!(decode("gzip", b"4hello", 600), Err(Fault::Broken(_))));
        assert!(matches!(decode("deflate", b"4hello", 600), Err(Fault::Broken(_))));
    }
}
