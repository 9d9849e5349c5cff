//! Arguments as views into the text they came in.

use bytes::Bytes;
use serde::Deserialize;

use super::parse::Array;
use crate::socketio::args::{self, ArgsError};

/// Arguments as a view into the packet's text; the borrowed form of [`Args`](crate::socketio::Args).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArgsRef<'a> {
    text: &'a str,
    array: Array,
}

impl<'a> ArgsRef<'a> {
    #[inline(always)]
    pub(super) const fn new(text: &'a str, array: Array) -> Self {
        Self { text, array }
    }

    /// The arguments as JSON text, separated by commas, without the array's brackets; `""` if there are none.
    #[must_use]
    pub fn items(&self) -> &'a str {
        self.text.get(args::items_range(self.text.as_bytes(), self.array.items_at)).unwrap_or_default()
    }

    /// How many attachments belong to the arguments.
    #[must_use]
    pub const fn attachments(&self) -> usize {
        self.array.attachments
    }

    /// Reads the arguments as [`Args::decode`](crate::socketio::Args::decode) does, and with its rules, borrowing from the text and
    /// from the attachments.
    ///
    /// # Errors
    ///
    /// As for `Args::decode`; and, since the text may be unchecked, [`ArgsError::InvalidJson`],
    /// [`ArgsError::TooDeep`] and [`ArgsError::AttachmentMissing`].
    ///
    /// ```
    /// use bytes::Bytes;
    /// use sio_codec::Limits;
    /// use sio_codec::socketio::{KindRef, PacketRef, Protocol};
    ///
    /// let text = r#"51-["photo","a.png",{"_placeholder":true,"num":0}]"#;
    /// let packet = PacketRef::parse(text, Protocol::V5, &Limits::default())?;
    /// assert_eq!(packet.attachments(), 1, "collect them first");
    /// let attachments = [Bytes::from_static(b"\x89PNG")];
    /// let KindRef::Event { args, .. } = packet.kind() else { unreachable!() };
    /// let (name, photo): (&str, &[u8]) = args.decode(&attachments).unwrap();
    /// assert_eq!((name, photo), ("a.png", &b"\x89PNG"[..]));
    /// # Ok::<(), sio_codec::socketio::DecodeError>(())
    /// ```
    pub fn decode<T: Deserialize<'a>>(&self, attachments: &'a [Bytes]) -> Result<T, ArgsError> {
        // An object of a placeholder's shape is data where no attachment was announced.
        let attachments = if self.array.attachments == 0 { &[] } else { attachments };
        args::read_unchecked(self.text, self.array.start, self.array.items_at, attachments)
    }
}
