//! Events and acknowledgements whose arguments are still values of the program's.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;
use serde::Serialize;

#[cfg(feature = "msgpack")]
use super::msgpack;
use super::text::encode::{TYPICAL_SIZE, frame, write_id, write_kind, write_namespace};
use crate::engineio::Encoded;
use crate::socketio::ack_id::AckId;
use crate::socketio::args::{ArgsError, Parser};
use crate::socketio::bridge::Prefix;
use crate::socketio::json;
use crate::socketio::namespace::Namespace;
use crate::text::Text;

/// An event or acknowledgement to be sent, whose arguments are still values of the program's.
///
/// Name and arguments are written straight into one buffer; with a [`Packet`](super::Packet) the arguments would be written first and
/// copied behind the name. Whether an event's name is reserved is not looked at.
///
/// ```
/// use sio_codec::socketio::{Namespace, Outgoing};
///
/// let chat = Namespace::new("/chat")?;
/// let packet = Outgoing::event(&chat, "message").encode(&("hello", 7)).unwrap();
/// assert_eq!(packet.frames().next(), Some(r#"42/chat,["message","hello",7]"#.into()));
/// # Ok::<(), sio_codec::socketio::InvalidNamespace>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    pub(in crate::socketio) namespace: &'a Namespace,
    /// `None` for an acknowledgement.
    pub(in crate::socketio) name: Option<&'a str>,
    pub(in crate::socketio) id: Option<AckId>,
    shared: &'a [Bytes],
}

impl<'a> Outgoing<'a> {
    /// An event without acknowledgement.
    #[must_use]
    pub const fn event(namespace: &'a Namespace, name: &'a str) -> Self {
        Self { namespace, name: Some(name), id: None, shared: &[] }
    }

    /// The same event, to be acknowledged with this id.
    #[must_use]
    pub const fn with_ack(mut self, id: AckId) -> Self {
        self.id = Some(id);
        self
    }

    /// The acknowledgement of the event with this id.
    #[must_use]
    pub const fn acknowledgement(namespace: &'a Namespace, id: AckId) -> Self {
        Self { namespace, name: None, id: Some(id), shared: &[] }
    }

    /// Binary values that lie inside one of these handles are shared instead of copied.
    ///
    /// Handles in the order of the values are found at once; in any other order each value is looked for among all of
    /// them.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use sio_codec::Frame;
    /// use sio_codec::socketio::{Binary, Namespace, Outgoing};
    ///
    /// let photo = Bytes::from_static(b"\x89PNG");
    /// let root = Namespace::root();
    /// let event = Outgoing::event(&root, "photo").sharing(core::slice::from_ref(&photo));
    /// let packet = event.encode(&(Binary(photo.clone()),))?;
    /// let Some(Frame::Binary(sent)) = packet.frames().nth(1) else { unreachable!() };
    /// assert_eq!(sent.as_ptr(), photo.as_ptr());
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    #[must_use]
    pub const fn sharing(mut self, handles: &'a [Bytes]) -> Self {
        self.shared = handles;
        self
    }

    /// Writes the packet as JSON, for any number of receivers.
    ///
    /// # Errors
    ///
    /// As for [`Args::encode`](crate::socketio::Args::encode).
    pub fn encode<T: Serialize + ?Sized>(&self, args: &T) -> Result<Encoded, ArgsError> {
        let mut attachments = Vec::new();
        let mut out = frame(TYPICAL_SIZE);
        self.encode_into(&mut out, &mut attachments, args)?;
        Ok(Encoded::packet(Text::from(out), &attachments))
    }

    /// Writes the packet in the form of `parser`, for any number of receivers.
    ///
    /// # Errors
    ///
    /// As for [`Args::encode`](crate::socketio::Args::encode).
    pub fn encode_with<T: Serialize + ?Sized>(&self, parser: Parser, args: &T) -> Result<Encoded, ArgsError> {
        match parser {
            Parser::Json => self.encode(args),
            #[cfg(feature = "msgpack")]
            Parser::MsgPack => {
                let mut out = Vec::with_capacity(TYPICAL_SIZE);
                self.encode_msgpack_into(&mut out, args)?;
                Ok(Encoded::binary(Bytes::from(out)))
            }
        }
    }

    /// Appends the packet's text to a buffer of the caller's, without the type of the Engine.IO packet around it, and
    /// its binary values to `attachments`. Into buffers with enough room nothing is allocated.
    ///
    /// # Errors
    ///
    /// As for [`Args::encode`](crate::socketio::Args::encode); both buffers are then as they were.
    ///
    /// ```
    /// use sio_codec::socketio::{AckId, Namespace, Outgoing};
    ///
    /// let (mut text, mut attachments) = (String::new(), Vec::new());
    /// let answer = Outgoing::acknowledgement(&Namespace::root(), AckId::new(7).unwrap())
    ///     .encode_into(&mut text, &mut attachments, &("done",));
    /// assert_eq!((answer, &*text), (Ok(()), r#"37["done"]"#));
    /// ```
    //= SIO5-ATT-03
    pub fn encode_into<T: Serialize + ?Sized>(
        &self,
        out: &mut String,
        attachments: &mut Vec<Bytes>,
        args: &T,
    ) -> Result<(), ArgsError> {
        let (start, before) = (out.len(), attachments.len());
        // Who shares handles mostly has a value for each.
        let expected = self.shared.len();
        self.write_kind(out, expected);
        let behind = out.len();
        write_namespace(out, self.namespace);
        write_id(out, self.id);
        out.push('[');
        let mut prefix = Prefix::Empty;
        if let Some(name) = self.name {
            json::write_string(out, name);
            prefix = Prefix::Name;
        }
        if let Err(error) = json::append(out, attachments, self.shared, prefix, args) {
            out.truncate(start);
            return Err(ArgsError::unwritten(error, args));
        }
        out.push(']');
        let lifted = attachments.len().saturating_sub(before);
        if lifted != expected {
            self.announce(out, start..behind, lifted);
        }
        Ok(())
    }

    #[inline]
    fn write_kind(&self, out: &mut String, attachments: usize) {
        let (plain, binary) = if self.name.is_some() { ('2', '5') } else { ('3', '6') };
        write_kind(out, plain, binary, attachments);
    }

    /// Says how many attachments there are, once their number is known.
    //= SIO5-ATT-02
    #[cold]
    fn announce(&self, out: &mut String, at: Range<usize>, attachments: usize) {
        let mut kind = String::with_capacity(WIDEST_KIND);
        self.write_kind(&mut kind, attachments);
        out.replace_range(at, &kind);
    }
}

/// A digit, a number of 64 bits, and a hyphen.
const WIDEST_KIND: usize = 22;

#[cfg(feature = "msgpack")]
impl Outgoing<'_> {
    /// Appends the packet's MessagePack form to a buffer of the caller's.
    ///
    /// # Errors
    ///
    /// As for [`Args::encode`](crate::socketio::Args::encode); the buffer is then as it was.
    ///
    /// ```
    /// use sio_codec::socketio::{Namespace, Outgoing};
    ///
    /// let (root, mut message) = (Namespace::root(), Vec::new());
    /// Outgoing::event(&root, "a").encode_msgpack_into(&mut message, &(true,))?;
    /// assert_eq!(message, b"\x83\xa4type\x02\xa4data\x92\xa1a\xc3\xa3nsp\xa1/");
    /// # Ok::<(), sio_codec::socketio::ArgsError>(())
    /// ```
    pub fn encode_msgpack_into<T: Serialize + ?Sized>(&self, out: &mut Vec<u8>, args: &T) -> Result<(), ArgsError> {
        msgpack::encode_outgoing(self, out, args)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::engineio::Encoded;
    use crate::socketio::packet::{Packet, PacketKind};
    use crate::socketio::{Args, Binary};

    //= SIO5-ATT-02: `count` equal to the number of binaries
    #[test]
    fn the_number_announced_is_that_of_the_values_and_not_of_the_handles() {
        let (chat, id) = (Namespace::new("/chat").unwrap(), AckId::new(345).unwrap());
        let handles = vec![Bytes::from_static(b"photo"); 12];
        for values in 0..=12 {
            let args: Vec<_> = handles.iter().take(values).cloned().map(Binary).collect();
            let kind = PacketKind::Ack { id: Some(id), args: Args::encode(&args).unwrap() };
            let expected: Encoded = Packet { namespace: chat.clone(), kind }.encode();
            for shared in 0..=12 {
                let outgoing = Outgoing::acknowledgement(&chat, id).sharing(&handles[..shared]);
                assert_eq!(outgoing.encode(&args), Ok(expected.clone()), "{values} values, {shared} handles");
            }
        }
    }
}
