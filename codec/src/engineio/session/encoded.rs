//! Messages that are framed once and sent to any number of sessions.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "one more than the length of something in memory")
)]

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::iter;

use bytes::Bytes;

use crate::engineio::packet::{Packet, Parts};
use crate::engineio::revision::Revision;
use crate::frame::Frame;
use crate::limits::HANDLE;
use crate::text::Text;

/// One message, or a text message and the binary ones that must follow it directly.
///
/// Cloning shares everything: one `Encoded` serves every receiver of a broadcast.
///
/// ```
/// use sio_codec::engineio::Encoded;
///
/// let hello = Encoded::text("hello");
/// assert_eq!(hello.frames().collect::<Vec<_>>(), ["4hello".into()]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    first: Frame,
    attachments: Option<Arc<[Bytes]>>,
}

impl Encoded {
    /// A text message.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let mut packet = String::with_capacity(1 + text.len());
        packet.push('4');
        packet.push_str(text);
        Self::packet(Text::from(packet), &[])
    }

    /// A binary message.
    #[must_use]
    pub const fn binary(bytes: Bytes) -> Self {
        Self { first: Frame::Binary(bytes), attachments: None }
    }

    /// The messages, each as one message of a framed transport of revision 4.
    pub fn frames(&self) -> impl Iterator<Item = Frame> + '_ {
        let attachments = self.attachments.iter().flat_map(|all| all.iter());
        iter::once(self.first.clone()).chain(attachments.map(|bytes| Frame::Binary(bytes.clone())))
    }

    /// The messages, each as one message of a framed transport of `revision`. For revision 3 binary messages are copied,
    /// behind the type of their packet.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use sio_codec::Frame;
    /// use sio_codec::engineio::{Encoded, Revision};
    ///
    /// let message = Encoded::binary(Bytes::from_static(&[1, 2]));
    /// assert_eq!(message.frames_in(Revision::V4).next(), Some(Frame::from(vec![1, 2])));
    /// assert_eq!(message.frames_in(Revision::V3).next(), Some(Frame::from(vec![4, 1, 2])));
    /// ```
    //= EIO3-PKT-06: binary type 4
    pub fn frames_in(&self, revision: Revision) -> impl Iterator<Item = Frame> + '_ {
        self.frames().map(move |frame| match (revision, frame) {
            (Revision::V3, frame @ Frame::Binary(_)) => {
                let parts = Parts::of_frame(&frame);
                let mut message = Vec::with_capacity(parts.frame_len(revision));
                parts.write_frame(revision, &mut message);
                Frame::from(message)
            }
            (Revision::V3 | Revision::V4, frame) => frame,
        })
    }

    /// How many messages there are.
    #[must_use]
    pub fn count(&self) -> usize {
        1 + self.attachments.as_ref().map_or(0, |all| all.len())
    }

    /// How much of a queue it takes up, in bytes.
    pub(crate) fn weight(&self) -> usize {
        let attached = self.attachments.iter().flat_map(|all| all.iter()).map(Bytes::len);
        let bytes = attached.fold(self.first.len(), usize::saturating_add);
        bytes.saturating_add(self.count().saturating_mul(HANDLE))
    }

    /// A message packet that is complete with its type digit, and the attachments that follow it.
    #[inline]
    pub(crate) fn packet(text: Text, attachments: &[Bytes]) -> Self {
        Self { first: Frame::Text(text), attachments: (!attachments.is_empty()).then(|| Arc::from(attachments)) }
    }

    pub(in crate::engineio) const fn first(&self) -> &Frame {
        &self.first
    }

    /// The first message, and the binary ones behind it.
    pub(in crate::engineio) fn into_parts(self) -> (Frame, Option<Arc<[Bytes]>>) {
        (self.first, self.attachments)
    }
}

impl From<Frame> for Encoded {
    /// The content of one message, as an application received it.
    fn from(message: Frame) -> Self {
        Self { first: Packet::Message(message).to_frame(Revision::V4), attachments: None }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    //= EIO3-PKT-06: binary type 4
    #[test]
    fn only_binary_messages_differ_between_the_revisions() {
        let message = Encoded::packet(Text::from("451-[]"), &[Bytes::from_static(&[7]), Bytes::new()]);
        let frames = |revision| message.frames_in(revision).collect::<Vec<_>>();
        assert_eq!(frames(Revision::V4), message.frames().collect::<Vec<_>>());
        assert_eq!(frames(Revision::V3), [Frame::from("451-[]"), vec![4, 7].into(), vec![4].into()]);
    }
}
