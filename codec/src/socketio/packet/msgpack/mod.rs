//! Packets as MessagePack.

mod arguments;
mod encode;
mod parse;
mod view;

use core::ops::Range;

use bytes::{Buf as _, Bytes};

use self::parse::{Content, EventName, Layout, Values};
use super::{DecodeError, Packet, PacketKind, Protocol};
use crate::limits::Limits;
use crate::socketio::args::{Args, Json};
use crate::socketio::msgpack::tokens::Tokens;
use crate::socketio::namespace::Namespace;
use crate::text::Text;

pub use self::arguments::MsgPackArgsRef;
pub(in crate::socketio) use self::encode::{encode, encode_outgoing};
pub use self::view::{MsgPackKindRef, MsgPackPacketRef};

/// Reads one packet, in the form that it is asked for: the decoder would have to move it once more.
//= MSG-06
pub(in crate::socketio) fn decode<P>(
    message: Bytes,
    names: Protocol,
    limits: &Limits,
    form: impl FnOnce(Packet) -> P,
) -> Result<P, DecodeError> {
    let Layout { namespace, id, content } = parse::layout::<true>(&message, names, limits)?;
    let namespace = match namespace {
        "/" => Namespace::root(),
        name => Namespace::from_wire(text(&message, name.as_bytes())),
    };
    let kind = match content {
        Content::Connect(payload) => PacketKind::Connect { payload: payload.map(|value| json(&message, value)) },
        Content::Disconnect => PacketKind::Disconnect,
        Content::Event { name, args: Values { items, count } } => {
            let (name, items) = (name_text(&message, name), items.range());
            PacketKind::Event { name, args: arguments(message, items, count), ack: id }
        }
        Content::Ack { args: Values { items, count } } => {
            let items = items.range();
            PacketKind::Ack { id, args: arguments(message, items, count) }
        }
        Content::ConnectError(payload) => PacketKind::ConnectError { payload: Some(json(&message, payload)) },
    };
    Ok(form(Packet { namespace, kind }))
}

fn name_text(message: &Bytes, name: EventName<'_>) -> Text {
    match name {
        EventName::Text(name) => text(message, name),
        name => Text::from(name.resolve().into_owned()),
    }
}

/// The message's handle moves: another one costs more than reading a small packet.
fn arguments(mut message: Bytes, items: Range<usize>, count: u32) -> Args {
    message.truncate(items.end);
    message.advance(items.start);
    Args::from_msgpack(message, count)
}

fn json(message: &Bytes, value: Tokens<'_>) -> Json {
    Json::from_msgpack(message.slice_ref(value.rest()))
}

/// Text that was cut out of the message, as a handle to it.
fn text(message: &Bytes, part: &[u8]) -> Text {
    Text::vouched(message.slice_ref(part))
}

#[cfg(test)]
mod tests;
