//! What a decoder makes of a packet's parts: one that was looked at whole, or one whose arguments are read later.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::limits::Limits;
use crate::socketio::args::{Args, Json};
use crate::socketio::namespace::Namespace;
use crate::socketio::packet::text::parse::{Array, Content, EventName, Layout, NameForm};
use crate::socketio::packet::{DecodeError, Packet, PacketKind};
use crate::text::Text;

/// A text that was looked at, and what came behind it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parts {
    pub(super) text: Text,
    pub(super) layout: Layout,
    /// Whether the placeholders name the attachments in their order.
    pub(super) in_order: bool,
    pub(super) attachments: Vec<Bytes>,
}

/// What is handed out.
pub(super) trait Form: Sized {
    /// Looks at what stands behind the head, or leaves that for later if no attachments follow: else the placeholders
    /// must be known to be few. Returns whether they name the attachments in their order.
    fn look(layout: &Layout, text: &Text, limits: &Limits) -> Result<bool, DecodeError>;

    /// One without attachments.
    fn alone(text: Text, layout: Layout) -> Self;

    /// One with all of its attachments.
    fn together(parts: Parts) -> Self;

    /// One that was read in another way.
    #[cfg(feature = "msgpack")]
    fn whole(packet: Packet) -> Self;
}

impl Form for Packet {
    #[inline(always)]
    fn look(layout: &Layout, text: &Text, limits: &Limits) -> Result<bool, DecodeError> {
        layout.check(text.as_bytes(), limits)
    }

    #[inline(always)]
    fn alone(text: Text, layout: Layout) -> Self {
        complete(text, layout, alone)
    }

    fn together(parts: Parts) -> Self {
        let Parts { text, layout, in_order, attachments } = parts;
        complete(text, layout, |text, array| together(text, array, in_order, attachments))
    }

    #[cfg(feature = "msgpack")]
    fn whole(packet: Packet) -> Self {
        packet
    }
}

impl Layout {
    pub(in crate::socketio) const fn attachments(&self) -> usize {
        match &self.content {
            Content::Event { array, .. } | Content::Ack { array, .. } => array.attachments,
            Content::Connect(_) | Content::Disconnect | Content::ConnectError(_) => 0,
        }
    }
}

/// Cuts a packet out of its text; how its arguments are made is up to whoever has the attachments.
#[inline(always)]
pub(in crate::socketio::packet) fn complete(
    text: Text,
    layout: Layout,
    args: impl FnOnce(Text, Array) -> Args,
) -> Packet {
    let namespace = match layout.namespace {
        None => Namespace::root(),
        Some(at) => Namespace::from_wire(text.slice(at).unwrap_or_default()),
    };
    let kind = match layout.content {
        Content::Connect(at) => PacketKind::Connect { payload: payload(text, at) },
        Content::Disconnect => PacketKind::Disconnect,
        Content::ConnectError(at) => PacketKind::ConnectError { payload: payload(text, at) },
        Content::Event { name, array, ack } => {
            PacketKind::Event { name: name_text(&text, &name), args: args(text, array), ack }
        }
        Content::Ack { id, array } => PacketKind::Ack { id: Some(id), args: args(text, array) },
    };
    Packet { namespace, kind }
}

#[inline(always)]
fn name_text(text: &Text, name: &EventName) -> Text {
    match name.form {
        NameForm::Plain => text.slice(name.at.clone()).unwrap_or_default(),
        NameForm::Rewritten => name.rewritten(text.as_bytes()).map(Text::from).unwrap_or_default(),
    }
}

/// Arguments without attachments. They keep the whole text, so that its handle moves.
#[inline(always)]
fn alone(text: Text, array: Array) -> Args {
    Args::from_text(text, array.start, array.items_at)
}

/// Arguments with what came behind them.
pub(in crate::socketio::packet) fn together(text: Text, array: Array, in_order: bool, attachments: Vec<Bytes>) -> Args {
    Args::from_wire(text, array.start, array.items_at, in_order, attachments)
}

/// The payload is all that is left of the text, so that its handle moves.
#[inline(always)]
fn payload(text: Text, at: Option<usize>) -> Option<Json> {
    at.map(|start| Json::from_wire(text.tail(start)))
}
