//! Arguments as views into the message they came in.

use alloc::vec::Vec;

use bytes::Bytes;
use serde::Deserialize;

use super::parse::Values;
use crate::socketio::args::{self, Args, ArgsError};
use crate::socketio::value::Value;

/// Arguments as a view into the packet's message; the borrowed form of [`Args`] for MessagePack.
///
/// A [`MsgPackPacketRef`](crate::socketio::MsgPackPacketRef) hands it out; the example of [`decode`](Self::decode) reads it. Nobody
/// has seen yet whether the strings in it are UTF-8; everything else was checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MsgPackArgsRef<'a>(Values<'a>);

impl<'a> MsgPackArgsRef<'a> {
    #[inline]
    pub(super) const fn new(values: Values<'a>) -> Self {
        Self(values)
    }

    /// The arguments as MessagePack values, one after the other.
    #[must_use]
    pub fn items(&self) -> &'a [u8] {
        self.0.items.rest()
    }

    /// Reads the arguments as [`Args::decode`] does, and with its rules, borrowing strings and binary values from the message.
    ///
    /// # Errors
    ///
    /// As for [`Args::decode`]; and [`ArgsError::InvalidMsgPack`] if a string is not UTF-8, also in an argument that `T` does
    /// not ask for.
    ///
    /// ```
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::{MsgPackKindRef, MsgPackPacketRef, Protocol};
    ///
    /// let message = b"\x83\xa4type\x02\xa4data\x93\xa5photo\xa5a.png\xc4\x04\x89PNG\xa3nsp\xa1/";
    /// let packet = MsgPackPacketRef::parse(message, Protocol::V5, &Limits::default())?;
    /// let MsgPackKindRef::Event { args, .. } = packet.kind() else { unreachable!() };
    /// let (name, photo): (&str, &[u8]) = args.decode().unwrap();
    /// assert_eq!((name, photo), ("a.png", &b"\x89PNG"[..]));
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    #[inline]
    pub fn decode<T: Deserialize<'a>>(&self) -> Result<T, ArgsError> {
        args::read_msgpack_unchecked(self.0.items)
    }

    /// Reads the arguments as values of any shape. The arguments are copied once; strings and binary values share the copy.
    ///
    /// # Errors
    ///
    /// [`ArgsError::InvalidMsgPack`].
    pub fn values(&self) -> Result<Vec<Value>, ArgsError> {
        self.to_args()?.values()
    }

    /// Arguments that own their values, which are copied and checked.
    ///
    /// # Errors
    ///
    /// [`ArgsError::InvalidMsgPack`].
    pub fn to_args(&self) -> Result<Args, ArgsError> {
        let Values { items, count } = self.0;
        items.skip_all()?;
        Ok(Args::from_msgpack(Bytes::copy_from_slice(items.rest()), count))
    }
}
