//! Messages that are framed once and sent to any number of sessions.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "one more than the length of something in memory")
)]

use alloc::string::String;
use alloc::sync::Arc;
use core::iter;

use bytes::Bytes;

use crate::engineio::packet::Packet;
use crate::engineio::revision::Revision;
use crate::frame::Frame;
use crate::limits::HANDLE;
use crate::text::Text;

/// One message, or a text message and the binary ones that must follow it directly, in the form they have on a
/// framed transport.
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

    /// The messages, each as one message of a framed transport.
    pub fn frames(&self) -> impl Iterator<Item = Frame> + '_ {
        let attachments = self.attachments.iter().flat_map(|all| all.iter());
        iter::once(self.first.clone()).chain(attachments.map(|bytes| Frame::Binary(bytes.clone())))
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
    pub(crate) fn packet(text: Text, attachments: &[Bytes]) -> Self {
        Self { first: Frame::Text(text), attachments: (!attachments.is_empty()).then(|| Arc::from(attachments)) }
    }

    pub(in crate::engineio) const fn first(&self) -> &Frame {
        &self.first
    }
}

impl From<Frame> for Encoded {
    /// The content of one message, as an application received it.
    fn from(message: Frame) -> Self {
        Self { first: Packet::Message(message).to_frame(Revision::V4), attachments: None }
    }
}
