//! [`Binary`]: one binary value inside the arguments.

use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

/// One binary value at any depth of the arguments: a `Buffer`, `ArrayBuffer` or typed array of a
/// JavaScript peer.
///
/// On the wire its place in the JSON text is taken by `{"_placeholder":true,"num":0}` and the bytes
/// follow as a message of their own. A plain `Vec<u8>` is *not* binary: serde writes it as a list
/// of numbers.
///
/// Encoding and decoding copy the bytes once. Without a copy: [`ArgsBuilder::binary`] on the way
/// out; `&[u8]` on the way in, together with [`Args::handle`] where the bytes have to outlive the
/// arguments.
///
/// Other types that serde knows as bytes work as well (`&serde_bytes::Bytes`, `bytes::Bytes` with
/// its `serde` feature); unlike them, `Binary` does not take text for bytes.
///
/// ```
/// use sio_codec::socketio::{Args, Binary};
///
/// let args = Args::encode(&("photo", Binary::from(vec![1, 2, 3]))).unwrap();
/// assert_eq!(args.items(), r#""photo",{"_placeholder":true,"num":0}"#);
/// assert_eq!(args.attachments()[0][..], [1, 2, 3]);
///
/// let (name, photo): (&str, Binary) = args.decode().unwrap();
/// assert_eq!((name, &photo.0[..]), ("photo", &[1, 2, 3][..]));
/// ```
///
/// [`Args::handle`]: crate::socketio::args::Args::handle
/// [`ArgsBuilder::binary`]: crate::socketio::args::ArgsBuilder::binary
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_structs, reason = "a transparent wrapper, meant to be matched")]
pub struct Binary(pub Bytes);

impl From<Bytes> for Binary {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl From<Vec<u8>> for Binary {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Bytes::from(bytes))
    }
}

impl From<Binary> for Bytes {
    fn from(binary: Binary) -> Self {
        binary.0
    }
}

impl AsRef<[u8]> for Binary {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // JSON has no bytes, so that `serde_json` takes strings and lists for them when asked for
        // bytes. Asked for anything, it shows what is there.
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(BinaryVisitor)
        } else {
            deserializer.deserialize_byte_buf(BinaryVisitor)
        }
    }
}

/// Takes bytes and nothing else.
struct BinaryVisitor;

impl Visitor<'_> for BinaryVisitor {
    type Value = Binary;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a binary value")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Binary, E> {
        Ok(Binary(Bytes::copy_from_slice(bytes)))
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Binary, E> {
        Ok(Binary::from(bytes))
    }
}
